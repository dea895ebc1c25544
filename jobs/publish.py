"""publish: a release for every region and month, and the page of the province.

A region's release takes the place of the earlier one only when it is complete and ties to the fen; a region
whose release does not tie is left out and the others are published. The same holds for a region whose payments are
older than its lists, and for whatever was settled or compared again after a person approved it.
"""

from __future__ import annotations

from drg.errors import ContractError, StorageError
from drg.publish.due import is_public, not_publishable, skip_before_policy
from drg.publish.gather import Sources, lacking_regions, release_facts, stage_tables
from drg.publish.province import write_province_page
from drg.publish.release import (
    Unit,
    assemble_all,
    discard,
    prepare,
    put_in_place,
    told_as_storage_error,
)
from drg.runner import StepContext, job_main
from drg.status import read_log


def run(ctx: StepContext) -> None:
    """Publish every region and month in play, then the page of each month."""
    for month in ctx.months:
        for region in ctx.live(month):
            skip_before_policy(ctx, region, month)
    if not any(ctx.live(month) for month in ctx.months):
        return
    log = read_log(ctx.lake)
    for month in ctx.months:
        for region, error in not_publishable(ctx, log, month).items():
            ctx.fail(region, month, error)
    sources = Sources.of(ctx)
    settled = sources.settled_units()
    for month in ctx.months:
        for region in ctx.live(month):
            if (month, region) not in settled:
                text = f"region {region} has no settled case in {month}; run settle for the region and month first"
                ctx.fail(region, month, StorageError(text))
    with told_as_storage_error(ctx.env.releases):
        _publish_regions(ctx, sources, settled)
        for month in sorted({month for month, _ in settled}):
            hidden = sorted(r for m, r in settled if m == month and not is_public(ctx, log, m, r))
            if hidden:
                ctx.say(f"page of {month} stays as it is: {', '.join(hidden)} settled but not published")
                continue
            lacking = lacking_regions(ctx.policy, ctx.env.province, month, settled)
            page = write_province_page(sources, ctx.env, month, ctx.policy, lacking)
            ctx.say(f"page of {ctx.env.province.name} {month}: {page}")


def _publish_regions(ctx: StepContext, sources: Sources, settled: dict[Unit, list[str]]) -> None:
    releases = ctx.env.releases
    units = [(month, region) for month in ctx.months for region in ctx.live(month)]
    prepare(releases, units)
    try:
        stage_tables(sources, units, releases)
        errors = assemble_all(ctx.spark, releases, release_facts(ctx, sources, settled, units))
        for month, region in units:
            if (month, region) in errors:
                ctx.fail(region, month, ContractError(errors[month, region]))
            else:
                put_in_place(releases, (month, region))
    finally:
        for unit in units:
            discard(releases, unit)


if __name__ == "__main__":
    job_main("publish", run)
