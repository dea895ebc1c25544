"""rate: the base rate or point value of each fund of a region for a settlement year, from budget or as published."""

from __future__ import annotations

from pyspark.sql import DataFrame

from drg.errors import DrgError
from drg.rate.parameters import BY_LEVEL, PUBLISHED, basis_of
from drg.rate.tables import Basis, rate_frame, rate_rows
from drg.rate.volume import BY_FUND_AND_LEVEL, history_volumes
from drg.runner import StepContext, job_main
from drg.steps import weight_version
from drg.weigh.history import classed, history_cases
from drg.weigh.window import Window, window_of


def run(ctx: StepContext) -> None:
    """Replace the rates of the years of the months asked for."""
    for year in map(int, ctx.periods()):
        rate_year(ctx, year)


def rate_year(ctx: StepContext, year: int) -> None:
    """One settlement year, by the parameters of its first settled day."""
    due, windows, by_level = [], [], False
    for region in ctx.live(year):
        try:
            if str(year) < ctx.policy.settles_from(region)[:4]:
                ctx.skip(region, year, f"region {region} is settled from {ctx.policy.settles_from(region)}")
                continue
            on = ctx.policy.day_of_year(region, year)
            points = ctx.policy.value(region, "payment.method", on).of() == "points"
            if ctx.policy.value(region, basis_of(points), on).of() != PUBLISHED:
                windows.append(window_of(ctx.policy, region, on))
                by_level |= not points and ctx.policy.value(region, "rate.levels", on).of() == BY_LEVEL
            due.append(region)
        except DrgError as error:
            ctx.fail(region, year, error)
    if not due:
        return
    version = weight_version(year)
    weights = ctx.read("drg_weight", settlement_year=[year], region_code=due, weight_version=[version])
    basis = basis_of_year(ctx, year, weights, windows, by_level)
    rows = []
    for region in due:
        try:
            lines = rate_rows(ctx.policy, region, year, version, basis)
            ctx.stamp(region, year, policy=lines[0]["policy_version"])
            rows += lines
        except DrgError as error:
            ctx.fail(region, year, error)
    where: dict[str, list[str | int]] = {
        "settlement_year": [year],
        "region_code": [region for region in due if region in ctx.live(year)],
        "rate_version": [version],
    }
    ctx.write("region_rate", rate_frame(ctx.spark, rows), **where)


def basis_of_year(ctx: StepContext, year: int, weights: DataFrame, windows: list[Window], by_level: bool) -> Basis:
    """Schemes of the weights; budgets and history volumes of the regions whose price comes from a budget."""
    schemes: dict[str, tuple[str, ...]] = {}
    for row in weights.select("region_code", "scheme").distinct().orderBy("region_code", "scheme").collect():
        schemes[row["region_code"]] = (*schemes.get(row["region_code"], ()), row["scheme"])
    if not windows:
        return Basis(schemes=schemes)
    regions = [window.region for window in windows]
    months = [f"{past}-{month:02d}" for past in sorted({y for w in windows for y in w.years}) for month in range(1, 13)]
    grouped = ctx.read("grouped_case", settlement_month=months, region_code=regions)
    cases = classed(history_cases(grouped, windows), windows)
    budgets = {}
    if ctx.lake.exists("fund_budget"):
        budgets = {
            (row["region_code"], row["fund"]): row.asDict()
            for row in ctx.read("fund_budget", settlement_year=[year], region_code=regions).collect()
        }
    level_volumes = history_volumes(cases, weights, BY_FUND_AND_LEVEL) if by_level else {}
    return Basis(budgets, history_volumes(cases, weights), level_volumes, schemes)


if __name__ == "__main__":
    job_main("rate", run)
