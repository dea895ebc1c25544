"""Disputes about settled cases and warning notices to hospitals: states that only move forward, days in order.

    <deliveries>/<region_code>/case_dispute.csv      filed -> accepted -> decided, or filed -> refused
    <deliveries>/<region_code>/warning_notice.csv    sent -> replied -> closed

A file is taken whole or not at all, like the registers beside it. What was answered or decided is not taken back: a
dispute that a later file leaves out stays, and one it writes anew may only move forward.

Source: 宜兴市DRG支付方式改革2023年行动计划 二（四）一（争议处理和特病单议机制）; the same plan's 预警通知书.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from drg.errors import DeliveryError
from drg.land.cells import Line, Row, a_day, a_hospital, a_month, a_number, lines_of, matching, one_of

CASE_DISPUTE, WARNING_NOTICE = "case_dispute", "warning_notice"
DISPUTE_COLUMNS = (
    "region_code",
    "settlement_month",
    "setl_id",
    "hospital_code",
    "subject",
    "filed_on",
    "state",
    "answered_on",
    "decision",
    "decided_on",
    "ruling",
    "drg",
    "reason",
)
NOTICE_COLUMNS = (
    "region_code",
    "notice_number",
    "hospital_code",
    "subject",
    "indicator",
    "drg",
    "unit",
    "value",
    "peer_value",
    "sent_on",
    "reply_due",
    "replied_on",
    "closed_on",
)
SUBJECTS = ("grouping", "payment", "other")
# State -> what a dispute holds by then, and the states it may move to.
_HOLDS: dict[str, tuple[str, ...]] = {
    "filed": (),
    "accepted": ("answered_on",),
    "refused": ("answered_on",),
    "decided": ("answered_on", "decision", "decided_on"),
}
_NEXT: dict[str, tuple[str, ...]] = {
    "filed": ("filed", "accepted", "refused", "decided"),
    "accepted": ("accepted", "decided"),
    "refused": ("refused",),
    "decided": ("decided",),
}
_a_group = matching(r"[A-Z0-9]{4}(-[A-Z0-9]+)?", "a group such as BR23 or BR23-A")


def read_case_disputes(folder: Path, region_code: str, hospitals: Collection[str]) -> list[Row]:
    """The disputes of a region, columns as in the contract of case_dispute, sorted by case.

    Raises DeliveryError naming file, line and field for a missing column, a malformed value, another region's code, a
    hospital the register does not hold, a case disputed twice, days out of order, and what does not belong to the state
    a dispute is in: an answer while filed, a decision before it, a ruling that is not upheld, a group not regrouped.
    """
    rows: dict[str, Row] = {}
    for cell in lines_of(folder / f"{CASE_DISPUTE}.csv", DISPUTE_COLUMNS, may_be_empty=True):
        region, month = cell("region_code", one_of(region_code)), cell("settlement_month", a_month)
        setl_id = cell("setl_id", str)
        if setl_id in rows:
            raise cell.error("setl_id", f"gives case {setl_id} a second dispute; a case is decided once")
        hospital = _registered(cell, hospitals)
        subject, filed = cell("subject", one_of(*SUBJECTS)), cell("filed_on", a_day)
        state = cell("state", one_of(*_HOLDS))
        answered = cell("answered_on", a_day, optional=True)
        decision = cell("decision", one_of("upheld", "dismissed"), optional=True)
        decided = cell("decided_on", a_day, optional=True)
        for name, value in (("answered_on", answered), ("decision", decision), ("decided_on", decided)):
            if (value is not None) != (name in _HOLDS[state]):
                raise cell.error(name, f"is {'blank' if value is None else value}, and the dispute is {state}")
        if filed.isoformat()[:7] < month:
            raise cell.error("filed_on", f"{filed} lies before settlement_month {month}")
        _in_order(cell, filed_on=filed, answered_on=answered, decided_on=decided)
        ruling = cell("ruling", one_of("repriced", "regrouped"), optional=True)
        if (ruling is not None) != (decision == "upheld"):
            raise cell.error("ruling", "says how a dispute that is upheld is paid, and of no other")
        drg = cell("drg", _a_group, optional=True)
        if (drg is not None) != (ruling == "regrouped"):
            raise cell.error("drg", "names the group of a ruling that is regrouped, and of no other")
        reason = cell("reason", str, optional=True)
        rows[setl_id] = (region, month, setl_id, hospital, subject, filed, state, answered, decision, decided, ruling,
                         drg, reason)  # fmt: skip
    return [rows[key] for key in sorted(rows)]


def read_warning_notices(folder: Path, region_code: str, hospitals: Collection[str]) -> list[Row]:
    """The notices of a region, columns as in the contract of warning_notice, sorted by number.

    Raises DeliveryError naming file, line and field for a missing column, a malformed value, another region's code, a
    hospital the register does not hold, a number given twice, and days out of order.
    """
    rows: dict[str, Row] = {}
    for cell in lines_of(folder / f"{WARNING_NOTICE}.csv", NOTICE_COLUMNS, may_be_empty=True):
        region, notice = cell("region_code", one_of(region_code)), cell("notice_number", str)
        if notice in rows:
            raise cell.error("notice_number", f"gives number {notice} a second notice")
        sent, due = cell("sent_on", a_day), cell("reply_due", a_day)
        replied, closed = cell("replied_on", a_day, optional=True), cell("closed_on", a_day, optional=True)
        _in_order(cell, sent_on=sent, reply_due=due)
        _in_order(cell, sent_on=sent, replied_on=replied, closed_on=closed)
        rows[notice] = (
            region,
            notice,
            _registered(cell, hospitals),
            cell("subject", str),
            cell("indicator", str),
            cell("drg", _a_group, optional=True),
            cell("unit", str),
            cell("value", a_number(4)),
            cell("peer_value", a_number(4)),
            sent,
            due,
            replied,
            closed,
        )
    return [rows[key] for key in sorted(rows)]


def moved_forward(region: str, before: Sequence[Mapping[str, object]], now: Sequence[Row]) -> list[Row]:
    """The disputes of a region after a delivery, sorted by case: those delivered, and landed ones it does not name.

    `before` are the landed rows of case_dispute. Raises DeliveryError naming the first case that goes back a state or
    changes a day or decision it already held.
    """
    landed = {str(row["setl_id"]): row for row in before}
    for row in now:
        new = dict(zip(DISPUTE_COLUMNS, row, strict=True))
        old = landed.pop(row[2], None)
        if old is not None:
            _assert_forward(f"region {region}: {CASE_DISPUTE}.csv", old, new)
    kept = (tuple(row[name] for name in DISPUTE_COLUMNS) for row in landed.values())
    return sorted((*kept, *now), key=lambda row: str(row[2]))


def _assert_forward(where: str, old: Mapping[str, object], new: Mapping[str, object]) -> None:
    case, state, again = (
        f"the dispute of case {old['setl_id']}",
        str(old["state"]),
        "correct the file and deliver it again",
    )
    held = ("settlement_month", "filed_on", *_HOLDS[state], *(("ruling", "drg") if state == "decided" else ()))
    changed = next((name for name in held if old[name] != new[name]), None)
    if state == "decided" and (changed or new["state"] != state):
        name = changed or "state"
        raise DeliveryError(
            f"{where}: decides {case} a second time ({name} was {old[name]} and is {new[name]}); {again}"
        )
    if new["state"] not in _NEXT[state]:
        raise DeliveryError(f"{where}: takes {case} from {state} to {new['state']}; {again}")
    if changed:
        raise DeliveryError(f"{where}: changes {changed} of {case} from {old[changed]} to {new[changed]}; {again}")


def months_decided(before: Iterable[Mapping[str, object]], now: Sequence[Row]) -> set[str]:
    """The settlement months in which a dispute is upheld that was not yet when it was landed before."""
    known = {str(row["setl_id"]) for row in before if row["decision"] == "upheld"}
    rows = (dict(zip(DISPUTE_COLUMNS, row, strict=True)) for row in now)
    return {row["settlement_month"] for row in rows if row["decision"] == "upheld" and row["setl_id"] not in known}


def _registered(cell: Line, hospitals: Collection[str]) -> str:
    code: str = cell("hospital_code", a_hospital)
    if code not in hospitals:
        raise cell.error("hospital_code", f"{code} does not stand in hospital_register.csv")
    return code


def _in_order(cell: Line, **days: object) -> None:
    """Each day that is there lies on or after the one before it."""
    there = [(name, day) for name, day in days.items() if day is not None]
    for (earlier, first), (later, day) in pairwise(there):
        if str(day) < str(first):
            raise cell.error(later, f"{day} lies before {earlier} {first}")
