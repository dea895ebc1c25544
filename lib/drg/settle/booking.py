"""When differences of cleared months are due, and in which month they are booked.

A cleared month is looked at again when a list of it was landed, validated or grouped, or a dispute about it upheld,
since it was last settled or its differences were last booked; the run log says so, as it does for `drg status`. They
are booked in the last month of the run that the region settles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.runner import StepContext
from drg.settle.adjustments import TABLE, differences
from drg.settle.case_payment import Unit, of_units
from drg.settle.clearing_tables import cleared_years

Price = Callable[[StepContext, list[str]], tuple[list[Unit], DataFrame | None]]


def book_differences(ctx: StepContext, units: Sequence[Unit], price: Price) -> DataFrame | None:
    """Write payment_adjustment of the months being settled; its rows of these months, None where there never were any.

    `price` prices the months of a context as settle does. A cleared month that cannot be priced (its new lists are not
    grouped yet) is named and stays as it is; it is looked at again when the next month is settled.
    """
    booking = last_months(units)
    where: dict[str, list[str | int]] = {"settlement_month": [*ctx.months], "region_code": [*sorted(booking)]}
    cleared = [(region, year) for region, year in cleared_years(ctx.lake) if region in booking]
    touched = touched_months(ctx.lake.read("run_log"), cleared) if cleared else {}
    again, priced = _priced_again(ctx, touched, price) if touched else ([], None)
    if priced is not None:
        priced = priced.persist(StorageLevel.DISK_ONLY)
        try:
            written = ctx.write(TABLE, _entries(ctx, booking, again, priced), **where)
        finally:
            priced.unpersist()
        return ctx.lake.read(TABLE, written.version, **where)
    return ctx.lake.read(TABLE, None, **where) if ctx.lake.exists(TABLE) else None


def last_months(units: Iterable[Unit]) -> dict[str, str]:
    """Region -> the last month it settles in a run, in which it books."""
    found: dict[str, str] = {}
    for unit in units:
        found[unit.region_code] = max(unit.settlement_month, found.get(unit.region_code, ""))
    return found


def touched_months(run_log: DataFrame, cleared: Sequence[tuple[str, int]]) -> dict[str, list[str]]:
    """Region -> the months of its cleared years in which something changed since they were settled or last booked."""
    done = run_log.where("status = 'done'")
    own = done.where(F.col("step").isin("validate", "group", "settle"))
    named = done.where(F.col("step").isin("land", "settle")).withColumn("period", F.explode("touches"))
    both = own.select("step", "region_code", "period", "finished_at").unionByName(
        named.select("step", "region_code", "period", "finished_at")
    )
    settled = F.col("step") == "settle"
    rows = (
        both.groupBy("region_code", "period")
        .agg(
            F.max(F.when(settled, F.col("finished_at"))).alias("settled"),
            F.max(F.when(~settled, F.col("finished_at"))).alias("changed"),
        )
        .where("changed > settled")
        .collect()
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        if (row["region_code"], int(row["period"][:4])) in cleared:
            found.setdefault(row["region_code"], []).append(row["period"])
    return {region: sorted(months) for region, months in sorted(found.items())}


def _priced_again(
    ctx: StepContext, touched: Mapping[str, Sequence[str]], price: Price
) -> tuple[list[Unit], DataFrame | None]:
    """The touched months that can be priced, and their payments as the lists stand; none where none can."""
    months = sorted({month for own in touched.values() for month in own})
    again = replace(ctx, regions=tuple(touched), months=tuple(months), failed={}, skipped={})
    again.policy = ctx.policy
    again.skipped.update({(r, m): "not touched" for r in touched for m in months if m not in touched[r]})
    units, priced = price(again, list(touched))
    for (region, month), reason in sorted(again.failed.items()):
        ctx.say(f"region {region}: differences of {month} are not booked yet: {reason}")
    return (units, of_units(priced, units)) if priced is not None and units else ([], None)


def _entries(ctx: StepContext, booking: Mapping[str, str], again: Sequence[Unit], priced: DataFrame) -> DataFrame:
    """All rows of the months being settled: the new entries, and those of cleared months that were not touched."""
    spark, lake = ctx.spark, ctx.lake
    for unit in again:
        month = booking[unit.region_code]
        ctx.touch(unit.region_code, month, {*ctx.touches.get((unit.region_code, month), ()), unit.settlement_month})
    entries = lake.read(TABLE) if lake.exists(TABLE) else spark.createDataFrame([], contract(TABLE).struct())
    keys = spark.createDataFrame(
        [(unit.region_code, unit.settlement_month, booking[unit.region_code]) for unit in again],
        "region_code string, case_month string, booking_month string",
    )
    new = differences(
        of_units(lake.read("case_payment"), again),
        priced,
        entries.join(F.broadcast(keys), ["region_code", "case_month"], "left_semi"),
        _upheld(ctx),
        keys.select("region_code", "booking_month").distinct(),
    )
    replaced = keys.withColumnRenamed("booking_month", "settlement_month")
    here = entries.where(F.col("settlement_month").isin(list(ctx.months)) & F.col("region_code").isin(list(booking)))
    kept = here.join(F.broadcast(replaced), ["region_code", "case_month", "settlement_month"], "left_anti")
    return kept.select(*contract(TABLE).names()).unionByName(new)


def _upheld(ctx: StepContext) -> DataFrame:
    names = ("region_code", "case_month", "setl_id")
    if not ctx.lake.exists("case_dispute"):
        return ctx.spark.createDataFrame([], ", ".join(f"{name} string" for name in names))
    upheld = ctx.lake.read("case_dispute").where("decision = 'upheld'")
    return upheld.withColumnRenamed("settlement_month", "case_month").select(*names)
