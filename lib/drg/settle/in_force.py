"""Which version of weights and rates settles a month: the published one in force on it, and no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drg.errors import VersionError
from drg.runner import StepContext
from drg.settle.case_parameters import Rate, Rates, rate_of_row
from drg.weigh.version_tables import logs_of
from drg.weigh.versions import VersionLog

# (region, settlement month) -> version
InForce = dict[tuple[str, str], str]


def versions_in_force(ctx: StepContext, regions: Sequence[str]) -> InForce:
    """The version of every live month of some regions; a month no version is published for fails, with the remedy."""
    years = sorted({int(month[:4]) for month in ctx.months})
    logs = logs_of(ctx.read("version_status", settlement_year=years, region_code=list(regions)))
    found: InForce = {}
    for month in ctx.months:
        year = int(month[:4])
        for region in (region for region in ctx.live(month) if region in regions):
            log = logs.get((region, year)) or VersionLog(region, year)
            own = log.in_force(month)
            if own is None:
                ctx.fail(region, month, VersionError(_unpublished(log, month)))
            else:
                found[region, month] = own.version
    return found


def rates_of(ctx: StepContext, versions: list[str], yearly: dict[str, list[str | int]]) -> Mapping[str, Rates]:
    """The rates of each version by year, region, fund and level class; a few rows a region and version."""
    found: dict[str, dict[tuple[int, str, str, str], Rate]] = {}
    for row in ctx.read("region_rate", rate_version=versions, **yearly).collect():
        key = (row["settlement_year"], row["region_code"], row["fund"], row["level_class"])
        found.setdefault(row["rate_version"], {})[key] = rate_of_row(row.asDict())
    return found


def _unpublished(log: VersionLog, month: str) -> str:
    stands = ", ".join(f"{version} is {one.status}" for version, one in log.standing.items())
    if not stands:
        return f"region {log.region} has no version of weights and rates of {log.year}; run weigh and rate first"
    return (
        f"region {log.region} has no published version of weights and rates for {month} ({stands}); publish one with "
        f"`drg version publish {log.region} {log.year}`"
    )
