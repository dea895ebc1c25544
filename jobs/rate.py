"""rate: the base rate of each fund of a region for a settlement year, from budget and weight volume (测算费率)."""

from __future__ import annotations

from drg.errors import DrgError
from drg.rate.tables import rate_frame, rate_rows
from drg.rate.volume import history_volumes
from drg.runner import StepContext, job_main
from drg.steps import weight_version
from drg.weigh.history import history_cases
from drg.weigh.tables import window_of


def run(ctx: StepContext) -> None:
    """Replace the rates of the years of the months asked for."""
    for year in map(int, ctx.periods()):
        rate_year(ctx, year)


def rate_year(ctx: StepContext, year: int) -> None:
    """One settlement year, by the parameters of its first settled day."""
    windows = []
    for region in ctx.live(year):
        try:
            if str(year) < ctx.policy.settles_from(region)[:4]:
                ctx.skip(region, year, f"region {region} is settled from {ctx.policy.settles_from(region)}")
            else:
                windows.append(window_of(ctx.policy, region, ctx.policy.day_of_year(region, year)))
        except DrgError as error:
            ctx.fail(region, year, error)
    if not windows:
        return
    regions = [window.region for window in windows]
    version = weight_version(year)
    months = [f"{past}-{month:02d}" for past in sorted({y for w in windows for y in w.years}) for month in range(1, 13)]
    cases = history_cases(ctx.read("grouped_case", settlement_month=months, region_code=regions), windows)
    weights = ctx.read("drg_weight", settlement_year=[year], region_code=regions, weight_version=[version])
    volumes = history_volumes(cases, weights)
    budgets = {
        (row["region_code"], row["fund"]): row.asDict()
        for row in ctx.read("fund_budget", settlement_year=[year], region_code=regions).collect()
    }
    rows = []
    for region in regions:
        try:
            lines = rate_rows(ctx.policy, region, year, version, budgets, volumes)
            ctx.stamp(region, year, policy=lines[0]["policy_version"])
            rows += lines
        except DrgError as error:
            ctx.fail(region, year, error)
    where: dict[str, list[str | int]] = {
        "settlement_year": [year],
        "region_code": [region for region in regions if region in ctx.live(year)],
        "rate_version": [version],
    }
    ctx.write("region_rate", rate_frame(ctx.spark, rows), **where)


if __name__ == "__main__":
    job_main("rate", run)
