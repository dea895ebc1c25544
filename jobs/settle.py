"""settle: what the fund pays for each list of a month, and the sums of hospitals and funds (结算).

All regions in one pass, each by its own parameters and by the version of weights and rates in force on its month. A
region whose policy, rate or groups do not cover its month is left out of that month and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame

from drg.runner import StepContext, job_main
from drg.settle.accounts import write_sums
from drg.settle.asked_for import decided, hospital_coefficients, year_places
from drg.settle.booking import book_differences
from drg.settle.case_payment import Unit, of_units, pay_cases
from drg.settle.due import grouped_by_unit, lists_by_unit, units_due
from drg.settle.in_force import rates_of, versions_in_force
from drg.settle.month_value import at_month_values, settled_values, with_month_values, write_month_values
from drg.settle.open_months import open_regions


def run(ctx: StepContext) -> None:
    """Replace the payments of the regions and months asked for, and book in them what changed of cleared years."""
    made: list[dict[str, Any]] = []
    units, payments = price(ctx, open_regions(ctx), made)
    if payments is None or not units:
        return
    regions = sorted({unit.region_code for unit in units})
    where: dict[str, list[str | int]] = {"settlement_month": [*ctx.months], "region_code": [*regions]}
    write_month_values(ctx, made, where)
    written = ctx.write("case_payment", payments, **where)
    paid = of_units(ctx.lake.read("case_payment", written.version, **where), units)
    write_sums(ctx, units, paid, book_differences(ctx, units, price), where)


def price(
    ctx: StepContext, regions: list[str], made: list[dict[str, Any]] | None = None
) -> tuple[list[Unit], DataFrame | None]:
    """The months of a context that can be settled, and what each list is worth; no frame where there is no month.

    Values of points that float with the month are made anew and added to `made`; without it the months are priced at
    those they were settled at.
    """
    if not regions:
        return [], None
    in_force = versions_in_force(ctx, regions)
    regions, versions = sorted({region for region, _ in in_force}), sorted(set(in_force.values()))
    if not regions:
        return [], None
    where: dict[str, list[str | int]] = {"settlement_month": [*ctx.months], "region_code": [*regions]}
    lists = ctx.read("settlement_list", **where)
    cases = ctx.read("grouped_case", **where)
    yearly: dict[str, list[str | int]] = {
        "settlement_year": sorted({int(month[:4]) for _, month in in_force}),
        "region_code": [*regions],
    }
    weights = ctx.read("drg_weight", weight_version=versions, **yearly)
    units, rows = units_due(
        ctx, in_force, lists_by_unit(lists), grouped_by_unit(cases), rates_of(ctx, versions, yearly)
    )
    if not units:
        return [], None
    schemes = sorted({row["scheme"] for row in rows})
    grouped = cases.where(cases.scheme.isin(schemes))
    coefficients = hospital_coefficients(ctx, rows, versions, yearly)
    decisions, quota = decided(ctx, rows, lists, where), year_places(ctx, rows, units)

    def by(units: Sequence[Unit], rows: list[dict[str, Any]]) -> DataFrame:
        return pay_cases(grouped, lists, weights, units, rows, coefficients, decisions, quota)

    if made is None:
        rows = at_month_values(ctx.policy, rows, settled_values(ctx.lake, units))
    else:
        rows, values = with_month_values(ctx, units, rows, by)
        made += values
    # What failed while its decisions or its month's value were looked up is not priced: no frame holds rows of it.
    units = [unit for unit in units if (unit.region_code, unit.settlement_month) not in ctx.failed]
    return (units, by(units, rows)) if units else ([], None)


if __name__ == "__main__":
    job_main("settle", run)
