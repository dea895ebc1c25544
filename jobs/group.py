"""group: every live list of the months to its MDC, ADRG and DRG under the region's scheme, and why (分组)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drg.contracts import as_agreed
from drg.errors import ContractError, StorageError
from drg.group.due import shared_schemes
from drg.group.local import groups_in_force
from drg.group.stability import refusals, regrouped
from drg.group.step import group_lists
from drg.runner import StepContext, job_main

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def run(ctx: StepContext) -> None:
    """Group the lists of all regions that have some, in one transaction where they share a scheme."""
    lists = ctx.lake.count_by(
        "settlement_list",
        ["settlement_month", "region_code"],
        settlement_month=ctx.months,
        region_code=ctx.regions,
    )
    for (scheme, regions), months in shared_schemes(ctx).items():
        group_months(ctx, scheme, regions, months, lists)


def group_months(
    ctx: StepContext, scheme: str, regions: tuple[str, ...], months: list[str], lists: dict[tuple[str | int, ...], int]
) -> None:
    """Replace the grouped cases of these regions and months; a region without lists in a month is left out."""
    expected = 0
    for month in months:
        for region in regions:
            count = lists.get((month, region), 0)
            if count == 0:
                ctx.fail(region, month, no_lists(region, month))
            ctx.count_in(region, month, count)
            expected += count
    if expected == 0:
        return
    where: dict[str, Sequence[str | int]] = {"settlement_month": months, "region_code": list(regions)}
    units = [(month, region) for month in months for region in regions]
    local = {unit: own for unit in units if (own := groups_in_force(ctx.policy, unit[1], unit[0]))}
    cases = group_lists(ctx.read("settlement_list", **where), ctx.pack(scheme), local)
    for (region, month), error in unstable(ctx, cases, scheme, where).items():
        ctx.fail(region, month, error)
        expected -= lists[month, region]
    written = ctx.write("grouped_case", cases, **where, scheme=[scheme])
    if written.rows != expected:
        raise ContractError(f"grouped_case received {written.rows} rows of {expected} lists; run group again")


def unstable(
    ctx: StepContext, cases: DataFrame, scheme: str, where: dict[str, Sequence[str | int]]
) -> dict[tuple[str, str], ContractError]:
    """Regions and months of which unchanged lists would get another group than they have; none at the first grouping.

    What stands is looked at and not built upon, so that it is no table the step has read.
    """
    if not ctx.lake.exists("grouped_case"):
        return {}
    if not ctx.lake.count_by("grouped_case", ["region_code"], scheme=[scheme], **where):
        return {}
    before = as_agreed("grouped_case", ctx.lake.read("grouped_case", None, scheme=[scheme], **where))
    return refusals(regrouped(cases, before), ctx.pack(scheme).identity)


def no_lists(region: str, month: str) -> StorageError:
    """Why a region and month cannot be grouped."""
    return StorageError(f"region {region} has no settlement list of {month}; run validate for it, or see rejected_list")


if __name__ == "__main__":
    job_main("group", run)
