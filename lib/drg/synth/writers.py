"""Delivered files: JSON messages line by line, pipe-separated text, Parquet; the same bytes for the same messages."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from drg.synth import fields

SUFFIX = {"json": ".jsonl.gz", "csv": ".txt.gz", "parquet": ".parquet"}
NEWLINE = {"json": "\n", "csv": "\r\n"}
GZIP_LEVEL = 1


def lines(table: pa.Table, file_format: str) -> pa.Array:
    """One text line a message (json or csv), without its line end."""
    nodes = {name: _node_text(table.column(name).combine_chunks(), names) for name, names in fields.NODES.items()}
    header = {name: table.column(name).combine_chunks() for name in fields.SETLINFO}
    if file_format == "csv":
        return pc.binary_join_element_wise(*header.values(), *nodes.values(), "|")
    parts: list[Any] = ['{"setlinfo":{']
    for place, (name, column) in enumerate(header.items()):
        parts += [f'{"," if place else ""}"{name}":"', _escaped(column), '"']
    for name, column in nodes.items():
        parts += [f'{"}" if name == "payinfo" else ""},"{name}":', column]
    return pc.binary_join_element_wise(*parts, "}", "")


def header_line(file_format: str) -> str:
    """The first line of a file: column names of the pipe-separated text, nothing for JSON."""
    return "|".join((*fields.SETLINFO, *fields.NODES)) + NEWLINE["csv"] if file_format == "csv" else ""


def _node_text(column: pa.ListArray, names: tuple[str, ...]) -> pa.Array:
    values = column.flatten()
    parts: list[Any] = []
    for place, name in enumerate(names):
        parts += [f'{"," if place else "{"}"{name}":"', _escaped(values.field(place)), '"']
    rows = pc.binary_join_element_wise(*parts, "}", "")
    joined = pc.binary_join(pa.ListArray.from_arrays(column.offsets, rows), ",")
    return pc.binary_join_element_wise("[", joined, "]", "")


def _escaped(column: pa.Array) -> pa.Array:
    """Text as it stands inside the quotes of JSON; a pipe is escaped too, so that no cell of a text file has one."""
    if not pc.any(pc.match_substring_regex(column, r'["\\|\x00-\x1f]')).as_py():
        return column
    return pa.array(
        [json.dumps(value, ensure_ascii=False)[1:-1].replace("|", "\\u007c") for value in column.to_pylist()]
    )


class Writer:
    """One delivered file, written chunk by chunk. Not there until `close`, which says its name, records and sha256."""

    def __init__(self, path: Path, file_format: str) -> None:
        self.path, self.format, self.records = path, file_format, 0
        self._table: pq.ParquetWriter | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        self._raw = path.with_name(f".{path.name}.part").open("wb")
        if file_format == "parquet":
            self._table = pq.ParquetWriter(self._raw, fields.SCHEMA, compression="zstd")
        else:
            self._gzip = gzip.GzipFile(filename="", mode="wb", compresslevel=GZIP_LEVEL, fileobj=self._raw, mtime=0)
            self._gzip.write(header_line(file_format).encode())

    def write_table(self, table: pa.Table) -> None:
        """Append messages to a Parquet file."""
        assert self._table is not None
        self._table.write_table(table)
        self.records += table.num_rows

    def write_lines(self, text: pa.Array) -> None:
        """Append lines to a text file."""
        end = NEWLINE[self.format]
        whole = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(text)], pa.int32()), text), end)
        self._gzip.write(whole[0].as_buffer())
        self._gzip.write(end.encode())
        self.records += len(text)

    def close(self) -> dict[str, Any]:
        """Finish the file and give its entry of the manifest."""
        if self._table is not None:
            self._table.close()
        else:
            self._gzip.close()
        part = Path(self._raw.name)
        self._raw.close()
        part.replace(self.path)
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"name": self.path.name, "format": self.format, "records": self.records, "sha256": digest}
