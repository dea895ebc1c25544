"""One delivered file as rows of `landed_list`: every record kept as received, readable or not.

No Spark here: a file in, Arrow batches out. What a record says is looked at only as far as landing needs it (which
settlement, which version, which month, list or reversal); whether it is right is decided by validate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from drg.land.delivery import DeliveredFile, record_month
from drg.land.dialect import (
    INTERFACE,
    centre_fields,
    centre_message,
    column_fault,
    line_uses_interface,
    node_names,
    uses_interface,
    written,
)
from drg.land.glance import SAYS, said
from drg.land.layout import NODES
from drg.land.stream import BrokenFileError, line_blocks

SCHEMA = pa.schema(
    [
        ("delivery_month", pa.string()),
        ("region_code", pa.string()),
        ("file_name", pa.string()),
        ("file_format", pa.string()),
        ("line_number", pa.int64()),
        ("arrived_at", pa.timestamp("us", tz="UTC")),
        ("record_month", pa.string()),
        ("setl_id", pa.string()),
        ("init_setl_id", pa.string()),
        ("dcla_time", pa.string()),
        ("record_kind", pa.string()),
        ("unreadable_reason", pa.string()),
        ("row_hash", pa.string()),
        ("header", pa.string()),
        ("raw", pa.string()),
    ]
)

BATCH_ROWS = 2048
BATCH_BYTES = 1 << 23
# Of a file that cannot be opened at all this much is kept; the file itself stays in the delivery folder.
KEPT_OF_UNOPENED = 4096
_DECLARABLE = {
    "utf-8": "请以UTF-8编码重新交付，或在delivery.json中为该文件声明encoding为gb18030",
    "gb18030": "请按delivery.json声明的GB18030编码重新交付，或更正所声明的encoding",
}
_UNREAD = (ArithmeticError, ValueError, TypeError, pa.ArrowException)
NO_HEADER = "文件为空，没有表头；请重新交付该文件"


@dataclass(frozen=True)
class Record:
    """One record as received: its text, the hash of its bytes, what it says of itself (`fields`) or why it cannot."""

    raw: str
    row_hash: str
    fields: dict[str, Any]
    fault: str | None = None
    header: str | None = None


def landed_batches(file: DeliveredFile) -> Iterator[pa.RecordBatch]:
    """The records of a file in its order, as batches of `SCHEMA`.

    `line_number` counts the records of the file from 1 (the header of pipe-separated text is none). Where a file
    breaks, one unreadable record stands for the rest; line 0 stands for a file of which nothing can be read.
    """
    count = 0
    try:
        for records in _records(file):
            if records:
                yield _batch(file, count + 1, records)
            count += len(records)
    except BrokenFileError as broken:
        rest = _opaque(file) if count == 0 and not broken.rest else broken.rest
        raw, _ = decoded(rest, file.encoding)
        digest = _file_hash(file) if count == 0 and not broken.rest else _hash(broken.rest)
        line = count + 1 if count or broken.rest else 0
        yield _batch(file, line, [Record(raw, digest, {}, broken.reason)])


def count_records(file: DeliveredFile) -> tuple[int, bool]:
    """How many rows `landed_batches` gives for a file, without looking into the records, and whether it breaks off."""
    count = 0
    header = 1 if file.format == "csv" else 0
    try:
        if file.format == "parquet":
            for batch in parquet_batches(file):
                count += batch.num_rows
        else:
            for lines in _lines(file):
                count += len(lines)
                if header and lines:
                    count, header = count - 1, 0
            if header:
                raise BrokenFileError(NO_HEADER)
    except BrokenFileError:
        return count + 1, True
    return count, False


def _records(file: DeliveredFile) -> Iterator[list[Record]]:
    if file.format == "parquet":
        for batch in parquet_batches(file):
            fault = column_fault(list(batch.schema.names))
            named = batch.rename_columns(node_names(batch.schema.names))
            yield [_row_record(row, fault or unread) for row, unread in rows_in(named)]
    elif file.format == "json":
        for lines in _lines(file):
            yield [_json_record(line, file.encoding) for line in lines]
    else:
        yield from _text_records(_lines(file), file.encoding)


def _lines(file: DeliveredFile) -> Iterator[list[bytes]]:
    """Blocks of lines; a line of no bytes holds no record and is left out in every format."""
    held: list[bytes] = []
    size = 0
    try:
        for lines in raw_lines(file):
            for line in lines:
                if line:
                    held.append(line)
                    size += len(line)
                if len(held) == BATCH_ROWS or size > BATCH_BYTES:
                    yield held
                    held, size = [], 0
    except BrokenFileError:
        if held:
            yield held
        raise
    if held:
        yield held


def raw_lines(file: DeliveredFile) -> Iterator[list[bytes]]:
    """All lines of a file, in blocks."""
    with Path(file.path).open("rb") as stream:
        yield from line_blocks(stream, gzipped=file.name.endswith(".gz"))


def _json_record(line: bytes, encoding: str) -> Record:
    raw, fault = decoded(line, encoding)
    if fault:
        return Record(raw, _hash(line), {}, fault)
    told = said(raw)
    if told is not None:
        return Record(raw, _hash(line), told)
    try:
        message = json.loads(raw, parse_int=str, parse_float=str)  # however many digits
    except json.JSONDecodeError as error:
        return Record(raw, _hash(line), {}, f"不是完整的JSON报文（第{error.pos + 1}个字符处）；请重新上传该清单")
    except RecursionError:
        return Record(raw, _hash(line), {}, "JSON报文无法解析；请重新上传该清单")
    fields = message.get("setlinfo") if isinstance(message, dict) else None
    if not isinstance(fields, dict):
        return Record(raw, _hash(line), {}, "JSON报文缺少结算清单信息(setlinfo)；请重新上传该清单")
    broken = [node for node in NODES if not isinstance(message.get(node, []), list | None)]
    if broken:
        return Record(raw, _hash(line), _told(fields), f"JSON报文的节点 {broken[0]} 不是数组；请重新上传该清单")
    if uses_interface(fields, message):
        return Record(raw, _hash(line), _told(centre_fields(fields)), None, INTERFACE)
    return Record(raw, _hash(line), _told(fields))


def _text_records(blocks: Iterator[list[bytes]], encoding: str) -> Iterator[list[Record]]:
    header: str | None = None
    names: list[str] = []
    fault: str | None = None
    for lines in blocks:
        if header is None and lines:
            header, fault = decoded(lines.pop(0), encoding)
            names = [name.strip() for name in header.split("|")]
            fault = fault or column_fault(names)
        yield [_text_record(line, encoding, header or "", names, fault) for line in lines]
    if header is None:
        raise BrokenFileError(NO_HEADER)


def _text_record(line: bytes, encoding: str, header: str, names: list[str], fault: str | None) -> Record:
    raw, undecodable = decoded(line, encoding)
    cells = raw.split("|")
    if fault or undecodable:
        return Record(raw, _hash(line), {}, undecodable or fault, header)
    if len(cells) != len(names):
        reason = f"该行有{len(cells)}列，表头有{len(names)}列；请重新交付该清单"
        return Record(raw, _hash(line), {}, reason, header)
    fields = dict(zip(names, cells, strict=True))
    if line_uses_interface(fields, raw):
        return Record(raw, _hash(line), _told(centre_fields(fields)), None, header + INTERFACE)
    return Record(raw, _hash(line), _told(fields), None, header)


def parquet_batches(file: DeliveredFile, even_empty: bool = False) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, batch by batch; BrokenFileError where it can be read no further.

    `even_empty`: a batch without rows comes first, so that the columns of a file without rows are seen.
    """
    try:
        with pq.ParquetFile(file.path) as source:
            if even_empty:
                yield from source.schema_arrow.empty_table().to_batches() or [
                    pa.RecordBatch.from_pylist([], schema=source.schema_arrow)
                ]
            for batch in source.iter_batches(batch_size=BATCH_ROWS):
                batch.validate(full=True)
                yield batch
    except (pa.ArrowException, OSError) as error:
        raise BrokenFileError("Parquet文件损坏，此后的内容无法读取；请重新交付该文件") from error


def rows_in(batch: pa.RecordBatch) -> list[tuple[dict[str, Any], str | None]]:
    """The rows of a batch, and why a row is not whole: a day of the year 20000 is one for Parquet and none here."""
    try:
        return [(row, None) for row in batch.to_pylist()]
    except _UNREAD:
        return [_cell_by_cell(batch, at) for at in range(batch.num_rows)]


def _cell_by_cell(batch: pa.RecordBatch, at: int) -> tuple[dict[str, Any], str | None]:
    found: dict[str, Any] = {}
    lost = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            found[name] = column[at].as_py()
        except _UNREAD:
            found[name] = None
            lost.append(name)
    return found, f"该行的列 {'、'.join(lost)} 无法读取；请以文本类型的列重新交付" if lost else None


def _row_record(row: dict[str, Any], fault: str | None) -> Record:
    """A Parquet row as the JSON message it stands for, in the centre's names, so that validate reads one shape."""
    nodes = {name: row.pop(name) for name in NODES if name in row}
    message: dict[str, Any] = {"setlinfo": row, **nodes}
    if uses_interface(row, nodes):
        message = centre_message(message)
    raw = written(message)
    return Record(raw, _hash(raw.encode("utf-8")), _told(message["setlinfo"]), fault)


def _told(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a header says of its record, without the rest: a batch of whole messages costs more to hold than to read."""
    return {name: fields[name] for name in SAYS if name in fields}


def _batch(file: DeliveredFile, first_line: int, records: list[Record]) -> pa.RecordBatch:
    n = len(records)
    columns: dict[str, list[Any]] = {
        "delivery_month": [file.delivery_month] * n,
        "region_code": [file.region_code] * n,
        "file_name": [file.name] * n,
        "file_format": [file.format] * n,
        "line_number": list(range(first_line, first_line + n)),
        "arrived_at": [file.arrived_at] * n,
        **record_columns(records, [file.delivery_month] * n),
    }
    return pa.RecordBatch.from_pydict(columns, schema=SCHEMA)


def record_columns(records: list[Record], delivery_months: list[str]) -> dict[str, list[Any]]:
    """The columns of `SCHEMA` that say what a record is; the others say where it lies."""
    months = zip(records, delivery_months, strict=True)
    return {
        "record_month": [record_month(_said(record, "setl_time"), month) for record, month in months],
        "setl_id": [_said(record, "setl_id") for record in records],
        "init_setl_id": [_said(record, "init_setl_id") for record in records],
        "dcla_time": [_said(record, "dcla_time") for record in records],
        "record_kind": [_kind(record) if record.fault is None else "unreadable" for record in records],
        "unreadable_reason": [record.fault for record in records],
        "row_hash": [record.row_hash for record in records],
        "header": [record.header for record in records],
        "raw": [record.raw for record in records],
    }


def _kind(record: Record) -> str:
    """A reversal (冲销) names the settlement it takes back or carries the refund flag."""
    reverses = _said(record, "init_setl_id") is not None or _said(record, "refd_setl_flag") == "1"
    return "reversal" if reverses else "list"


def _said(record: Record, name: str) -> str | None:
    """A header field as text without blanks around it; None when absent, empty or written as null."""
    value = record.fields.get(name)
    if value is None or isinstance(value, dict | list):
        return None
    text = str(value).strip().encode("utf-8", "backslashreplace").decode("utf-8")
    return None if text in ("", "null") else text


def decoded(data: bytes, encoding: str) -> tuple[str, str | None]:
    """Bytes as text of the declared encoding, and why they are none; undecodable bytes are kept as backslash escapes.

    Cells are split afterwards: the second byte of a GB18030 character may be the byte of a bar.
    """
    try:
        return data.decode(encoding).removeprefix("\ufeff"), None
    except UnicodeDecodeError as error:
        reason = f"第{error.start + 1}个字节起不是{encoding.upper()}编码；{_DECLARABLE[encoding]}"
        return data.decode("utf-8", "backslashreplace"), reason


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _file_hash(file: DeliveredFile) -> str:
    with Path(file.path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _opaque(file: DeliveredFile) -> bytes:
    """The first bytes of a file that cannot be opened, as escapes."""
    with Path(file.path).open("rb") as stream:
        return stream.read(KEPT_OF_UNOPENED)
