"""One delivered table of the centre as rows that can be put together by list; no Spark here.

A row is kept as the JSON of its cells in the centre's names. One that cannot be read keeps its text and says why. Which
list it belongs to is not known, since the damage may have moved its cells: it is held against every list whose
settlement id stands in any of them, and against the whole delivery where none does (`received`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from drg.land.delivery import DeliveredFile
from drg.land.dialect import HEADER, centre_fields, missing_and_doubled, written
from drg.land.layout import CHILD_TABLES, COPY_STAMPS, EXTRACT_TABLES, TABLE_COLUMNS
from drg.land.quoted import BAR, rows_of
from drg.land.records import BATCH_ROWS, decoded, parquet_batches, raw_lines, rows_in
from drg.land.stream import BrokenFileError

# One row of a table. `list_key`: its settlement id, or a place of its own where it cannot be read; `place`: number of
# the table in EXTRACT_TABLES; `void`: marked as deleted or as not valid.
# A row that cannot be read is followed by one with `names_list` for each value in it, keyed by the value, as if that
# were a settlement id. `damage` ties them together, and lines that follow each other: pieces of one row, perhaps.
ROWS = pa.schema(
    [
        ("region_code", pa.string()),
        ("delivery_month", pa.string()),
        ("extract", pa.string()),
        ("list_key", pa.string()),
        ("place", pa.int64()),
        ("sort", pa.int64()),
        ("file_name", pa.string()),
        ("line_number", pa.int64()),
        ("file_format", pa.string()),
        ("arrived_at", pa.timestamp("us", tz="UTC")),
        ("void", pa.bool_()),
        ("fault", pa.string()),
        ("text", pa.string()),
        ("damage", pa.int64()),
        ("names_list", pa.bool_()),
    ]
)
_WHOLE = re.compile(r"\s*(\d{1,9})\s*")
_Read = tuple[dict[str, Any] | None, list[str], str, str | None]  # cells by name, values, text, fault


def table_rows(file: DeliveredFile) -> Iterator[pa.RecordBatch]:
    """The rows of a table in the order of its file, as batches of `ROWS`; `line_number` counts them from 1."""
    rows: list[dict[str, Any]] = []
    damage = 0
    reading = _parquet(file) if file.format == "parquet" else _text(file)
    for number, (cells, values, text, fault) in enumerate(reading, 1):
        row = _row(file, number, cells, text, fault)
        rows.append(row)
        if row["fault"] and not row["void"]:
            row["damage"] = damage = damage if damage and cells is None and file.format == "csv" else number
            named = {**row, "names_list": True, "text": ""}
            rows += [{**named, "list_key": key} for key in dict.fromkeys(value.strip() for value in values) if key]
        damage = damage if cells is None else 0
        if len(rows) >= BATCH_ROWS:
            yield pa.RecordBatch.from_pylist(rows, ROWS)
            rows = []
    if rows:
        yield pa.RecordBatch.from_pylist(rows, ROWS)


def survey_table(file: DeliveredFile) -> tuple[int, bool, str | None]:
    """Rows of a table, whether its file breaks off, and what is wrong with its columns, as the end of a sentence."""
    count, fault = 0, None
    try:
        if file.format == "parquet":
            for number, batch in enumerate(parquet_batches(file, even_empty=True)):
                fault = fault or (_columns_fault(file, batch.schema.names) if not number else None)
                count += batch.num_rows
        else:
            rows = rows_of(_decoded(file))
            header = next(rows, None)
            if header and header.fault:
                named = file.encoding.upper()
                fault = f"has a header that is not {named} or leaves a quote open; correct it and deliver it again"
            else:
                fault = _columns_fault(file, header.cells if header else [])
            count = sum(1 for _ in rows)
    except BrokenFileError:
        return count + 1, True, fault
    return count, False, fault


def _columns_fault(file: DeliveredFile, columns: Iterable[str]) -> str | None:
    names = [name.strip().lower() for name in columns]
    missing, twice = missing_and_doubled(names, TABLE_COLUMNS[file.table], CHILD_TABLES.get(file.table, HEADER))
    if missing:
        return f"lacks {', '.join(missing)}; deliver it with these columns"
    return f"has {', '.join(twice)} twice; leave one of them" if twice else None


def _decoded(file: DeliveredFile) -> Iterator[tuple[str, str | None]]:
    for lines in raw_lines(file):
        for line in lines:
            yield decoded(line, file.encoding)


def _text(file: DeliveredFile) -> Iterator[_Read]:
    rows = rows_of(_decoded(file))
    names = [name.strip().lower() for name in next(rows).cells]
    for row in rows:
        fault = row.fault
        if not fault and len(row.cells) != len(names):
            fault = f"{file.table}的该行有{len(row.cells)}列，表头有{len(names)}列；请更正后重新交付该表"
        if fault:
            yield None, [*row.cells, *row.text.split(BAR)], row.text, fault
        else:
            yield dict(zip(names, row.cells, strict=True)), row.cells, row.text, None


def _parquet(file: DeliveredFile) -> Iterator[_Read]:
    for batch in parquet_batches(file):
        named = batch.rename_columns([name.strip().lower() for name in batch.schema.names])
        for cells, fault in rows_in(named):
            values = [_said(value) for value in cells.values()] if fault or not _said(cells.get("setl_id")) else []
            yield (None if fault else cells), values, written(cells) if fault else "", fault


def _row(
    file: DeliveredFile, number: int, cells: dict[str, Any] | None, text: str, fault: str | None
) -> dict[str, Any]:
    key, sort, void = "", None, False
    if cells is not None:
        key = _said(cells.get("setl_id"))
        key = "" if key == "null" else key
        whole = _WHOLE.fullmatch(_said(cells.get("sort")))
        sort = int(whole[1]) if whole else None
        void = _flag(cells.get("deleted")) is True or _flag(cells.get("vali_flag")) is False
        kept = {name: value for name, value in cells.items() if name not in COPY_STAMPS}
        told = centre_fields(kept, CHILD_TABLES.get(file.table, HEADER))
        text = written(dict(sorted(told.items())))
        if not key:
            fault = f"{file.table}的该行没有结算ID(setl_id)；请补填后重新交付该表"
    return {
        "region_code": file.region_code,
        "delivery_month": file.delivery_month,
        "extract": file.extract,
        "list_key": key or f"|{file.name}|{number}",
        "place": EXTRACT_TABLES.index(file.table),
        "sort": sort,
        "file_name": file.name,
        "line_number": number,
        "file_format": file.format,
        "arrived_at": file.arrived_at,
        "void": void,
        "fault": fault,
        "text": text,
        "damage": None,
        "names_list": False,
    }


def _flag(value: Any) -> bool | None:
    """A mark as any type of an export writes it: 1, 1.0, true, Y; None where it says neither yes nor no."""
    text = _said(value).lower()
    if text in ("1", "1.0", "true", "y", "yes"):
        return True
    return False if text in ("0", "0.0", "false", "n", "no") else None


def _said(value: Any) -> str:
    return "" if value is None else str(value).strip()
