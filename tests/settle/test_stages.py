"""The arithmetic of one case without Spark: routes, edges of every threshold, conventions, what is shown."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from settle_cases import case, parameters

from drg.errors import PolicyError
from drg.settle.rules import DAY_COUNTS, METHODS, PAYS, describe
from drg.settle.stages import settle_one


def settled(case_: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return settle_one(case(**(case_ or {})), parameters(**changes))


# Price 10,000: the low line at 30 % is 3,000.00, the high line at 3 times 30,000.00.
@pytest.mark.parametrize(
    ("cost", "inclusive", "kind"),
    [
        ("2999.99", False, "low_outlier"),
        ("3000.00", False, "normal"),
        ("3000.01", False, "normal"),
        ("2999.99", True, "low_outlier"),
        ("3000.00", True, "low_outlier"),
        ("3000.01", True, "normal"),
        ("29999.99", False, "normal"),
        ("30000.00", False, "normal"),
        ("30000.01", False, "high_outlier"),
        ("29999.99", True, "normal"),
        ("30000.00", True, "high_outlier"),
        ("30000.01", True, "high_outlier"),
    ],
)
def test_each_edge_of_both_lines(cost: str, inclusive: bool, kind: str) -> None:
    paid = settled({"total_cost": cost}, outlier_low_inclusive=inclusive, outlier_high_inclusive=inclusive)
    assert (paid["payment_kind"], paid["low_line"], paid["high_line"]) == (kind, Decimal("3000"), Decimal("30000"))


def test_the_exact_line_decides_not_the_printed_one() -> None:
    # 0.3333 x 10,000.00 x 0.9 = 2,999.70; 30 % are 899.91 exactly. At 0.3001 the line is 900.20997, printed 900.21.
    row = {"relative_weight": "0.3333", "total_cost": "900.21"}
    paid = settled(row, level_coefficient="0.9", outlier_low_threshold="0.3001", outlier_low_inclusive=True)
    assert paid["low_line_exact"] == Decimal("900.209970000000000")
    assert (paid["low_line"], paid["payment_kind"]) == (Decimal("900.21"), "normal")


def test_the_base_of_the_lines_is_the_policys_choice() -> None:
    by_mean = {"outlier_low_base": "group_mean", "outlier_high_base": "group_mean"}
    paid = settled({"total_cost": "24000.01"}, **by_mean)
    assert (paid["low_line"], paid["high_line"]) == (Decimal("2400"), Decimal("24000"))
    assert paid["payment_kind"] == "high_outlier"
    assert settled({"total_cost": "24000.00"}, **by_mean)["payment_kind"] == "normal"


def test_a_normal_case_is_worth_its_price() -> None:
    paid = settled(level_coefficient="0.95", base_rate="7500.00")
    assert paid["price"] == paid["standard"] == Decimal("7125.00")
    assert paid["gain_loss"] == Decimal("-2875.00")
    assert (paid["patient_and_other_paid"], paid["fund_payment"]) == (Decimal("4000.00"), Decimal("3125.00"))
    assert (paid["rule"], paid["clause"]) == ("rate+difference", "clause of normal")
    assert paid["assumed_parameters"] == ["assumed of normal"]


@pytest.mark.parametrize("convention", ["difference", "ratio"])
@pytest.mark.parametrize("cost", ["2000.00", "50000.00"])
def test_by_item_pays_what_was_paid_by_item_under_both_conventions(convention: str, cost: str) -> None:
    row = {"total_cost": cost, "basic_fund_payment": "1234.56"}
    paid = settled(row, fund_payment_convention=convention, fund_payment_ratio="0.8", level_coefficient="0.9")
    assert (paid["standard"], paid["fund_payment"], paid["gain_loss"]) == (Decimal(cost), Decimal("1234.56"), 0)
    side = "low" if cost == "2000.00" else "high"
    assert (paid["rule"], paid["clause"]) == (f"outlier.{side}.by_item", f"clause of {side}_outlier")
    assert paid["price"] == Decimal("9000.00")


@pytest.mark.parametrize(
    ("status", "weight", "kind", "rule"),
    [
        ("ungrouped", None, "ungrouped", "ungrouped.by_item"),
        ("ambiguous", None, "ambiguous", "ambiguous.by_item"),
        ("grouped", None, "ungrouped", "unpriced.by_item"),
        ("ungrouped", "1.0", "ungrouped", "ungrouped.by_item"),
    ],
)
def test_without_group_or_weight_there_is_no_price(status: str, weight: str | None, kind: str, rule: str) -> None:
    paid = settled({"grouping_status": status, "relative_weight": weight})
    assert (paid["payment_kind"], paid["rule"]) == (kind, rule)
    shown = ("relative_weight", "weight_version", "base_rate", "rate_version", "coefficient", "price", "low_line")
    assert [paid[name] for name in shown] == [None] * len(shown)
    assert (paid["standard"], paid["fund_payment"]) == (Decimal("10000.00"), Decimal("6000.00"))


def test_a_negative_fund_payment_is_kept_or_floored_as_the_policy_says() -> None:
    # Price 5,000, but patient and other funds paid 6,000.
    row = {"relative_weight": "0.5", "basic_fund_payment": "4000.00"}
    kept, floored = (settled(row, fund_payment_negative=rule) for rule in ("kept", "floor_at_zero"))
    assert (kept["fund_payment"], kept["rule"]) == (Decimal("-1000.00"), "rate+difference")
    assert (floored["fund_payment"], floored["rule"]) == (Decimal("0.00"), "rate+difference+floor_at_zero")
    assert settled(fund_payment_negative="floor_at_zero")["rule"] == "rate+difference"


@pytest.mark.parametrize(
    ("factor", "negative", "units", "standard"),
    [
        # 12,000.01 / 8,000 = 1.50000125 less (1.5 - 1) x f: nothing is left above f = K / (K - 1) = 3.
        ("3.0000", "floor_at_zero", "0.00000125", "0.01"),
        ("3.0001", "floor_at_zero", "0", "0.00"),
        ("3.0001", "kept", "-0.00004875", "-0.49"),
    ],
)
def test_what_deducting_leaves_is_not_below_zero_unless_the_policy_says_so(
    factor: str, negative: str, units: str, standard: str
) -> None:
    line = {"outlier_high_pays": "deduct", "outlier_high_threshold": "1.5", "outlier_high_base": "group_mean"}
    paid = settled({"total_cost": "12000.01"}, level_coefficient=factor, deduct_negative=negative, **line)
    assert (paid["route"], paid["payment_units"]) == ("high_outlier", Decimal(units))
    assert paid["standard"] == Decimal(standard)


def test_what_a_unit_is_worth_is_shown_wherever_it_counted() -> None:
    # 10,000 / 8,000 = 1.25 units without a group.
    points = {"payment_method": "points", "base_rate": None, "point_value": "90", "point_scale": 100}
    for method, worth, standard in (
        ({"base_rate": "9000.00"}, "base_rate", "11250.00"),
        (points, "point_value", "11250.00"),
    ):
        row = {"grouping_status": "ungrouped", "relative_weight": None}
        paid = settled(row, ungrouped_pays="cost_share", **method)
        assert (paid["price"], paid["standard"]) == (None, Decimal(standard))
        assert paid[worth] is not None
        assert paid["rate_version"] == "2025.1"
        assert settled(row, **method)[worth] is None  # by item nothing was worth a unit


def test_a_dispute_that_is_upheld_reprices_its_case_by_the_rule_of_the_policy() -> None:
    # Price 10,000; at the actual cost of 12,000 the fund pays 12,000 less the 6,000 others paid.
    row = {"total_cost": "12000.00", "dispute_repriced": True, "special_case": True}
    policy = {"dispute_rule": "on_decision", "dispute_pays": "actual_cost", "special_case_rule": "on_application"}
    paid = settled(row, **policy)
    assert (paid["payment_kind"], paid["rule"]) == ("dispute", "dispute.actual_cost+difference")
    assert (paid["price"], paid["standard"], paid["fund_payment"]) == (
        Decimal("10000.00"),
        Decimal("12000.00"),
        Decimal("6000.00"),
    )
    assert paid["clause"] == "clause of dispute"
    # Where the policy gives disputes no effect, or a hospital is in dry run, the case is paid as without one.
    assert settled(row, special_case_rule="on_application")["payment_kind"] == "special_case"
    assert settled(row, **policy, settlement_modes={"*": "dry_run"})["payment_kind"] == "dry_run"


def test_a_case_regrouped_by_a_dispute_is_priced_as_that_group_whatever_its_own() -> None:
    for own in ({"drg": "0000", "grouping_status": "ungrouped"}, {"local_group": "AA11-B"}, {}):
        paid = settle_one({**case(), **own, "dispute_drg": "BB23"}, parameters(dispute_rule="on_decision"))
        assert (paid["priced_drg"], paid["payment_kind"]) == ("BB23", "normal")
    kept = settle_one(case() | {"dispute_drg": "BB23"}, parameters())
    assert (kept["priced_drg"], kept["payment_kind"]) == ("AA11", "normal")


def test_ratio_takes_full_over_limit_first_self_pay_and_deductible_off() -> None:
    row = {"full_self_pay": "100.00", "over_limit_self_pay": "20.00", "first_self_pay": "3.00", "deductible": "0.40"}
    paid = settled(row, fund_payment_convention="ratio", fund_payment_ratio="0.8")
    assert paid["fund_payment"] == Decimal("7901.28")  # (10,000 - 123.40) x 0.8
    assert paid["rule"] == "rate+ratio"


def test_the_fund_payment_starts_from_the_printed_standard() -> None:
    # 0.3333 x 10,000.33 = 3,333.109989, printed 3,333.11; 0.5 x 3,333.11 = 1,666.555, to the fen 1,666.56.
    none = dict.fromkeys(("full_self_pay", "over_limit_self_pay", "first_self_pay", "deductible"), "0.00")
    row = {**none, "relative_weight": "0.3333", "total_cost": "5000.00"}
    paid = settled(row, base_rate="10000.33", fund_payment_convention="ratio", fund_payment_ratio="0.5")
    assert (paid["standard"], paid["fund_payment"]) == (Decimal("3333.11"), Decimal("1666.56"))


def test_an_unknown_rule_is_no_rule() -> None:
    with pytest.raises(PolicyError, match=r"outlier.low.pays is guess, which is not a rule; known are by_item"):
        settled({"total_cost": "1.00"}, outlier_low_pays="guess")


def test_every_rule_is_told_in_words() -> None:
    assert describe("outlier.low.by_item").startswith("低倍率病例，按项目付费")
    assert describe("rate+difference+floor_at_zero").count("；") == 2
    for rule in [f"ungrouped.{name}" for name in PAYS] + [f"{name}+ratio" for name in METHODS]:
        assert "_" not in describe(rule)


OUTSIDE = {"stay_rule": "outside_drg", "stay_short_days": 2, "stay_short_inclusive": True, "stay_long_days": 60,
           "stay_long_inclusive": True}  # fmt: skip
DAY = date(2025, 1, 10)


@pytest.mark.parametrize(
    ("days", "count", "kind"),
    [
        (2, "difference", "stay_outside"),
        (3, "difference", "normal"),
        (1, "difference_plus_one", "stay_outside"),  # 1 + 1 = 2
        (2, "difference_plus_one", "normal"),  # 2 + 1 = 3
        (59, "difference", "normal"),
        (60, "difference", "stay_outside"),
        (58, "difference_plus_one", "normal"),
        (59, "difference_plus_one", "stay_outside"),  # 59 + 1 = 60
    ],
)
def test_the_limits_of_a_stay_count_days_as_the_policy_says(days: int, count: str, kind: str) -> None:
    facts = {"los_days": days, "admission_date": DAY - timedelta(days=days), "discharge_date": DAY}
    assert settled(facts, stay_day_count=count, **OUTSIDE)["payment_kind"] == kind


def test_a_stay_of_one_day_counts_one_day_either_way() -> None:
    facts = {"los_days": 1, "admission_date": DAY, "discharge_date": DAY}
    assert [settled(facts, stay_day_count=count)["stay_days"] for count in DAY_COUNTS] == [1, 1]
    assert settled({"los_days": 1}, stay_day_count="difference_plus_one")["stay_days"] == 2  # without dates: a night


@pytest.mark.parametrize(("count", "standard"), [("difference", "2400.00"), ("difference_plus_one", "2640.00")])
def test_days_paid_by_the_day_are_those_the_policy_counts(count: str, standard: str) -> None:
    """10 or 11 days x 240 yuan."""
    psychiatric = {"category": "p", "med_types": [], "diagnoses": ["F20"], "min_days": 10, "tariff": Decimal(240)}
    paid = settled(
        {"los_days": 10, "principal_diagnosis": "F20.000"},
        per_diem_rule="tariff", per_diem_categories=[psychiatric], stay_day_count=count,
    )  # fmt: skip
    assert (paid["payment_kind"], paid["standard"]) == ("per_diem", Decimal(standard))
    one_short = settled(
        {"los_days": 9, "principal_diagnosis": "F20.000"},
        per_diem_rule="tariff", per_diem_categories=[psychiatric], stay_day_count=count,
    )  # fmt: skip
    assert one_short["payment_kind"] == ("normal" if count == "difference" else "per_diem")


@pytest.mark.parametrize(
    ("way", "mark"), [("2", "hospital"), ("3", "community"), ("1", None), ("5", None), (None, None)]
)
def test_a_transfer_is_marked_without_effect_on_money(way: str | None, mark: str | None) -> None:
    paid, home = settled({"discharge_way": way}), settled({"discharge_way": "1"})
    assert paid["transfer"] == mark
    assert {**paid, "transfer": None, "discharge_way": "1"} == home


@pytest.mark.parametrize(("status", "kind"), [("grouped", "stay_outside"), ("ambiguous", "ambiguous")])
def test_a_short_stay_without_a_weight_goes_its_own_way(status: str, kind: str) -> None:
    # In proportion to the group's weight: 1 x 4,000 / 8,000 x 10,000; an ambiguous stay has no weight to take it of.
    policy = {
        "stay_rule": "outside_drg",
        "stay_short_days": 2,
        "stay_short_inclusive": True,
        "stay_long_days": 60,
        "stay_long_inclusive": True,
        "stay_pays": "mean_ratio_capped",
    }
    weight = {} if status == "grouped" else {"relative_weight": None, "group_mean_cost": None}
    paid = settled({"grouping_status": status, "los_days": 2, "total_cost": "4000.00", **weight}, **policy)
    assert (paid["payment_kind"], paid["standard"]) == (kind, Decimal("5000.00" if status == "grouped" else "4000.00"))
