"""The clearing in Spark: a year's tables summed by region, fund and hospital, and the two tables it writes.

Only sums come to the driver, one row a hospital and fund; cases never do.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.doors.tables import Lake
from drg.money import round_fen

_BY = ("region_code", "fund", "hospital_code")
Sums = dict[tuple[str, str, str], dict[str, Any]]


def case_sums(case_payment: DataFrame) -> Sums:
    """Region, fund and hospital -> fund_payment, by_item, points, patient_share and outside_points of the year's cases.

    `by_item` is what the fund paid at the counter; a case with points is paid by them, one without is not.
    """
    paid_by_points = F.col("points").isNotNull()
    return _collected(
        case_payment.groupBy(*_BY).agg(
            _total(F.col("fund_payment"), "fund_payment"),
            _total(F.col("total_cost") - F.col("patient_and_other_paid"), "by_item"),
            F.sum("points").cast("decimal(34,12)").alias("points"),
            _total(F.when(paid_by_points, F.col("patient_and_other_paid")), "patient_share"),
            _total(F.when(~paid_by_points, F.col("fund_payment")), "outside_points"),
        )
    )


def month_sums(hospital_settlement: DataFrame) -> Sums:
    """Region, fund and hospital -> fund_payment, withheld, adjustment and payable over the year's months."""
    names = ("fund_payment", "withheld", "adjustment", "payable")
    return _collected(hospital_settlement.groupBy(*_BY).agg(*(_total(F.col(name), name) for name in names)))


def prior_spend(settlement_list: DataFrame) -> dict[tuple[str, str, str], Decimal]:
    """Region, fund and hospital -> mean monthly fund spend by item of the prior year, to the fen half-up.

    The mean is over the months the region has lists of; a hospital without lists in one of them spent nothing there.
    """
    months = settlement_list.groupBy("region_code").agg(F.countDistinct("settlement_month").alias("months"))
    by_region = {row["region_code"]: int(row["months"]) for row in months.collect()}
    sums = _collected(settlement_list.groupBy(*_BY).agg(_total(F.col("basic_fund_payment"), "spend")))
    return {key: round_fen(Fraction(row["spend"]) / by_region[key[0]]) for key, row in sums.items()}


def cleared_years(lake: Lake) -> frozenset[tuple[str, int]]:
    """Regions and years that are cleared: their months are not settled again."""
    if not lake.exists("fund_clearing"):
        return frozenset()
    rows = lake.count_by("fund_clearing", ["region_code", "settlement_year"])
    return frozenset((str(region), int(year)) for region, year in rows)


def carried_over(hospital_clearing: DataFrame) -> dict[tuple[str, str, str], Decimal]:
    """Region, fund and hospital -> what the reviews of a cleared year take of the year after it, below zero."""
    rows = hospital_clearing.where("line = 'next_year' AND amount <> 0").select(*_BY, "amount").collect()
    return {(row["region_code"], row["fund"], row["hospital_code"]): row["amount"] for row in rows}


def booked_cases(payment_adjustment: DataFrame) -> dict[tuple[str, str], int]:
    """Region and month of record -> cases that entries after a clearing added to it, less those they took away."""
    rows = payment_adjustment.groupBy("region_code", "case_month").agg(F.sum("n_cases").alias("n")).collect()
    return {(row["region_code"], row["case_month"]): int(row["n"]) for row in rows}


def clearing_frame(spark: SparkSession, table: str, rows: list[dict[str, Any]]) -> DataFrame:
    """Rows of hospital_clearing or fund_clearing as a frame in the shape of the contract."""
    expected = contract(table)
    names = expected.names()
    return spark.createDataFrame([tuple(row[name] for name in names) for row in rows], expected.struct())


def _total(amount: Any, name: str) -> Any:
    return F.sum(amount).cast("decimal(18,2)").alias(name)


def _collected(frame: DataFrame) -> Sums:
    return {tuple(row[name] for name in _BY): _figures(row.asDict()) for row in frame.collect()}


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _BY}
