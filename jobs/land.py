"""land: the deliveries of the months, as received; every record kept with file, line, arrival and row hash."""

from __future__ import annotations

from pyspark.sql import functions as F

from drg.errors import ContractError
from drg.land.disputes import land_disputes
from drg.land.intake import land_registers, report_unknown_regions, sound_deliveries
from drg.land.landing import land_files
from drg.runner import StepContext, job_main


def run(ctx: StepContext) -> None:
    """Land registers and budgets, every delivery that holds what its manifest says, then disputes about its cases."""
    report_unknown_regions(ctx)
    disputes = land_registers(ctx)
    land_deliveries(ctx)
    land_disputes(ctx, disputes)


def land_deliveries(ctx: StepContext) -> None:
    """Replace the landed records of the sound deliveries."""
    deliveries = sound_deliveries(ctx)
    if not deliveries:
        return
    files = [file for delivery, _ in deliveries for file in delivery.files]
    regions = sorted({delivery.region_code for delivery, _ in deliveries})
    months = sorted({delivery.delivery_month for delivery, _ in deliveries})
    touched = months_of_records(ctx, regions, months)
    written = ctx.write("landed_list", land_files(ctx.spark, files), delivery_month=months, region_code=regions)
    expected = sum(rows for _, rows in deliveries)
    if written.rows != expected:
        raise ContractError(f"landed_list received {written.rows} rows of {expected} records; run land again")
    # A month is touched by what a delivery brings and by what it brought before and no longer does.
    for unit, months_now in months_of_records(ctx, regions, months).items():
        ctx.touch(*unit, touched.get(unit, set()) | months_now)


def months_of_records(ctx: StepContext, regions: list[str], months: list[str]) -> dict[tuple[str, str], set[str]]:
    """The settlement months the landed records of each region and delivery month belong to."""
    if not ctx.lake.exists("landed_list"):
        return {}
    rows = (
        ctx.lake.read("landed_list", delivery_month=months, region_code=regions)
        .groupBy("region_code", "delivery_month")
        .agg(F.collect_set("record_month").alias("months"))
        .collect()
    )
    return {(row["region_code"], row["delivery_month"]): set(row["months"]) for row in rows}


if __name__ == "__main__":
    job_main("land", run)
