"""What a person decides of a version, against the tables; and two versions compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from drg.errors import VersionError
from drg.settle.clearing_tables import cleared_years
from drg.weigh.effect import Effect, effect_of
from drg.weigh.version_tables import RATED, WEIGHED, append, hashes, read_logs, weights_of_versions
from drg.weigh.versions import Change, Decision, Status, VersionLog

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake, Value

# (fund, level class) -> base rate in yuan a weight, or point value in yuan a point
Prices = dict[tuple[str, str], Decimal]


def decide(
    spark: SparkSession, lake: Lake, log: VersionLog, version: str | None, status: Status, decision: Decision
) -> Change:
    """Propose, consult or withdraw a version; the change that was logged. VersionError as `VersionLog.decided`."""
    change = log.decided(version, status, decision)
    if status is not Status.WITHDRAWN:
        _assert_as_recorded(lake, change)
    append(spark, lake, [change])
    return change


def publish(
    spark: SparkSession,
    lake: Lake,
    log: VersionLog,
    version: str | None,
    month: str | None,
    first_month: str,
    decision: Decision,
) -> list[Change]:
    """Publish a version from a settlement month on, superseding what served from then; the changes that were logged.

    Its effect is counted against the version it supersedes. Raises VersionError as `VersionLog.publication`, for a
    cleared year, and where the tables no longer hold what was recorded.
    """
    region, year = log.region, log.year
    if (region, year) in cleared_years(lake):
        raise VersionError(f"region {region} has cleared {year}, so no version of it is published any more")
    settled = []
    if lake.exists("case_payment"):
        months = [f"{year}-{number:02d}" for number in range(1, 13)]
        counted = lake.count_by("case_payment", ["settlement_month"], region_code=[region], settlement_month=months)
        settled = sorted(str(found) for (found,) in counted)
    own, *others = log.publication(version, month, first_month, settled, decision)
    _assert_as_recorded(lake, own)
    if others:
        effect = compare(lake, region, year, others[-1].version, own.version)
        own = replace(
            own,
            compared_with=others[-1].version,
            groups_changed=len(effect.groups),
            total_weight_before=effect.total_before,
            total_weight_after=effect.total_after,
        )
    append(spark, lake, [own, *others])
    return [own, *others]


def compare(lake: Lake, region: str, year: int, before: str, after: str) -> Effect:
    """What the weights of a version change against another one's."""
    found = weights_of_versions(lake, year, [(region, before), (region, after)])
    return effect_of(found[region, before], found[region, after])


@dataclass(frozen=True)
class PriceChange:
    """The rate or point value of a fund and level class in two versions; a side is None where there is none."""

    fund: str
    level_class: str
    before: Decimal | None
    after: Decimal | None


def compare_prices(lake: Lake, region: str, year: int, before: str, after: str) -> list[PriceChange]:
    """The rates or point values of two versions, each fund for itself, in the order of funds and levels."""
    sides: dict[str, Prices] = {before: {}, after: {}}
    if lake.exists("region_rate"):
        rows = lake.read("region_rate", settlement_year=[year], region_code=[region], rate_version=[before, after])
        for row in rows.collect():
            price = row["base_rate"] if row["base_rate"] is not None else row["point_value"]
            sides[row["rate_version"]][row["fund"], row["level_class"]] = price
    keys = sorted({*sides[before], *sides[after]})
    return [PriceChange(*key, sides[before].get(key), sides[after].get(key)) for key in keys]


def log_of(lake: Lake, region: str, year: int) -> VersionLog:
    """The log of a region and year, empty before the first run of weigh."""
    return read_logs(lake, [year], [region])[region, year]


def _assert_as_recorded(lake: Lake, change: Change) -> None:
    """The tables hold the content the log recorded; VersionError where a run broke off in between."""
    where: dict[str, Sequence[Value]] = {
        "settlement_year": [change.settlement_year],
        "region_code": [change.region_code],
    }
    key = (change.region_code, change.settlement_year, change.version)
    held = hashes(lake, WEIGHED, weight_version=[change.version], **where).get(key)
    rates = hashes(lake, RATED, rate_version=[change.version], **where).get(key)
    if held != change.weight_hash or (change.rate_hash is not None and rates != change.rate_hash):
        raise VersionError(
            f"the tables hold other weights or rates of version {change.version} of region {change.region_code} than "
            f"were recorded; run `drg run --steps weigh..rate --version {change.version}` again"
        )
