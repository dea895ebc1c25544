"""intake_finding: what the checks of months as a whole find, from counts that are there already.

The rows of list_quality say what came of each hospital's lists, of this run and of earlier ones; a count of landed
records by month says where a delivery belongs. Nothing here looks at a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.contracts import as_agreed, contract
from drg.land.assembly import NO_LIST
from drg.runner import StepContext
from drg.validate.batch import MONTHS_OF_MEAN, Batch, Delivery, Finding, Hospital, Month, batch_findings
from drg.validate.checks_across import months_before
from drg.validate.degrees import Settings, Unit
from drg.validate.quality import UNKNOWN_HOSPITAL
from drg.validate.tables import REQUIRED_FIELDS

SHRUNK = "BT10"
# Findings the run says one by one; a province has thousands of hospitals.
MOST_SAID = 50
_UNIT = ("region_code", "settlement_month")


def earlier_months(ctx: StepContext, judged: Iterable[Unit]) -> tuple[dict[Unit, Month], dict[Unit, int]]:
    """What earlier runs counted: the months judged and those before them; and the most settlements known of a month.

    To be asked before the tables are written. What was found to have shrunk stays so in every further run, until the
    lists are there again: the limit of that finding is what was known before.
    """
    units = sorted(judged)
    regions = sorted({region for region, _ in units})
    months = sorted({near for _, month in units for near in (*months_before(month, MONTHS_OF_MEAN), month)})
    if not ctx.lake.exists("list_quality"):
        return {}, {}
    counted = as_agreed("list_quality", ctx.read("list_quality", settlement_month=months, region_code=regions))
    before = months_of(counted)
    known = {unit: before[unit].settlements for unit in units if unit in before}
    if ctx.lake.exists("intake_finding"):
        found = ctx.read("intake_finding", settlement_month=months, region_code=regions).where(f"check_id = '{SHRUNK}'")
        for row in found.select(*_UNIT, "limit_value").collect():
            unit = (row["region_code"], row["settlement_month"])
            known[unit] = max(known.get(unit, 0), int(row["limit_value"]))
    return before, known


def months_of(quality: DataFrame) -> dict[Unit, Month]:
    """The rows of list_quality added up by region and month."""
    named = F.col("hospital_code") != UNKNOWN_HOSPITAL
    live = F.col("accepted") + F.col("returned")
    items = F.map_from_entries("missing_items")
    lacking = [F.sum(F.coalesce(F.try_element_at(items, F.lit(f)), F.lit(0))).alias(f"_no_{f}") for f in _fields()]
    rows = (
        quality.groupBy(*_UNIT)
        .agg(
            F.sum(live).alias("lists"),
            F.sum(F.when(named, live).otherwise(0)).alias("live"),
            F.sum(F.when(named, F.col("taken_back")).otherwise(0)).alias("taken"),
            F.count_if(F.col("live_lists").isNull()).alias("unasked"),
            F.sum("live_lists").alias("asked"),
            *lacking,
        )
        .collect()
    )
    return {
        (row["region_code"], row["settlement_month"]): Month(
            lists=row["lists"],
            # A settlement that was taken back and its reversal are two records.
            settlements=row["live"] + row["taken"] // 2,
            asked=None if row["unasked"] else row["asked"],
            missing={field: row[f"_no_{field}"] for field in _fields() if row[f"_no_{field}"]},
        )
        for row in rows
    }


def _fields() -> Sequence[str]:
    return tuple(REQUIRED_FIELDS.values())


def hospitals_of(quality: DataFrame) -> dict[Unit, dict[str, Hospital]]:
    """The named hospitals of each region and month."""
    found: dict[Unit, dict[str, Hospital]] = {}
    columns = (*_UNIT, "hospital_code", "accepted", "returned", "codes", "unknown_codes")
    for row in quality.where(F.col("hospital_code") != UNKNOWN_HOSPITAL).select(*columns).collect():
        one = Hospital(row["accepted"] + row["returned"], row["returned"], row["codes"], row["unknown_codes"])
        found.setdefault((row["region_code"], row["settlement_month"]), {})[row["hospital_code"]] = one
    return found


def deliveries_of(landed: DataFrame) -> dict[Unit, Delivery]:
    """What each delivery brought, by region and delivery month; settlement ids are read of unreadable records alone."""
    by = ("region_code", "delivery_month")
    readable = F.col("record_kind") != "unreadable"
    own = F.count_if(readable & (F.col("record_month") == F.col("delivery_month")))
    counted = landed.groupBy(*by).agg(
        F.count_if(readable).alias("records"), own.alias("own"), F.count(F.lit(1)).alias("all")
    )
    rows = counted.collect()
    without: dict[tuple[str, str], int] = {}
    if any(row["records"] < row["all"] for row in rows):
        orphans = landed.where(F.col("unreadable_reason").endswith(NO_LIST)).groupBy(*by)
        without = {(row[0], row[1]): row[2] for row in orphans.agg(F.count_distinct("setl_id")).collect()}
    return {
        (unit := (row["region_code"], row["delivery_month"])): Delivery(
            row["records"], row["own"], without.get(unit, 0)
        )
        for row in rows
    }


def findings_of(
    ctx: StepContext,
    quality: DataFrame,
    earlier: tuple[Mapping[Unit, Month], Mapping[Unit, int]],
    judged: Sequence[Unit],
    settings: Mapping[Unit, Settings],
) -> list[Finding]:
    """The findings of the regions and months judged; `quality` are their rows of list_quality, `earlier` what was."""
    before, known = earlier
    here = {"delivery_month": sorted({m for _, m in judged}), "region_code": sorted({region for region, _ in judged})}
    batch = Batch(
        # A month of which nothing came any more has no rows.
        months={**before, **dict.fromkeys(judged, Month(0, 0)), **months_of(quality)},
        hospitals=hospitals_of(quality),
        deliveries=deliveries_of(ctx.read("landed_list", **here)),
        known=known,
    )
    return batch_findings(batch, judged, settings)


def intake_finding(ctx: StepContext, found: Iterable[Finding]) -> DataFrame:
    """The findings as in the contract of intake_finding."""
    rows = [
        (f.unit[1], f.unit[0], f.check, f.subject, f.hospital, f.degree, f.measured, f.limit, f.measure, f.sentence)
        for f in found
    ]
    return ctx.spark.createDataFrame(rows, contract("intake_finding").struct())


def told(found: Sequence[Finding]) -> Iterator[str]:
    """What the run says: one sentence a finding, and where the others stand when they are many."""
    for one in found[:MOST_SAID]:
        word = "暂缓" if one.degree == "hold" else "提示"
        yield f"region {one.unit[0]}, month {one.unit[1]}: {one.check} {word} {one.sentence}"
    if len(found) > MOST_SAID:
        yield f"{len(found) - MOST_SAID} more findings of months as a whole stand in intake_finding"
