"""The value of a point that floats with the month, line by line; without Spark."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from drawn_policy import book_with

from drg.errors import PolicyError
from drg.settle.month_value import MonthSums, MonthTerms, at_month_values, month_pool, month_terms, month_value
from drg.settle.rules import ROUTES

D = Decimal
REGION = "510300"
FLOATS = {"payment.method": "points", "point.scale": 100, "point_value.basis": "monthly"}


@pytest.mark.parametrize(
    ("dealt", "january", "february"),
    [
        # 100.00 / 12 = 8.33 and 4 fen left, which go to the first months.
        ("twelfth", "8.34", "8.34"),
        # 100.00 x 31 / 365 = 8.4931..., x 30 / 365 = 8.2191..., x 28 / 365 = 7.6712...: cut down they leave 6 fen, four
        # for the months of 30 days, whose remainders are the largest, and one each for January and March.
        ("days", "8.50", "7.67"),
    ],
)
def test_twelve_months_add_up_to_the_year(dealt: str, january: str, february: str) -> None:
    months = [month_pool(D("100.00"), f"2025-{number:02d}", dealt) for number in range(1, 13)]
    assert months[:2] == [D(january), D(february)]
    assert sum(months) == D("100.00")


def test_a_leap_year_has_a_day_more() -> None:
    """36,600.00 over 366 days: 100 yuan a day."""
    assert month_pool(D("36600.00"), "2024-02", "days") == D("2900.00")


def test_the_value_is_what_the_month_may_pay_out_over_its_points() -> None:
    """Standards of 10,500 at 100 yuan, of which 60 points: 4,500 beside; (12,000 - 4,500) / 60 = 125 a point."""
    found = month_value(D("12000.00"), MonthSums(7, D("10500.00"), D("60")), D("100"), 6)
    assert (found.beside_points, found.point_value) == (D("4500.00"), D("125"))
    # (12,000 - 4,500) / 70 = 107.142857142...
    found = month_value(D("12000.00"), MonthSums(7, D("11500.00"), D("70")), D("100"), 4)
    assert (found.beside_points, found.point_value) == (D("4500.00"), D("107.1429"))


def test_a_month_without_points_keeps_the_years_value() -> None:
    found = month_value(D("12000.00"), MonthSums(2, D("4500.00"), D(0)), D("100"), 6)
    assert (found.beside_points, found.point_value) == (D("4500.00"), D("100"))


@pytest.mark.parametrize(("pool", "left"), [("4500.01", True), ("4500.00", False), ("4499.99", False)])
def test_what_leaves_nothing_for_a_point_is_refused(pool: str, left: bool) -> None:
    """4,500 beside 60 points; one fen more than that is a point value of 0.000167."""
    sums = MonthSums(7, D("10500.00"), D("60"))
    if left:
        assert month_value(D(pool), sums, D("100"), 6).point_value == D("0.000167")
        return
    with pytest.raises(PolicyError, match=rf"may pay out {pool} yuan, 4500\.00 of it beside its 60 points"):
        month_value(D(pool), sums, D("100"), 6)


@pytest.mark.parametrize(
    ("pool", "sums"),
    [
        ("100.00", MonthSums(2, D("1000.00"), D("-1"))),
        ("1.00", MonthSums(10, D("100000.00"), D("1000"))),
        ("1000000.00", MonthSums(1, D("100.00"), D("1"))),
    ],
    ids=["points below zero", "rounds to nothing", "more than a price can be"],
)
def test_what_is_no_price_is_refused(pool: str, sums: MonthSums) -> None:
    with pytest.raises(PolicyError, match="gives a point no price"):
        month_value(D(pool), sums, D("100"), 0)


def test_the_largest_price_has_six_whole_digits() -> None:
    """999,999.99 for one point; at six decimals it stands, and one fen more would not."""
    assert month_value(D("999999.99"), MonthSums(1, D("100.00"), D("1")), D("100"), 6).point_value == D("999999.99")


def test_the_policy_says_whether_and_how_it_floats(tmp_path: Path) -> None:
    book = book_with(tmp_path, REGION, FLOATS | {"point_value.month_pool": "days", "point_value.decimals": 4})
    # The region publishes both; that pools are shared with the patients it takes from the national folder.
    assumed = ("point_value.distributable",)
    assert month_terms(book, REGION, "2025-01") == MonthTerms("days", "cost_pool", "standard", 4, assumed)
    alone = {"point_value.distributable": "fund_only", "fund_payment.convention": "standard_is_fund"}
    fund = month_terms(
        book_with(tmp_path, REGION, FLOATS | alone | {"point_value.month_pool": "days"}), REGION, "2025-01"
    )
    assert fund is not None
    assert (fund.pool, fund.counts) == ("distributable", "fund_payment")
    assert month_terms(book_with(tmp_path, REGION, FLOATS | {"point_value.basis": "budget"}), REGION, "2025-01") is None
    with pytest.raises(PolicyError, match=r"point_value\.month_pool"):
        month_terms(book_with(tmp_path, REGION, FLOATS), REGION, "2025-01")


def test_only_the_fund_and_month_that_has_a_value_is_priced_by_it_and_rests_on_its_terms(tmp_path: Path) -> None:
    book = book_with(tmp_path, REGION, FLOATS | {"point_value.month_pool": "days", "point_value.decimals": 4})
    keys = [("2025-01", "310"), ("2025-01", "390"), ("2025-02", "310")]
    own = {f"assumed_{route}": ["scheme"] for route in ROUTES}
    rows = [{"settlement_month": m, "region_code": REGION, "fund": f, "point_value": D(100), **own} for m, f in keys]
    made = [{"settlement_month": "2025-01", "region_code": REGION, "fund": "310", "point_value": D(125)}]
    found = at_month_values(book, rows, made)
    assert [row["point_value"] for row in found] == [D(125), D(100), D(100)]
    assert [row["assumed_normal"] for row in found] == [["point_value.distributable", "scheme"], ["scheme"], ["scheme"]]
    assert found[0]["assumed_ungrouped"] == ["scheme"]
