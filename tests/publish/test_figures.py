"""Figures of the page from drawn tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from drawn_payments import A, B, frame, month_of_two_regions, payment, rate, rejected, ungrouped

from drg.compare.region_comparison import compare_regions
from drg.doors.config import Province, load_province
from drg.publish.compared import panels, standardised
from drg.publish.figures import Price, region_months

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = Decimal
C = "511000"


@pytest.fixture(scope="module")
def province() -> Province:
    return load_province("sichuan")


def test_cases_and_money_by_region_and_fund(spark: SparkSession, province: Province) -> None:
    """A: 12 employee cases and 2 ungrouped (12 x 9,000 + 2 x 3,500 = 115,000), 3 resident; B: 11 and 4."""
    unweighted = payment(40, B, payment_kind="ungrouped", rule="unpriced.by_item", price=None, relative_weight=None)
    found = region_months(
        province,
        frame(spark, "case_payment", [*month_of_two_regions(), unweighted]),
        frame(spark, "rejected_list", [rejected(1), rejected(2)]),
        frame(spark, "region_rate", [rate(A), rate(A, "390"), rate(B)]),
    )
    a, b = found
    assert (a.code, a.name, a.rejected, a.prices["390"]) == (A, "成都市", 2, [Price("all", D("10000.00"))])
    assert a.funds["310"].kinds == {"normal": 12, "ungrouped": 2}
    assert a.funds["310"].fund_payment == D("115000.00")
    assert a.all_cases.cases == 17
    assert a.all_cases.cmi == D("1.2000")
    # Grouped, but nobody could weigh its group: not among the cases without a group.
    assert b.funds["310"].kinds == {"normal": 11, "unpriced": 1}
    assert b.all_cases.share("ungrouped") == D("0.00")


def test_prices_of_points_and_of_levels(spark: SparkSession, province: Province) -> None:
    """A pays both funds by points; B one fund by level."""
    by_points = {"method": "points", "base_rate": None, "point_value": D("98.500000"), "point_scale": 100}
    rates = [rate(A) | by_points, *(rate(B) | {"level_class": level, "base_rate": D(9000)} for level in ("3", "2"))]
    a, b = region_months(
        province,
        frame(spark, "case_payment", [payment(1), payment(2, B, payment_kind="extreme_outlier")]),
        frame(spark, "rejected_list", [rejected(1)]),
        frame(spark, "region_rate", rates),
    )
    assert a.prices == {"310": [Price("all", D("98.5"), 100)]}
    assert b.prices == {"310": [Price("2", D(9000)), Price("3", D(9000))]}
    assert b.funds["310"].kinds == {"high_outlier": 1}


def test_the_index_holds_the_mix_constant(spark: SparkSession) -> None:
    """DRG BR23: A 20 x 12,000, B 10 x 9,000, province 11,000. DRG BR25 only in A: 20 x 30,000.

    A: (240,000 + 600,000) / (220,000 + 600,000) = 102.44; its dear BR25 cases do not count against it.
    B: 90,000 / 110,000 = 81.82; gap -2,000 a case.
    """
    rows = [payment(i) for i in range(20)]
    rows += [payment(50 + i, drg="BR25", relative_weight=D("3.0000"), price=D("30000.00")) for i in range(20)]
    rows += [payment(i, B, base_rate=D("7500.00"), price=D("9000.00")) for i in range(10)]
    a, b = standardised(compare_regions(frame(spark, "case_payment", rows)))
    assert (a.region_code, a.cases, a.index) == (A, 40, D("102.44"))
    assert (b.region_code, b.index, b.gap) == (B, D("81.82"), D("-2000.00"))
    assert b.effects == (D("0.00"), D("-2000.00"), D("0.00"))


@pytest.mark.parametrize(("cases", "listed"), [(9, [A]), (10, [A, B])])
def test_a_region_with_few_cases_has_no_index(spark: SparkSession, cases: int, listed: list[str]) -> None:
    rows = [payment(i) for i in range(12)] + [payment(i, B) for i in range(cases)]
    found = standardised(compare_regions(frame(spark, "case_payment", rows)))
    assert sorted(item.region_code for item in found) == listed


def test_panels_are_the_groups_with_most_cases_that_give_nobody_away(spark: SparkSession) -> None:
    """BR23: three regions with 10 or more. BR25: two. BR21: three, but a fourth with 9 would follow from
    the rest.
    """
    rows = [payment(i, region) for region in (A, B, C) for i in range(10)]
    rows += [payment(100 + i, region, drg="BR25") for region in (A, B) for i in range(30)]
    rows += [payment(200 + i, region, drg="BR21") for region in (A, B, C) for i in range(20)]
    rows += [payment(300 + i, "510300", drg="BR21") for i in range(9)]
    rows += [ungrouped(400 + i) for i in range(50)]
    [panel] = panels(compare_regions(frame(spark, "case_payment", rows)), 6)
    assert (panel.drg, panel.cases, panel.hidden_regions) == ("BR23", 30, 0)
    assert [row["region_code"] for row in panel.rows] == [A, B, C]
