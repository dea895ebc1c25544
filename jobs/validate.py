"""validate: which landed lists are live and which are fit; accepted + rejected = landed."""

from __future__ import annotations

from pyspark import StorageLevel
from pyspark.sql import DataFrame

from drg.doors.config import person_key_secret
from drg.errors import ContractError
from drg.runner import StepContext, job_main
from drg.validate.across import findings_across, with_across
from drg.validate.checks import CHECKS
from drg.validate.degrees import Settings, Unit, read_settings
from drg.validate.gates import held
from drg.validate.intake import assert_partition, counts, headers_of, judge_lists, returned
from drg.validate.outputs import list_flag, rejected_list, settlement_list
from drg.validate.sources import earlier_lists, references, report_not_landed


def run(ctx: StepContext) -> None:
    """Judge every record landed for the months asked for, whichever delivery brought it, and write the three tables."""
    report_not_landed(ctx)
    months = [month for month in ctx.months if ctx.live(month)]
    regions = sorted({region for month in months for region in ctx.live(month)})
    if not months:
        return
    # A record belongs to no month later than its delivery's, so earlier deliveries cannot hold any.
    landed = ctx.read("landed_list", region_code=regions, record_month=months).where(f"delivery_month >= '{months[0]}'")
    register = ctx.read("hospital_register", region_code=regions)
    received = counts(landed)
    for (region, month), rows in received.items():
        ctx.count_in(region, month, rows)
    settings = read_settings(ctx.policy, received, CHECKS)
    secret, headers = person_key_secret(ctx.env), headers_of(landed)
    alone = judge_lists(landed, register, references(ctx), secret, headers, settings).persist(StorageLevel.DISK_ONLY)
    across = findings_across(alone, earlier_lists(ctx, received), settings).persist()
    try:
        lists = with_across(alone, across)
        assert_partition(received, lists)
        write(ctx, lists, months, regions, settings)
        for (region, month), error in held(received, returned(lists), settings).items():
            ctx.fail(region, month, error)
    finally:
        across.unpersist()
        alone.unpersist()


def write(
    ctx: StepContext, lists: DataFrame, months: list[str], regions: list[str], settings: dict[Unit, Settings]
) -> None:
    """Write the tables; ContractError when they do not hold every record that was landed."""
    where = {"settlement_month": months, "region_code": regions}
    fit = ctx.write("settlement_list", settlement_list(lists), **where)
    refused = ctx.write("rejected_list", rejected_list(lists, CHECKS, settings), **where)
    ctx.write("list_flag", list_flag(lists, CHECKS, settings), **where)
    due = sum(rows for (region, month), rows in ctx.rows_in.items() if region in ctx.live(month))
    if fit.rows + refused.rows != due:
        raise ContractError(
            f"{fit.rows} accepted + {refused.rows} rejected rows were written of {due} landed; run validate again"
        )


if __name__ == "__main__":
    job_main("validate", run)
