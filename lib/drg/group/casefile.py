"""Files of cases: CSV or Parquet in the columns of the conformance cases, read in batches and checked.

Columns: case_id, sex, age_years, age_days, newborn_weight_g, diagnoses, procedures; others are ignored. Codes are
joined by "|", the principal one first, and taken as written: a code with a space or in lower case is an unknown code.
An empty part between two bars is no code; an empty first part means that there is no principal one.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from drg.errors import DrgError

COLUMNS = ("case_id", "sex", "age_years", "age_days", "newborn_weight_g", "diagnoses", "procedures")
CODES = ("diagnoses", "procedures")
ROWS = 50_000
BLOCK_BYTES = 1 << 22
SEXES = ("0", "1", "2", "9")
_TEXT = pa.string()
_WHOLE_NUMBER = r"^[0-9]{1,9}$"


class CaseFileError(DrgError):
    """A file of cases that cannot be read, or a value in it that is not what its column holds."""


@dataclass(frozen=True)
class Cases:
    """A batch of a file: the ids and the columns the kernel reads, and all codes of each case."""

    ids: pa.Array
    kernel: pa.RecordBatch
    codes: pa.ListArray


def read_cases(source: Path, batches: Iterator[pa.RecordBatch] | None = None) -> Iterator[Cases]:
    """The cases of a file in its order, in batches; `batches` are its rows where another layout was read already.

    Raises CaseFileError, one sentence naming file, line (row of a Parquet file), field and remedy.
    """
    first = 0
    for batch in batches or (_parquet(source) if source.suffix == ".parquet" else _csv(source)):
        if batch.num_rows:
            yield _cases(batch, source, first)
            first += batch.num_rows


def _parquet(source: Path) -> Iterator[pa.RecordBatch]:
    try:
        file = pq.ParquetFile(source)
        _check_columns(source, file.schema_arrow.names)
        yield from file.iter_batches(batch_size=ROWS, columns=list(COLUMNS))
    except (pa.ArrowException, OSError) as error:
        raise CaseFileError(f"{source} cannot be read as Parquet ({_short(error)}); write the file again") from error


def _csv(source: Path) -> Iterator[pa.RecordBatch]:
    names = _header(source)
    convert = pa_csv.ConvertOptions(
        column_types={name: pa.string() for name in names}, include_columns=list(COLUMNS), strings_can_be_null=False
    )
    try:
        with opened(source) as stream:
            reader = pa_csv.open_csv(
                stream,
                read_options=pa_csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
                convert_options=convert,
            )
            yield from reader
    except (pa.ArrowException, OSError, EOFError) as error:
        raise _unreadable_csv(source, names, error) from error


def opened(source: Path) -> IO[bytes]:
    """The bytes of a file, unpacked where its name says that it is packed."""
    return cast(IO[bytes], gzip.open(source)) if source.suffix == ".gz" else source.open("rb")


def _header(source: Path) -> list[str]:
    try:
        with opened(source) as stream:
            names = next(csv.reader(io.TextIOWrapper(stream, encoding="utf-8-sig")), [])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise CaseFileError(f"{source} cannot be read as UTF-8 CSV ({_short(error)}); write the file again") from error
    if not names:
        raise CaseFileError(f"{source} line 1 is empty; the file begins with the column names {', '.join(COLUMNS)}")
    _check_columns(source, names)
    return names


def _check_columns(source: Path, names: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise CaseFileError(f"{source} has no column {', '.join(missing)}; the columns are {', '.join(COLUMNS)}")
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise CaseFileError(f"{source} has the column {twice[0]} twice; keep it once")


def _unreadable_csv(source: Path, names: list[str], error: Exception) -> CaseFileError:
    found = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", str(error))
    if found:
        line = _line(source, int(found[1]) - 2)
        return CaseFileError(
            f"{source} line {line}: {found[3]} fields instead of {len(names)}; separate them by commas"
        )
    return CaseFileError(f"{source} cannot be read as UTF-8 CSV ({_short(error)}); write the file again")


def _short(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text if len(text) <= 100 else text[:99] + "…"


def _line(source: Path, record: int) -> int:
    """The line of a record (from 0) of a CSV file; empty lines between records count as lines."""
    seen = -2
    with opened(source) as stream:
        for number, line in enumerate(stream, 1):
            seen += bool(line.strip(b"\r\n"))
            if seen == record:
                return number
    return record + 2


def _cases(batch: pa.RecordBatch, source: Path, first: int) -> Cases:
    check = _Check(batch, source, first)
    diagnoses, procedures = check.codes("diagnoses"), check.codes("procedures")
    principal_dx, other_dx = _principal_and_others(diagnoses)
    principal_px, other_px = _principal_and_others(procedures)
    kernel = pa.RecordBatch.from_pydict(
        {
            "sex": check.sex(),
            "age_years": check.whole_numbers("age_years", required=True),
            "age_days": check.whole_numbers("age_days"),
            "newborn_weight_g": check.whole_numbers("newborn_weight_g"),
            "principal_diagnosis": principal_dx,
            "other_diagnoses": other_dx,
            "principal_procedure": principal_px,
            "other_procedures": other_px,
        }
    )
    return Cases(check.text("case_id"), kernel, _joined(diagnoses, procedures))


@dataclass(frozen=True)
class _Check:
    """Reads the columns of one batch; the first bad value raises."""

    batch: pa.RecordBatch
    source: Path
    first: int

    def whole_numbers(self, name: str, required: bool = False) -> pa.Array:
        column = self.batch.column(name)
        if pa.types.is_floating(column.type):
            # whole numbers with gaps come as floats from many writers; 3.0 is written as 3
            column = pc.if_else(pc.is_nan(column), None, column)
        text = pc.fill_null(self._cast(name, column), "")
        empty = pc.equal(text, "")
        good = pc.match_substring_regex(text, _WHOLE_NUMBER)
        remedy = "write 0 or more" if required else "write 0 or more, or leave it empty"
        self._refuse(
            name, text, good if required else pc.or_(good, empty), f"is not a whole number of 0 or more; {remedy}"
        )
        return pc.if_else(empty, None, text).cast(pa.int32())

    def sex(self) -> pa.Array:
        text = pc.fill_null(self.text("sex"), "")
        good = pc.is_in(text, value_set=pa.array(SEXES))
        self._refuse("sex", text, good, "is none of 1 (male), 2 (female), 0 and 9 (not known); write one of them")
        return text

    def codes(self, name: str) -> pa.ListArray:
        column = self.batch.column(name)
        if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
            return self._cast(name, column, pa.list_(pa.string()))
        return pc.split_pattern(pc.fill_null(self.text(name), ""), "|")

    def text(self, name: str) -> pa.Array:
        return self._cast(name, self.batch.column(name))

    def _cast(self, name: str, column: pa.Array, target: pa.DataType = _TEXT) -> pa.Array:
        """A Parquet column may hold what has no text (a struct, bytes that are not UTF-8)."""
        try:
            return column.cast(target)
        except pa.ArrowException as error:
            remedy = "join the codes by |" if name in CODES else "write plain text or numbers"
            raise CaseFileError(f"{self.source} column {name} holds no text; {remedy}") from error

    def _refuse(self, name: str, text: pa.Array, good: pa.BooleanArray, problem: str) -> None:
        if pc.all(good).as_py() is False:
            place = good.index(False).as_py()
            row = self.first + place
            where = f"row {row + 1}" if self.source.suffix == ".parquet" else f"line {_line(self.source, row)}"
            raise CaseFileError(f"{self.source} {where}, {name}: {text[place].as_py()!r} {problem}")


def _principal_and_others(codes: pa.ListArray) -> tuple[pa.Array, pa.ListArray]:
    first = pc.if_else(pc.greater(pc.list_value_length(codes), 0), codes, pa.scalar([None], codes.type))
    principal = pc.list_element(first, 0)
    others = pc.list_slice(codes, 1)
    return pc.if_else(pc.equal(principal, ""), None, principal), keep(others, pc.not_equal(others.flatten(), ""))


def _joined(first: pa.ListArray, second: pa.ListArray) -> pa.ListArray:
    """All codes of each case, without empty parts."""
    counts = [np.asarray(pc.fill_null(pc.list_value_length(lists), 0)) for lists in (first, second)]
    owner = np.concatenate([np.repeat(np.arange(len(first)), count) for count in counts])
    order = pa.array(np.argsort(owner, kind="stable"))
    flat = pa.concat_arrays([first.flatten(), second.flatten()]).take(order)
    joined = pa.ListArray.from_arrays(_offsets(counts[0] + counts[1]), flat)
    return keep(joined, pc.not_equal(flat, ""))


def keep(lists: pa.ListArray, wanted: pa.BooleanArray) -> pa.ListArray:
    """The lists with only the wanted elements; `wanted` is a flag for each element of all lists in order."""
    flags = np.asarray(pc.fill_null(wanted, False))
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
    owner = np.repeat(np.arange(len(lists)), lengths)
    counts = np.bincount(owner[flags], minlength=len(lists))
    return pa.ListArray.from_arrays(_offsets(counts), lists.flatten().filter(pa.array(flags)))


def _offsets(counts: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
