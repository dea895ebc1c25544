"""Lists of `intake_messages` as the tables of the centre: seven files of one extract."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from intake_messages import REGION, Message, declare

from drg.land.assembly import GROUP, ORDER, assembled_batches
from drg.land.delivery import read_delivery
from drg.land.layout import (
    CHILD_TABLES,
    EXTRACT_TABLES,
    HEADER_TABLE,
    SETTLEMENT_FIELDS,
    SETTLEMENT_TABLE,
    TABLE_COLUMNS,
)
from drg.land.survey import judge, survey_file
from drg.land.tables import ROWS, table_rows

Tables = dict[str, list[dict[str, Any]]]


def tables_of(messages: Sequence[Message]) -> Tables:
    """The rows of each table; children have a `sort` from 1, and mark their list as setl_id."""
    found: Tables = {table: [] for table in EXTRACT_TABLES}
    for one in messages:
        header = one["setlinfo"]
        shared = ("setl_id", "mdtrt_id", "psn_no", "vali_flag")
        found[HEADER_TABLE].append({k: v for k, v in header.items() if k not in SETTLEMENT_FIELDS})
        found[SETTLEMENT_TABLE].append({k: v for k, v in header.items() if k in SETTLEMENT_FIELDS or k in shared})
        for table, node in CHILD_TABLES.items():
            found[table] += [
                {"setl_id": header["setl_id"], **row, "sort": str(i), "vali_flag": "1", "deleted": "0"}
                for i, row in enumerate(one[node], 1)
            ]
    return found


def quoted(value: Any) -> str:
    """A cell in quotes where it needs them."""
    text = "" if value is None else str(value)
    return f"@|{text}|@" if any(mark in text for mark in "|\n@") else text


def text_of(table: str, rows: Sequence[dict[str, Any]]) -> str:
    """A table as pipe-separated text with a header row, CRLF."""
    names = list(dict.fromkeys([*TABLE_COLUMNS[table], *(name for row in rows for name in row)]))
    lines = ["|".join(names), *("|".join(quoted(row.get(name)) for name in names) for row in rows)]
    return "".join(line + "\r\n" for line in lines)


def write_text(path: Path, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """A table as text, compressed where the file's name says so."""
    content = text_of(table, rows).encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def write_parquet(path: Path, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """A table as Parquet; one without rows has its columns."""
    names = list(dict.fromkeys([*TABLE_COLUMNS[table], *(name for row in rows for name in row)]))
    pq.write_table(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}), path)


WRITERS: dict[str, tuple[str, Callable[[Path, str, Sequence[dict[str, Any]]], None]]] = {
    "txt": ("csv", write_text),
    "txt.gz": ("csv", write_text),
    "parquet": ("parquet", write_parquet),
}


def deliver_tables(
    root: Path, tables: Tables, region: str = REGION, month: str = "2025-01", ending: str = "txt", extract: str = ""
) -> Path:
    """Writes the tables as files of a delivery and names them in its manifest; returns the folder."""
    folder = root / region / month
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        path = folder / f"{table}{extract and '_' + extract}.{ending}"
        kind, write = WRITERS[ending]
        write(path, table, rows)
        declare(path, kind, len(rows), table=table, **({"extract": extract} if extract else {}))
    return folder


def put_together(folder: Path, shuffled: int | None = None) -> list[dict[str, Any]]:
    """The records of a folder of tables, as a task would get its rows; each row of the files is accounted for."""
    delivery = read_delivery(folder.parents[1], folder.parent.name, "成都市", folder.name)
    surveys = [survey_file(file) for file in delivery.files]
    assert judge(delivery, "成都市", surveys) is None
    rows = [row for file in delivery.files for batch in table_rows(file) for row in batch.to_pylist()]
    count = sum(not row["names_list"] for row in rows)
    assert count == sum(survey.rows for survey in surveys)
    if shuffled is not None:
        random.Random(shuffled).shuffle(rows)
    rows.sort(key=lambda row: [(row[name] is None, row[name]) for name in (*GROUP, *ORDER)])
    batches = [pa.RecordBatch.from_pylist(rows[i : i + 3], ROWS) for i in range(0, len(rows), 3)]
    found = [row for batch in assembled_batches(batches) for row in batch.to_pylist()]
    assert sum(row["rows"] for row in found) == count
    return found
