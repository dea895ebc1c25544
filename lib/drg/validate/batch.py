"""What the checks of a region's month find (整批审核), from a few counts: arithmetic alone.

Shares are compared exactly, at a limit nothing is found; measured values are told with 4 decimals, half away from zero.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from drg.money import half_up
from drg.validate.checks_across import months_before
from drg.validate.checks_batch import BATCH, HOSPITAL, REGION, BatchCheck
from drg.validate.degrees import HELD, WARN, Settings, Unit, degree, filled, limits_of

DECIMALS = 4
MONTHS_OF_MEAN = 3
POINTS = "points"
DEGREES = {HELD: "hold", WARN: "warn"}


@dataclass(frozen=True)
class Month:
    """The lists of a region's month, added up from list_quality.

    Attributes:
        lists: live lists: accepted, or returned by a check or unreadable.
        settlements: settlements known of named hospitals: their live lists and what was taken back.
        asked: live lists whose required items were looked at; None where they were counted before that was asked.
        missing: of these the ones that lack an item, by its field.
    """

    lists: int
    settlements: int
    asked: int | None = None
    missing: Mapping[str, int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Hospital:
    """The live lists of one hospital's month and their codes; `unknown` of these are in no dictionary."""

    lists: int
    returned: int
    codes: int
    unknown: int


@dataclass(frozen=True)
class Delivery:
    """The readable records of one month's delivery, and how many of them belong to that month.

    `orphans`: settlement ids that rows of its tables name and no list has.
    """

    records: int
    of_month: int
    orphans: int = 0


@dataclass(frozen=True)
class Batch:
    """What the checks look at.

    Attributes:
        months: each month judged, and those before it as far as they are there.
        hospitals: the named hospitals of the months judged.
        deliveries: the deliveries of the months judged.
        known: the most settlements an earlier run knew of a month judged.
    """

    months: Mapping[Unit, Month]
    hospitals: Mapping[Unit, Mapping[str, Hospital]]
    deliveries: Mapping[Unit, Delivery]
    known: Mapping[Unit, int]


@dataclass(frozen=True)
class Finding:
    """One finding; `subject` is the hospital or the field it is about, else the region."""

    unit: Unit
    check: str
    subject: str
    hospital: str | None
    degree: str
    measured: Decimal
    limit: Decimal
    measure: str
    sentence: str


@dataclass(frozen=True)
class _Found:
    """What a check measured of a subject, and what its sentence says beside its limits."""

    subject: str
    measured: Fraction
    limit: Fraction
    told: Mapping[str, str]


def batch_findings(
    batch: Batch, units: Iterable[Unit], settings: Mapping[Unit, Settings], checks: Iterable[BatchCheck] = BATCH
) -> list[Finding]:
    """The findings of these regions and months, in the order of unit, check and subject."""
    catalogue = tuple(checks)
    return [
        _finding(check, unit, said, one, settings.get(unit))
        for unit in sorted(units)
        for check in catalogue
        if (said := degree(check, WARN, settings.get(unit)))
        for one in _MEASURES[check.id](batch, unit, _limits(check, settings.get(unit)))
    ]


def _limits(check: BatchCheck, settings: Settings | None) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in limits_of(check, settings).items()}


def _finding(check: BatchCheck, unit: Unit, said: str, found: _Found, settings: Settings | None) -> Finding:
    place = {} if check.about == REGION else {check.about: found.subject}
    return Finding(
        unit=unit,
        check=check.id,
        subject=found.subject,
        hospital=found.subject if check.about == HOSPITAL else None,
        degree=DEGREES[said],
        measured=half_up(found.measured, DECIMALS),
        limit=half_up(found.limit, DECIMALS),
        measure=check.unit,
        sentence=filled(check.message, {**shown_limits(check, settings), **place, **found.told}),
    )


def shown_limits(check: BatchCheck, settings: Settings | None = None) -> dict[str, str]:
    """The limits of a check as its sentences show them: shares in per cent, points as their number."""
    held = limits_of(check, settings)
    shown = {name: per_cent(Fraction(value)) for name, value in held.items() if name in check.shares}
    return held | shown | ({POINTS: points(Fraction(held[POINTS]))} if POINTS in held else {})


def points(share: Fraction) -> str:
    """A difference of shares in points, with up to two decimals: 5."""
    return per_cent(share).removesuffix("%")


def per_cent(share: Fraction) -> str:
    """A share in per cent with up to two decimals: 12.5%."""
    text = format(half_up(share * 100, 2), "f").rstrip("0").rstrip(".")
    return f"{text}%"


def _size(batch: Batch, unit: Unit, limits: Mapping[str, Fraction]) -> Iterator[_Found]:
    """BT03: the live lists beside the mean of the three months before, where all three are there."""
    before = [batch.months.get((unit[0], month)) for month in months_before(unit[1], MONTHS_OF_MEAN)]
    there = [month.lists for month in before if month is not None and month.lists > 0]
    if len(there) < MONTHS_OF_MEAN:
        return
    lists, mean = batch.months[unit].lists, Fraction(sum(there), MONTHS_OF_MEAN)
    off = lists / mean - 1
    if mean >= limits["least_lists"] and abs(off) > limits["share"]:
        shown = {"lists": f"{lists}", "mean": f"{half_up(mean, 1)}", "measured": per_cent(off)}
        yield _Found(unit[0], off, limits["share"], shown)


def _orphans(batch: Batch, unit: Unit, limits: Mapping[str, Fraction]) -> Iterator[_Found]:
    """BT04: the share of a delivery's settlement ids that have rows in its tables and no list.

    By settlement and not by row: which of its rows came without the list says nothing of how much is missing.
    """
    delivery = batch.deliveries.get(unit, Delivery(0, 0))
    lists = delivery.records + delivery.orphans
    if delivery.orphans and lists >= limits["least_lists"]:
        share = Fraction(delivery.orphans, lists)
        if share > limits["share"]:
            shown = {"lists": f"{lists}", "orphans": f"{delivery.orphans}", "measured": per_cent(share)}
            yield _Found(unit[0], share, limits["share"], shown)


def _missing(batch: Batch, unit: Unit, limits: Mapping[str, Fraction]) -> Iterator[_Found]:
    """BT07: the share of lists without an item, by itself and beside the month before."""
    (last,) = months_before(unit[1], 1)
    month, before = batch.months[unit], batch.months.get((unit[0], last))
    lists, lists_before = month.asked or 0, before.asked or 0 if before else 0
    if not lists or lists < limits["least_lists"]:
        return
    comparable = before if lists_before and lists_before >= limits["least_lists"] else None
    for field, lacking in sorted(month.missing.items()):
        share = Fraction(lacking, lists)
        earlier = Fraction(comparable.missing.get(field, 0), lists_before) if comparable else None
        shown = {"missing": f"{lacking}", "lists": f"{lists}", "measured": per_cent(share)}
        if share > limits["share"]:
            why = f"超过{per_cent(limits['share'])}"
            yield _Found(field, share, limits["share"], {**shown, "why": why})
        elif earlier is not None and share - earlier > limits[POINTS]:
            why = f"比上月的{per_cent(earlier)}高{points(limits[POINTS])}个百分点以上"
            yield _Found(field, share, earlier + limits[POINTS], {**shown, "why": why})


def _returned(batch: Batch, unit: Unit, limits: Mapping[str, Fraction]) -> Iterator[_Found]:
    """BT08: the share of a hospital's live lists that came back."""
    for code, one in sorted(batch.hospitals.get(unit, {}).items()):
        if one.lists and one.lists >= limits["least_lists"]:
            share = Fraction(one.returned, one.lists)
            if share > limits["share"]:
                shown = {"lists": f"{one.lists}", "returned": f"{one.returned}", "measured": per_cent(share)}
                yield _Found(code, share, limits["share"], shown)


def _of_month(batch: Batch, unit: Unit, limits: Mapping[str, Fraction]) -> Iterator[_Found]:
    """BT09: the share of a month's delivery that belongs to the month."""
    delivery = batch.deliveries.get(unit, Delivery(0, 0))
    if delivery.records and delivery.records >= limits["least_lists"]:
        share = Fraction(delivery.of_month, delivery.records)
        if share < limits["share"]:
            shown = {"records": f"{delivery.records}", "measured": per_cent(share)}
            yield _Found(unit[0], share, limits["share"], shown)


def _shrunk(batch: Batch, unit: Unit, _: Mapping[str, Fraction]) -> Iterator[_Found]:
    """BT10: settlements an earlier run knew that are neither there nor taken back."""
    before, now = batch.known.get(unit, 0), batch.months[unit].settlements
    if now < before:
        shown = {"before": f"{before}", "lists": f"{now}", "lost": f"{before - now}"}
        yield _Found(unit[0], Fraction(now), Fraction(before), shown)


def _unknown_codes(batch: Batch, unit: Unit, limits: Mapping[str, Fraction]) -> Iterator[_Found]:
    """DX20: the share of a hospital's codes that are in no dictionary of the insurance edition."""
    for code, one in sorted(batch.hospitals.get(unit, {}).items()):
        if one.codes and one.codes >= limits["least_codes"]:
            share = Fraction(one.unknown, one.codes)
            if share > limits["share"]:
                yield _Found(code, share, limits["share"], {"codes": f"{one.codes}", "measured": per_cent(share)})


_MEASURES = {
    "BT03": _size,
    "BT04": _orphans,
    "BT07": _missing,
    "BT08": _returned,
    "BT09": _of_month,
    "BT10": _shrunk,
    "DX20": _unknown_codes,
}
