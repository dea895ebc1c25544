"""Which rows a region receives, and what it does not see of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from drawn_payments import A, B, frame, month_of_two_regions, payment

from drg.compare.region_comparison import compare_regions
from drg.publish.content import comparison_for, of_either_region, of_region_year
from drg.settle.accounts import fund_account

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

C = "511000"


def seen_by(spark: SparkSession, viewer: str, counts: dict[str, int]) -> dict[str, dict[str, Any]]:
    """The cells a region sees of a group with these numbers of cases."""
    rows = [payment(i, region) for region, count in counts.items() for i in range(count)]
    table = comparison_for(compare_regions(frame(spark, "case_payment", rows)), sorted(counts))
    return {row["region_code"]: row.asDict() for row in table.where(f"release_region = '{viewer}'").collect()}


@pytest.mark.parametrize(("count", "visible"), [(9, False), (10, True)])
def test_cells_of_others_show_from_ten_cases_on(spark: SparkSession, count: int, visible: bool) -> None:
    assert (B in seen_by(spark, A, {A: 3, B: count, C: 30})) is visible


def test_a_region_sees_its_own_small_cell(spark: SparkSession) -> None:
    assert seen_by(spark, A, {A: 1, B: 30})[A]["n_cases"] == 1


@pytest.mark.parametrize(
    ("counts", "province"),
    [
        ({A: 30, B: 9}, None),  # 39 - 30 would give B away
        ({A: 30, B: 10}, 40),
        ({A: 30, B: 9, C: 1}, 40),  # 10 hidden cases in two cells: neither can be had
        ({A: 30, B: 8, C: 1}, None),
    ],
)
def test_the_province_is_withheld_where_it_would_give_a_small_cell_away(
    spark: SparkSession, counts: dict[str, int], province: int | None
) -> None:
    own = seen_by(spark, A, counts)[A]
    assert own["province_n_cases"] == province
    hidden = ("province_mean_price", "price_gap", "weight_effect", "rate_effect", "coefficient_effect", "cost_index")
    assert {own[name] is None for name in hidden} == {province is None}
    assert own["mean_price"] is not None


def test_a_fund_account_goes_to_both_regions_it_binds(spark: SparkSession) -> None:
    """One patient of B in a hospital of A: A sees the line, and B what its fund owes."""
    lines = of_either_region(fund_account(frame(spark, "case_payment", month_of_two_regions()))).collect()
    of_b = [(row["region_code"], row["line"], row["n_cases"]) for row in lines if row["release_region"] == B]
    assert sorted(of_b) == [(A, "cross_region_stays", 1), (B, "local_stays", 4), (B, "local_stays", 11)]
    assert len([row for row in lines if row["release_region"] == A]) == 3


def test_yearly_rows_serve_the_months_of_their_version(spark: SparkSession) -> None:
    """2025.1 serves January, 2025.2 February; 2025.3 is a trial, and B serves nothing."""
    rows = [(A, f"2025.{number}") for number in (1, 2, 3)] + [(B, "2025.1")]
    weights = spark.createDataFrame(rows, "region_code string, weight_version string")
    serving = [("2025-01", A, "2025.1"), ("2025-02", A, "2025.2")]
    in_force = spark.createDataFrame(serving, "release_month string, release_region string, version string")
    found = of_region_year(weights, in_force, "weight_version")
    assert found.columns == ["region_code", "weight_version", "release_month", "release_region"]
    assert sorted((row["release_month"], row["weight_version"]) for row in found.collect()) == [
        ("2025-01", "2025.1"),
        ("2025-02", "2025.2"),
    ]
