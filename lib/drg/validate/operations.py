"""What the times, anaesthesia and order of the operations of a list say against each other; Arrow arrays in, flags out.

A row is one operation (oprninfo). Times are Chinese clock time, `yyyy-MM-dd HH:mm:ss` or a day; one that is missing is
not judged, one that is there and no time is wrong. Rules: settlement list quality rules (医疗保障基金结算清单质控规则)
ID16, OP04 to OP06, OP09 and OP17; the codes of anaesthesia: CV06.00.103 麻醉方法代码.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Flags = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]

MAIN = ("1", "M")
TIMES = ("oprn_oprt_begntime", "oprn_oprt_endtime", "anst_begntime", "anst_endtime")
FIELDS = ("main_oprn_flag", "oprn_oprt_code", "oprn_oprt_date", *TIMES, "anst_way", "anst_dr_code")
# General, spinal, local, combined, other; with a leading zero, or each place with one, as some systems write them.
_ANAESTHESIA = r"^0?(1[1-3]?|2[12]?|3[1-6]?|4[1-5]?|9)$|^0(10[1-3]|20[12]|30[1-6]|40[1-5]|900)$"
_LOCAL = r"^0?3"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?$"
LONGEST = np.timedelta64(48, "h")
MINUTE = np.timedelta64(60, "s")


def operation_faults(operations: pa.ListArray, stay: Any) -> dict[str, Flags]:
    """One flag a list and fault; `stay` has adm_time and dscg_time as delivered.

    anaesthesia_unknown (ID16), operation_time_wrong (OP04), anaesthesia_time_wrong (OP05), anaesthetist_missing (OP06),
    a_minute_apart (OP09), operations_unordered (OP17).
    """
    lengths = pc.fill_null(pc.list_value_length(operations), 0).to_numpy(zero_copy_only=False)
    parent = np.repeat(np.arange(len(operations)), lengths)
    flat = operations.flatten()
    text = {name: pc.fill_null(pc.utf8_trim_whitespace(flat.field(name)), "") for name in FIELDS}
    begun, ended, asleep, awake = times = [moments(text[name]) for name in TIMES]
    admitted, discharged = (moments(pc.fill_null(stay.field(n), ""))[parent] for n in ("adm_time", "dscg_time"))
    unread = [np.isnat(read) & _given(text[name]) for name, read in zip(TIMES, times, strict=True)]
    # A comparison with a time that is not there does not hold.
    wrong = {
        "anaesthesia_unknown": _given(text["anst_way"]) & ~_matches(text["anst_way"], _ANAESTHESIA),
        "operation_time_wrong": np.any(unread, axis=0) | (ended < begun) | (ended - begun > LONGEST),
        "anaesthesia_time_wrong": (awake < asleep)
        | (asleep < admitted)
        | (awake < admitted)
        | (asleep > discharged)
        | (awake > discharged)
        | (awake < begun)
        | (asleep > ended),
        "anaesthetist_missing": _given(text["anst_way"])
        & ~_matches(text["anst_way"], _LOCAL)
        & ~_given(text["anst_dr_code"]),
    }
    found = {name: np.zeros(len(operations), dtype=bool) for name in (*wrong, "a_minute_apart", "operations_unordered")}
    for name, rows in wrong.items():
        found[name][parent[rows]] = True
    if np.any(lengths > 1):
        when = np.where(np.isnat(begun), moments(text["oprn_oprt_date"]), begun)
        found["a_minute_apart"][_a_minute_apart(parent, text["oprn_oprt_code"].to_pylist(), when)] = True
        further = ~np.array(pc.is_in(pc.utf8_upper(text["main_oprn_flag"]), pa.array(MAIN)), dtype=bool)
        found["operations_unordered"][_unordered(parent[further], when[further])] = True
    return found


def moments(text: pa.StringArray) -> Times:
    """Times or days as delivered, to the second; NaT where a text is none."""
    given = _matches(text, _TIME)
    read = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[s]")
    values = text.filter(pa.array(given)).to_pylist()
    try:
        read[given] = np.array(values, dtype="datetime64[s]")
    except ValueError:  # the thirteenth month of one of them
        read[given] = np.array([_moment(value) for value in values], dtype="datetime64[s]")
    return read


def _moment(text: str) -> np.datetime64:
    try:
        return np.datetime64(text, "s")
    except ValueError:
        return np.datetime64("NaT", "s")


def _a_minute_apart(parent: npt.NDArray[np.int64], codes: Sequence[str], when: Times) -> npt.NDArray[np.int64]:
    """Lists with one code at two times up to a minute apart: shifted so that a platform takes the repeat (OP09)."""
    rows = np.flatnonzero(~np.isnat(when) & (np.array(codes, dtype=object) != ""))
    # Longer than any code; an array of text is as wide as its longest.
    _, code = np.unique(np.array([code[:40] for code in codes], dtype=str)[rows], return_inverse=True)
    order = np.lexsort((when[rows], code, parent[rows]))
    same = (np.diff(parent[rows][order]) == 0) & (np.diff(code[order]) == 0)
    step = np.diff(when[rows][order])
    return np.asarray(parent[rows][order][1:][same & (step > np.timedelta64(0, "s")) & (step <= MINUTE)])


def _unordered(parent: npt.NDArray[np.int64], when: Times) -> npt.NDArray[np.int64]:
    """Lists whose operations, the main one aside, are not in the order of their days (OP17)."""
    known = ~np.isnat(when)
    parent, day = parent[known], when[known].astype("datetime64[D]")
    return np.asarray(parent[1:][(np.diff(parent) == 0) & (np.diff(day) < np.timedelta64(0, "D"))])


def _given(text: pa.StringArray) -> Flags:
    return np.array(pc.not_equal(text, "").to_numpy(zero_copy_only=False), dtype=bool)


def _matches(text: pa.StringArray, pattern: str) -> Flags:
    return np.array(pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False), dtype=bool)
