"""What YAML would let pass and a policy must not: each is one sentence with file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drg.errors import PolicyError
from drg.policy import PARAMETERS, PolicyBook

Write = Callable[[str, str], Path]


def dated(name: str, value: str, unit: str, more: str = "") -> str:
    return f"{name}:\n- {{value: {value}, {more}from: 2025-01-01, unit: {unit}, source: s, standing: assumed}}\n"


TARIFF = "category: a, title: a, diagnoses: [F20]"
TRIMMED = "title: a, diagnoses: [F20], fallback_drg: BR25"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        # numbers
        (dated("rate.reserve_share", '"0.05"', "share"), "line 2: .*'0.05' is not a number; numbers are written"),
        (dated("weight.min_cases", '"6"', "cases"), "line 2: .*'6' is not a whole number"),
        (dated("weight.min_cases", "010", "cases"), "line 2: weight.min_cases: 010 is not a plain number"),
        (dated("weight.min_cases", "1:30", "cases"), "line 2: weight.min_cases: 1:30 is not a plain number"),
        (dated("rate.reserve_share", ".inf", "share"), "line 2: rate.reserve_share: .inf is not a plain number"),
        (dated("rate.reserve_share", ".nan", "share"), "line 2: rate.reserve_share: .nan is not a plain number"),
        (dated("rate.reserve_share", "1.0e-2", "share"), "line 2: rate.reserve_share: 1.0e-2 is not a plain number"),
        # shares and coefficients
        (dated("clearing.surplus_share", "1.01", "share"), "line 2: clearing.surplus_share: 1.01 is above 1"),
        (dated("fund_payment.ratio", "85", "share"), "line 2: fund_payment.ratio: 85 is above 1"),
        (dated("level_coefficient", "0", "ratio"), "line 2: level_coefficient: 0 is not above 0"),
        (
            dated("rate.level_share", '{"1": 0.2, "2": 0.3, "3": 0.51}', "share", "by: hospital_level, "),
            "line 2: rate.level_share: the shares add up to 1.01 and not to 1",
        ),
        (dated("rate.level_share", "0.3", "share"), "line 2: .*the shares of a whole are written by hospital_level"),
        (dated("override.addition", "{BR25: -1}", "yuan", "by: drg, "), "line 2: override.addition: -1 is below 0"),
        (dated("level_coefficient", "9" * 40, "ratio"), "line 2: level_coefficient: 9+ is above 3"),
        (dated("level_coefficient", "1." + "0" * 40 + "1", "ratio"), "line 2: level_coefficient: .* decimals"),
        # steps
        (
            dated("outlier.high.threshold", "[{below: 1.33755, value: 3}, {value: 2}]", "multiple"),
            "line 2: .*below is wrong",
        ),
        (
            dated("outlier.high.threshold", "[{below: 2, value: 3}, {below: 1, value: 2.5}, {value: 2}]", "multiple"),
            "line 2: .*steps must ascend by `below`, and the last one has none",
        ),
        (dated("outlier.high.threshold", "[{below: 2, value: 3}]", "multiple"), "line 2: .*the last one has none"),
        (
            dated("outlier.high.threshold", '[{below: "1", value: 3}, {value: 2}]', "multiple"),
            "line 2: .*below is wrong .'1' is not a number; numbers are written without quotes",
        ),
        (dated("outlier.high.threshold", "[{below: 1, value: 1}, {value: 2}]", "multiple"), "line 2: .*1 is not above"),
        # lists
        (dated("basic_groups", "[]", "drg"), "line 2: basic_groups: an empty list says nothing"),
        (dated("weight.years", "[]", "year_weights"), "line 2: weight.years: an empty list says nothing"),
        (dated("outlier.high.threshold", "[]", "multiple"), "line 2: .*an empty list says nothing"),
        (dated("per_diem.categories", "[]", "list"), "line 2: per_diem.categories: an empty list says nothing"),
        (dated("basic_groups", "[BR25, BR25]", "drg"), "line 2: basic_groups: a name occurs twice"),
        ("basic_groups: []\n", "line 1: basic_groups needs a list of dated values"),
        # entries of lists
        (
            dated("per_diem.categories", f'[{{{TARIFF}, tariff: {{"1": 100, "2": 200}}}}]', "list"),
            "line 2: .*tariff needs each of 1, 2, 3",
        ),
        (
            dated("per_diem.categories", f'[{{{TARIFF}, tariff: {{"1": 100, "2": 200, "4": 300}}}}]', "list"),
            "line 2: .*tariff needs each of 1, 2, 3",
        ),
        (
            dated("per_diem.categories", f'[{{{TARIFF}, tariff: {{"1": "100", "2": 200, "3": 300}}}}]', "list"),
            "line 2: .*tariff is wrong .'100' is not a number",
        ),
        (
            dated("per_diem.categories", f'[{{{TARIFF}, min_days: true, tariff: {{"1": 1, "2": 2, "3": 3}}}}]', "list"),
            "line 2: .*min_days is wrong .true is not a number",
        ),
        (
            dated("per_diem.categories", '[{category: a, title: a, diagnoses: [""], tariff: {"1": 1, "2": 2, "3": 3}}]',
                  "list"),
            "line 2: .*diagnoses.0 is empty",
        ),
        (
            dated("per_diem.categories", f'[{{{TARIFF}, tariff: {{"1": {"9" * 30}, "2": 200, "3": 300}}}}]', "list"),
            "line 2: .*a tariff is above 0, below 1000000 and in whole fen",
        ),
        (dated("tcm.diseases", f"[{{{TRIMMED}}}]", "list"), "line 2: tcm.diseases: drg is missing"),
        (dated("tcm.diseases", f"[{{{TRIMMED}, drg: IU2F, colour: red}}]", "list"), "line 2: .*colour is not a field"),
        (
            dated("weight.years", '[{year: "2024", weight: 1}]', "year_weights"),
            "line 2: .*year is wrong .'2024' is not a number",
        ),
        # days
        (
            "rate.decimals:\n- {value: 2, from: 20250101, unit: decimals, source: s, standing: assumed}\n",
            "line 2: .*from is wrong .it is a number; write days as 2025-01-31",
        ),
        (
            "rate.decimals:\n- {value: 2, from: 2025-02-29, unit: decimals, source: s, standing: assumed}\n",
            "line 2: .*day is out of range for month; write days as 2025-01-31",
        ),
        (
            "rate.decimals:\n- {value: 2, from: 2025-1-1, unit: decimals, source: s, standing: assumed}\n",
            "line 2: .*from is wrong",
        ),
        # YAML
        ("rate.decimals:\n\t- value: 2\n", "line 2 is not valid YAML"),
        (
            "rate.decimals:\n  - value: 2\n    from: 2025-01-01\n    unit: decimals\n    unit: share\n    source: s\n",
            "line 5: rate.decimals: unit stands twice; keep one",
        ),
        ("rate.decimals:\n- !!python/name:os.system x\n", "line 2: rate.decimals: could not determine a constructor"),
        ("rate.decimals: \x07\n", "holds a character YAML does not allow"),
        ("a: 1\n---\nb: 2\n", "line 2 is not valid YAML"),
    ],
)  # fmt: skip
def test_refused(root: Path, write: Write, text: str, sentence: str) -> None:
    write("510100/a.yaml", text)
    with pytest.raises(PolicyError, match=f"^conf/policy/510100/a.yaml {sentence}") as raised:
        PolicyBook.load(root)
    assert "\n" not in str(raised.value)


OVER = [name for name, p in PARAMETERS.items() if p.unit == "share" and p.kind == "number" and not p.whole]
FACTORS = [name for name, p in PARAMETERS.items() if p.unit == "ratio" and p.kind == "number"]


@pytest.mark.parametrize("name", OVER)
def test_no_share_is_more_than_the_whole(root: Path, write: Write, name: str) -> None:
    write("510100/a.yaml", dated(name, "1.0001", "share"))
    with pytest.raises(PolicyError, match=rf"^conf/policy/510100/a.yaml line 2: {name}: 1.0001 is above ") as raised:
        PolicyBook.load(root)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", FACTORS)
def test_no_coefficient_is_nothing(root: Path, write: Write, name: str) -> None:
    write("510100/a.yaml", dated(name, "0", "ratio"))
    with pytest.raises(PolicyError, match=rf"^conf/policy/510100/a.yaml line 2: {name}: 0 is (not above 0|below 1)"):
        PolicyBook.load(root)


def test_a_file_that_would_not_be_read_is_named(root: Path, write: Write) -> None:
    write("510100/a.yml", "rate.decimals: 2\n")
    with pytest.raises(PolicyError, match="^conf/policy/510100/a.yml would not be read; end its name in .yaml"):
        PolicyBook.load(root)


def test_a_head_with_a_key_twice(root: Path, write: Write) -> None:
    write("510100/region.yaml", 'code: "510100"\nname: x\nname: y\n')
    with pytest.raises(
        PolicyError, match="^conf/policy/510100/region.yaml line 3 is not valid YAML: name stands twice"
    ):
        PolicyBook.load(root)


def line(name: str, value: str, start: str, unit: str = "multiple", end: str = "") -> str:
    to = f"to: {end}, " if end else ""
    return f"{name}:\n- {{value: {value}, from: {start}, {to}unit: {unit}, source: s, standing: assumed}}\n"


def keyed(name: str, value: str) -> str:
    return dated(name, value, "multiple", "by: hospital_level, ")


EXTREME, HIGH = "outlier.extreme.threshold", "outlier.high.threshold"


def test_the_high_line_lies_below_the_extreme_one_at_every_level(root: Path, write: Write) -> None:
    write("national/a.yaml", keyed(HIGH, '{"1": 2, "2": 2, "3": 3}'))
    write("510100/a.yaml", line(EXTREME, "3.01", "2025-01-01"))
    PolicyBook.load(root)
    write("510100/a.yaml", line(EXTREME, "3", "2025-01-01"))
    with pytest.raises(
        PolicyError,
        match=r"on 2025-01-01 outlier.high.threshold 3 does not lie below outlier.extreme.threshold 3 for "
        r"hospital_level 3 in region 510100 .*; correct one",
    ) as raised:
        PolicyBook.load(root)
    assert "conf/policy/510100/a.yaml line 2" in str(raised.value)
    assert "conf/policy/national/a.yaml line 2" in str(raised.value)


def test_every_step_of_the_high_line_counts(root: Path, write: Write) -> None:
    write(
        "510100/a.yaml",
        dated(HIGH, "[{below: 1, value: 5}, {value: 2}]", "multiple") + line(EXTREME, "5", "2025-01-01"),
    )
    with pytest.raises(PolicyError, match="outlier.high.threshold 5 does not lie below outlier.extreme.threshold 5"):
        PolicyBook.load(root)


def test_a_line_is_compared_on_every_day_it_or_the_other_begins(root: Path, write: Write) -> None:
    write("510000/a.yaml", line(EXTREME, "4", "2025-01-01"))
    write("510100/a.yaml", f"{line(HIGH, '3', '2025-01-01')}{line(HIGH, '4.5', '2025-07-01').split(chr(10), 1)[1]}")
    with pytest.raises(
        PolicyError, match=r"^conf/policy/510100/a.yaml line 3: on 2025-07-01 .* 4.5 does not lie below"
    ):
        PolicyBook.load(root)


def test_lines_that_never_hold_together_are_not_compared(root: Path, write: Write) -> None:
    write("510100/a.yaml", line(EXTREME, "3", "2024-01-01", end="2024-12-31") + line(HIGH, "4", "2025-01-01"))
    PolicyBook.load(root)


def test_a_line_no_rule_reads_is_not_compared(root: Path, write: Write) -> None:
    none = dated("outlier.extreme.rule", "none", "rule")
    write("510100/a.yaml", line(EXTREME, "3", "2025-01-01") + line(HIGH, "4", "2025-01-01") + none)
    PolicyBook.load(root)


def test_short_stays_are_shorter_than_long_ones(root: Path, write: Write) -> None:
    write(
        "510100/a.yaml",
        line("stay.short_days", "2", "2025-01-01", "days") + line("stay.long_days", "2", "2025-01-01", "days"),
    )
    with pytest.raises(PolicyError, match="stay.short_days 2 does not lie below stay.long_days 2 in region 510100"):
        PolicyBook.load(root)
