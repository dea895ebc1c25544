"""drg policy: what it prints, as text and as JSON, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drg.cli import policy as _policy  # noqa: F401  (registers the commands)
from drg.cli.app import app
from drg.errors import ConfigError, PolicyError
from drg.policy.needs import needs_of
from drg.policy.parameters import PARAMETERS

DATED = "- {{value: {}, from: {}, unit: {}, source: 文件 第一条, standing: {}}}\n"

# A region that pays by rate, everything simple; each parameter its rules need, and nothing else.
VALUES = {
    "scheme": "chs-drg-2.0",
    "policy_date": "discharge_date",
    "weight.basis": "published",
    "weight.published": '{"BR25": 1.2, "*": 1}, by: drg',
    "weight.release": "automatic",
    "payment.method": "rate",
    "rate.basis": "published",
    "rate.published": "10000",
    "advance.months": "1",
    "settlement.withhold_share": "0.05",
    "outlier.low.threshold": "0.3",
    "outlier.low.inclusive": "false",
    "outlier.low.line": "plain",
    "outlier.high.selects": "none",
    "coefficient.factors": "[level]",
    "level_coefficient": '{"1": 0.9, "2": 1, "3": 1.1}, by: hospital_level',
    "day_surgery.rule": "as_inpatient",
    "outlier.low.base": "standard",
    "fund_payment.convention": "difference",
    "fund_payment.negative": "kept",
}
TCM_NEEDS = ("tcm.diseases", "tcm.min_ratio", "tcm.treatment_fee_is", "stay.day_count")
PAYS = ("outlier.low.pays", "ungrouped.pays", "ambiguous.pays", "unpriced.pays", "unstable.pays")
NONE = ("override.rule", "stay.rule", "per_diem.rule", "tcm.rule", "exclusion.rule", "special_case.rule",
        "outlier.extreme.rule", "clearing.rule", "performance.rule")  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """national <- 510000, in which every region has what it needs and everything is published."""
    tree = tmp_path / "policy"
    for code, parent in (("national", ""), ("510000", "inherits: national\n")):
        (tree / code).mkdir(parents=True)
        (tree / code / "region.yaml").write_text(f'code: "{code}"\nname: x\n{parent}', encoding="utf-8")
    values = {**VALUES, **dict.fromkeys(PAYS, "by_item"), **dict.fromkeys(NONE, "none")}
    write(tree, "national", values)
    return tree


def write(
    tree: Path, code: str, values: dict[str, str], start: str = "2025-01-01", standing: str = "published"
) -> None:
    text = "".join(
        f"{name}:\n{DATED.format(value, start, PARAMETERS[name].unit, standing)}" for name, value in values.items()
    )
    (tree / code / "values.yaml").write_text(text, encoding="utf-8")


def drg(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["policy", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def as_json(*arguments: str | Path) -> tuple[int, Any]:
    status, text = drg(*arguments, "--json")
    return status, json.loads(text)


def test_a_whole_policy_is_good(tree: Path) -> None:
    status, text = drg("check", "--tree", tree, "--on", "2025-01-01")
    assert status == 0
    assert "510100 成都市: all that its rules need holds, 0 values assumed" in text
    assert "on 2025-01-01: 22 of 22 regions hold all that their rules need" in text


def test_assumed_values_alone_are_no_fault(tree: Path) -> None:
    write(tree, "510000", {"rate.published": "9000"}, standing="assumed")
    status, text = drg("check", "--tree", tree, "--on", "2025-01-01", "--regions", "510100,510300")
    assert status == 0
    assert "rate.published = 9000 yuan for all 2 (" in text
    status, found = as_json("check", "--tree", tree, "--on", "2025-01-01", "--regions", "510100")
    (region,) = found["regions"]
    assert (status, found["on"], region["region"], region["name"], region["good"]) == (
        0, "2025-01-01", "510100", "成都市", True,
    )  # fmt: skip
    (assumed,) = region["assumed"]
    assert (assumed["parameter"], assumed["value"], assumed["line"]) == ("rate.published", "9000", 2)
    assert assumed["file"] == f"{tree}/510000/values.yaml"
    assert assumed["source"] == "文件 第一条"


def test_a_gap_is_status_1_and_names_what_asks_for_it(tree: Path) -> None:
    write(tree, "510000", {"tcm.rule": "by_disease"})
    status, found = as_json("check", "--tree", tree, "--on", "2025-01-01", "--regions", "510100")
    assert status == 1
    gaps = {gap["parameter"]: gap["needed_by"] for gap in found["regions"][0]["missing"]}
    assert gaps == dict.fromkeys(TCM_NEEDS, "tcm.rule: by_disease")
    status, text = drg("check", "--tree", tree, "--on", "2025-01-01", "--regions", "510100")
    assert (status, "missing: region 510100 has no value of tcm.diseases" in text) == (1, True)


def test_a_lapse_to_come_is_told_and_no_fault_yet(tree: Path) -> None:
    write(tree, "510000", {"rate.published": "9000, to: 2025-01-31"})
    status, found = as_json("check", "--tree", tree, "--on", "2025-01-01", "--regions", "510100")
    lapses = [(gap["parameter"], gap["first_day"]) for gap in found["regions"][0]["lapses"]]
    assert (status, lapses) == (0, [("rate.published", "2025-02-01")])
    assert drg("check", "--tree", tree, "--on", "2025-02-01", "--regions", "510100")[0] == 1


def test_a_weight_of_another_scheme_is_status_1(tree: Path) -> None:
    write(tree, "510000", {"weight.published": '{"ES45": 1.2, "*": 1}, by: drg'})
    status, text = drg("check", "--tree", tree, "--on", "2025-01-01", "--regions", "510100")
    assert status == 1
    assert "wrong: " in text
    assert "weight.published names ES45, no group of chs-drg-2.0" in text


def test_show_tells_value_standing_source_place_and_what_no_rule_needs(tree: Path) -> None:
    write(tree, "510000", {"tcm.min_ratio": "0.6"})
    status, text = drg("show", "510100", "2025-01-01", "--tree", tree)
    assert status == 0
    assert "tcm.min_ratio  中医占比下限   (not needed)\n    0.6 share\n" in text
    assert "level_coefficient  等级系数\n    1: 0.9, 2: 1, 3: 1.1 ratio by hospital_level\n" in text
    assert f"    published, from 2025-01-01, inherited from 510000, {tree}/510000/values.yaml line 2\n" in text
    assert "35 parameters hold for 510100 on 2025-01-01; 1 of them no chosen rule needs" in text
    _, found = as_json("show", "510100", "2025-01-01", "--tree", tree)
    held = {one["parameter"]: one for one in found["parameters"]}
    assert held["tcm.min_ratio"]["needed_by"] is None
    assert held["rate.published"]["needed_by"] == "rate.basis: published"
    assert held["level_coefficient"]["value"] == {"1": "0.9", "2": "1", "3": "1.1"}
    assert (held["rate.published"]["folder"], held["rate.published"]["source"]) == ("national", "文件 第一条")


def test_diff_tells_both_values_with_their_sources(tree: Path) -> None:
    write(tree, "510000", {"rate.published": "9000"}, start="2025-07-01")
    status, text = drg("diff", "510100", "2025-06-30", "2025-07-01", "--tree", tree)
    assert status == 0
    assert "rate.published  公布的费率\n    2025-06-30  10000 yuan\n" in text
    assert "    2025-07-01  9000 yuan\n" in text
    assert "1 parameters of 510100 differ" in text
    _, found = as_json("diff", "510100", "2025-06-30", "2025-07-01", "--tree", tree)
    (change,) = found["changes"]
    assert [change[side]["value"] for side in ("before", "after")] == ["10000", "9000"]
    assert [change[side]["folder"] for side in ("before", "after")] == ["national", "510000"]
    assert as_json("diff", "510100", "2025-01-01", "2025-06-30", "--tree", tree)[1]["changes"] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "510100", "2025-13-01"), "DATE 2025-13-01 is not a day; write YYYY-MM-DD"),
        (("diff", "510100", "2025-01-01", "July"), "DATE2 July is not a day"),
        (("check", "--on", "20250101"), "--on 20250101 is not a day"),
        (("show", "440100", "2025-01-01"), "region 440100 is not known; with a policy of their own are 130682, 230100"),
        (("check", "--regions", "440100"), "440100 is not a pooling region of 四川省"),
        (("check", "--tree", "/nowhere"), "no policy tree at /nowhere"),
        (("vocabulary", "--into", "/nowhere"), "no page at /nowhere"),
    ],
)
def test_a_wrong_call_is_status_2(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as raised:  # a ConfigError is status 2
        drg(*arguments)
    assert "\n" not in str(raised.value)


def test_a_wrong_file_is_one_sentence(tree: Path) -> None:
    (tree / "510000" / "values.yaml").write_text("rate.published: 9000\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"510000/values.yaml line 1: rate.published needs a list of dated values"):
        drg("check", "--tree", tree)


def test_vocabulary_prints_the_tables() -> None:
    status, text = drg("vocabulary")
    assert status == 0
    assert "| `payment.method` | `rate` |" in text


def test_every_value_of_the_small_policy_is_needed(tree: Path) -> None:
    from datetime import date

    from drg.policy import PolicyBook

    needs = needs_of(PolicyBook.load(tree), "510100", date(2025, 1, 1))
    assert (needs.missing, set(needs.found)) == ({}, {*VALUES, *PAYS, *NONE})
