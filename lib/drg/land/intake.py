"""What a run of land takes in: registers, budgets and workflows, and deliveries that hold what their manifests say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drg.contracts import contract
from drg.errors import DeliveryError
from drg.land.again import delivered_again
from drg.land.cells import Row
from drg.land.delivery import DeliveredFile, Delivery, read_delivery, unknown_regions
from drg.land.disputes import landed_disputes, leave_out
from drg.land.landing import survey_files
from drg.land.registers import (
    AUDIT_DEDUCTION,
    CASE_APPLICATION,
    FUND_BUDGET,
    HOSPITAL_PERFORMANCE,
    HOSPITAL_REGISTER,
    PERFORMANCE_FILE,
    read_audit_deductions,
    read_case_applications,
    read_fund_budget,
    read_hospital_register,
    read_performance,
)
from drg.land.survey import judge
from drg.land.workflows import (
    CASE_DISPUTE,
    WARNING_NOTICE,
    moved_forward,
    read_case_disputes,
    read_warning_notices,
)
from drg.runner import StepContext


def report_unknown_regions(ctx: StepContext) -> None:
    """A folder of no known region holds lists nobody would land: an error of a run over the whole province."""
    known = ctx.env.province.region_codes()
    for folder, month, error in unknown_regions(ctx.env.deliveries, known, ctx.months):
        if set(ctx.regions) == set(known):
            ctx.fail(folder, month, error)
        else:
            ctx.say(str(error))


# The files beside the register: table, name of the file, reader.
_BESIDE: tuple[tuple[str, str, Callable[[Path, str], list[Row]]], ...] = (
    (FUND_BUDGET, FUND_BUDGET, read_fund_budget),
    (HOSPITAL_PERFORMANCE, PERFORMANCE_FILE, read_performance),
    (AUDIT_DEDUCTION, AUDIT_DEDUCTION, read_audit_deductions),
    (CASE_APPLICATION, CASE_APPLICATION, read_case_applications),
)


def land_registers(ctx: StepContext) -> dict[str, list[Row]]:
    """Registers, budgets, reviews, deductions, applications, notices; the disputes of each region, not yet written.

    A region with a wrong file is left out of every month. Reviews and deductions come when a year is cleared, the
    others with single cases; they need not be there.
    """
    found: dict[str, dict[str, list[Row]]] = {
        table: {} for table in (HOSPITAL_REGISTER, *(b[0] for b in _BESIDE), WARNING_NOTICE, CASE_DISPUTE)
    }
    for region in sorted({region for month in ctx.months for region in ctx.live(month)}):
        folder = ctx.env.deliveries / region
        try:
            read = {HOSPITAL_REGISTER: read_hospital_register(folder, region)}
            for table, name, reader in _BESIDE:
                if (folder / f"{name}.csv").is_file():
                    read[table] = reader(folder, region)
            hospitals = {row[1] for row in read[HOSPITAL_REGISTER]}
            if (folder / f"{WARNING_NOTICE}.csv").is_file():
                read[WARNING_NOTICE] = read_warning_notices(folder, region, hospitals)
            if (folder / f"{CASE_DISPUTE}.csv").is_file():
                delivered = read_case_disputes(folder, region, hospitals)
                read[CASE_DISPUTE] = moved_forward(region, landed_disputes(ctx, region), delivered)
        except DeliveryError as error:
            leave_out(ctx, region, error)
            continue
        if FUND_BUDGET not in read:
            # Lists are landed and judged without a budget; the rates of its years then name the missing one.
            ctx.say(f"region {region}: no {FUND_BUDGET}.csv; its months cannot be paid until it is delivered")
        for table, rows in read.items():
            found[table][region] = rows
    disputes = found.pop(CASE_DISPUTE)
    tables = []
    for table, by_region in found.items():
        if by_region:
            rows = [row for region in sorted(by_region) for row in by_region[region]]
            frame = ctx.spark.createDataFrame(rows, contract(table).struct())
            tables.append((table, frame, {"region_code": sorted(by_region)}))
    ctx.write_beside(tables)
    return disputes


@dataclass(frozen=True)
class Sound:
    """A delivery that holds what its manifest says: records that are whole lists, and rows of tables."""

    delivery: Delivery
    records: int
    table_rows: int


def sound_deliveries(ctx: StepContext) -> list[Sound]:
    """Deliveries that hold what their manifests say; the others are failed."""
    named = {region.code: region.name for region in ctx.env.province.regions}
    deliveries = []
    for month in ctx.months:
        for region in ctx.live(month):
            try:
                deliveries.append(read_delivery(ctx.env.deliveries, region, named[region], month))
            except DeliveryError as error:
                ctx.fail(region, month, error)
    surveys = survey_files(ctx.spark, [file for delivery in deliveries for file in delivery.files])
    rows = {survey.path: survey.rows for survey in surveys}
    broken = {survey.path for survey in surveys if survey.broken}
    before = landed_before(ctx, deliveries) if broken else {}
    sound = []
    for delivery in deliveries:
        fault = judge(delivery, named[delivery.region_code], surveys)
        cut = [file for file in delivery.files if file.path in broken]
        if cut and not fault:
            fault = broken_off(ctx, delivery, cut[0], rows[cut[0].path], before)
        if fault:
            ctx.fail(delivery.region_code, delivery.delivery_month, fault)
        else:
            records = sum(rows[file.path] for file in delivery.files if not file.table)
            table_rows = sum(rows[file.path] for file in delivery.files if file.table)
            ctx.count_in(delivery.region_code, delivery.delivery_month, records + table_rows)
            sound.append(Sound(delivery, records, table_rows))
            for sentence in delivered_again(ctx.env.deliveries, delivery):
                ctx.say(sentence)
    return sound


def landed_before(ctx: StepContext, deliveries: list[Delivery]) -> dict[tuple[str, str], int]:
    """Rows an earlier run landed for these regions and delivery months."""
    if not ctx.lake.exists("landed_list"):
        return {}
    months = sorted({delivery.delivery_month for delivery in deliveries})
    regions = sorted({delivery.region_code for delivery in deliveries})
    by = ["region_code", "delivery_month"]
    counted = ctx.lake.count_by("landed_list", by, delivery_month=months, region_code=regions)
    return {(str(region), str(month)): count for (region, month), count in counted.items()}


def broken_off(
    ctx: StepContext, delivery: Delivery, file: DeliveredFile, rows: int, before: dict[tuple[str, str], int]
) -> DeliveryError | None:
    """What a file that breaks off means: said aloud at a first delivery, refused where it would replace landed rows."""
    found = (
        f"region {delivery.region_code}, month {delivery.delivery_month}: file {file.name} breaks off, {rows} records "
        f"of {file.records} can be read or named"
    )
    if before.get((delivery.region_code, delivery.delivery_month)):
        return DeliveryError(f"{found}; the rows landed earlier stay, ask the region to deliver it again")
    ctx.say(f"{found}; they are landed, ask the region to deliver it again")
    return None
