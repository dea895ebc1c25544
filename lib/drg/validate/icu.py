"""Intensive care of a list (重症监护, node icuinfo): its minutes, and what is odd about its rows; Arrow only.

A row is one stay in a ward, from entry to exit; several rows add up, and time that two of them both claim counts once.
A row counts by its two times, not by the duration it states (`days/hours/minutes` as text). A row whose times are
missing, or whose exit lies before its entry, counts for nothing and is flagged; a filler row, as some systems send it
for a patient who was in no such ward, says nothing at all.

Ids of the checks that read these columns: settlement list quality rules (医疗保障基金结算清单质控规则) IC01 to IC06.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drg.validate.nodes import DAY, NO_DAY, Rows, Whole, digits, is_among, yes
from drg.validate.operations import moments
from drg.validate.tables import ICU_WARDS, NICU, PICU

# What stands for the ward in a filler row, whose two times are then equal or empty.
_NO_WARD = ("", "*", "-")
MOST_MINUTES = 2**31 - 1
_DURATION = r"^(?P<days>[0-9]{1,3})/(?P<hours>[0-9]{1,2})/(?P<minutes>[0-9]{1,2})$"
ICU = pa.schema(
    [
        ("icu_minutes", pa.int32()),
        ("icu_from", pa.date32()),
        ("icu_to", pa.date32()),
        ("icu_without_times", pa.bool_()),
        ("icu_overlaps", pa.bool_()),
        ("icu_duration_differs", pa.bool_()),
        ("icu_duration_unread", pa.bool_()),
        ("ward_unknown", pa.bool_()),
        ("ward_nicu", pa.bool_()),
        ("ward_picu", pa.bool_()),
    ]
)


def intensive_care(node: pa.ListArray) -> list[pa.Array]:
    """Columns `ICU`, one value a list.

    icu_minutes: whole minutes, rounded down; 0 without intensive care. icu_from, icu_to: first and last day of the rows
    that count, null without. The others are yes or no.
    """
    rows = Rows.of(node)
    ward = pc.fill_null(rows.text("scs_cutd_ward_type"), "")
    entry, left = (pc.fill_null(rows.text(f"scs_cutd_{name}_time"), "") for name in ("inpool", "exit"))
    told = ~(is_among(ward, _NO_WARD) & yes(pc.equal(entry, left)))
    rows, ward = rows.where(told), ward.filter(pa.array(told))
    entered, ended = (moments(text.filter(pa.array(told))) for text in (entry, left))
    stated = _minutes(rows.text("scs_cutd_sum_dura"))
    sound = ended >= entered  # a comparison with a time that is not there does not hold
    counted = rows.where(sound)
    begins, ends = (times[sound].astype("int64") for times in (entered, ended))
    differs = sound & (stated >= 0) & (np.abs((ended - entered).astype("int64") - stated * 60) > 3600)
    seconds = _covered(counted, begins, ends)
    return [
        # A year 9999 typed into a list that is refused for it must not stop the others.
        pa.array(np.minimum(seconds // 60, MOST_MINUTES), pa.int32()),
        pa.array(counted.extreme(entered[sound].astype(DAY), np.minimum, NO_DAY), pa.date32()),
        pa.array(counted.extreme(ended[sound].astype(DAY), np.maximum, NO_DAY), pa.date32()),
        pa.array(rows.any(~sound)),
        pa.array(counted.total(ends - begins) > seconds),
        pa.array(rows.any(differs)),
        pa.array(rows.any(stated < 0)),
        pa.array(rows.any(~is_among(ward, ICU_WARDS))),
        pa.array(rows.any(is_among(ward, (NICU,)))),
        pa.array(rows.any(is_among(ward, (PICU,)))),
    ]


def _covered(rows: Rows, begins: Whole, ends: Whole) -> Whole:
    """Seconds the rows of a list cover, time claimed twice taken once."""
    found = np.zeros(rows.lists, dtype=np.int64)
    until = np.full(rows.lists, np.iinfo(np.int64).min)
    order = np.lexsort((ends, begins, rows.parent))
    # Row by row: few lists have any, and each depends on the one before.
    for row in order:
        parent, begin, end = rows.parent[row], begins[row], ends[row]
        found[parent] += max(0, end - max(begin, until[parent]))
        until[parent] = max(end, until[parent])
    return found


def _minutes(text: pa.StringArray) -> Whole:
    """A duration `days/hours/minutes` in minutes, up to 24 hours and 60 minutes as some systems write; -1 if unread."""
    found = pc.extract_regex(text, _DURATION)
    days, hours, minutes = (digits(found.field(name)) for name in ("days", "hours", "minutes"))
    readable = yes(pc.is_valid(found)) & (hours <= 24) & (minutes <= 60)
    return np.where(readable, days * 1440 + hours * 60 + minutes, -1)
