"""One unit of drawing: a region and origin month, written chunk by chunk; independent of all other units."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from drg.doors.config import Province
from drg.synth import persons, text
from drg.synth.applications import Admitted, applications
from drg.synth.assumptions import CHUNK, IntArray, Rates
from drg.synth.drawing import PURPOSES, Chunk, draw_chunk, streams
from drg.synth.events import NONE, Stream, after_streams, draw_events, late_stream, main_stream
from drg.synth.truth import Truth, truth_of
from drg.synth.workflows import AMONG, MOST, RECENT, Disputable
from drg.synth.writers import SUFFIX, Writer, lines

FUNDS = ("310", "390")
HALF_LENGTH = 700


@dataclass(frozen=True)
class Task:
    """What one unit draws and where it writes; `months` are all months of the draw, `admitted` may be applied for."""

    province: Province
    scheme: str
    seed: int
    region: str
    month: str
    months: tuple[str, ...]
    count: int
    file_format: str
    rates: Rates
    out: Path
    truth: Path
    admitted: Admitted


@dataclass
class Written:
    """What one unit wrote: manifest entries by delivery month, and sums of its lists by fund for the budgets.

    A sum is (lists, total cost in fen, fund payments in fen, weights in 1/10000); `applications` are rows of
    case_application, `disputable` a few lists to which nothing happens after delivery.
    """

    region: str
    count: int
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sums: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    applications: list[tuple[str, ...]] = field(default_factory=list)
    disputable: list[Disputable] = field(default_factory=list)


def draw_unit(task: Task) -> Written:
    """Draw a region's lists of a month and write them, what follows a month later, and their truth."""
    truth = truth_of(task.province, task.seed, task.scheme, int(task.months[-1][:4]))
    place = task.months.index(task.month)
    following = task.months[place + 1] if place + 1 < len(task.months) else None
    files = _Files(task, following)
    written = Written(task.region, task.count)
    first_day = np.datetime64(task.months[0], "D")
    for number in range(-(-task.count // CHUNK)):
        size = min(CHUNK, task.count - number * CHUNK)
        rng = streams(truth, task.region, task.month, number, PURPOSES)
        chunk = draw_chunk(
            truth, task.rates, persons.Unit(task.region, place, number), task.month, first_day, size, rng
        )
        event = draw_events(rng["event"], task.rates, size, following is None)
        files.write("main", [main_stream(rng["defect"], chunk, event, task.file_format == "parquet")], truth, chunk)
        if following:
            files.write("late", [late_stream(rng["event"], chunk, event, task.month)], truth, chunk)
            files.write("corrections", after_streams(rng["event"], truth, chunk, event, task.month), truth, chunk)
        _add(written, truth, chunk)
        written.applications += applications(
            rng["application"], task.rates, task.admitted, task.region, task.month, chunk, event
        )
        if number == 0 and task.month in task.months[-RECENT:]:
            written.disputable = _disputable(task, truth, chunk, event)
    written.files = files.close()
    return written


def _disputable(task: Task, truth: Truth, chunk: Chunk, event: IntArray) -> list[Disputable]:
    """The first lists of a unit that are live and fit as they were delivered."""
    places = [int(place) for place in np.flatnonzero(event[:AMONG] == NONE)[:MOST]]
    ids, codes = chunk.messages.column("setl_id"), truth.hospitals[task.region].codes
    return [
        Disputable(task.month, ids[place].as_py(), codes[int(chunk.drawn.hospital[place])], place) for place in places
    ]


def _add(written: Written, truth: Truth, chunk: Chunk) -> None:
    amounts, weight = chunk.drawn.charges.amounts, np.rint(truth.weight[chunk.drg] * 10_000).astype(np.int64)
    for fund, rows in zip(FUNDS, (chunk.drawn.employee, ~chunk.drawn.employee), strict=True):
        parts = (
            int(rows.sum()),
            *(int(v[rows].sum()) for v in (amounts["medfee_sumamt"], amounts["fund_pay_sumamt"], weight)),
        )
        before = written.sums.get(fund, (0, 0, 0, 0))
        written.sums[fund] = tuple(a + b for a, b in zip(before, parts, strict=True))  # type: ignore[assignment]


class _Files:
    """The delivered files of a unit and the truth of every record in them, with file name and line number."""

    def __init__(self, task: Task, following: str | None) -> None:
        self._task, self._following = task, following
        self._writers: dict[str, Writer] = {}
        self._truth: list[pa.Table] = []
        self._open("main")

    def _open(self, kind: str) -> Writer:
        if kind not in self._writers:
            task = self._task
            month = task.month if kind == "main" else self._following
            origin = "" if kind == "main" else f"_{task.month}"
            name = f"{task.region}_{month}_{kind}{origin}{SUFFIX[task.file_format]}"
            self._writers[kind] = Writer(task.out / task.region / str(month) / name, task.file_format)
        return self._writers[kind]

    def write(self, kind: str, found: list[Stream], truth: Truth, chunk: Chunk) -> None:
        """Append records to a file; a file of late lists or corrections exists only when there are some."""
        for stream in found:
            if not len(stream.row):
                continue
            writer = self._open(kind)
            self._truth.append(_truth_rows(self._task, writer, stream, truth, chunk))
            if writer.format == "parquet":
                writer.write_table(stream.messages)
                continue
            rows = lines(stream.messages, writer.format)
            if stream.half.any():
                cut = pc.utf8_slice_codeunits(rows.filter(pa.array(stream.half)), 0, HALF_LENGTH)
                rows = pc.replace_with_mask(rows, pa.array(stream.half), cut)
            writer.write_lines(rows)

    def close(self) -> dict[str, list[dict[str, Any]]]:
        """Finish all files; manifest entries by delivery month."""
        found: dict[str, list[dict[str, Any]]] = {}
        for writer in self._writers.values():
            found.setdefault(writer.path.parent.name, []).append(writer.close())
        path = self._task.truth / "lists" / self._task.region / f"{self._task.month}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            pa.concat_tables(self._truth, promote_options="none") if self._truth else TRUTH.empty_table(), path
        )
        return found


TRUTH = pa.schema(
    [
        ("setl_id", pa.string()), ("delivery_region", pa.string()), ("delivery_month", pa.string()),
        ("file_name", pa.string()), ("line_number", pa.int64()), ("origin_month", pa.string()),
        ("record_kind", pa.string()), ("defect", pa.string()), ("check_id", pa.string()), ("outcome", pa.string()),
        ("intended_drg", pa.string()), ("drg", pa.string()), ("hospital_code", pa.string()), ("fund", pa.string()),
        ("person", pa.int64()), ("total_cost", pa.decimal128(20, 2)), ("expected_cost", pa.decimal128(20, 2)),
    ]
)  # fmt: skip


def _truth_rows(task: Task, writer: Writer, stream: Stream, truth: Truth, chunk: Chunk) -> pa.Table:
    row, count, drawn = stream.row, len(stream.row), chunk.drawn
    hospitals = truth.hospitals[task.region]
    intended = np.array(chunk.intended, dtype=object)[row]
    columns: dict[str, Any] = {
        "setl_id": stream.messages.column("setl_id"),
        "delivery_region": text.constant(task.region, count),
        "delivery_month": text.constant(writer.path.parent.name, count),
        "file_name": text.constant(writer.path.name, count),
        "line_number": pa.array(writer.records + 1 + np.arange(count)),
        "origin_month": text.constant(task.month, count),
        "record_kind": pa.array(stream.kind, pa.string()),
        "defect": pa.array([one.label if one else "" for one in stream.defect], pa.string()),
        "check_id": pa.array([one.value.check_id if one else "" for one in stream.defect], pa.string()),
        "outcome": pa.array(stream.outcome, pa.string()),
        "intended_drg": pa.array(intended, pa.string()),
        "drg": text.pick(truth.catalogue().drgs, stream.drg),
        "hospital_code": text.pick(hospitals.codes, drawn.hospital[row]),
        "fund": text.pick(["390", "310"], drawn.employee[row].astype(np.int64)),
        "person": pa.array(drawn.person[row]),
        "total_cost": _yuan(stream.total),
        "expected_cost": _yuan(_expected(truth, chunk, stream)),
    }
    return pa.table([columns[name] for name in TRUTH.names], schema=TRUTH)


def _expected(truth: Truth, chunk: Chunk, stream: Stream) -> IntArray:
    """Expected cost in fen of the record's own group (a correction may have changed it)."""
    weight = truth.weight
    return np.rint(chunk.expected[stream.row] * weight[stream.drg] / weight[chunk.drg[stream.row]]).astype(np.int64)


def _yuan(fen: IntArray) -> pa.Array:
    return text.money(fen).cast(pa.decimal128(20, 2))
