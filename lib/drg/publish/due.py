"""What of a month may go out: payments that rest on its lists, and, where a person approved, what that person saw."""

from __future__ import annotations

from collections.abc import Sequence

from drg.errors import DrgError, PolicyError, StorageError
from drg.runner import StepContext
from drg.status import LogEntry, changed_since, not_whole


def skip_before_policy(ctx: StepContext, region: str, month: str) -> None:
    """A month before the region's policy settles anything has no release."""
    try:
        first = ctx.policy.settles_from(region)
    except PolicyError as error:
        ctx.fail(region, month, error)
        return
    if month < first:
        ctx.skip(region, month, f"region {region} is settled from {first}")


def not_publishable(ctx: StepContext, log: Sequence[LogEntry], month: str) -> dict[str, DrgError]:
    """The regions whose month must not go out as it stands, each with the reason."""
    found: dict[str, DrgError] = {}
    since = changed_since(log, month, ctx.as_of)
    for region in ctx.live(month):
        why = since or not_whole(log, region, month)
        if why:
            found[region] = StorageError(f"region {region}, month {month}: {why}")
    return found


def is_public(ctx: StepContext, log: Sequence[LogEntry], month: str, region: str) -> bool:
    """Whether the payments of a region's month are in its release: published now, or since they were settled."""
    if (region, month) in ctx.failed or not (ctx.env.releases / month / region).is_dir():
        return False
    if region in ctx.live(month):
        return True
    done = {e.step: e.finished_at for e in log if (e.region, e.period) == (region, month) and e.ok}
    return not {"settle", "publish"} <= done.keys() or done["settle"] <= done["publish"]
