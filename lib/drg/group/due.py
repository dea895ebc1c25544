"""Which months of a region are grouped, and under which scheme."""

from __future__ import annotations

from datetime import date

from drg.errors import DrgError, StorageError
from drg.group.local import groups_in_force
from drg.runner import StepContext


def shared_schemes(ctx: StepContext) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Scheme and the regions that use it, to the months in which exactly these do.

    A month is grouped under the scheme and the local groups in force on its first day: a month is settled under one.
    A month before a region's first scheme is no history of its weights: it is left out, and said so.
    """
    leave_out_before_scheme(ctx)
    leave_out_held(ctx)
    units: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for month in ctx.months:
        regions: dict[str, list[str]] = {}
        for region in ctx.live(month):
            try:
                scheme = ctx.policy.value(region, "scheme", date.fromisoformat(f"{month}-01")).of()
                groups_in_force(ctx.policy, region, month)
                ctx.stamp(region, month, pack=ctx.pack(scheme).identity)
                regions.setdefault(scheme, []).append(region)
            except DrgError as error:
                ctx.fail(region, month, error)
        for scheme, users in regions.items():
            units.setdefault((scheme, tuple(users)), []).append(month)
    return units


def leave_out_before_scheme(ctx: StepContext) -> None:
    """Skip the months before a region's first scheme; a region without any scheme fails them all."""
    early: dict[str, list[str]] = {}
    for month in ctx.months:
        for region in ctx.live(month):
            try:
                first = ctx.policy.groups_from(region)
            except DrgError as error:
                ctx.fail(region, month, error)
                continue
            if month < first:
                ctx.skip(region, month, f"region {region} is grouped from {first}")
                early.setdefault(first, []).append(region)
    for first, regions in sorted(early.items()):
        ctx.say(
            f"group: {', '.join(dict.fromkeys(regions))} have a scheme from {first} on; earlier months are left out"
        )


def leave_out_held(ctx: StepContext) -> None:
    """Fail the months whose newest validate failed: held (暂缓), or with lists that are not those of the deliveries."""
    if not ctx.lake.exists("run_log"):
        return
    from pyspark.sql import functions as F

    judged = ctx.lake.read("run_log").where("step = 'validate'").where(F.col("period").isin(list(ctx.months)))
    newest = F.max(F.struct("finished_at", "run_id", "status", "reason")).alias("newest")
    for region, month, run in judged.groupBy("region_code", "period").agg(newest).collect():
        if run["status"] != "done" and region in ctx.live(month):
            why = f"its lists were not passed on by validate ({run['reason']}); mend that and run validate again"
            ctx.fail(region, month, StorageError(f"region {region}, month {month}: {why}"))
