"""Which version of each region a run of weigh or rate is to write, and what the run leaves in version_status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drg.errors import DrgError, VersionError
from drg.settle.clearing_tables import cleared_years
from drg.weigh.effect import Key, Weighed, effect_of, weights_by_key
from drg.weigh.version_tables import RATED, WEIGHED, Logs, append, hashes, read_logs, weights_of_versions
from drg.weigh.versions import Change, Status, Target, VersionLog, day_of

if TYPE_CHECKING:
    from drg.runner import StepContext

AUTOMATIC = "automatic"
# Region -> the version its new weights are compared with, and that version's weights as they stood before.
Compared = Mapping[str, tuple[str, Mapping[Key, Weighed]]]


def targets(ctx: StepContext, year: int, logs: Logs) -> dict[Target, list[str]]:
    """What to write for a year -> the regions; a region whose versions all stay as they are is said and skipped.

    A region without policy, or asked for a version it cannot have, fails; one that is not yet settled is skipped.
    """
    cleared = cleared_years(ctx.lake)
    found: dict[Target, list[str]] = {}
    for region in ctx.live(year):
        try:
            first = ctx.policy.settles_from(region)
            if str(year) < first[:4]:
                ctx.skip(region, year, f"region {region} is settled from {first}")
                continue
            release = ctx.policy.value(region, "weight.release", ctx.policy.day_of_year(region, year)).of()
            log = logs.get((region, year)) or VersionLog(region, year)
            target = log.target(ctx.version, _first_day(ctx, year), release == AUTOMATIC, (region, year) in cleared)
            if target is None:
                _keep(ctx, log)
                continue
            if ctx.step.name == "rate" and _not_weighed(log, target.version):
                raise VersionError(f"version {target.version} of region {region} has no weights; run weigh first")
        except DrgError as error:
            ctx.fail(region, year, error)
        else:
            found.setdefault(target, []).append(region)
    return found


def compared_with(ctx: StepContext, year: int, regions: Sequence[str]) -> Compared:
    """What the weights to come are compared with: the region's newest published version, as it stands now."""
    logs = read_logs(ctx.lake, [year], regions)
    published = {region: log.published() for (region, _), log in logs.items()}
    pairs = [(region, one.version) for region, one in published.items() if one is not None]
    return {pair[0]: (pair[1], weights) for pair, weights in weights_of_versions(ctx.lake, year, pairs).items()}


def record_weights(
    ctx: StepContext,
    year: int,
    target: Target,
    regions: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    before: Compared,
) -> None:
    """Log the weights that were written, a trial or published at once; weights that stand as before are no change.

    `rows` are those of drg_weight, of all regions. Rates of the version rest on its weights: where these changed, the
    version has no rates until rate has run.
    """
    if not regions:
        return
    logs = read_logs(ctx.lake, [year], regions)
    where: dict[str, list[str | int]] = {"settlement_year": [year], "region_code": [*regions]}
    content = hashes(ctx.lake, WEIGHED, weight_version=[target.version], **where)
    status = Status.PUBLISHED if target.publishes else Status.TRIAL
    own: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        own.setdefault(row["region_code"], []).append(row)
    changes = []
    for region in regions:
        log, weight_hash = logs[region, year], content[region, year, target.version]
        newest = log.standing.get(target.version)
        if newest is not None and (newest.status, newest.weight_hash) == (status, weight_hash):
            continue
        version, weights = before.get(region, (None, {}))
        effect = effect_of(weights, weights_by_key(own[region]))
        same = newest is not None and newest.weight_hash == weight_hash
        changes.append(
            Change(
                settlement_year=year,
                region_code=region,
                change_number=len(log.changes) + 1,
                version=target.version,
                status=status,
                effective_from=_first_month(ctx, region, year) if target.publishes else None,
                policy_day=day_of(ctx.policy, region, year, target),
                compared_with=version,
                groups_changed=None if version is None else len(effect.groups),
                total_weight_before=None if version is None else effect.total_before,
                total_weight_after=effect.total_after,
                groups_adjusted=sum(row["adjustment_reason"] is not None for row in own[region]),
                total_weight_unadjusted=_unadjusted(own[region]),
                weight_hash=weight_hash,
                rate_hash=newest.rate_hash if newest is not None and same else None,
                recorded_at=ctx.now,
            )
        )
    append(ctx.spark, ctx.lake, changes)


def record_rates(ctx: StepContext, year: int, target: Target, regions: Sequence[str]) -> None:
    """Log the rates that were written beside the weights of their version; the same rates are no change."""
    if not regions:
        return
    logs = read_logs(ctx.lake, [year], regions)
    where: dict[str, list[str | int]] = {"settlement_year": [year], "region_code": [*regions]}
    content = hashes(ctx.lake, RATED, rate_version=[target.version], **where)
    changes = []
    for region in regions:
        log, rate_hash = logs[region, year], content[region, year, target.version]
        newest = log.of(target.version)
        if newest.rate_hash != rate_hash:
            number = len(log.changes) + 1
            changes.append(replace(newest, change_number=number, rate_hash=rate_hash, recorded_at=ctx.now))
    append(ctx.spark, ctx.lake, changes)


def _unadjusted(rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """Σ n RW before adjustments; None where the weights rest on no history case."""
    if not any(row["n_cases"] for row in rows):
        return None
    return sum((row["n_cases"] * (row["unadjusted_weight"] or Decimal(0)) for row in rows), Decimal(0))


def _first_day(ctx: StepContext, year: int) -> date:
    """The first day of the months asked for, in a year: its parameters make a later version."""
    return date.fromisoformat(f"{min(month for month in ctx.months if month.startswith(str(year)))}-01")


def _first_month(ctx: StepContext, region: str, year: int) -> str:
    return max(ctx.policy.settles_from(region), f"{year}-01")


def _not_weighed(log: VersionLog, version: str) -> bool:
    found = log.standing.get(version)
    return found is None or found.status is Status.WITHDRAWN


def _keep(ctx: StepContext, log: VersionLog) -> None:
    newest = list(log.standing.values())[-1]
    text = (
        f"version {newest.version} of region {log.region} is {newest.status} and stays as it is; "
        f"--version {log.next_version} computes the next one"
    )
    ctx.skip(log.region, log.year, text)
    ctx.say(f"{ctx.step.name}: {text}")
