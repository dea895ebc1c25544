"""What the tests of the pilot systems share: the shipped book, a priced case, and points that belong elsewhere."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from drg.doors.config import project_home
from drg.policy import PolicyBook
from drg.policy.needs import needed
from drg.policy.values import Standing
from drg.settle.price import Priced, price_case
from drg.weigh.versions import Change, Decision, Status, VersionLog

DAY = date(2025, 1, 1)
YEAR_END = date(2025, 12, 31)


@functools.cache
def book() -> PolicyBook:
    """The shipped tree, read once."""
    return PolicyBook.load_default()


def price(region: str, on: date = DAY, tree: PolicyBook | None = None, **facts: Any) -> Priced:
    """A grouped employee case of 10,000 yuan at a level-3 hospital: weight 1, rate 10,000, means 8,000."""
    money = ("total_cost", "relative_weight", "base_rate", "group_mean_cost", "region_mean_cost")
    case: dict[str, Any] = dict(zip(money, ("10000.00", "1.0000", "10000.00", "8000.00", "8000.00"), strict=True))
    case |= {"drg": "KS11", "fund": "310", "hospital_level": "3", "los_days": 8, "basic_fund_payment": "6000.00"}
    case |= facts
    described = {name: Decimal(value) if _is_money(name, value) else value for name, value in case.items()}
    return price_case(tree or book(), region, on, {k: v for k, v in described.items() if v is not None})


def _is_money(name: str, value: Any) -> bool:
    return isinstance(value, str) and name.endswith(("cost", "weight", "rate", "payment", "fee", "amount"))


def with_trial(tmp_path: Path, region: str, text: str) -> PolicyBook:
    """The shipped book with a file of values that speaks first for a region; one `name: value, unit` a line."""
    file = tmp_path / "trial.yaml"
    entries = []
    for line in text.strip().splitlines():
        name, rest = line.strip().split(": ", 1)
        value, unit = rest.rsplit(", ", 1)
        by = ", by: drg" if value.startswith("{") else ""
        entries.append(
            f"{name}:\n  - {{value: {value}{by}, from: 2025-01-01, unit: {unit}, source: s, standing: published}}\n"
        )
    file.write_text("".join(entries), encoding="utf-8")
    return book().with_file(region, file)


def complete(region: str) -> None:
    """Every area has what its rules need on the first and the last day of 2025, with a source."""
    for day in (DAY, YEAR_END):
        for item in needed(book(), region, day).values():
            assert item.source


def published(region: str, *names: str) -> None:
    """These values are somebody's words, and say whose."""
    for name in names:
        item = book().value(region, name, DAY)
        assert item.standing is not Standing.ASSUMED, name
        assert "属假定" not in item.source


DECISION = Decision("医保局", date(2025, 6, 30), "集采降价", datetime(2025, 6, 30, tzinfo=UTC))


def life(region: str, version: str, before: VersionLog | None = None) -> VersionLog:
    """A log whose newest change is a trial of this version, weighed and rated."""
    before = before or VersionLog(region, 2025)
    clock, number = datetime(2025, 1, 1, tzinfo=UTC), len(before.changes) + 1
    return with_changes(before, [Change(2025, region, number, version, Status.TRIAL, DAY, "w", clock, rate_hash="r")])


def through(log: VersionLog, *states: Status) -> VersionLog:
    """The log after its newest open version went through these states."""
    for status in states:
        log = with_changes(log, [log.decided(None, status, DECISION)])
    return log


def with_changes(log: VersionLog, changes: list[Change]) -> VersionLog:
    """The log with these changes at its end."""
    return replace(log, changes=(*log.changes, *changes))


def listed_as_later(later: dict[str, str], heading: str) -> None:
    """Each point that is built elsewhere stands in the table of docs/systems-pilots.md, with where it belongs."""
    text = (project_home() / "docs" / "systems-pilots.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    for point, where in later.items():
        assert f"| {point} | {where} |" in section, point
