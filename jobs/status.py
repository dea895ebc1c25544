"""status: how far each region's month has come, as `drg status` says it, and which regions have weights and rates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drg.approval import decisions
from drg.desk import Desk, desk_main
from drg.land.delivery import MANIFEST
from drg.policy import PolicyBook
from drg.status import Cell, State, read_log, states

TAKING_IN = ("land", "validate", "group")


def run(desk: Desk) -> dict[str, Any]:
    """How far everything is.

    One row a region and month (`drg.calendar.RegionMonth`); `weighed`: year -> regions with weights and rates, none
    where a person rejected them; `decisions`: `subject period` -> approved or rejected; `cleared`: region and year.
    """
    log = read_log(desk.lake)
    book = PolicyBook.load(desk.env.policy)
    first = {region: book.settles_from(region) for region in desk.regions}
    grouped_from = {region: book.groups_from(region) for region in desk.regions}
    cells = states(log, desk.regions, desk.months, desk.env.province.code, first, grouped_from)
    # What came while a landing ran may not be in it, so the landing counts from its start.
    landed = {(e.region, e.period): e.started_at for e in log if e.step == "land"}
    cleared = sorted([e.region, e.period] for e in log if e.step == "close" and e.ok)
    decided = decisions(desk.lake)
    rows = []
    for region in desk.regions:
        for month in desk.months:
            own = {cell.step: cell for cell in cells if (cell.region, cell.month) == (region, month)}
            delivered_at = _delivered_at(desk, region, month)
            before = landed.get((region, month))
            rows.append(
                {
                    "region": region,
                    "month": month,
                    "due": month >= first[region],
                    "delivered": delivered_at is not None,
                    "fresh": delivered_at is not None and (before is None or delivered_at > before.astimezone()),
                    "taken_in": all(own[step].state is State.DONE for step in TAKING_IN),
                    "settled": own["settle"].state is State.DONE,
                    "published": own["publish"].state is State.DONE,
                    "failed": {step: cell.why for step, cell in own.items() if cell.state is State.FAILED},
                }
            )
    years = sorted({month[:4] for month in desk.months})
    weighed = {year: _weighed(cells, year) if _may_pay(decided, year) else [] for year in years}
    return {"rows": rows, "weighed": weighed, "decisions": decided, "cleared": cleared}


def _delivered_at(desk: Desk, region: str, month: str) -> datetime | None:
    """When the delivery took its place: its manifest is the last file a region lays down.

    A copy may keep the time it was written elsewhere; when it was laid down here the folder itself knows.
    """
    path = desk.env.deliveries / region / month / MANIFEST
    if not path.is_file():
        return None
    found = path.stat()
    return datetime.fromtimestamp(max(found.st_mtime, found.st_ctime), desk.now.tzinfo)


def _may_pay(decided: dict[str, str], year: str) -> bool:
    """Nothing is settled by weights a person has rejected, whether or not they were published at once."""
    return decided.get(f"weights {year}") != "rejected"


def _weighed(cells: list[Cell], year: str) -> list[str]:
    """Regions whose weights and rates of a year are there; stale ones count, since a year's weights are frozen."""
    there = {step: {c.region for c in cells if _of_year(c, step, year)} for step in ("weigh", "rate")}
    return sorted(there["weigh"] & there["rate"])


def _of_year(cell: Cell, step: str, year: str) -> bool:
    return cell.step == step and cell.month[:4] == year and cell.state in (State.DONE, State.STALE)


if __name__ == "__main__":
    desk_main("status", run)
