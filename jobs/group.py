"""group: every live list of the months to its MDC, ADRG and DRG under the region's scheme, and why (分组)."""

from __future__ import annotations

from drg.errors import ContractError, StorageError
from drg.group.due import shared_schemes
from drg.group.local import groups_in_force
from drg.group.step import group_lists
from drg.runner import StepContext, job_main


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
    where = {"settlement_month": months, "region_code": list(regions)}
    units = [(month, region) for month in months for region in regions]
    local = {unit: own for unit in units if (own := groups_in_force(ctx.policy, unit[1], unit[0]))}
    cases = group_lists(ctx.read("settlement_list", **where), ctx.pack(scheme), local)
    written = ctx.write("grouped_case", cases, **where, scheme=[scheme])
    if written.rows != expected:
        raise ContractError(f"grouped_case received {written.rows} rows of {expected} lists; run group again")


def no_lists(region: str, month: str) -> StorageError:
    """Why a region and month cannot be grouped."""
    return StorageError(f"region {region} has no settlement list of {month}; run validate for it, or see rejected_list")


if __name__ == "__main__":
    job_main("group", run)
