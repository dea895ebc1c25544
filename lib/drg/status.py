"""`drg status`: what is done, missing, stale or failed for each region and month, from `run_log` alone.

A unit is done when its newest run of the step ended well, stale when a step before it has run on the same unit since,
failed when its newest run failed, missing when it never ran, and not due where a year has no policy to settle with.
Where lists are judged, grouped and paid, a step that failed since counts as one that ran: what rests on it is older
than what it would have brought.
Weights rest on the months before their year, so only a new grouping of such a month makes them stale. A month of a
cleared year is not settled again: what changed of it is done once an open month has booked the differences.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from drg.doors.tables import Lake
from drg.steps import STEPS, Period, Step


class State(StrEnum):
    """State of one step on one region and month."""

    DONE = "done"
    STALE = "stale"
    FAILED = "failed"
    MISSING = "missing"
    NOT_DUE = "not due"


@dataclass(frozen=True)
class LogEntry:
    """The newest run of a step on a unit (region x month, or region x year)."""

    step: str
    region: str
    period: str
    ok: bool
    finished_at: datetime
    reason: str | None
    touches: tuple[str, ...]
    started_at: datetime | None = None


@dataclass(frozen=True)
class Cell:
    """State of one step on one region and month, with the sentence why when it is not done."""

    step: str
    region: str
    month: str
    state: State
    why: str = ""


def read_log(lake: Lake) -> list[LogEntry]:
    """The newest entry of `run_log` for each step, region and period; empty before the first run.

    And an entry `BROUGHT` for each delivery and settlement month: when it last brought the month something.
    """
    if not lake.exists("run_log"):
        return []
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    newest = Window.partitionBy("step", "region_code", "period").orderBy(
        F.col("finished_at").desc(), F.col("run_id").desc()
    )
    columns = ("step", "region_code", "period", "status", "finished_at", "reason", "touches", "started_at")
    log = lake.read("run_log")
    rows = (
        log.withColumn("_rank", F.row_number().over(newest))
        .where("_rank = 1")
        .select(*columns)
        .orderBy("step", "region_code", "period")
        .collect()
    )
    # A later landing that failed, or that brought a month nothing new, does not take back what an earlier one brought.
    by = ("region_code", "period", "month")
    landed = log.where("step = 'land' AND status = 'done'").withColumn("month", F.explode("touches")).groupBy(*by)
    brought = landed.agg(F.max("finished_at").alias("finished_at")).orderBy(*by).collect()
    return [
        LogEntry(r["step"], r["region_code"], r["period"], r["status"] == "done", r["finished_at"], r["reason"],
                 tuple(r["touches"]), r["started_at"])
        for r in rows
    ] + [
        LogEntry(BROUGHT, r["region_code"], r["period"], True, r["finished_at"], None, (r["month"],)) for r in brought
    ]  # fmt: skip


def states(
    log: Iterable[LogEntry],
    regions: Sequence[str],
    months: Sequence[str],
    province: str,
    settled_from: dict[str, str],
    grouped_from: dict[str, str],
) -> list[Cell]:
    """The state of every step x region x month.

    `settled_from`: for each region the first month its policy settles; steps from weigh on are not due before it.
    `grouped_from`: the first month it has a scheme for; group is not due before it.
    """
    due_from = {"group": grouped_from} | dict.fromkeys(_PAYING, settled_from)
    log = tuple(log)
    entries = {(e.step, e.region, e.period): e for e in log if e.step != BROUGHT}
    landings: dict[tuple[str, str], list[LogEntry]] = {}
    for entry in log:
        if entry.step in ("land", BROUGHT):
            for month in entry.touches:
                landings.setdefault((entry.region, month), []).append(entry)
    cells = []
    by_name = {step.name: step for step in STEPS}
    for step in STEPS:
        for region in regions:
            for month in months:
                if step.name in due_from and month < due_from[step.name].get(region, LATER):
                    cells.append(Cell(step.name, region, month, State.NOT_DUE))
                else:
                    cells.append(_cell(step, region, month, province, entries, landings, by_name))
    return cells


def _cell(
    step: Step,
    region: str,
    month: str,
    province: str,
    entries: dict[tuple[str, str, str], LogEntry],
    landings: dict[tuple[str, str], list[LogEntry]],
    by_name: dict[str, Step],
) -> Cell:
    own = entries.get(_key(step, region, month, province))
    if step.name == "settle" and own is not None:
        own = _or_booked(own, entries.values())
    if own is None:
        return Cell(step.name, region, month, State.MISSING, "never run")
    if not own.ok:
        return Cell(step.name, region, month, State.FAILED, own.reason or "")
    for name in step.after:
        if name == "land":
            before = landings.get((region, month), [])
        elif step.name == "weigh":
            before = [e for e in entries.values() if e.step == name and e.region == region and e.period < month[:4]]
        else:
            found = entries.get(_key(by_name[name], region, month, province))
            before = [found] if found else []
        for entry in before:
            if (entry.ok or name in _OF_LISTS) and entry.finished_at > own.finished_at:
                what = "ran again" if entry.ok else "failed"
                return Cell(step.name, region, month, State.STALE, f"{name} {what} on {entry.period} since")
    return Cell(step.name, region, month, State.DONE)


def not_whole(log: Iterable[LogEntry], region: str, month: str) -> str | None:
    """Why a month's payments do not rest on its lists as they were last judged and grouped, as a sentence.

    None when they do. A step that is not on record says nothing.
    """
    own = {e.step: e for e in log if e.region == region and e.period == month}
    if "settle" in own:
        own["settle"] = _or_booked(own["settle"], log)
    chain = [own[step] for step in ("validate", "group", "settle") if step in own]
    for entry in chain:
        if not entry.ok:
            return f"{entry.step} failed ({entry.reason}); run the steps from it on again"
    for before, after in itertools.pairwise(chain):
        if before.finished_at > after.finished_at:
            return f"{before.step} ran after {after.step}; run the steps from {after.step} on again"
    return None


def changed_since(log: Iterable[LogEntry], month: str, moment: datetime | None) -> str | None:
    """What of a month's money is newer than the moment whose figures were approved, as a sentence; None when nothing.

    Of any region: another one that was settled since changes who lacks, the comparison and the page.
    """
    if moment is None:
        return None
    for entry in log:
        of_month = entry.step in ("settle", "compare") and month in (entry.period, *entry.touches)
        if of_month and entry.finished_at.astimezone() > moment:
            return f"{entry.step} of {entry.region} ran again after these figures were shown; have them approved anew"
    return None


def _or_booked(own: LogEntry, entries: Iterable[LogEntry]) -> LogEntry:
    """The settlement of a month; or, its year cleared, the later one of an open month that booked what changed."""
    booked = [e for e in entries if e.step == "settle" and e.ok and e.region == own.region and own.period in e.touches]
    return max([own, *booked], key=lambda entry: entry.finished_at)


_PAYING = frozenset({"weigh", "rate", "settle", "compare", "publish"})
BROUGHT = "brought"
_OF_LISTS = frozenset({"validate", "group", "settle"})
# After every month: a region that is not named is never due.
LATER = "9999-99"


def _key(step: Step, region: str, month: str, province: str) -> tuple[str, str, str]:
    where = province if step.province_wide else region
    return step.name, where, month[:4] if step.period is Period.YEAR else month


def worst(cells: Iterable[Cell]) -> State:
    """The state that needs attention first; not due when nothing is due."""
    order = (State.FAILED, State.MISSING, State.STALE, State.DONE)
    present = {cell.state for cell in cells}
    return next((state for state in order if state in present), State.NOT_DUE)


def provisional(cells: Iterable[Cell]) -> dict[str, tuple[str, ...]]:
    """Settled months that lack regions, each with the regions due that are not settled; it becomes final with them."""
    there: dict[str, set[str]] = {}
    lacking: dict[str, set[str]] = {}
    for cell in cells:
        if cell.step == "settle" and cell.state is not State.NOT_DUE:
            group = there if cell.state in (State.DONE, State.STALE) else lacking
            group.setdefault(cell.month, set()).add(cell.region)
    return {month: tuple(sorted(lacking[month])) for month in sorted(there.keys() & lacking.keys())}
