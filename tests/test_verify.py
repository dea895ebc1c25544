"""Identities of money: one line a fund, never the sum of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from drg.verify import _per_fund, _sum

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def paid(spark: SparkSession, *rows: tuple[str, str]) -> DataFrame:
    drawn = [("2025-01", "510100", fund, amount) for fund, amount in rows]
    frame = spark.createDataFrame(drawn, "settlement_month string, region_code string, fund string, amount string")
    return frame.withColumn("amount", F.col("amount").cast("decimal(16,2)"))


def test_each_fund_has_a_line_of_its_own(spark: SparkSession) -> None:
    """Employee 100.00 + 50.00 on both sides; resident 30.00 against 30.01."""
    left = paid(spark, ("310", "100.00"), ("310", "50.00"), ("390", "30.00"))
    right = paid(spark, ("310", "150.00"), ("390", "30.01"))
    employee, resident = _per_fund("paid", left, right, _sum("amount"))
    assert (employee.name, employee.holds, employee.left, employee.right) == (
        "paid, fund 310",
        True,
        "150.00",
        "150.00",
    )
    assert (resident.name, resident.holds, resident.left, resident.right) == ("paid, fund 390", False, "30.00", "30.01")
    assert resident.where == "2025-01, 510100, 390"
