"""How a step runs: what fails is left alone, the others go on, and the log says which."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from drg.contracts import contract
from drg.doors.config import Env
from drg.doors.tables import Lake
from drg.errors import ConfigError, ContractError, DeliveryError, PolicyError
from drg.runner import StepContext, chosen_regions, month_range, run_step
from drg.steps import step_named

A, B = "510100", "510300"
NOW = datetime.fromisoformat("2025-03-01T08:00:00+08:00")


def context(spark: SparkSession, env: Env, hour: int = 8) -> StepContext:
    now = NOW.replace(hour=hour)
    return StepContext(step_named("settle"), spark, Lake(spark, env), env, (A, B), ("2025-01", "2025-02"), now, "run")


def accounts(spark: SparkSession, amount: str, *units: tuple[str, str]) -> object:
    rows = [(m, r, r, "310", "local_stays", 1, Decimal(amount), "p") for r, m in units]
    return spark.createDataFrame(rows, schema=contract("fund_account").struct())


def amounts(lake: Lake) -> dict[tuple[str, str], Decimal]:
    return {(r["region_code"], r["settlement_month"]): r["fund_payment"] for r in lake.read("fund_account").collect()}


ALL = ((A, "2025-01"), (B, "2025-01"), (A, "2025-02"), (B, "2025-02"))


def test_a_failed_unit_keeps_what_it_had_and_the_others_are_replaced(spark: SparkSession, env: Env) -> None:
    where = {"settlement_month": ["2025-01", "2025-02"], "region_code": [A, B]}
    first = context(spark, env)
    run_step(first, lambda ctx: ctx.write("fund_account", accounts(spark, "1.00", *ALL), **where) and None)

    def second_job(ctx: StepContext) -> None:
        ctx.fail(A, "2025-02", DeliveryError("region 510100 has no delivery for 2025-02"))
        ctx.write("fund_account", accounts(spark, "2.00", *ALL), **where)

    second = context(spark, env, hour=9)
    run_step(second, second_job)
    assert amounts(second.lake) == {
        (A, "2025-01"): Decimal("2.00"),
        (B, "2025-01"): Decimal("2.00"),
        (A, "2025-02"): Decimal("1.00"),  # the failed unit keeps its earlier rows
        (B, "2025-02"): Decimal("2.00"),
    }
    log = second.lake.read("run_log").orderBy("started_at", "region_code", "period").collect()
    last = {(r["region_code"], r["period"]): (r["status"], r["reason"], r["rows_out"]) for r in log[4:]}
    assert last[(A, "2025-02")] == ("failed", "region 510100 has no delivery for 2025-02", None)
    assert last[(B, "2025-02")] == ("done", None, 1)


def test_an_error_of_the_whole_job_fails_every_unit_and_writes_nothing(spark: SparkSession, env: Env) -> None:
    def job(ctx: StepContext) -> None:
        raise PolicyError("no policy at all")

    ctx = context(spark, env)
    run_step(ctx, job)
    assert {row["status"] for row in ctx.lake.read("run_log").collect()} == {"failed"}
    assert len(ctx.failed) == 4
    assert not ctx.lake.exists("fund_account")


def test_what_a_job_writes_in_turns_is_logged_as_its_sum(spark: SparkSession, env: Env) -> None:
    def job(ctx: StepContext) -> None:
        for month in ctx.months:
            own = [unit for unit in ALL if unit[1] == month]
            ctx.write("fund_account", accounts(spark, "1.00", *own), settlement_month=[month], region_code=[A, B])

    ctx = context(spark, env)
    run_step(ctx, job)
    [written] = ctx.lake.read("run_log").collect()[0]["tables_written"]
    assert (written["table"], written["version"], written["rows"]) == ("fund_account", 2, 4)


def test_tables_written_side_by_side_are_each_whole_or_as_they_were(spark: SparkSession, env: Env) -> None:
    where = {"settlement_month": ["2025-01"], "region_code": [A]}
    unit = (A, "2025-01")
    first = context(spark, env)
    told = first.write_beside([("fund_account", accounts(spark, "1.00", unit), where)])
    assert [(one.table, one.rows) for one in told] == [("fund_account", 1)]

    wrong = spark.createDataFrame([("x",)], "nothing string")
    with pytest.raises(ContractError, match="case_payment"):
        first.write_beside([("case_payment", wrong, where), ("fund_account", accounts(spark, "2.00", unit), where)])
    assert amounts(first.lake) == {unit: Decimal("2.00")}
    assert not first.lake.exists("case_payment")


def test_a_skipped_unit_is_neither_written_nor_logged(spark: SparkSession, env: Env) -> None:
    def job(ctx: StepContext) -> None:
        ctx.skip(A, "2025-01", "nothing is due")
        ctx.write("fund_account", accounts(spark, "1.00", *ALL), settlement_month=list(ctx.months), region_code=[A, B])

    ctx = context(spark, env)
    run_step(ctx, job)
    assert (A, "2025-01") not in amounts(ctx.lake)
    assert {(r["region_code"], r["period"]) for r in ctx.lake.read("run_log").collect()} == set(ALL[1:])


def test_a_defect_is_logged_and_raised(spark: SparkSession, env: Env) -> None:
    ctx = context(spark, env)
    with pytest.raises(ZeroDivisionError):
        run_step(ctx, lambda _: divmod(1, 0) and None)
    assert {row["status"] for row in ctx.lake.read("run_log").collect()} == {"failed"}


def test_months_are_a_range_and_regions_are_known(env: Env) -> None:
    assert month_range("2024-11..2025-02") == ("2024-11", "2024-12", "2025-01", "2025-02")
    assert month_range("2025-01") == ("2025-01",)
    with pytest.raises(ConfigError, match="backwards"):
        month_range("2025-02..2025-01")
    with pytest.raises(ConfigError, match="not YYYY-MM"):
        month_range("2025-13")
    assert chosen_regions(env, "510300, 510100") == (A, B)
    assert len(chosen_regions(env, "")) == 22
    with pytest.raises(ConfigError, match="999999 is not a pooling region"):
        chosen_regions(env, "999999")
