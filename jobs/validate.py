"""validate: which landed lists are live and which are fit; accepted + rejected = landed."""

from __future__ import annotations

from pyspark import StorageLevel
from pyspark.sql import DataFrame

from drg.doors.config import person_key_secret
from drg.errors import ContractError
from drg.runner import StepContext, job_main
from drg.validate.across import findings_across, with_across
from drg.validate.certificates import findings_of_certificates
from drg.validate.checks import CHECKS, catalogue_version
from drg.validate.findings import in_units
from drg.validate.gates import held
from drg.validate.intake import assert_partition, counts, judge_lists, returned
from drg.validate.intake_findings import earlier_months, findings_of, intake_finding, told
from drg.validate.keys import key_mark, report_other_keys
from drg.validate.outputs import list_flag, rejected_list, settlement_list
from drg.validate.quality import list_quality
from drg.validate.sources import earlier_lists, references, report_not_landed, settings_of


def run(ctx: StepContext) -> None:
    """Judge every record landed for the months asked for, whichever delivery brought it, and write the tables."""
    secret = person_key_secret(ctx.env)
    mark = key_mark(secret)
    report_not_landed(ctx)
    report_other_keys(ctx, mark)
    settings = settings_of(ctx)
    judged = [(region, month) for month in ctx.months for region in ctx.live(month)]
    if not judged:
        return
    months, regions = sorted({month for _, month in judged}), sorted({region for region, _ in judged})
    # A record belongs to no month later than its delivery's, so earlier deliveries cannot hold any.
    landed = ctx.read("landed_list", region_code=regions, record_month=months).where(f"delivery_month >= '{months[0]}'")
    landed = landed.where(in_units(judged))
    register = ctx.read("hospital_register", region_code=regions)
    received = counts(landed)
    for (region, month), rows in received.items():
        ctx.count_in(region, month, rows)
    alone = judge_lists(landed, register, references(ctx), secret, settings).persist(StorageLevel.DISK_ONLY)
    earlier, counted = earlier_lists(ctx, judged), earlier_months(ctx, judged)
    across = findings_across(alone, earlier, settings).persist()
    beside = with_across(alone, across)
    numbers = findings_of_certificates(beside, earlier, settings).persist()
    lists = with_across(beside, numbers)
    # One row a hospital: the pass that counts the records is the pass that makes them.
    quality = list_quality(lists, catalogue_version(), mark).persist(StorageLevel.DISK_ONLY)
    try:
        assert_partition(received, quality)
        where = {"settlement_month": months, "region_code": regions}
        found = findings_of(ctx, quality, counted, judged, settings)
        tables = {
            "settlement_list": settlement_list(lists),
            "rejected_list": rejected_list(lists, CHECKS, settings),
            "list_flag": list_flag(lists, CHECKS, settings),
            "list_quality": quality,
            "intake_finding": intake_finding(ctx, found),
        }
        write(ctx, tables, where)
        for sentence in told(found):
            ctx.say(sentence)
        for (region, month), error in held(received, returned(quality), settings, found).items():
            ctx.fail(region, month, error)
    finally:
        quality.unpersist()
        numbers.unpersist()
        across.unpersist()
        alone.unpersist()


def write(ctx: StepContext, tables: dict[str, DataFrame], where: dict[str, list[str]]) -> None:
    """Write the tables; ContractError when accepted and rejected lists do not hold every record landed."""
    fit, refused, *_ = ctx.write_beside([(table, frame, where) for table, frame in tables.items()])
    due = sum(rows for (region, month), rows in ctx.rows_in.items() if region in ctx.live(month))
    if fit.rows + refused.rows != due:
        raise ContractError(
            f"{fit.rows} accepted + {refused.rows} rejected rows were written of {due} landed; run validate again"
        )


if __name__ == "__main__":
    job_main("validate", run)
