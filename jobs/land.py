"""land: the deliveries of the months, as received; every record kept with file, line, arrival and row hash."""

from __future__ import annotations

from pyspark.sql import functions as F

from drg.errors import ContractError
from drg.land.disputes import land_disputes
from drg.land.intake import land_registers, report_unknown_regions, sound_deliveries
from drg.land.received import received
from drg.runner import StepContext, job_main


def run(ctx: StepContext) -> None:
    """Land registers and budgets, every delivery that holds what its manifest says, then disputes about its cases."""
    report_unknown_regions(ctx)
    disputes = land_registers(ctx)
    land_deliveries(ctx)
    land_disputes(ctx, disputes)


def land_deliveries(ctx: StepContext) -> None:
    """Replace the landed records of the sound deliveries."""
    sound = sound_deliveries(ctx)
    if not sound:
        return
    months = sorted({one.delivery.delivery_month for one in sound})
    regions = sorted({one.delivery.region_code for one in sound})
    before = months_of_records(ctx, regions, months)
    with received(ctx, sound) as got:
        written = ctx.write("landed_list", got.records, delivery_month=months, region_code=regions)
    if written.rows != got.count:
        raise ContractError(f"landed_list received {written.rows} rows of {got.count} records; run land again")
    # A month is touched by what a delivery brings, changes or no longer brings; its own month always, by the registers.
    after = months_of_records(ctx, regions, months)
    for one in got.sound:
        region, month = one.delivery.region_code, one.delivery.delivery_month
        old, new = before.get((region, month), {}), after.get((region, month), {})
        ctx.touch(region, month, {month} | {m for m in old.keys() | new.keys() if old.get(m) != new.get(m)})


def months_of_records(ctx: StepContext, regions: list[str], months: list[str]) -> dict[tuple[str, str], dict[str, str]]:
    """The settlement months the landed records of each region and delivery month belong to, each with a digest.

    The digest is of the records and their places, in any order; of the arrival only where a record claims to be
    declared after it, which is all that the checks ask of it.
    """
    if not ctx.lake.exists("landed_list"):
        return {}
    late = F.col("dcla_time") > F.date_format("arrived_at", "yyyy-MM-dd HH:mm:ss")
    record = F.xxhash64("file_name", "line_number", "row_hash", F.when(late, F.col("arrived_at")))
    by = ("region_code", "delivery_month", "record_month")
    rows = (
        ctx.lake.read("landed_list", delivery_month=months, region_code=regions)
        .groupBy(*by)
        .agg(F.concat_ws(":", F.count(F.lit(1)), F.sum(record.cast("decimal(38,0)"))).alias("digest"))
        .collect()
    )
    found: dict[tuple[str, str], dict[str, str]] = {}
    for region, month, record_month, digest in rows:
        found.setdefault((region, month), {})[record_month] = digest
    return found


if __name__ == "__main__":
    job_main("land", run)
