"""The life of a version of a region's weights and rates (权重费率版本), without Spark.

    trial (试算) -> proposed (拟定) -> consultation (征求意见) -> published (公布) -> superseded (停用)

What is not published may be withdrawn (撤回) and computed anew. A published version is frozen: it serves the settlement
months from `effective_from` to `effective_to`, both included, until a later one takes its place. Every change is a row
of `version_status` and none is ever rewritten; the newest row of a version says how it stands.

Sources: 武汉市DRG支付方式改革三年行动实施方案 二（三）2, weights and rates moved in the open and by stated reasons;
四川省医疗保障局2025-06-30答复 一（二）, hospitals are heard before weights are used. The names of the states are ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from drg.errors import ConfigError, VersionError
from drg.steps import first_version

if TYPE_CHECKING:
    from drg.policy import PolicyBook


class Status(StrEnum):
    """How a version stands."""

    TRIAL = "trial"
    PROPOSED = "proposed"
    CONSULTATION = "consultation"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


# What a decision makes of a version, and how it must stand before.
_BEFORE = {
    Status.PROPOSED: (Status.TRIAL,),
    Status.CONSULTATION: (Status.PROPOSED,),
    Status.PUBLISHED: (Status.CONSULTATION,),
    Status.WITHDRAWN: (Status.TRIAL, Status.PROPOSED, Status.CONSULTATION),
}
_SERVING = (Status.PUBLISHED, Status.SUPERSEDED)


@dataclass(frozen=True)
class Change:
    """One row of version_status.

    Attributes:
        change_number: counts the changes of a region and year from 1.
        policy_day: the day whose parameters made the version.
        effective_from, effective_to: first and last settlement month (YYYY-MM) it serves; None before it is published,
            for a version without end, and for one that was superseded before it served a month.
        decided_by, decided_on, reason: None where a step made the change.
        compared_with: the version the effect is measured against; None without one.
        groups_changed, total_weight_before, total_weight_after: the effect on the weights (`drg.weigh.effect`).
        groups_adjusted, total_weight_unadjusted: the groups that weight.adjustments names, and the total before it.
        weight_hash, rate_hash: content of what weigh and rate wrote; no rates yet is None.
    """

    settlement_year: int
    region_code: str
    change_number: int
    version: str
    status: Status
    policy_day: date
    weight_hash: str
    recorded_at: datetime
    effective_from: str | None = None
    effective_to: str | None = None
    decided_by: str | None = None
    decided_on: date | None = None
    reason: str | None = None
    compared_with: str | None = None
    groups_changed: int | None = None
    total_weight_before: Decimal | None = None
    total_weight_after: Decimal | None = None
    groups_adjusted: int = 0
    total_weight_unadjusted: Decimal | None = None
    rate_hash: str | None = None


@dataclass(frozen=True)
class Decision:
    """Who decided what on which day and why; `recorded_at` is the clock."""

    by: str
    on: date
    reason: str
    recorded_at: datetime


@dataclass(frozen=True)
class Target:
    """The version a step writes.

    Attributes:
        day: the day whose parameters make it; None for the first of a year, which goes by the first day settled.
        publishes: whether the version is published as soon as it is written.
    """

    version: str
    day: date | None = None
    publishes: bool = False


def day_of(book: PolicyBook, region: str, year: int, target: Target) -> date:
    """The day whose parameters make a version of a region: never before the first day it settles."""
    first = book.day_of_year(region, year)
    return first if target.day is None else max(first, target.day)


def number_of(version: str) -> int:
    """The number of a version within its year: 2 of `2025.2`."""
    return int(version.partition(".")[2])


def checked(version: str, year: int) -> str:
    """A version somebody named; ConfigError when it is not one of the year."""
    if not re.fullmatch(rf"{year}\.[1-9][0-9]?", version):
        raise ConfigError(f"version {version} is not one of {year}; write e.g. {first_version(year)}")
    return version


@dataclass(frozen=True)
class VersionLog:
    """The changes of one region and settlement year, in their order; empty before the first run of weigh."""

    region: str
    year: int
    changes: tuple[Change, ...] = ()

    @property
    def standing(self) -> dict[str, Change]:
        """Version -> its newest change, the versions ascending."""
        newest = {change.version: change for change in sorted(self.changes, key=lambda one: one.change_number)}
        return dict(sorted(newest.items(), key=lambda item: number_of(item[0])))

    @property
    def next_version(self) -> str:
        """The version after the newest one."""
        numbers = [number_of(version) for version in self.standing]
        return f"{self.year}.{max(numbers, default=0) + 1}"

    def in_force(self, month: str) -> Change | None:
        """The version that settles a month; None where none is published for it."""
        serving = [one for one in self.standing.values() if one.status in _SERVING and _serves(one, month)]
        return serving[-1] if serving else None

    def published(self) -> Change | None:
        """The newest published version, whichever months it serves; what a trial is compared with."""
        found = [one for one in self.standing.values() if one.status is Status.PUBLISHED]
        return found[-1] if found else None

    def of(self, version: str | None) -> Change:
        """How a version stands; without one the newest that is not yet published. VersionError when there is none."""
        standing = self.standing
        if version is None:
            open_ones = [one for one in standing.values() if one.status in _BEFORE[Status.WITHDRAWN]]
            if not open_ones:
                raise VersionError(
                    f"region {self.region} has no version of {self.year} to decide on; compute one with "
                    f"`drg run --steps weigh..rate --version {self.next_version}`"
                )
            return open_ones[-1]
        if version not in standing:
            known = ", ".join(standing) or "none"
            raise VersionError(f"region {self.region} has no version {version}; there are: {known}")
        return standing[version]

    def target(self, asked: str | None, day: date, automatic: bool, cleared: bool) -> Target | None:
        """The version a step is to write; None where nothing is asked for and every version stays as it is.

        `asked` names a version; the first of a year goes by the year's first day, a later one by `day` when it is
        computed first. Without it: the year's first where it is published without approval (`automatic`) and the year
        is not cleared, else the newest trial, else the year's first. Raises VersionError for a version that is frozen,
        under consultation, or not the next.
        """
        first, standing = first_version(self.year), self.standing
        renewed = automatic and self._may_publish_at_once(cleared)
        if asked is not None:
            if not (asked == first and renewed):
                self._assert_open(checked(asked, self.year))
            found = standing.get(asked)
            known = found.policy_day if found and found.status is not Status.WITHDRAWN else day
            return Target(asked, None if asked == first else known, asked == first and renewed)
        if renewed or not standing:
            return Target(first, None, automatic)
        trials = [one for one in standing.values() if one.status is Status.TRIAL]
        if trials:
            return Target(trials[-1].version, None if trials[-1].version == first else trials[-1].policy_day)
        return None

    def _may_publish_at_once(self, cleared: bool) -> bool:
        own = self.standing.get(first_version(self.year))
        return not cleared and (own is None or own.status in (Status.TRIAL, Status.PUBLISHED))

    def _assert_open(self, version: str) -> None:
        found = self.standing.get(version)
        if found is None and version != self.next_version:
            raise VersionError(
                f"version {version} would not follow those of region {self.region}; the next one is {self.next_version}"
            )
        if found is not None and found.status not in (Status.TRIAL, Status.WITHDRAWN):
            frozen = " and frozen" if found.status is Status.PUBLISHED else ""
            withdraw = "" if found.status in _SERVING else f"withdraw it (`drg version withdraw {self._place}`) or "
            raise VersionError(
                f"version {version} of region {self.region} is {found.status}{frozen}; {withdraw}compute the next "
                f"version with --version {self.next_version}"
            )

    @property
    def _place(self) -> str:
        return f"{self.region} {self.year}"

    def decided(self, version: str | None, status: Status, decision: Decision) -> Change:
        """The change that a decision makes of a version.

        Raises VersionError where the version does not stand as the decision asks, or was decided on at a later day.
        """
        found = self.of(version)
        if found.status not in _BEFORE[status]:
            raise VersionError(
                f"version {found.version} of region {self.region} is {found.status} and cannot become {status}: "
                f"{_order(status)}"
            )
        if found.decided_on is not None and decision.on < found.decided_on:
            raise VersionError(
                f"version {found.version} of region {self.region} became {found.status} on {found.decided_on}; "
                f"a decision of {decision.on} would stand before it, correct --on"
            )
        return replace(
            found,
            change_number=self._next_number,
            status=status,
            decided_by=decision.by,
            decided_on=decision.on,
            reason=decision.reason,
            recorded_at=decision.recorded_at,
        )

    def publication(
        self, version: str | None, month: str | None, first_month: str, settled: Sequence[str], decision: Decision
    ) -> list[Change]:
        """The changes that publish a version from a settlement month on: its own, and those it supersedes.

        `first_month` is the first the region settles in the year, and the default where nothing serves yet; `settled`
        are its settled months, which no publication touches. Raises VersionError as `decided` does, for a version
        without rates, one older than a published one, and a month that is settled or outside the year.
        """
        own = self.decided(version, Status.PUBLISHED, decision)
        name, region = own.version, self.region
        if own.rate_hash is None:
            raise VersionError(
                f"version {name} of region {region} has no rates; run `drg run --steps rate --version {name}` first"
            )
        later = [one.version for one in self.standing.values() if one.status in _SERVING]
        if any(number_of(one) > number_of(name) for one in later):
            raise VersionError(f"region {region} has published {later[-1]} after {name}; compute the next version")
        if month is None and later:
            raise VersionError(
                f"version {name} of region {region} follows {later[-1]}; say from which month with --from"
            )
        start = month or first_month
        if not first_month <= start <= f"{self.year}-12":
            raise VersionError(
                f"version {name} of region {region} cannot serve from {start}; name a month from {first_month} to "
                f"{self.year}-12"
            )
        done = [one for one in settled if one >= start]
        if done:
            raise VersionError(
                f"region {region} has settled {max(done)} already and publishing rewrites no settled month; "
                f"publish {name} from a later month"
            )
        rows = [replace(own, effective_from=start)]
        for other in self.standing.values():
            if other.version != name and other.status in _SERVING and _serves_after(other, start):
                served = other.effective_from is not None and other.effective_from < start
                ended = (other.effective_from, _month_before(start)) if served else (None, None)
                rows.append(_superseded(other, rows[-1], ended))
        return rows

    @property
    def _next_number(self) -> int:
        return max((one.change_number for one in self.changes), default=0) + 1


def _serves(change: Change, month: str) -> bool:
    if change.effective_from is None or month < change.effective_from:
        return False
    return change.effective_to is None or month <= change.effective_to


def _serves_after(change: Change, month: str) -> bool:
    return change.effective_from is not None and (change.effective_to is None or change.effective_to >= month)


def _superseded(other: Change, by: Change, months: tuple[str | None, str | None]) -> Change:
    return replace(
        other,
        change_number=by.change_number + 1,
        status=Status.SUPERSEDED,
        effective_from=months[0],
        effective_to=months[1],
        decided_by=by.decided_by,
        decided_on=by.decided_on,
        reason=by.reason,
        recorded_at=by.recorded_at,
    )


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def _order(status: Status) -> str:
    if status is Status.WITHDRAWN:
        return "what is published stays, publish a later version instead"
    return f"the order is {', '.join(list(Status)[:4])}"
