"""Whatever policy and case are drawn: what must hold of every payment, without Spark."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from settle_cases import case, parameters

from drg.money import round_fen
from drg.settle import formulas
from drg.settle.rules import PAYS
from drg.settle.stages import settle_one

often = settings(
    max_examples=1000, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

FEN = Decimal("0.01")


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[str]:
    """Numbers of so many decimals, as text; drawn as whole numbers, which is many times faster."""
    first, last = (int(Decimal(bound).scaleb(places)) for bound in (least, most))
    return st.integers(first, last).map(lambda number: str(Decimal(number).scaleb(-places)))


COSTS = decimals("0.01", "300000", 2)
WEIGHTS = decimals("0.0500", "20", 4)
FACTORS = decimals("0.5", "1.5", 4)
BASES = st.sampled_from(["standard", "group_mean", "weighted_region_mean"])
# Up to lines at which deducting goes below zero: f > K / (K - 1).
HIGH = decimals("1.01", "20", 4)


# Rules that start from the high line, chosen below it, would take off what was never exceeded.
FROM_THE_HIGH_LINE = ("deduct", "linear_add", "excess_plus_one", "excess_plus_coefficient")

BY_RATE = st.fixed_dictionaries({"payment_method": st.just("rate"), "base_rate": decimals("1000", "20000", 2)})
BY_POINTS = st.fixed_dictionaries(
    {
        "payment_method": st.just("points"),
        "base_rate": st.none(),
        "point_value": decimals("1", "200", 6),
        "point_scale": st.sampled_from([1, 100, 1000]),
    }
)
RULES = st.fixed_dictionaries(
    {
        "level_coefficient": FACTORS,
        "outlier_low_threshold": decimals("0.1", "0.6", 4),
        "outlier_low_inclusive": st.booleans(),
        "outlier_low_base": BASES,
        "outlier_low_line": st.sampled_from(["plain", "lower_of_coefficient"]),
        "outlier_low_pays": st.sampled_from(sorted(set(PAYS) - set(FROM_THE_HIGH_LINE))),
        "outlier_high_threshold": HIGH,
        "outlier_high_inclusive": st.booleans(),
        "outlier_high_base": st.sampled_from(["group_mean", "weighted_region_mean"]),
        "outlier_high_pays": st.sampled_from(sorted(PAYS)),
        "deduct_negative": st.sampled_from(["kept", "floor_at_zero"]),
        "ungrouped_pays": st.sampled_from(["by_item", "actual_cost", "cost_share"]),
        "unstable_pays": st.sampled_from(["by_item", "actual_cost", "cost_share"]),
        "fund_payment_convention": st.sampled_from(["difference", "ratio", "standard_is_fund"]),
        "fund_payment_negative": st.sampled_from(["kept", "floor_at_zero"]),
        "fund_payment_ratio": decimals("0.4", "0.95", 2),
    }
)
# What a test of one formula leaves open: everything else stands as in `settle_cases`.
FORMULA = st.fixed_dictionaries(
    {
        "level_coefficient": FACTORS,
        "outlier_low_threshold": st.just("0.1"),
        "outlier_high_threshold": HIGH,
        "outlier_high_base": st.sampled_from(["group_mean", "weighted_region_mean"]),
    }
)


def policies(rules: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Rules and thresholds of a region by rate or points, as a policy may choose them."""
    return st.builds(lambda method, chosen: {**method, **chosen}, st.one_of(BY_RATE, BY_POINTS), rules)


POLICIES, FORMULAS = policies(RULES), policies(FORMULA)


def drawn_case(weight: str, region_mean: int, cost: str, fund_percent: int, **rest: Any) -> dict[str, Any]:
    """A case whose group mean is its weight times the region's mean, as weights are made; the fund paid a part."""
    return {
        "relative_weight": weight,
        "region_mean_cost": str(region_mean),
        "group_mean_cost": str(Decimal(weight) * region_mean),
        "total_cost": cost,
        "basic_fund_payment": str(round_fen(Decimal(cost) * fund_percent / 100)),
        **rest,
    }


CASES = st.builds(
    drawn_case,
    WEIGHTS,
    st.integers(2000, 30000),
    COSTS,
    st.integers(0, 100),
    grouping_status=st.sampled_from(["grouped"] * 9 + ["ungrouped"]),
    stable=st.sampled_from([True] * 9 + [False]),
    full_self_pay=decimals("0", "5000", 2),
    first_self_pay=decimals("0", "5000", 2),
    deductible=decimals("0", "2000", 2),
)


GROUPED = st.builds(drawn_case, WEIGHTS, st.integers(2000, 30000), COSTS, st.integers(0, 100))


def settled(row: dict[str, Any], policy: dict[str, Any]) -> dict[str, Any]:
    return settle_one(case(**row), parameters(**policy))


@often
@given(CASES, POLICIES, COSTS)
def test_within_a_route_more_cost_is_never_worth_less(row: dict[str, Any], policy: dict[str, Any], cost: str) -> None:
    low, high = sorted((Decimal(row["total_cost"]), Decimal(cost)))
    less, more = (settled({**row, "total_cost": str(amount)}, policy) for amount in (low, high))
    if less["route"] == more["route"]:
        assert less["standard"] <= more["standard"]


@often
@given(GROUPED, FORMULAS, st.integers(1, 10**7))
def test_linear_add_goes_on_from_the_standard_at_the_high_line(
    row: dict[str, Any], policy: dict[str, Any], fen: int
) -> None:
    policy = {**policy, "outlier_high_pays": "linear_add"}
    line = settled(row, policy)["high_line_exact"]
    cost = round_fen(line) + fen * FEN
    paid = settled({**row, "total_cost": str(cost)}, policy)
    assume(paid["route"] == "high_outlier")
    # Above the line each yuan is worth what a yuan of the mean is worth: RW x worth / M.
    slope = paid["unit_worth"] * Decimal(row["relative_weight"]) / Decimal(row["group_mean_cost"])
    expected = paid["price_exact"] + (cost - line) * slope
    assert abs(paid["standard"] - expected) <= FEN


@often
@given(GROUPED, FORMULAS, COSTS)
def test_where_the_rule_is_continuous_more_cost_is_never_worth_less(
    row: dict[str, Any], policy: dict[str, Any], cost: str
) -> None:
    """From the low line on by linear_add with R and line on one base: over the high line, too, no yuan is lost."""
    low, high = sorted((Decimal(row["total_cost"]), Decimal(cost)))
    policy = {**policy, "outlier_high_pays": "linear_add"}
    less, more = (settled({**row, "total_cost": str(amount)}, policy) for amount in (low, high))
    assume(less["route"] != "low_outlier")
    assert less["standard"] <= more["standard"]


@often
@given(GROUPED, FORMULAS)
def test_deduct_is_linear_add_where_the_coefficient_is_one(row: dict[str, Any], policy: dict[str, Any]) -> None:
    policy = {**policy, "level_coefficient": "1"}
    deducted, added = (settled(row, {**policy, "outlier_high_pays": rule}) for rule in ("deduct", "linear_add"))
    assert deducted["route"] == added["route"]
    # Equal as formulas; each takes one quotient of 12 decimals, so that half a fen may fall to either side.
    assert abs(deducted["standard"] - added["standard"]) <= FEN
    cost, weight = Fraction(row["total_cost"]), Fraction(row["relative_weight"])
    mean, line = Fraction(row["region_mean_cost"]), Fraction(policy["outlier_high_threshold"])
    assert formulas.deduct_units(weight, 1, cost / mean, line) == formulas.linear_add_units(
        weight, 1, cost / (weight * mean), line
    )


@often
@given(GROUPED, FORMULAS, st.integers(1, 200000), st.integers(40, 95))
def test_the_two_conventions_differ_by_gain_times_one_less_ratio(
    row: dict[str, Any], policy: dict[str, Any], within_scope: int, percent: int
) -> None:
    """Where the patient's own share follows the same ratio, so that the fund paid (C - outside scope) x ratio."""
    ratio = Decimal(percent) / 100
    # 500 full self-pay, 700 first self-pay and 800 deductible lie outside the scope.
    row |= {"total_cost": str(within_scope + 2000), "basic_fund_payment": str(within_scope * ratio)}
    policy = {
        **policy,
        "fund_payment_ratio": str(ratio),
        "outlier_low_pays": "as_normal",
        "outlier_high_pays": "deduct",
    }
    by_difference, by_ratio = (
        settled(row, {**policy, "fund_payment_convention": name}) for name in ("difference", "ratio")
    )
    gap = by_difference["fund_payment"] - by_ratio["fund_payment"]
    assert abs(gap - by_difference["gain_loss"] * (1 - ratio)) <= FEN / 2
    exact = by_difference["fund_exact"] - by_ratio["fund_exact"]
    assert exact == by_difference["gain_loss"] * (1 - ratio)


@often
@given(CASES, POLICIES)
def test_every_payment(row: dict[str, Any], policy: dict[str, Any]) -> None:
    """The standard is units x worth, half-up; it and the fund's part are below zero where the policy says so alone."""
    kept, floored = (settled(row, {**policy, "fund_payment_negative": way}) for way in ("kept", "floor_at_zero"))
    assert kept["standard"] == floored["standard"]
    assert kept["standard"] >= 0 or (kept["rule"].startswith("outlier.high.deduct"), policy["deduct_negative"]) == (
        True,
        "kept",
    )
    assert floored["fund_payment"] == max(kept["fund_payment"], Decimal(0))
    assert floored["rule"].endswith("+floor_at_zero") == floored["floored"]
    assert floored["floored"] or floored["fund_payment"] == kept["fund_payment"]
    units = kept["payment_units"]
    if units is None:
        assert kept["standard"] == Decimal(row["total_cost"])
        return
    exact = Fraction(units) * Fraction(kept["unit_worth"])
    assert kept["standard"] == round_fen(exact)
    if policy["payment_method"] == "points":
        value, scale = Fraction(policy["point_value"]), policy["point_scale"]
        assert Fraction(kept["unit_worth"]) == value * scale
        assert abs(Fraction(kept["points"]) * value - exact) < Fraction(1, 10**6)
    if kept["route"] == "normal":
        assert units == Decimal(row["relative_weight"]) * Decimal(policy["level_coefficient"])
