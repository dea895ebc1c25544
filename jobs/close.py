"""close: the annual clearing of a year that is settled to its last month (年终清算); it rewrites no settled month."""

from __future__ import annotations

from typing import Any

from drg.errors import DrgError
from drg.policy.values import FUNDS
from drg.runner import StepContext, job_main
from drg.settle.clearing import clear_fund
from drg.settle.clearing_due import (
    assert_hospitals_known,
    assert_year_complete,
    budget_of_rate,
    hospital_years,
    year_budget,
)
from drg.settle.clearing_inputs import tables_of
from drg.settle.clearing_lines import fund_rows, hospital_rows
from drg.settle.clearing_tables import clearing_frame
from drg.settle.clearing_terms import RegionTerms, terms_of


def run(ctx: StepContext) -> None:
    """Replace the clearings of the years asked for."""
    for year in map(int, ctx.periods()):
        close_year(ctx, year)


def close_year(ctx: StepContext, year: int) -> None:
    """Clear one year, each region by its own terms and each fund by itself; a region with a fault is left out."""
    terms: dict[str, RegionTerms] = {}
    for region in ctx.live(year):
        try:
            if str(year) < ctx.policy.settles_from(region)[:4]:
                ctx.skip(region, year, f"region {region} is settled from {ctx.policy.settles_from(region)}")
            else:
                terms[region] = terms_of(ctx.policy, region, year)
        except DrgError as error:
            ctx.fail(region, year, error)
    if not terms:
        return
    tables = tables_of(ctx, year, terms)
    funds: list[dict[str, Any]] = []
    hospitals: list[dict[str, Any]] = []
    for region, own in terms.items():
        try:
            assert_year_complete(region, year, ctx.policy.settles_from(region), tables)
            assert_hospitals_known(region, tables)
            cleared = []
            for fund in FUNDS:
                years = hospital_years(region, year, fund, own, tables)
                shared = own.terms.shared
                budget = (
                    year_budget(ctx.policy, region, year, fund, tables)
                    if shared
                    else budget_of_rate(region, fund, tables)
                )
                cleared.append(clear_fund(fund, own.terms, budget, years))
        except DrgError as error:
            ctx.fail(region, year, error)
            continue
        ctx.stamp(region, year, policy=own.policy_version)
        for one in cleared:
            funds += fund_rows(year, region, own, one)
            hospitals += hospital_rows(year, region, own, one)
    where: dict[str, list[str | int]] = {
        "settlement_year": [year],
        "region_code": [region for region in terms if region in ctx.live(year)],
    }
    ctx.write("hospital_clearing", clearing_frame(ctx.spark, "hospital_clearing", hospitals), **where)
    ctx.write("fund_clearing", clearing_frame(ctx.spark, "fund_clearing", funds), **where)


if __name__ == "__main__":
    job_main("close", run)
