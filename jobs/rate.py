"""rate: the base rate or point value of each fund of a region for a settlement year, from budget or as published."""

from __future__ import annotations

from pyspark.sql import DataFrame

from drg.errors import DrgError
from drg.rate.parameters import BY_LEVEL, PUBLISHED, basis_of
from drg.rate.tables import Basis, rate_frame, rate_rows
from drg.rate.volume import BY_FUND_AND_LEVEL, history_volumes
from drg.runner import StepContext, job_main
from drg.weigh.history import classed, history_cases
from drg.weigh.targets import record_rates, targets
from drg.weigh.version_tables import logs_of
from drg.weigh.versions import Target, day_of
from drg.weigh.window import Window, window_of


def run(ctx: StepContext) -> None:
    """Write the rates of a version, beside its weights, for the years of the months asked for."""
    for year in map(int, ctx.periods()):
        known = ctx.lake.exists("version_status")
        logs = logs_of(ctx.read("version_status", settlement_year=[year])) if known else {}
        for target, regions in targets(ctx, year, logs).items():
            rate_version(ctx, year, target, regions)


def rate_version(ctx: StepContext, year: int, target: Target, regions: list[str]) -> None:
    """The rates of one version of a settlement year, by the parameters of its day."""
    due, windows, by_level, version = {}, [], False, target.version
    for region in regions:
        try:
            on = day_of(ctx.policy, region, year, target)
            points = ctx.policy.value(region, "payment.method", on).of() == "points"
            if ctx.policy.value(region, basis_of(points), on).of() != PUBLISHED:
                windows.append(window_of(ctx.policy, region, on))
                by_level |= not points and ctx.policy.value(region, "rate.levels", on).of() == BY_LEVEL
            due[region] = on
        except DrgError as error:
            ctx.fail(region, year, error)
    if not due:
        return
    weights = ctx.read("drg_weight", settlement_year=[year], region_code=list(due), weight_version=[version])
    basis = basis_of_year(ctx, year, weights, windows, by_level)
    rows = []
    for region, on in due.items():
        try:
            lines = rate_rows(ctx.policy, region, year, version, basis, on)
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
    record_rates(ctx, year, target, [region for region in due if region in ctx.live(year)])


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
