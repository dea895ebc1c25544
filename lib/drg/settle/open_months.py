"""Which regions' months may be settled: those their policy covers and no clearing has closed."""

from __future__ import annotations

from drg.errors import ContractError, DrgError
from drg.runner import StepContext
from drg.settle.accounts import withhold_share
from drg.settle.clearing_tables import cleared_years


def open_regions(ctx: StepContext) -> list[str]:
    """The regions with at least one month of the run to settle, sorted.

    A month before the first one a region's policy settles is not due. A month of a cleared year fails: it is never
    rewritten, what changes afterwards is booked in the open month that is settled next (`drg.settle.booking`). So does
    a month for which the policy does not say what is withheld.
    """
    cleared = cleared_years(ctx.lake)
    found = set()
    for month in ctx.months:
        for region in ctx.live(month):
            try:
                first = ctx.policy.settles_from(region)
                if month < first:
                    ctx.skip(region, month, f"region {region} is settled from {first}")
                    continue
                if (region, int(month[:4])) in cleared:
                    raise ContractError(
                        f"region {region} has cleared {month[:4]}, so {month} is not settled again; "
                        "its differences are booked when an open month is settled"
                    )
                withhold_share(ctx.policy, region, month)
            except DrgError as error:
                ctx.fail(region, month, error)
            else:
                found.add(region)
    return sorted(found)
