"""What happens to drawn lists before and after delivery: defects, late lists, corrections, reversals, re-settlements.

A list has at most one event. What is not delivered with its month comes with the delivery of the month after; the lists
of the last month drawn therefore have defects only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from drg.synth import fields, text
from drg.synth.assumptions import IntArray, Rates
from drg.synth.charges import Charges, charge
from drg.synth.defects import DROPPED, KINDS, Defect, Message, damage
from drg.synth.drawing import Chunk
from drg.synth.grouping import group
from drg.synth.message import age_years, amount_columns
from drg.synth.particular import fee_kind
from drg.synth.stays import month_days
from drg.synth.truth import Truth

NONE, DEFECTIVE, LATE, CORRECTED, REVERSED = range(5)
LIVE, REPLACED, CANCELLED, CANCELS = "live", "replaced", "cancelled", "cancels"
REPAIRED_SHARE, REDIAGNOSED_SHARE, SETTLED_AGAIN_SHARE = 0.2, 0.6, 0.5
# Defects up to this number can always be repaired by a correction of the same settlement id.
REPAIRABLE = 24


@dataclass(frozen=True)
class Stream:
    """Messages of one file in order, what the truth says of each, and which are cut short when written as text."""

    messages: pa.Table
    row: IntArray
    kind: list[str]
    defect: list[Defect | None]
    outcome: list[str]
    drg: IntArray
    total: IntArray
    half: npt.NDArray[np.bool_]


def draw_events(rng: np.random.Generator, rates: Rates, count: int, last_month: bool) -> IntArray:
    """The event of each list; in the last month only defects, in the same places as otherwise."""
    limits = np.cumsum([rates.defective, rates.late, rates.corrected, rates.reversed])
    place = np.searchsorted(limits, rng.random(count), side="right")
    event = np.array([DEFECTIVE, LATE, CORRECTED, REVERSED, NONE])[place]
    return np.where(last_month & (event != DEFECTIVE), NONE, event)


def main_stream(rng: np.random.Generator, chunk: Chunk, event: IntArray, readable_only: bool) -> Stream:
    """The lists delivered with their month, some of them damaged, a duplicate right after its list."""
    count = len(event)
    total = chunk.drawn.charges.amounts["medfee_sumamt"]
    repaired = (event == CORRECTED) & (rng.random(count) < REPAIRED_SHARE)
    first = np.where(repaired, rng.integers(0, REPAIRABLE, count), rng.integers(0, len(KINDS), count))
    wrong = np.flatnonzero((event == DEFECTIVE) | repaired)
    messages: list[Message] = chunk.messages.take(pa.array(wrong)).to_pylist()
    defect: list[Defect | None] = [None] * count
    for place, message in zip(wrong, messages, strict=True):
        defect[place] = damage(message, int(first[place]), readable_only)
    outcome = [_outcome(int(one), found) for one, found in zip(event, defect, strict=True)]
    source = np.arange(count)
    source[wrong] = count + np.arange(len(wrong))
    copies = np.array([2 if found is Defect.DUPLICATE else 1 for found in defect]) * (event != LATE)
    row: IntArray = np.repeat(np.arange(count), copies).astype(np.int64)
    second = np.concatenate([[False], row[1:] == row[:-1]]) if len(row) else np.zeros(0, dtype=np.bool_)
    table = pa.concat_tables([chunk.messages, pa.Table.from_pylist(messages, schema=fields.SCHEMA)])
    return Stream(
        messages=table.take(pa.array(source[row])).combine_chunks(),
        row=row,
        kind=["duplicate" if again else "list" for again in second],
        defect=[
            defect[one] if again or defect[one] is not Defect.DUPLICATE else None
            for one, again in zip(row, second, strict=True)
        ],
        outcome=[
            outcome[one] if again or outcome[one] != DROPPED else LIVE for one, again in zip(row, second, strict=True)
        ],
        drg=chunk.drg[row],
        total=total[row],
        half=np.array([defect[one] is Defect.HALF_RECORD for one in row], dtype=np.bool_),
    )


def _outcome(event: int, defect: Defect | None) -> str:
    if event == CORRECTED:
        return REPLACED
    if event == REVERSED:
        return CANCELLED
    return defect.value.outcome if defect else LIVE


def late_stream(rng: np.random.Generator, chunk: Chunk, event: IntArray, month: str) -> Stream:
    """Lists declared only after the month was delivered."""
    rows = np.flatnonzero(event == LATE)
    columns: dict[str, pa.Array | str] = {"dcla_time": _next_month(rng, month, len(rows))}
    return _stream(_with(chunk.messages.take(pa.array(rows)), columns), chunk, rows, "late", LIVE)


def after_streams(rng: np.random.Generator, truth: Truth, chunk: Chunk, event: IntArray, month: str) -> list[Stream]:
    """Corrections, reversals and re-settlements of lists that were delivered with their month."""
    rows = np.flatnonzero(event == CORRECTED)
    back = np.flatnonzero(event == REVERSED)
    again = back[rng.random(len(back)) < SETTLED_AGAIN_SHARE]
    return [
        _corrections(rng, truth, chunk, rows, month),
        _reversals(rng, chunk, back, month),
        _settled_again(rng, truth, chunk, again, month),
    ]


def _corrections(rng: np.random.Generator, truth: Truth, chunk: Chunk, rows: IntArray, month: str) -> Stream:
    """The whole message again: the last other diagnosis withdrawn where there is one, else other amounts."""
    drawn, source = chunk.drawn, truth.catalogue()
    diagnoses = drawn.cases.diagnoses[rows].copy()
    last = (diagnoses >= 0).sum(axis=1) - 1
    rediagnosed = (rng.random(len(rows)) < REDIAGNOSED_SHARE) & (last > 0)
    diagnoses[np.flatnonzero(rediagnosed), last[rediagnosed]] = -1
    charges = _charged(rng, truth, chunk, rows, np.where(rediagnosed, 1.0, rng.uniform(0.85, 1.15, len(rows))))
    table = chunk.messages.take(pa.array(rows))
    columns = amount_columns(charges, drawn.employee[rows]) | {"dcla_time": _next_month(rng, month, len(rows))}
    kept = [
        row[: len(row) - bool(cut)] for row, cut in zip(table.column("diseinfo").to_pylist(), rediagnosed, strict=True)
    ]
    columns["diseinfo"] = pa.array(kept, type=fields.SCHEMA.field("diseinfo").type)
    columns["diag_code_cnt"] = text.integer((diagnoses >= 0).sum(axis=1))
    cases = replace(
        drawn.cases,
        **{name: getattr(drawn.cases, name)[rows] for name in drawn.cases.__dataclass_fields__ if name != "diagnoses"},
        diagnoses=diagnoses,
    )
    age = age_years(drawn.born[rows], drawn.stays.admission_date()[rows])
    drg = group(truth.scheme, source, cases, age)
    stream = _stream(_with(table, columns), chunk, rows, "correction", LIVE)
    return replace(stream, drg=drg, total=charges.amounts["medfee_sumamt"])


def _reversals(rng: np.random.Generator, chunk: Chunk, rows: IntArray, month: str) -> Stream:
    """The settlement taken back: all amounts negated, a settlement id of its own, the original named."""
    charges = chunk.drawn.charges
    negated = Charges(
        -charges.items[rows],
        -charges.classes[rows],
        {name: -fen[rows] for name, fen in charges.amounts.items()},
        charges.ratio_per_10000[rows],
    )
    table = chunk.messages.take(pa.array(rows))
    columns = amount_columns(negated, chunk.drawn.employee[rows]) | {
        "setl_id": text.joined(chunk.drawn.id_stem, "3", text.padded(chunk.drawn.number[rows], 9)),
        "init_setl_id": table.column("setl_id"),
        "refd_setl_flag": text.constant("1", len(rows)),
        "dcla_time": _next_month(rng, month, len(rows)),
    }
    return replace(
        _stream(_with(table, columns), chunk, rows, "reversal", CANCELS), total=negated.amounts["medfee_sumamt"]
    )


def _settled_again(rng: np.random.Generator, truth: Truth, chunk: Chunk, rows: IntArray, month: str) -> Stream:
    """A new settlement of the same visit with other amounts, after the reversal of the first."""
    charges = _charged(rng, truth, chunk, rows, rng.uniform(0.9, 1.05, len(rows)))
    columns = amount_columns(charges, chunk.drawn.employee[rows]) | {
        "setl_id": text.joined(chunk.drawn.id_stem, "4", text.padded(chunk.drawn.number[rows], 9)),
        "dcla_time": _next_month(rng, month, len(rows)),
    }
    stream = _stream(_with(chunk.messages.take(pa.array(rows)), columns), chunk, rows, "resettlement", LIVE)
    return replace(stream, total=charges.amounts["medfee_sumamt"])


def _charged(
    rng: np.random.Generator, truth: Truth, chunk: Chunk, rows: IntArray, factor: npt.NDArray[np.float64]
) -> Charges:
    drawn = chunk.drawn
    total = np.rint(drawn.charges.amounts["medfee_sumamt"][rows] * factor).astype(np.int64)
    kind = fee_kind(truth.catalogue(), chunk.drg, drawn.cases)[rows]
    operated = drawn.cases.procedures[rows, 0] >= 0
    return charge(rng, total, kind, operated, drawn.employee[rows], drawn.level[rows])


def _stream(messages: pa.Table, chunk: Chunk, rows: IntArray, kind: str, outcome: str) -> Stream:
    count = len(rows)
    total = chunk.drawn.charges.amounts["medfee_sumamt"][rows]
    nothing = np.zeros(count, dtype=np.bool_)
    return Stream(messages, rows, [kind] * count, [None] * count, [outcome] * count, chunk.drg[rows], total, nothing)


def _with(table: pa.Table, columns: dict[str, pa.Array | str]) -> pa.Table:
    for name, column in columns.items():
        table = table.set_column(table.schema.get_field_index(name), fields.SCHEMA.field(name), column)
    return table.combine_chunks()


def _next_month(rng: np.random.Generator, month: str, count: int) -> pa.Array:
    """Declaration times from the 11th to the 27th of the month after."""
    first, length = month_days(month)
    seconds = (length + 10) * 86_400 + rng.integers(0, 16 * 86_400, count)
    return text.time(first.astype("datetime64[s]") + seconds.astype("timedelta64[s]"))
