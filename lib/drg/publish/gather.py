"""What publish reads: the tables of the months, laid out for the releases, and the names readers need."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.contracts import as_agreed
from drg.group.pack import load_pack
from drg.publish.assumed import assumed_in_force, month_end
from drg.publish.content import (
    RELEASE,
    comparison_for,
    of_either_region,
    of_open_months,
    of_region,
    of_region_year,
    published,
)
from drg.publish.parquet_files import write_region_files
from drg.publish.release import ReleaseFacts, Unit
from drg.publish.workbook import Names
from drg.weigh.version_tables import logs_of

if TYPE_CHECKING:
    from drg.doors.config import Province
    from drg.policy import PolicyBook
    from drg.runner import StepContext


@dataclass(frozen=True)
class Sources:
    """The tables of the months asked for, each at one version, all regions.

    Weights and rates are those of all versions; `in_force` says which one serves a region and month (columns
    release_month, release_region, version).
    """

    case_payment: DataFrame
    hospital_settlement: DataFrame
    fund_account: DataFrame
    drg_weight: DataFrame
    region_rate: DataFrame
    drg_region_comparison: DataFrame
    rejected_list: DataFrame
    hospital_register: DataFrame
    in_force: DataFrame
    case_dispute: DataFrame | None = None
    warning_notice: DataFrame | None = None
    payment_adjustment: DataFrame | None = None
    month_point_value: DataFrame | None = None
    list_flag: DataFrame | None = None
    list_quality: DataFrame | None = None
    intake_finding: DataFrame | None = None

    @classmethod
    def of(cls, ctx: StepContext) -> Sources:
        """Read through the context, so that versions are recorded."""
        months, years = list(ctx.months), sorted({int(month[:4]) for month in ctx.months})
        return cls(
            case_payment=ctx.read("case_payment", settlement_month=months),
            hospital_settlement=ctx.read("hospital_settlement", settlement_month=months),
            fund_account=ctx.read("fund_account", settlement_month=months),
            drg_weight=ctx.read("drg_weight", settlement_year=years),
            region_rate=ctx.read("region_rate", settlement_year=years),
            drg_region_comparison=ctx.read("drg_region_comparison", settlement_month=months),
            rejected_list=as_agreed("rejected_list", ctx.read("rejected_list", settlement_month=months)),
            hospital_register=ctx.read("hospital_register"),
            in_force=_in_force(ctx, months, years),
            case_dispute=_if_there(ctx, "case_dispute", settlement_month=months),
            warning_notice=_if_there(ctx, "warning_notice"),
            payment_adjustment=_if_there(ctx, "payment_adjustment", settlement_month=months),
            month_point_value=_if_there(ctx, "month_point_value", settlement_month=months),
            list_flag=_if_there(ctx, "list_flag", settlement_month=months),
            list_quality=_if_there(ctx, "list_quality", settlement_month=months),
            intake_finding=_if_there(ctx, "intake_finding", settlement_month=months),
        )

    def settled_units(self) -> dict[Unit, list[str]]:
        """Month and region of every settled partition, with the schemes its cases were grouped by."""
        keys = self.case_payment.groupBy("settlement_month", "region_code")
        rows = keys.agg(F.array_sort(F.collect_set("scheme")).alias("schemes")).collect()
        return {(row["settlement_month"], row["region_code"]): list(row["schemes"]) for row in rows}


def _if_there(ctx: StepContext, table: str, **where: list[Any]) -> DataFrame | None:
    """A table that need not have been written: nobody disputed, no notice was sent."""
    return as_agreed(table, ctx.read(table, **where)) if ctx.lake.exists(table) else None


def _in_force(ctx: StepContext, months: Sequence[str], years: Sequence[int]) -> DataFrame:
    logs = logs_of(ctx.read("version_status", settlement_year=years))
    rows = []
    for (region, year), log in sorted(logs.items()):
        own = {month: log.in_force(month) for month in months if month.startswith(str(year))}
        rows += [(month, region, found.version) for month, found in own.items() if found is not None]
    return ctx.spark.createDataFrame(rows, ", ".join(f"{name} string" for name in (*RELEASE, "version")))


def stage_tables(sources: Sources, units: Sequence[Unit], releases: Path) -> None:
    """Write the Parquet files of all units into their staging folders, one Spark job a table."""
    if not units:
        return
    regions = sorted({region for _, region in units})
    frames = {
        "case_payment": of_region(sources.case_payment),
        "hospital_settlement": of_region(sources.hospital_settlement),
        "fund_account": of_either_region(sources.fund_account),
        "drg_weight": of_region_year(sources.drg_weight, sources.in_force, "weight_version"),
        "region_rate": of_region_year(sources.region_rate, sources.in_force, "rate_version"),
        "drg_region_comparison": comparison_for(sources.drg_region_comparison, regions),
        "rejected_list": of_region(sources.rejected_list),
    }
    if sources.case_dispute is not None:
        frames["case_dispute"] = of_region(sources.case_dispute)
    if sources.payment_adjustment is not None:
        frames["payment_adjustment"] = of_region(sources.payment_adjustment)
    if sources.month_point_value is not None:
        frames["month_point_value"] = of_region(sources.month_point_value)
    if sources.list_flag is not None:
        frames["list_flag"] = of_region(sources.list_flag)
    if sources.list_quality is not None:
        frames["list_quality"] = of_region(sources.list_quality)
    if sources.intake_finding is not None:
        frames["intake_finding"] = of_region(sources.intake_finding)
    if sources.warning_notice is not None:
        frames["warning_notice"] = of_open_months(sources.warning_notice, sorted({month for month, _ in units}))
    wanted = sources.case_payment.sparkSession.createDataFrame(units, ", ".join(f"{name} string" for name in RELEASE))
    for item in (item for item in published() if item.table in frames):
        rows = frames[item.table].join(F.broadcast(wanted), on=list(RELEASE), how="left_semi")
        write_region_files(rows, item, releases)


def release_facts(
    ctx: StepContext, sources: Sources, schemes: dict[Unit, list[str]], units: Sequence[Unit]
) -> dict[Unit, ReleaseFacts]:
    """Names and assumed parameters of every unit."""
    regions = {region.code: region.name for region in ctx.env.province.regions}
    hospitals = hospital_names(sources.hospital_register, sorted({month for month, _ in units}))
    facts = {}
    for month, region in units:
        drgs = {code: name for scheme in schemes[month, region] for code, name in drg_names(scheme).items()}
        names = Names(regions, hospitals.get((month, region), {}), drgs)
        assumed = assumed_in_force(ctx.policy, region, month)
        lacking = lacking_regions(ctx.policy, ctx.env.province, month, schemes)
        facts[month, region] = ReleaseFacts(
            month, (region, regions[region]), names, assumed, ctx.env.synthetic, lacking
        )
    return facts


def lacking_regions(book: PolicyBook, province: Province, month: str, settled: Collection[Unit]) -> tuple[str, ...]:
    """The regions whose policy settles a month and that are not settled in it: with any of them it is provisional."""
    due = (region for region in province.region_codes() if book.settles_from(region) <= month)
    return tuple(region for region in due if (month, region) not in settled)


def drg_names(scheme: str) -> dict[str, str]:
    """The names of a scheme's groups."""
    return {group.code: group.name for group in load_pack(scheme).drgs}


def hospital_names(register: DataFrame, months: Sequence[str]) -> dict[Unit, dict[str, str]]:
    """The name of each hospital by month and region: the newest entry that began by the end of the month."""
    rows = register.select("region_code", "hospital_code", "hospital_name", "valid_from").collect()
    named: dict[Unit, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: row["valid_from"]):
        for month in months:
            if row["valid_from"] <= month_end(month):
                named.setdefault((month, row["region_code"]), {})[row["hospital_code"]] = row["hospital_name"]
    return named
