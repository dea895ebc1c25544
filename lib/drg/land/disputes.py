"""Disputes against what has been landed: their cases are known, and what was decided is not decided again."""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as F

from drg.contracts import contract
from drg.errors import DeliveryError
from drg.land.cells import Row
from drg.land.workflows import CASE_DISPUTE, months_decided
from drg.runner import StepContext


def land_disputes(ctx: StepContext, disputes: dict[str, list[Row]]) -> None:
    """Write the disputes, once the lists are landed they are about.

    A dispute about a month whose delivery has not landed waits for it; a region that disputes a case nobody sent is
    left out. A month in which a dispute has been upheld since counts as touched: it is settled again, or, once its
    year is cleared, its difference is booked.
    """
    if not disputes:
        return
    landed = {region: landed_disputes(ctx, region) for region in disputes}
    new = {row[:3] for region, rows in disputes.items() for row in rows} - {
        (region, row["settlement_month"], row["setl_id"]) for region, rows in landed.items() for row in rows
    }
    known, begun = _landed_cases(ctx, new)
    ready: list[Row] = []
    for region in sorted(disputes):
        rows = [row for row in disputes[region] if row[:3] not in new or row[:2] in begun]
        unknown = sorted(row[:3] for row in rows if row[:3] in new and row[:3] not in known)
        if unknown:
            error = DeliveryError(
                f"region {region}: {CASE_DISPUTE}.csv names case {unknown[0][2]} of {unknown[0][1]}, of which no list "
                "has been landed; correct the file and deliver it again"
            )
            leave_out(ctx, region, error)
            del landed[region]
            continue
        if len(rows) < len(disputes[region]):
            ctx.say(f"region {region}: {len(disputes[region]) - len(rows)} disputes wait for their month to be landed")
        decided = months_decided(landed[region], rows)
        live = [month for month in ctx.months if region in ctx.live(month)]
        if decided and live:
            ctx.touch(region, live[-1], {*ctx.touches.get((region, live[-1]), ()), *decided})
        ready += rows
    if landed:
        ctx.write(
            CASE_DISPUTE, ctx.spark.createDataFrame(ready, contract(CASE_DISPUTE).struct()), region_code=sorted(landed)
        )


def landed_disputes(ctx: StepContext, region: str) -> list[dict[str, Any]]:
    """The rows of case_dispute of a region."""
    if not ctx.lake.exists(CASE_DISPUTE):
        return []
    return [row.asDict() for row in ctx.lake.read(CASE_DISPUTE, region_code=[region]).collect()]


def _landed_cases(
    ctx: StepContext, cases: set[tuple[str, str, str]]
) -> tuple[set[tuple[str, str, str]], set[tuple[str, str]]]:
    """Which of some cases (region, month, settlement id) have a landed list, and which of their months a delivery."""
    if not cases or not ctx.lake.exists("landed_list"):
        return set(), set()
    keys = ("region_code", "record_month", "setl_id")
    regions, months = (sorted({case[place] for case in cases}) for place in (0, 1))
    landed = ctx.lake.read("landed_list", None, region_code=regions, record_month=months).where("record_kind = 'list'")
    wanted = ctx.spark.createDataFrame(sorted(cases), ", ".join(f"{name} string" for name in keys))
    found = landed.join(F.broadcast(wanted), list(keys), "left_semi").select(*keys).distinct().collect()
    by = ["region_code", "delivery_month"]
    begun = ctx.lake.count_by("landed_list", by, region_code=regions, delivery_month=months)
    return {(row[0], row[1], row[2]) for row in found}, {(str(region), str(month)) for region, month in begun}


def leave_out(ctx: StepContext, region: str, error: DeliveryError) -> None:
    """Leave a region out of every month of the run."""
    for month in ctx.months:
        if region in ctx.live(month):
            ctx.fail(region, month, error)
