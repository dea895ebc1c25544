"""settle: what the fund pays for each list of a month, and the sums of hospitals and funds (结算).

All regions in one pass, each by its own parameters. A region whose policy, rate or groups do not cover its month is
left out of that month and named.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame

from drg.errors import DrgError
from drg.runner import StepContext, job_main
from drg.settle.accounts import write_sums
from drg.settle.asked_for import decided, hospital_coefficients, year_places
from drg.settle.booking import book_differences
from drg.settle.case_parameters import Rates, rate_of_row
from drg.settle.case_payment import Unit, of_units, pay_cases
from drg.settle.due import GroupedByUnit, ListsByUnit, due, grouped_by_unit, lists_by_unit
from drg.settle.open_months import open_regions
from drg.steps import weight_version


def run(ctx: StepContext) -> None:
    """Replace the payments of the regions and months asked for, and book in them what changed of cleared years."""
    units, payments = price(ctx, open_regions(ctx))
    if payments is None or not units:
        return
    regions = sorted({unit.region_code for unit in units})
    where: dict[str, list[str | int]] = {"settlement_month": [*ctx.months], "region_code": [*regions]}
    written = ctx.write("case_payment", payments, **where)
    paid = of_units(ctx.lake.read("case_payment", written.version, **where), units)
    write_sums(ctx, units, paid, book_differences(ctx, units, price), where)


def price(ctx: StepContext, regions: list[str]) -> tuple[list[Unit], DataFrame | None]:
    """The months of a context that can be settled, and what each list is worth; no frame where there is no month."""
    if not regions:
        return [], None
    years = sorted({int(month[:4]) for month in ctx.months})
    where: dict[str, list[str | int]] = {"settlement_month": [*ctx.months], "region_code": [*regions]}
    lists = ctx.read("settlement_list", **where)
    cases = ctx.read("grouped_case", **where)
    yearly: dict[str, list[str | int]] = {"settlement_year": [*years], "region_code": [*regions]}
    versions = [weight_version(year) for year in years]
    weights = ctx.read("drg_weight", weight_version=versions, **yearly)
    units, rows = units_due(ctx, regions, lists_by_unit(lists), grouped_by_unit(cases), rates_of(ctx, versions, yearly))
    if not units:
        return [], None
    schemes = sorted({row["scheme"] for row in rows})
    grouped = cases.where(cases.scheme.isin(schemes))
    coefficients = hospital_coefficients(ctx, rows, versions, yearly)
    decisions, quota = decided(ctx, rows, lists, where), year_places(ctx, rows, units)
    payments = pay_cases(grouped, lists, weights, units, rows, coefficients, decisions, quota)
    return [unit for unit in units if (unit.region_code, unit.settlement_month) not in ctx.failed], payments


def rates_of(ctx: StepContext, versions: list[str], yearly: dict[str, list[str | int]]) -> Rates:
    """The published rates by year, region, fund and level class; a few rows a region and year."""
    frame = ctx.read("region_rate", rate_version=versions, **yearly)
    return {
        (row["settlement_year"], row["region_code"], row["fund"], row["level_class"]): rate_of_row(row.asDict())
        for row in frame.collect()
    }


def units_due(
    ctx: StepContext, regions: list[str], lists: ListsByUnit, grouped: GroupedByUnit, rates: Rates
) -> tuple[list[Unit], list[dict[str, Any]]]:
    """The units that can be settled and their parameter rows; the others are failed, each by its own reason."""
    units: list[Unit] = []
    rows: list[dict[str, Any]] = []
    for month in ctx.months:
        for region in (region for region in ctx.live(month) if region in regions):
            try:
                unit, own = due(ctx.policy, region, month, lists, grouped, rates)
            except DrgError as error:
                ctx.fail(region, month, error)
                continue
            units.append(unit)
            rows += own
            ctx.count_in(region, month, lists[region, month].count)
            ctx.stamp(region, month, pack=grouped[region, month, own[0]["scheme"]][1], policy=own[0]["policy_version"])
    return units, rows


if __name__ == "__main__":
    job_main("settle", run)
