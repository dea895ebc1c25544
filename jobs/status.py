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

    One row a region and month (`drg.calendar.RegionMonth`); `weighed`: year -> regions with weights and rates;
    `decisions`: `subject period` -> approved or rejected.
    """
    log = read_log(desk.lake)
    book = PolicyBook.load(desk.env.policy)
    first = {region: book.settles_from(region) for region in desk.regions}
    grouped_from = {region: book.groups_from(region) for region in desk.regions}
    cells = states(log, desk.regions, desk.months, desk.env.province.code, first, grouped_from)
    landed = {(e.region, e.period): e.finished_at for e in log if e.step == "land"}
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
    weighed = {year: _weighed(cells, year) for year in sorted({month[:4] for month in desk.months})}
    return {"rows": rows, "weighed": weighed, "decisions": decisions(desk.lake)}


def _delivered_at(desk: Desk, region: str, month: str) -> datetime | None:
    """When the delivery took its place: its manifest is the last file a region lays down."""
    path = desk.env.deliveries / region / month / MANIFEST
    return datetime.fromtimestamp(path.stat().st_mtime, desk.now.tzinfo) if path.is_file() else None


def _weighed(cells: list[Cell], year: str) -> list[str]:
    """Regions whose weights and rates of a year are there; stale ones count, since a year's weights are frozen."""
    there = {step: {c.region for c in cells if _of_year(c, step, year)} for step in ("weigh", "rate")}
    return sorted(there["weigh"] & there["rate"])


def _of_year(cell: Cell, step: str, year: str) -> bool:
    return cell.step == step and cell.month[:4] == year and cell.state in (State.DONE, State.STALE)


if __name__ == "__main__":
    desk_main("status", run)
