"""weigh: relative weights of each region for a settlement year, from its history or as published (权重测算).

Reads the history of the whole province, since a group with too few cases takes the province's weight; writes weights,
trimmed cases and hospital cost coefficients of the regions asked for, as a version that `version_status` logs.
"""

from __future__ import annotations

from typing import Any

from drg.contracts import contract
from drg.errors import DrgError
from drg.runner import StepContext, job_main
from drg.weigh.history import fences, gather, history_cases, trimmed_cases, with_fences
from drg.weigh.parts import with_cost_parts
from drg.weigh.sums import ByYear, Group
from drg.weigh.tables import Basis, coefficient_rows, much_trimmed, table_frame, trimmed_frame, weight_rows
from drg.weigh.targets import compared_with, record_weights, targets
from drg.weigh.version_tables import read_logs
from drg.weigh.versions import Target
from drg.weigh.window import windows_of


def run(ctx: StepContext) -> None:
    """Write a version of the weights of the years of the months asked for."""
    for year in map(int, ctx.periods()):
        for target, regions in targets(ctx, year, read_logs(ctx.lake, [year], ctx.regions)).items():
            weigh_version(ctx, year, target, regions)


def weigh_version(ctx: StepContext, year: int, target: Target, regions: list[str]) -> None:
    """One version of a settlement year, by the parameters of its day."""
    windows = windows_of(ctx, year, target)
    regions = [region for region in regions if region in windows]
    if not regions:
        return
    version = target.version
    peers = [window for window in windows.values() if not window.published]
    gathered, trimmed = {}, ctx.spark.createDataFrame([], contract("trimmed_case").struct())
    if any(not windows[region].published for region in regions):
        months = [f"{y}-{m:02d}" for y in sorted({y for w in peers for y in w.years}) for m in range(1, 13)]
        cases = history_cases(ctx.read("grouped_case", settlement_month=months), peers)
        judged = with_fences(cases, fences(cases, peers), peers)
        trimmed = trimmed_frame(trimmed_cases(judged), year, version)
        if any(windows[region].factors for region in regions):
            judged = with_cost_parts(judged, ctx.read("settlement_list", settlement_month=months))
        gathered = gather(judged, peers)
    rows: dict[str, list[dict[str, Any]]] = {"drg_weight": [], "hospital_cost_coefficient": []}
    bases: dict[Basis, dict[Group, ByYear]] = {}
    for region in regions:
        window = windows[region]
        try:
            weights = weight_rows(window, gathered, peers, year, version, bases)
            rows["hospital_cost_coefficient"] += coefficient_rows(window, gathered, year, version)
            rows["drg_weight"] += weights
            ctx.stamp(region, year, pack=weights[0]["rule_pack"], policy=window.policy_version)
            ctx.count_in(region, year, sum(row["n_history"] for row in weights))
            if warning := much_trimmed(window, gathered):
                ctx.say(warning)
        except DrgError as error:
            ctx.fail(region, year, error)
    regions = [region for region in regions if region in ctx.live(year)]
    where: dict[str, list[str | int]] = {
        "settlement_year": [year],
        "region_code": [*regions],
        "weight_version": [version],
    }
    before = compared_with(ctx, year, regions)
    for table in ("drg_weight", "hospital_cost_coefficient"):
        ctx.write(table, table_frame(ctx.spark, table, rows[table]), **where)
    ctx.write("trimmed_case", trimmed.where(trimmed.region_code.isin(regions)), **where)
    record_weights(ctx, year, target, regions, rows["drg_weight"], before)


if __name__ == "__main__":
    job_main("weigh", run)
