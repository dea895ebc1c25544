"""What the times, anaesthesia and order of the operations of a list say against each other; Arrow arrays in, flags out.

A row is one operation (oprninfo). Times are Chinese clock time, `yyyy-MM-dd HH:mm:ss` or a day; one that is missing is
not judged, one that is there and no time is wrong. Rules: settlement list quality rules (医疗保障基金结算清单质控规则)
ID16, OP04 to OP06, OP09 and OP17; the codes of anaesthesia: CV06.00.103 麻醉方法代码.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Flags = npt.NDArray[np.bool_]
Rows = list[dict[str, Any]]

TIMES = ("oprn_oprt_begntime", "oprn_oprt_endtime", "anst_begntime", "anst_endtime")
MAIN = ("1", "M")
FIELDS = ("main_oprn_flag", "oprn_oprt_code", "oprn_oprt_date", *TIMES, "anst_way", "anst_dr_code")
# General, spinal, local, combined, other; with a leading zero, or each place with one, as some systems write them.
_ANAESTHESIA = re.compile(r"0?(1[1-3]?|2[12]?|3[1-6]?|4[1-5]?|9)|0(10[1-3]|20[12]|30[1-6]|40[1-5]|900)")
_LOCAL = re.compile(r"0?3")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?")
LONGEST_HOURS = 48


def operation_faults(operations: pa.ListArray, stay: pa.StructArray) -> dict[str, Flags]:
    """One flag a list and fault, by the name of `_FAULTS`; `stay` has adm_time and dscg_time as delivered."""
    found = {name: np.zeros(len(operations), dtype=bool) for name in _FAULTS}
    some = np.flatnonzero(pc.fill_null(pc.list_value_length(operations), 0).to_numpy(zero_copy_only=False))
    if len(some) == 0:
        return found
    places = pa.array(some)
    begun, ended = (stay.field(name).take(places).to_pylist() for name in ("adm_time", "dscg_time"))
    rows_of = _rows(operations.take(places))
    for place, rows, admitted, discharged in zip(some, rows_of, map(moment, begun), map(moment, ended), strict=True):
        for name, fault in _FAULTS.items():
            found[name][place] = fault(rows, admitted, discharged)
    return found


def _rows(operations: pa.ListArray) -> Iterable[Rows]:
    """The rows of each list, texts trimmed, blank ones null, times read."""
    columns = {name: pc.utf8_trim_whitespace(operations.flatten().field(name)).to_pylist() for name in FIELDS}
    texts: Rows = [
        {name: column[i] or None for name, column in columns.items()} for i in range(len(columns["anst_way"]))
    ]
    for row in texts:
        row["times"] = [moment(row[name]) for name in TIMES]
        row["unread"] = any(row[name] for name, at in zip(TIMES, row["times"], strict=True) if at is None)
    first = 0
    for length in pc.list_value_length(operations).to_pylist():
        yield texts[first : first + length]
        first += length


def moment(text: str | None) -> datetime | None:
    """A time or day as delivered, null where it is none."""
    if text is None or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _anaesthesia_unknown(rows: Rows, *_: object) -> bool:
    return any(row["anst_way"] and not _ANAESTHESIA.fullmatch(row["anst_way"]) for row in rows)


def _operation_time_wrong(rows: Rows, *_: object) -> bool:
    """Ends before it begins, lasts longer than 48 hours, or states what is no time (OP04)."""
    for row in rows:
        begun, ended, *_rest = row["times"]
        if row["unread"]:
            return True
        if begun and ended and not 0 <= (ended - begun).total_seconds() <= LONGEST_HOURS * 3600:
            return True
    return False


def _anaesthesia_time_wrong(rows: Rows, admitted: datetime | None, discharged: datetime | None) -> bool:
    """Anaesthesia ends before it begins, lies outside the stay or does not overlap its operation (OP05)."""
    for row in rows:
        begun, ended, asleep, awake = row["times"]
        if _before(awake, asleep) or _before(asleep, admitted) or _before(discharged, awake):
            return True
        if _before(discharged, asleep) or _before(awake, admitted):
            return True
        if _before(awake, begun) or _before(ended, asleep):
            return True
    return False


def _anaesthetist_missing(rows: Rows, *_: object) -> bool:
    """Anaesthesia that is not local and no anaesthetist (OP06)."""
    return any(row["anst_way"] and not _LOCAL.match(row["anst_way"]) and not row["anst_dr_code"] for row in rows)


def _a_minute_apart(rows: Rows, *_: object) -> bool:
    """One code at two times up to a minute apart: shifted so that a platform takes the repeat (OP09)."""
    if len(rows) < 2:
        return False
    at = sorted((row["oprn_oprt_code"], when) for row in rows if (when := _begun(row)) and row["oprn_oprt_code"])
    return any(
        code == other and 0 < (after - before).total_seconds() <= 60 for (code, before), (other, after) in pairwise(at)
    )


def _operations_unordered(rows: Rows, *_: object) -> bool:
    """Operations of more than one day and, the main one aside, not in the order of their days (OP17)."""
    if len(rows) < 3:
        return False
    days = [when.date() for row in rows if (row["main_oprn_flag"] or "").upper() not in MAIN and (when := _begun(row))]
    return days != sorted(days)


_FAULTS: dict[str, Callable[..., bool]] = {
    "anaesthesia_unknown": _anaesthesia_unknown,
    "operation_time_wrong": _operation_time_wrong,
    "anaesthesia_time_wrong": _anaesthesia_time_wrong,
    "anaesthetist_missing": _anaesthetist_missing,
    "a_minute_apart": _a_minute_apart,
    "operations_unordered": _operations_unordered,
}


def _begun(row: dict[str, Any]) -> datetime | None:
    """When an operation began: its time, else its date."""
    begun: datetime | None = row["times"][0]
    return begun or moment(row["oprn_oprt_date"])


def _before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other
