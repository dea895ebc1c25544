"""When a month is settled, who is overdue, and what a backfill has to do: decisions from what stands, without a clock.

The Airflow DAGs ask here; the facts come from `jobs/status.py`, which reads them from the tables as `drg status` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from drg.doors.config import Province
from drg.errors import ConfigError


class Standing(StrEnum):
    """What may be done with a settlement month."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    WAIT = "wait"


@dataclass(frozen=True)
class RegionMonth:
    """How far one region's month has come.

    Attributes:
        due: whether the region's policy settles the month at all.
        delivered: whether a delivery lies there.
        fresh: whether the delivery came after the region's month was last landed, or was never landed.
        taken_in: landed, validated and grouped, and nothing of it stale.
        settled, published: the step is done and not stale.
        failed: step -> the sentence why, for the steps whose newest run failed.
    """

    region: str
    month: str
    due: bool
    delivered: bool
    fresh: bool
    taken_in: bool
    settled: bool
    published: bool
    failed: dict[str, str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> RegionMonth:
        """From a row of the result of `jobs/status.py`."""
        return cls(**row)


@dataclass(frozen=True)
class Verdict:
    """Whether a month is to be settled and the sentence why.

    Attributes:
        regions: those that are published; `to_settle`: those of them that are not settled yet.
        lacking: those a provisional month does without.
    """

    standing: Standing
    regions: tuple[str, ...]
    to_settle: tuple[str, ...]
    lacking: tuple[str, ...]
    why: str


def verdict(
    month: str, rows: Iterable[RegionMonth], province: Province, today: date, weighed: Sequence[str]
) -> Verdict:
    """Final when every region due has been taken in; provisional when enough have and the day has come; else wait.

    `weighed`: the regions that have weights and rates of the year. Nothing is settled before all that are taken in have
    them; a region without stays out, since it could not be paid.
    """
    due = [row for row in rows if row.month == month and row.due]
    # Late lists that came since leave a settled month settled until a person asks for its resubmission.
    ready = [row for row in due if (row.taken_in or row.settled) and row.region in weighed]
    regions = tuple(row.region for row in ready)
    lacking = tuple(row.region for row in due if row.region not in regions)
    if not due:
        return Verdict(Standing.WAIT, (), (), (), f"no region's policy settles {month}")
    if not weighed:
        why = f"{month} waits: no weights and rates of {month[:4]}; run year_weights"
        return Verdict(Standing.WAIT, (), (), lacking, why)
    if ready and all(row.published for row in ready):
        named = f" without {', '.join(lacking)}" if lacking else ""
        return Verdict(Standing.WAIT, (), (), lacking, f"{month} is published{named}; nothing is due")
    to_settle = tuple(row.region for row in ready if not row.settled)
    if not lacking:
        why = f"{month} is complete: all {len(regions)} regions are taken in"
        return Verdict(Standing.FINAL, regions, to_settle, (), why)
    day, wanted = in_following_month(month, province.deadlines.provisional_day), province.deadlines.provisional_share
    counted = f"{len(regions)} of {len(due)} regions are taken in, {', '.join(lacking)} lacking"
    if today >= day and 100 * len(regions) >= wanted * len(due):
        why = f"{month} is settled as provisional: {counted}"
        return Verdict(Standing.PROVISIONAL, regions, to_settle, lacking, why)
    reason = f"{wanted} % are needed" if today >= day else f"{day} has not come"
    return Verdict(Standing.WAIT, (), (), lacking, f"{month} waits: {counted}; {reason}")


def to_take_in(month: str, rows: Iterable[RegionMonth]) -> tuple[str, ...]:
    """The regions whose delivery of a month has come and is not taken in.

    A region that failed is taken up again only when it has delivered anew: the same files would fail again. One that
    delivers anew after its month was settled is left to the resubmission, which a person starts.
    """
    return tuple(
        row.region
        for row in rows
        if row.month == month
        and row.delivered
        and not row.settled
        and (row.fresh or (not row.taken_in and not row.failed))
    )


def to_resubmit(rows: Iterable[RegionMonth]) -> tuple[tuple[str, str], ...]:
    """Region and month of settled months for which lists came since: each waits for a resubmission."""
    return tuple((row.region, row.month) for row in rows if row.settled and (row.fresh or not row.taken_in))


def touched_open(rows: Iterable[RegionMonth], touched: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Month -> regions to validate and group again after a landing: those it touched that are not settled yet."""
    open_units = {(row.region, row.month) for row in rows if not row.settled}
    found: dict[str, list[str]] = {}
    for region, months in sorted(touched.items()):
        for month in months:
            if (region, month) in open_units:
                found.setdefault(month, []).append(region)
    return {month: tuple(regions) for month, regions in sorted(found.items())}


@dataclass(frozen=True)
class Span:
    """Consecutive months that are run for the same regions, in one job."""

    months: str
    regions: tuple[str, ...]


def spans(plan: Iterable[tuple[str, Sequence[str]]], across_years: bool = False) -> tuple[Span, ...]:
    """Months with their regions, neighbours with the same regions put together; the order of the plan stays.

    A span ends with its year, since each year is settled by weights of its own; intake goes across (`across_years`).
    """
    found: list[tuple[list[str], tuple[str, ...]]] = []
    for month, regions in plan:
        neighbours = found and abs(_number(found[-1][0][-1]) - _number(month)) == 1
        same_year = across_years or (neighbours and month[:4] == found[-1][0][-1][:4])
        if neighbours and same_year and found[-1][1] == tuple(regions):
            found[-1][0].append(month)
        else:
            found.append(([month], tuple(regions)))
    return tuple(Span(f"{min(months)}..{max(months)}", regions) for months, regions in found)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def overdue(rows: Iterable[RegionMonth], province: Province, today: date) -> tuple[tuple[str, str, date], ...]:
    """Region, month and cut-off day of every region that has not delivered a month that is due by then."""
    found = []
    for row in rows:
        day = in_following_month(row.month, province.cut_off_day(row.region))
        if row.due and not row.delivered and today > day:
            found.append((row.region, row.month, day))
    return tuple(found)


def open_months(today: date) -> tuple[str, ...]:
    """The months before the one of a day that may still change, ascending: since January of the year before.

    From July on since January of the same year: a year is cleared by the end of June of the next (医保办发〔2024〕9号).
    """
    now = today.year * 12 + today.month - 1
    first = (today.year - (today.month <= CLEARED_BY)) * 12
    return tuple(f"{n // 12}-{n % 12 + 1:02d}" for n in range(first, now))


def year_back(month: str) -> str:
    """The twelve months before a month and the month, as a span: how far back late lists are taken in."""
    number = _number(month) - 12
    return f"{number // 12}-{number % 12 + 1:02d}..{month}"


def in_following_month(month: str, day: int) -> date:
    """A day of the month after a settlement month."""
    number = _number(month) + 1
    return date(number // 12, number % 12 + 1, day)


CLEARED_BY = 6
ORDERS = ("oldest first", "newest first")
CHOICES = ("all", "missing", "failed")


def backfill(
    rows: Iterable[RegionMonth], months: Sequence[str], order: str, only: str, stop: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Months in order, each with the regions to be run.

    `only`: all; those not done up to the stage `stop` (taken_in, settled, published); those whose newest run of a step
    failed. Regions without a delivery are left out of it. ConfigError for an unknown word.
    """
    if order not in ORDERS or only not in CHOICES:
        raise ConfigError(f"backfill {order}, {only}: order is one of {ORDERS}, only is one of {CHOICES}")
    kept: dict[str, list[str]] = {month: [] for month in sorted(months, reverse=order == ORDERS[1])}
    for row in rows:
        # A month before the region's policy has nothing beyond its intake.
        done = getattr(row, stop) if row.due else row.taken_in
        wanted = {"all": True, "missing": not done, "failed": bool(row.failed)}[only]
        if row.month in kept and row.delivered and wanted:
            kept[row.month].append(row.region)
    return tuple((month, tuple(sorted(regions))) for month, regions in kept.items() if regions)
