"""Upkeep: small files become one, old ones go, and what a published release rests on stays readable."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from drg.contracts import contract
from drg.doors.tables import Lake
from drg.doors.upkeep import held_files, held_versions, optimize, remove_unneeded, vacuum
from drg.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AT = datetime.fromisoformat("2025-02-20T08:00:00+08:00")
TABLE = "fund_budget"
JANUARY = "2025-01"


def log_row(region: str, version: int) -> tuple[Any, ...]:
    return (
        "publish", "r1", region, JANUARY, "done", None, 1, 1, [(TABLE, version)], [], [], None, None, AT, AT, 1,
    )  # fmt: skip


def write(lake: Lake, spark: SparkSession, region: str, amount: str) -> int:
    ratio = Decimal("0.7000")
    row = (2025, region, "310", Decimal(amount), ratio, Decimal("0.00"), ratio, 10, "a budget", "assumed")
    frame = spark.createDataFrame([row], schema=contract(TABLE).struct())
    return lake.replace(TABLE, frame, region_code=[region]).version


def test_what_a_release_rests_on_stays_and_the_rest_goes(spark: SparkSession, lake: Lake) -> None:
    published = write(lake, spark, "510100", "100.00")
    write(lake, spark, "510300", "7.00")
    write(lake, spark, "510300", "8.00")
    write(lake, spark, "510100", "200.00")
    log = spark.createDataFrame([log_row("510100", published)], schema=contract("run_log").struct())
    lake.append("run_log", log)
    kept = held_files(lake, TABLE, held_versions(lake))
    assert len(kept) == 1
    spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    try:
        found = remove_unneeded(spark, lake, TABLE, 0, kept)
    finally:
        spark.conf.unset("spark.databricks.delta.retentionDurationCheck.enabled")
    # Four files were written; the first of 510300 is needed by nobody.
    assert (found["files"], found["held"], found["removed"]) == (4, 1, 1)
    assert lake.read(TABLE, published, region_code=["510100"]).count() == 1
    assert lake.read(TABLE).count() == 2


def test_putting_files_together_changes_no_row(spark: SparkSession, lake: Lake) -> None:
    for hour in range(3):
        log = spark.createDataFrame([log_row("510100", hour)], schema=contract("run_log").struct())
        lake.append("run_log", log)
    before = sorted(map(str, lake.read("run_log").collect()))
    assert optimize(spark, lake, "run_log") == {"added": 1, "removed": 3}
    assert sorted(map(str, lake.read("run_log").collect())) == before


def test_less_than_a_week_is_refused(spark: SparkSession, lake: Lake) -> None:
    with pytest.raises(ConfigError, match="6 days of retention are too few"):
        vacuum(spark, lake, TABLE, 6, set())
