"""drg_region_comparison from drawn payments: two regions, two funds, two levels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from drg.compare.region_comparison import compare_regions, region_cells
from drg.contracts import contract, discrepancies
from drg.settle.common import LAYERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = Decimal


def payment(number: int, region: str = "510100", **changes: Any) -> dict[str, Any]:
    """One case of DRG BR23 at a level-3 hospital, employee fund: 1.2 x 10,000 x 1 = 12,000."""
    row: dict[str, Any] = dict.fromkeys(contract("case_payment").names()) | {
        "settlement_month": "2025-01",
        "region_code": region,
        "setl_id": f"{region}{number:06d}",
        "insured_region_code": region,
        "hospital_code": f"H{region}00001",
        "hospital_level": "3",
        "fund": "310",
        "discharge_date": date(2025, 1, 10),
        "scheme": "chs-drg-2.0",
        "drg": "BR23",
        "grouping_status": "grouped",
        "payment_kind": "normal",
        "rule": "rate+difference",
        "clause": "drawn",
        "relative_weight": D("1.2000"),
        "weight_source": "region",
        "base_rate": D("10000.00"),
        "coefficient": D("1.0000"),
        "price": D("12000.00"),
        "low_line": None,
        "high_line": None,
        "total_cost": D("11000.00"),
        "standard": D("12000.00"),
        "patient_and_other_paid": D("3000.00"),
        **dict.fromkeys(LAYERS, D("0.00")),
        "fund_payment": D("9000.00"),
        "gain_loss": D("1000.00"),
        "weight_version": "2025.1",
        "rate_version": "2025.1",
        "rule_pack": "chs-drg-2.0@0",
        "policy_version": "v",
        "assumed_parameters": [],
    }
    return row | changes


def other(number: int, **changes: Any) -> dict[str, Any]:
    """The same case in another region: 1.0 x 8,000 x 1 = 8,000."""
    base = {
        "relative_weight": D("1.0000"),
        "base_rate": D("8000.00"),
        "price": D("8000.00"),
        "standard": D("8000.00"),
        "total_cost": D("9000.00"),
        "fund_payment": D("5000.00"),
    }
    return payment(number, "510700", **(base | changes))


EFFECTS = ("weight_effect", "rate_effect", "coefficient_effect")


def effects(row: dict[str, Any]) -> list[Decimal]:
    return [row[name] for name in EFFECTS]


def frame(spark: SparkSession, rows: list[dict[str, Any]]) -> DataFrame:
    expected = contract("case_payment")
    return spark.createDataFrame([tuple(row[n] for n in expected.names()) for row in rows], expected.struct())


def by_region(table: DataFrame) -> dict[str, dict[str, Any]]:
    return {row["region_code"]: row.asDict() for row in table.collect()}


def test_two_regions_with_the_arithmetic_in_plain_sight(spark: SparkSession) -> None:
    """One case each: province weight 1.1, rate 20,000 / 2.2 = 9,090.9090..., price 10,000; gaps +2,000 and
    -2,000.
    """
    table = compare_regions(frame(spark, [payment(1), other(2)]))
    assert discrepancies(table.schema, contract("drg_region_comparison")) == []
    rows = by_region(table)
    a, b = rows["510100"], rows["510700"]
    assert (a["n_cases"], a["mean_cost"], a["mean_price"]) == (1, D(11000), D(12000))
    assert a["mean_fund_payment"] == D(9000)
    assert (a["relative_weight"], a["base_rate"]) == (D("1.2000"), D("10000.00"))
    assert a["coefficient"] == D("1.000000")
    assert a["province_n_cases"] == 2
    assert a["province_mean_cost"] == D("10000.00")
    assert a["province_relative_weight"] == D("1.10000000")
    assert a["province_base_rate"] == D("9090.90909091")
    assert a["province_coefficient"] == D("1.00000000")
    assert a["province_mean_price"] == D("10000.00")
    assert effects(a) == [D("954.48"), D("1045.52"), D("0.00")]
    assert effects(b) == [D("-854.25"), D("-1145.75"), D("0.00")]
    assert (a["cost_index"], b["cost_index"]) == (D("1.100000"), D("0.900000"))


def test_the_price_is_compared_before_outlier_rules(spark: SparkSession) -> None:
    """A low outlier is worth its cost of 2,000, yet its price of 12,000 is what is compared."""
    low = payment(2, payment_kind="low_outlier", standard=D("2000.00"), total_cost=D("2000.00"))
    row = by_region(compare_regions(frame(spark, [payment(1), low])))["510100"]
    assert (row["n_cases"], row["mean_price"], row["mean_standard"]) == (2, D("12000.00"), D("7000.00"))


def test_a_point_is_compared_by_what_a_unit_of_weight_is_worth(spark: SparkSession) -> None:
    """80 yuan a point and 100 points a unit of weight are worth what a rate of 8,000 is."""
    points = {"base_rate": None, "point_value": D("80.000000"), "point_scale": 100}
    by_rate = by_region(compare_regions(frame(spark, [payment(1), other(2)])))
    assert by_region(compare_regions(frame(spark, [payment(1), other(2, **points)]))) == by_rate


def test_a_price_fixed_for_a_disease_is_not_compared(spark: SparkSession) -> None:
    """病种定额: neither weight nor rate stands behind it, so there is no gap to split; its neighbours are compared."""
    fixed = dict.fromkeys(("relative_weight", "base_rate", "coefficient")) | {"price": D("6200.00")}
    rows = by_region(compare_regions(frame(spark, [payment(1), payment(2, **fixed), other(1)])))
    assert rows["510100"]["n_cases"] == 1
    assert rows["510100"]["mean_price"] == D("12000.00")
    assert compare_regions(frame(spark, [payment(1, **fixed)])).count() == 0


def test_cases_without_a_price_are_not_compared(spark: SparkSession) -> None:
    bare = {"relative_weight": None, "base_rate": None, "coefficient": None, "price": None}
    ungrouped = payment(2, drg="0000", grouping_status="ungrouped", payment_kind="ungrouped", **bare)
    unweighted = payment(3, **bare)
    rows = compare_regions(frame(spark, [payment(1), ungrouped, unweighted])).collect()
    assert [(row["drg"], row["n_cases"]) for row in rows] == [("BR23", 1)]


DIFFERENCES = {
    "fund": "390",
    "hospital_level": "2",
    "scheme": "chs-drg-1.1",
    "drg": "BR25",
    "settlement_month": "2025-02",
}


@pytest.mark.parametrize("column", DIFFERENCES)
def test_only_identical_groups_levels_funds_schemes_and_months_meet(spark: SparkSession, column: str) -> None:
    """A case that differs in one of them is its own province: no gap, one case."""
    rows = compare_regions(frame(spark, [payment(1), other(2, **{column: DIFFERENCES[column]})])).collect()
    assert len(rows) == 2
    for row in rows:
        assert (row["province_n_cases"], row["price_gap"], row["weight_effect"]) == (1, D("0.00"), D("0.00"))


def test_equal_regions_differ_by_nothing(spark: SparkSession) -> None:
    rows = compare_regions(frame(spark, [payment(1), payment(2), payment(3, "510700")])).collect()
    for row in rows:
        assert effects(row.asDict()) == [D("0.00")] * 3
        assert row["price_gap"] == D("0.00")
        assert row["cost_index"] == D("1.000000")


def test_shuffled_and_repartitioned_cases_give_the_same_rows(spark: SparkSession) -> None:
    weights = {"510100": D("1.2000"), "510700": D("0.9876"), "511000": D("1.1111")}
    rows = []
    for i in range(60):
        for region, w in weights.items():
            price = (w * D(10000)).quantize(D("0.01"))
            rows.append(payment(i, region, relative_weight=w, price=price, total_cost=D(7000 + 13 * i)))
    once = compare_regions(frame(spark, rows).repartition(1)).collect()
    again = compare_regions(frame(spark, rows[::-1]).repartition(7)).collect()
    assert sorted(map(tuple, once)) == sorted(map(tuple, again))
    for row in once:
        assert row["weight_effect"] + row["rate_effect"] + row["coefficient_effect"] == row["price_gap"]


def test_cells_add_up_to_the_cases(spark: SparkSession) -> None:
    rows = [payment(1), payment(2, hospital_level="2"), other(3), other(4)]
    cells = region_cells(frame(spark, rows)).collect()
    assert sum(cell["n_cases"] for cell in cells) == 4
    assert sum(cell["price"] for cell in cells) == D("40000.00")
