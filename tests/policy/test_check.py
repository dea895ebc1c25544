"""What check finds: gaps, lapses to come, codes of another scheme, contradictions, assumed values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from drg.errors import RulePackError
from drg.policy import PolicyBook
from drg.policy.check import Findings, changes, check_region, groups_of_pack, held_on
from drg.policy.texts import value_json, value_text, words

DAY = date(2025, 1, 1)
SCHEME = frozenset({"BR2", "BR21", "BR25", "ES31"})
Write = Callable[[str, str], Path]


def dated(name: str, value: str, unit: str = "rule", more: str = "", standing: str = "published") -> str:
    return f"{name}:\n- {{value: {value}, {more}from: 2025-01-01, unit: {unit}, source: s, standing: {standing}}}\n"


def groups(scheme: str) -> frozenset[str]:
    if scheme != "small":
        raise RulePackError(f"no rule pack {scheme}")
    return SCHEME


def check(root: Path, on: date = DAY) -> Findings:
    return check_region(PolicyBook.load(root), "510100", on, groups)


def test_what_is_missing_names_who_asks(root: Path, write: Write) -> None:
    write("510100/a.yaml", dated("payment.method", "points"))
    gaps = {gap.parameter: gap for gap in check(root).missing}
    assert gaps["point.scale"].because == "payment.method: points"
    assert gaps["scheme"].because == "weigh"
    assert "region 510100 has no value of point.scale" in gaps["point.scale"].sentence
    assert not check(root).good


def test_a_lapse_within_sixty_days_is_told_with_its_first_day(root: Path, write: Write) -> None:
    write("510100/a.yaml", dated("policy_date", "discharge_date", more="to: 2025-03-01, "))
    # 2025-03-02 is 60 days after 2025-01-01.
    found = check(root)
    assert [(gap.parameter, gap.on) for gap in found.lapses] == [("policy_date", date(2025, 3, 2))]
    assert "it lapsed on 2025-03-01" in found.lapses[0].sentence
    assert not check(root, date(2024, 12, 31)).lapses  # nothing holds yet
    assert "policy_date" in {gap.parameter for gap in check(root, date(2025, 3, 2)).missing}


def test_a_lapse_after_sixty_days_is_not_told(root: Path, write: Write) -> None:
    write("510100/a.yaml", dated("policy_date", "discharge_date", more="to: 2025-03-02, "))
    assert not check(root).lapses


def test_a_rule_chosen_anew_within_sixty_days_asks_for_its_needs_in_time(root: Path, write: Write) -> None:
    later = dated("tcm.rule", "none") + dated("tcm.rule", "by_disease").split("\n", 1)[1].replace("01-01", "02-01")
    write("510100/a.yaml", later)
    assert [(gap.parameter, gap.on) for gap in check(root).lapses] == [
        (name, date(2025, 2, 1)) for name in ("tcm.diseases", "tcm.min_ratio", "tcm.treatment_fee_is", "stay.day_count")
    ]


PUBLISHED = dated("scheme", "small", "scheme") + dated("weight.basis", "published")


def test_a_weight_of_another_scheme_is_wrong(root: Path, write: Write) -> None:
    write(
        "510100/a.yaml", PUBLISHED + dated("weight.published", '{"BR25": 1, "ES45": 2, "*": 1}', "ratio", "by: drg, ")
    )
    assert check(root).wrong == (
        "conf/policy/510100/a.yaml line 6: weight.published names ES45, no group of small that region 510100 uses on "
        "2025-01-01; correct the code or date the value to its scheme",
    )
    assert not check(root).good


def test_groups_a_region_adds_itself_are_known(root: Path, write: Write) -> None:
    local = dated("local_groups", "[{drg: BR25, suffix: A, title: x, age_below: 7}]", "list")
    write(
        "510100/a.yaml",
        PUBLISHED + local + dated("weight.published", '{"BR25-A": 1, "BR25-B": 1, "BR2": 1}', "ratio", "by: drg, "),
    )
    assert [sentence.split(" names ")[1].split(",")[0] for sentence in check(root).wrong] == ["BR25-B"]


def test_groups_named_in_lists_are_looked_up_too(root: Path, write: Write) -> None:
    write(
        "510100/a.yaml",
        PUBLISHED
        + dated("basic_groups", "[BR25, ZZ11]", "drg")
        + dated("local_groups", "[{drg: ZZ2, suffix: A, title: x, age_below: 7}]", "list"),
    )
    assert sorted(sentence.split(" names ")[1].split(",")[0] for sentence in check(root).wrong) == ["ZZ11", "ZZ2"]


def test_a_scheme_without_a_pack_is_wrong(root: Path, write: Write) -> None:
    write("510100/a.yaml", dated("scheme", "large", "scheme"))
    assert check(root).wrong == (
        "conf/policy/510100/a.yaml line 2: the scheme of region 510100 cannot be read: no rule pack large",
    )


def test_points_of_the_funds_money_and_payments_less_others_parts_are_two_currencies(root: Path, write: Write) -> None:
    points = dated("payment.method", "points") + dated("point_value.basis", "budget")
    for dealt, started, wrong in (
        ("fund_only", "difference", True), ("with_patient_share", "standard_is_fund", True),
        ("fund_only", "standard_is_fund", False), ("with_patient_share", "difference", False),
    ):  # fmt: skip
        own = dated("point_value.distributable", dealt) + dated("fund_payment.convention", started)
        write("510100/a.yaml", points + own)
        told = [sentence for sentence in check(root).wrong if "fund_only goes with standard_is_fund" in sentence]
        assert bool(told) == wrong, (dealt, started)
        assert all(sentence.startswith("conf/policy/510100/a.yaml line 6: ") for sentence in told)


def test_a_factor_for_some_groups_alone_is_wrong(root: Path, write: Write) -> None:
    factor = dated("coefficient.factors", "[level]")
    write("510100/a.yaml", factor + dated("level_coefficient", "{BR25: 0.9}", "ratio", "by: drg, "))
    assert [sentence for sentence in check(root).wrong if "level_coefficient" in sentence] == [
        "conf/policy/510100/a.yaml line 4: level_coefficient of region 510100 names some of drg and no *; "
        "write * for all others"
    ]
    write("510100/a.yaml", factor + dated("level_coefficient", '{BR25: 0.9, "*": 1}', "ratio", "by: drg, "))
    assert not check(root).wrong


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (dated("outlier.low.pays", "linear_add"), "outlier.low.pays"),
        (dated("stay.rule", "outside_drg") + dated("stay.pays", "cap"), "stay.pays"),
        (dated("outlier.high.selects", "top_share") + dated("outlier.high.pays", "deduct"), "outlier.high.pays"),
        (dated("outlier.high.selects", "threshold") + dated("outlier.high.pays", "deduct"), None),
        (dated("outlier.low.pays", "by_item"), None),
    ],
)
def test_a_formula_from_the_high_line_serves_no_case_below_it(
    root: Path, write: Write, text: str, names: str | None
) -> None:
    write("510100/a.yaml", text)
    told = [sentence for sentence in check(root).wrong if "what lies above the high line" in sentence]
    assert len(told) == (names is not None)
    assert all(f": {names} of region 510100 is " in sentence for sentence in told)


ENTRY = "[{{drg: {}, factor: 1.1, trigger: other, reason: r, proposer: p, decided: 2024-12-01}}]"


@pytest.mark.parametrize(
    ("code", "wrong"), [("BR25", False), ("BR2", False), ("BR25-A", False), ("BR21", True), ("ES31", True)]
)
def test_an_adjustment_of_a_group_without_published_weight_is_wrong(
    root: Path, write: Write, code: str, wrong: bool
) -> None:
    write(
        "510100/a.yaml",
        PUBLISHED
        + dated("weight.published", '{"BR25": 1}', "ratio", "by: drg, ")
        + dated("local_groups", "[{drg: BR25, suffix: A, title: x, age_below: 7}]", "list")
        + dated("weight.adjustments", ENTRY.format(code), "list"),
    )
    told = [
        f"conf/policy/510100/a.yaml line 10: weight.adjustments of region 510100 names {code}, which has no weight in "
        "weight.published (conf/policy/510100/a.yaml line 6); correct the code or take the entry out"
    ]
    assert list(check(root).wrong) == (told if wrong else [])


LEVELS = dated("rate.levels", "by_level") + dated("budget.basis", "delivered")
BY_CLASS = dated("weight.level_class", '{"1": low, "2": all, "3": all}', "class", "by: hospital_level, ")
ONE_CLASS = dated("weight.level_class", '{"1": all, "2": all, "3": all}', "class", "by: hospital_level, ")
BY_BUDGET = dated("payment.method", "rate") + dated("rate.basis", "budget")
LISTED = dated("payment.method", "rate") + dated("rate.basis", "published")
RATE = 'rate.published:\n- {value: {"1": 9000, "2": %s, "3": 9000}, by: hospital_level, from: 2025-01-01, unit: yuan, '
RATE += "source: s, standing: published}\n"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (BY_BUDGET + LEVELS, "rate.levels"),
        (BY_BUDGET + LEVELS.replace("by_level", "one"), None),
        (LISTED + RATE % "9500", "rate.published"),
        (LISTED + RATE % "9000", None),
        (BY_CLASS, "weight.level_class"),
        (ONE_CLASS, None),
    ],
)
def test_basic_groups_have_one_price_at_every_level(root: Path, write: Write, values: str, named: str | None) -> None:
    """武医保药〔2022〕5号 二（三）2：同城同病同质同价的基础病组."""
    write("510100/a.yaml", dated("scheme", "small", "scheme") + dated("basic_groups", "[BR25]", "drg") + values)
    sentences = [sentence for sentence in check(root).wrong if "goes by hospital level" in sentence]
    assert len(sentences) == (named is not None)
    if named is not None:
        assert (
            f"{named} of region 510100 goes by hospital level, but basic_groups (conf/policy/510100/a.yaml line 4)"
            in (sentences[0])
        )
    write("510100/a.yaml", dated("scheme", "small", "scheme") + values)
    assert not [sentence for sentence in check(root).wrong if "goes by hospital level" in sentence]


def test_rules_that_contradict_each_other(root: Path, write: Write) -> None:
    write(
        "510100/a.yaml",
        dated("coefficient.factors", "[hospital_cost]")
        + dated("weight.basis", "computed")
        + dated("weight.hospital_coefficient", "none")
        + dated("override.rule", "by_group"),
    )
    factors, override = check(root).wrong
    assert "a.yaml line 2: coefficient.factors of region 510100 lists hospital_cost, but" in factors
    assert "a.yaml line 8: override.rule of region 510100 is by_group, but neither" in override


def test_only_needed_values_are_listed_as_assumed(root: Path, write: Write) -> None:
    write(
        "510100/a.yaml",
        dated("policy_date", "discharge_date", standing="assumed")
        + dated("tcm.min_ratio", "0.6", "share", standing="assumed")
        + dated("stay.rule", "none"),
    )
    assert [(item.name, item.line) for item in check(root).assumed] == [("policy_date", 2)]
    assert [(held.item.name, held.because) for held in held_on(PolicyBook.load(root), "510100", DAY)] == [
        ("policy_date", "month"),
        ("stay.rule", "settle"),
        ("tcm.min_ratio", ""),
    ]


def test_a_region_without_policy_is_one_gap(root: Path) -> None:
    found = check_region(PolicyBook.load(root), "440100", DAY, groups)
    assert [gap.sentence.split(":")[0] for gap in found.missing] == ["region 440100 has no policy"]


def test_changes_between_two_days(root: Path, write: Write) -> None:
    again = dated("stay.rule", "none").split("\n", 1)[1].replace("2025-01-01", "2025-07-01")
    write(
        "510100/a.yaml",
        dated("tcm.rule", "none", more="to: 2025-06-30, ")
        + dated("stay.rule", "none")
        + again
        + dated("exclusion.rule", "none")
        + again.replace("source: s", "source: t"),
    )
    found = changes(PolicyBook.load(root), "510100", date(2025, 6, 30), date(2025, 7, 1))
    # The same value written again is no change; another source is one, and so is a lapse.
    assert [
        (change.parameter, change.before and change.before.source, change.after and change.after.source)
        for change in found
    ] == [("tcm.rule", "s", None), ("exclusion.rule", "s", "t")]


def test_the_codes_of_a_scheme_are_its_groups_and_adrgs() -> None:
    codes = groups_of_pack("chs-drg-2.0")
    assert {"BR2", "BR25", "ES31"} <= codes
    assert "ES45" not in codes


@pytest.mark.parametrize(
    ("text", "shown", "plain"),
    [
        (dated("outlier.low.threshold", "0.30", "multiple"), "0.30", "0.30"),
        (dated("outlier.low.inclusive", "true", "yes_no"), "yes", True),
        (dated("weight.years", "[{year: 2024, weight: 7}, {year: 2023, weight: 2}]", "year_weights"),
         "2023 x 2, 2024 x 7", [{"year": 2023, "weight": 2}, {"year": 2024, "weight": 7}]),
        (dated("outlier.high.threshold", "3", "multiple"), "3", "3"),
        (dated("outlier.high.threshold", "[{below: 1, value: 3}, {value: 2.5}]", "multiple"),
         "3 below 1, else 2.5", [{"below": "1", "value": "3"}, {"below": None, "value": "2.5"}]),
        (dated("coefficient.factors", "[level, bilateral]"), "level, bilateral", ["level", "bilateral"]),
        (dated("level_coefficient", '{"1": 0.9, "2": 1, "3": 1.1}', "ratio", "by: hospital_level, "),
         "1: 0.9, 2: 1, 3: 1.1", {"1": "0.9", "2": "1", "3": "1.1"}),
        (dated("fund_payment.ratio", '{"310": {"1": 0.9, "2": 0.8, "3": 0.7}, "390": {"1": 0.6, "2": 0.5, "3": 0.4}}',
               "share", "by: [fund, hospital_level], "),
         "310 (1: 0.9, 2: 0.8, 3: 0.7); 390 (1: 0.6, 2: 0.5, 3: 0.4)",
         {"310": {"1": "0.9", "2": "0.8", "3": "0.7"}, "390": {"1": "0.6", "2": "0.5", "3": "0.4"}}),
        (dated("local_groups", "[{drg: BR25, suffix: A, title: x, procedures: ['96.7', '96.8']}]", "list"),
         "{drg BR25, suffix A, title x, procedures 96.7/96.8}",
         [{"drg": "BR25", "suffix": "A", "title": "x", "age_from": None, "age_below": None,
           "min_icu_hours": None, "procedures": ["96.7", "96.8"]}]),
    ],
)  # fmt: skip
def test_values_as_text_and_as_json(root: Path, write: Write, text: str, shown: str, plain: object) -> None:
    write("510100/a.yaml", text)
    item = PolicyBook.load(root).value("510100", text.split(":")[0], DAY)
    assert (value_text(item), value_json(item)) == (shown, plain)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (dated("outlier.low.inclusive", "true", "yes_no"), "是"),
        (dated("outlier.high.threshold", "3", "multiple"), "3"),
        (
            dated("outlier.high.threshold", "[{below: 1, value: 3}, {value: 2.50}]", "multiple"),
            "权重低于1为3、其余为2.50",
        ),
        (dated("weight.years", "[{year: 2024, weight: 1}]", "year_weights"), "2024年:1"),
        (dated("local_groups", "[{drg: BR25, suffix: A, title: 儿童, age_below: 7}]", "list"), "儿童"),
    ],
)
def test_values_in_chinese_words(root: Path, write: Write, text: str, said: str) -> None:
    write("510100/a.yaml", text)
    assert words(PolicyBook.load(root).value("510100", text.split(":")[0], DAY).value) == said


def test_of_a_long_table_the_first_keys_are_told(root: Path, write: Write) -> None:
    table = ", ".join(f'"BR{number}": 1' for number in range(10, 30))
    write("510100/a.yaml", dated("weight.published", f"{{{table}}}", "ratio", "by: drg, "))
    told = value_text(PolicyBook.load(root).value("510100", "weight.published", DAY))
    assert told.endswith("BR21: 1, and 8 more")
