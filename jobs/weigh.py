"""weigh: relative weights of each region for a settlement year, from its history (权重测算).

Reads the history of the whole province, since a group with too few cases takes the province's weight; writes the
weights and the trimmed cases of the regions asked for.
"""

from __future__ import annotations

from drg.errors import DrgError
from drg.runner import StepContext, job_main
from drg.steps import weight_version
from drg.weigh.history import Window, fences, group_sums, history_cases, small_frame, trimmed_cases, with_fences
from drg.weigh.tables import trimmed_frame, weight_frame, weight_rows, window_of


def run(ctx: StepContext) -> None:
    """Replace the weights of the years of the months asked for."""
    for year in map(int, ctx.periods()):
        weigh_year(ctx, year)


def weigh_year(ctx: StepContext, year: int) -> None:
    """One settlement year, by the parameters of its first settled day."""
    windows: dict[str, Window] = {}
    for region in ctx.env.province.region_codes():
        try:
            if str(year) < ctx.policy.settles_from(region)[:4]:
                ctx.skip(region, year, f"region {region} is settled from {ctx.policy.settles_from(region)}")
            else:
                windows[region] = window_of(ctx.policy, region, ctx.policy.day_of_year(region, year))
        except DrgError as error:
            if region in ctx.regions:
                ctx.fail(region, year, error)
    regions = [region for region in ctx.live(year) if region in windows]
    if not regions:
        return
    peers = list(windows.values())
    version = weight_version(year)
    months = [f"{past}-{month:02d}" for past in sorted({y for w in peers for y in w.years}) for month in range(1, 13)]
    cases = history_cases(ctx.read("grouped_case", settlement_month=months), peers)
    judged = with_fences(cases, small_frame(ctx.spark, fences(cases, peers)))
    gathered = group_sums(judged)
    rows = []
    for region in regions:
        window = windows[region]
        try:
            rows += weight_rows(window, gathered, peers, year, version)
            ctx.stamp(region, year, pack=gathered[region].rule_packs[0], policy=window.policy_version)
            sums = gathered[region].groups.values()
            ctx.count_in(region, year, sum(one.history for by_year in sums for one in by_year.values()))
        except DrgError as error:
            ctx.fail(region, year, error)
    regions = [region for region in regions if region in ctx.live(year)]
    where: dict[str, list[str | int]] = {
        "settlement_year": [year],
        "region_code": [*regions],
        "weight_version": [version],
    }
    ctx.write("drg_weight", weight_frame(ctx.spark, rows), **where)
    trimmed = trimmed_cases(judged.where(judged.region_code.isin(regions)))
    ctx.write("trimmed_case", trimmed_frame(trimmed, year, version), **where)


if __name__ == "__main__":
    job_main("weigh", run)
