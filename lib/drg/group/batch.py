"""A batch of cases as arrays of code numbers: read from Arrow once, then only whole-array arithmetic.

Every code of the pack has a number; a code that is unknown or absent has the number after the last, for which every
table holds false. Multi-valued fields are flat arrays with the row of each element (compressed sparse rows).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Array = npt.NDArray[Any]

INPUT_COLUMNS = (
    "sex",
    "age_years",
    "age_days",
    "newborn_weight_g",
    "principal_diagnosis",
    "other_diagnoses",
    "principal_procedure",
    "other_procedures",
)
NONE = np.iinfo(np.int64).max
"""The place of no code, after every other place."""


@dataclass(frozen=True)
class CcTables:
    """CC facts by code number: level (0, 1 CC, 2 MCC), exclusion set of a CC, and the sets a principal stands in."""

    level: npt.NDArray[np.uint8]
    exclusion_set: npt.NDArray[np.int32]
    excluded_by: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Others:
    """A multi-valued field: code number and row of each element, `start` of each row (one more than rows)."""

    ids: npt.NDArray[np.int32]
    rows: Ints
    start: Ints

    def of(self, rows: Ints) -> tuple[Ints, Ints]:
        """The elements of some rows: position of each in `ids`, and which of `rows` it belongs to."""
        count = self.start[rows + 1] - self.start[rows]
        owner = np.repeat(np.arange(len(rows)), count)
        first = np.repeat(self.start[rows] - (np.cumsum(count) - count), count)
        return first + np.arange(len(owner)), owner


@dataclass(frozen=True)
class CcState:
    """What the other diagnoses do: flags per row, and the elements that count or are excluded.

    Attributes:
        key: per row, 1 where a CC counts plus 2 where an MCC counts.
        active: per element, its level where it counts, else 0.
        excluded: positions of the elements whose level the principal diagnosis takes away.
    """

    key: npt.NDArray[np.uint8]
    active: npt.NDArray[np.uint8]
    excluded: Ints


@dataclass(frozen=True)
class Batch:
    """Cases as arrays. `relaxed` names scalars whose every comparison counts as true (to find what contradicts).

    A place is the number of an element among principals then others: place < size is the principal of that row, so
    the smallest place of a case is its first code.
    """

    size: int
    principal: dict[str, npt.NDArray[np.int32]]
    others: dict[str, Others]
    scalars: dict[str, npt.NDArray[np.float64]]
    cc: CcState
    word_tables: dict[str, Words]
    diagnoses: pa.Array
    procedures: pa.Array
    relaxed: frozenset[str] = frozenset()
    _words: dict[tuple[str, int], Words] = field(default_factory=dict)

    def relaxing(self, *scalars: str) -> Batch:
        """The same cases with these scalars relaxed."""
        return replace(self, relaxed=frozenset(scalars))

    def words(self, name: str, word: int) -> Words:
        """Per row, the bits of `word` that any other code of field `name` sets."""
        key = (name, word)
        if key not in self._words:
            others = self.others[name]
            bits = self.word_tables[name][word][others.ids]
            hits = np.flatnonzero(bits)
            result = np.zeros(self.size, np.uint64)
            np.bitwise_or.at(result, others.rows[hits], bits[hits])
            self._words[key] = result
        return self._words[key]


def read_batch(cases: pa.RecordBatch | pa.Table, codes: pa.Array, tables: CcTables, words: dict[str, Words]) -> Batch:
    """The arrays of a batch with the columns INPUT_COLUMNS; others are ignored. KeyError for a missing column."""
    size = cases.num_rows
    principal_dx = _strings(cases.column("principal_diagnosis"))
    principal_px = _strings(cases.column("principal_procedure"))
    other_dx, dx_start = _lists(cases.column("other_diagnoses"))
    other_px, px_start = _lists(cases.column("other_procedures"))
    diagnoses = pa.concat_arrays([principal_dx, other_dx])
    procedures = pa.concat_arrays([principal_px, other_px])
    ids = _numbers(pa.concat_arrays([diagnoses, procedures]), codes)
    cuts = np.cumsum([size, len(other_dx), size])
    zyzd, qtzd, zyss, qtss = np.split(ids, cuts)
    others = {"QTZD": _others(qtzd, dx_start), "QTSS": _others(qtss, px_start)}
    return Batch(
        size=size,
        principal={"ZYZD": zyzd, "ZYSS": zyss},
        others=others,
        scalars={
            "NL": _floats(cases.column("age_years")),
            "XB": _sex(cases.column("sex")),
            "XSRTL": _floats(cases.column("age_days")),
            "XSRTZ": _floats(cases.column("newborn_weight_g")),
        },
        cc=_cc_state(zyzd, others["QTZD"], tables, size),
        word_tables=words,
        diagnoses=diagnoses,
        procedures=procedures,
    )


def first_by_owner(places: Array, owner: Array, size: int) -> Ints:
    """The first of `places` (in given order) for each owner 0..size-1, NONE for an owner without one."""
    result = np.full(size, NONE)
    result[owner[::-1]] = places[::-1]
    return result


def _cc_state(principal: Array, others: Others, tables: CcTables, size: int) -> CcState:
    active = tables.level[others.ids]
    leveled = np.flatnonzero(active)
    own_sets = tables.excluded_by[principal[others.rows[leveled]]]
    taken = (own_sets == tables.exclusion_set[others.ids[leveled]][:, None]).any(axis=1)
    excluded = leveled[taken]
    active[excluded] = 0
    key = np.zeros(size, np.uint8)
    for level in (1, 2):
        hit = np.zeros(size, np.bool_)
        hit[others.rows[active == level]] = True
        key |= hit.view(np.uint8) << np.uint8(level - 1)
    return CcState(key, active, excluded)


def _others(ids: npt.NDArray[np.int32], start: Ints) -> Others:
    return Others(ids, np.repeat(np.arange(len(start) - 1), np.diff(start)), start)


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _strings(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    array = _one(column)
    return array if array.type == pa.string() else array.cast(pa.string())


def _lists(column: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    array = _one(column)
    start = np.zeros(len(array) + 1, np.int64)
    if pa.types.is_null(array.type):
        return pa.array([], pa.string()), start
    lengths = pc.fill_null(pc.list_value_length(array), 0)
    np.cumsum(lengths.to_numpy(zero_copy_only=False), out=start[1:])
    return _strings(array.flatten()), start


def _numbers(text: pa.Array, codes: pa.Array) -> npt.NDArray[np.int32]:
    found = pc.fill_null(pc.index_in(text, value_set=codes, skip_nulls=True), len(codes))
    numbers: npt.NDArray[np.int32] = found.to_numpy(zero_copy_only=False)
    return numbers


def _sex(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.float64]:
    number = pc.index_in(_strings(column), value_set=pa.array(["1", "2"]), skip_nulls=True)
    return _floats(pc.add(number, 1))


def _floats(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.float64]:
    # absent becomes NaN, for which every comparison is false, as the rule language asks
    values: npt.NDArray[np.float64] = _one(column).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values
