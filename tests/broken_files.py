"""Files of lists as they should not be: each is made from a sound delivery of two lists, and has one expected outcome.

`made(folder)` spoils what lies there. A delivery is refused (`REFUSED`, then a part of the sentence) or landed: the
kinds of its records in their order (L list, U unreadable, R reversal), then a part of the reason of the first U.
"""

from __future__ import annotations

import datetime
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from intake_messages import Message, declare, json_line, message, text_header, text_line

from drg.land.layout import NODES

REFUSED = "refused"
TWO = [message(setl_id="A"), message(setl_id="B", mdtrt_id="M2")]
LINES = [json_line(one) for one in TWO]
TEXT = [text_header(TWO[0]), *map(text_line, TWO)]


@dataclass(frozen=True)
class Broken:
    """One kind of broken file and what comes of it."""

    name: str
    kind: str
    made: Callable[[Path], Any]
    outcome: str
    says: str = ""


def rewritten(kind: str, content: bytes, records: int = 2, packed: bool = True, **more: str) -> Callable[[Path], Any]:
    """The file with other content, declared as it lies there."""

    def made(path: Path) -> None:
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
        declare(path, kind, records, **more)

    return made


def json_of(*lines: str | bytes, records: int | None = None, end: bytes = b"\n") -> Callable[[Path], Any]:
    held = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return rewritten("json", end.join(held), len(lines) if records is None else records)


def text_of(*lines: str, records: int | None = None, end: str = "\r\n") -> Callable[[Path], Any]:
    return rewritten("csv", end.join(lines).encode(), len(lines) - 1 if records is None else records)


def zipped(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("lists.jsonl", text)
    return held.getvalue()


def parquet_of(*messages: Message, **changed: pa.Array) -> Callable[[Path], Any]:
    """Lists as Parquet with some columns of another type."""

    def made(path: Path) -> None:
        rows = [{**one["setlinfo"], **{node: one[node] for node in NODES}} for one in messages]
        table = pa.Table.from_pylist(rows)
        for name, column in changed.items():
            table = table.set_column(table.column_names.index(name), name, column)
        pq.write_table(table, path)
        declare(path, "parquet", len(rows))

    return made


def doubled_column(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.append_column("gend", table.column("gend")), path)
    declare(path, "parquet", 2)


def manifest(**changed: Any) -> Callable[[Path], Any]:
    """The manifest with other values."""

    def made(path: Path) -> None:
        place = path.parent / "delivery.json"
        place.write_text(json.dumps({**json.loads(place.read_text(encoding="utf-8")), **changed}), encoding="utf-8")

    return made


def entry(**changed: Any) -> Callable[[Path], Any]:
    """The manifest with other values about the file."""

    def made(path: Path) -> None:
        place = path.parent / "delivery.json"
        content = json.loads(place.read_text(encoding="utf-8"))
        content["files"][0] |= changed
        place.write_text(json.dumps(content), encoding="utf-8")

    return made


def manifest_text(content: bytes) -> Callable[[Path], Any]:
    return lambda path: (path.parent / "delivery.json").write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])
    declare(path, path.suffix.strip(".").replace("gz", "json"), 2)


def linked(path: Path) -> None:
    elsewhere = path.parents[1] / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def marked(path: Path) -> None:
    """The manifest as some editors save it."""
    place = path.parent / "delivery.json"
    place.write_bytes(b"\xef\xbb\xbf" + place.read_bytes())


def header(**fields: Any) -> str:
    return json_line({**message(), "setlinfo": {**message()["setlinfo"], **fields}})


def node(name: str, rows: Any) -> str:
    return json_line({**message(), name: rows})


STRUCT = pa.array([{"a": 1}] * 2)
NO_DAY = pa.array([2932897, 1], pa.date32())  # the first is the day after 9999-12-31

JSON = [
    Broken("gzip cut short", "json", cut, "LU", "gzip"),
    Broken("zip for gzip", "json", rewritten("json", zipped(LINES[0]), 1, packed=False), "U", "gzip"),
    Broken("not compressed at all", "json", rewritten("json", LINES[0].encode(), 1, packed=False), "U", "gzip"),
    Broken("compressed twice", "json", rewritten("json", gzip.compress(b"[]", mtime=0), 1), "U", "不是UTF-8编码"),
    Broken("no byte", "json", rewritten("json", b"", 0, packed=False), "U", "gzip"),
    Broken("no line", "json", json_of(records=0), ""),
    Broken("empty lines only", "json", rewritten("json", b"\n\r\n\n", 0), ""),
    Broken("UTF-16", "json", rewritten("json", LINES[0].encode("utf-16"), 1), "U", "不是UTF-8编码"),
    Broken("UTF-16 without a mark", "json", rewritten("json", b'{\0"\0', 1), "U", "不是完整的JSON报文"),
    Broken("UTF-32", "json", rewritten("json", LINES[0].encode("utf-32"), 1), "U", "不是UTF-8编码"),
    Broken("a mark before the text", "json", json_of(b"\xef\xbb\xbf" + LINES[0].encode(), LINES[1]), "LL"),
    Broken("a mark before every line", "json", json_of(*(b"\xef\xbb\xbf" + line.encode() for line in LINES)), "LL"),
    Broken("NUL bytes between", "json", json_of(LINES[0], b"\0\0\0", LINES[1]), "LUL", "不是完整的JSON报文"),
    Broken("NUL in a value", "json", json_of(header(psn_name="a\0b")), "L"),
    Broken("CR for line ends", "json", json_of(*LINES, end=b"\r"), REFUSED, "holds 1 records, delivery.json says 2"),
    Broken("CR, declared as one", "json", json_of(*LINES, end=b"\r", records=1), "U", "不是完整的JSON报文"),
    Broken("an array for lines", "json", json_of(f"[{','.join(LINES)}]"), "U", "缺少结算清单信息"),
    Broken("one message over lines", "json", json_of("{", '"setlinfo":{}', "}"), "UUU", "不是完整的JSON报文"),
    Broken("two messages on a line", "json", json_of(LINES[0] + LINES[1]), "U", "不是完整的JSON报文"),
    Broken("single quotes", "json", json_of("{'setlinfo':{}}"), "U", "不是完整的JSON报文"),
    Broken("a message in an envelope", "json", json_of(f'{{"infno":"4101","input":{LINES[0]}}}'), "U", "setlinfo"),
    Broken("text for JSON", "json", json_of(*TEXT), "UUU", "不是完整的JSON报文"),
    Broken("a header that is a list", "json", json_of('{"setlinfo":[]}'), "U", "缺少结算清单信息"),
    Broken("a node that is text", "json", json_of(node("diseinfo", "K80.101")), "U", "diseinfo 不是数组"),
    Broken("a node that is an object", "json", json_of(node("payinfo", {})), "U", "payinfo 不是数组"),
    Broken("rows that are numbers", "json", json_of(node("iteminfo", [5, None, [[]]])), "L"),
    Broken("fields that are lists", "json", json_of(header(setl_id=["A"], dcla_time={}, nwb_age=[1])), "L"),
    Broken("a number of 6000 digits", "json", json_of(LINES[0].replace('"44"', "9" * 6000)), "L", ""),
    Broken("a number beyond all", "json", json_of(LINES[0].replace('"44"', "1e999999")), "L"),
    Broken("nested without end", "json", json_of("[" * 100_000), "U", "无法解析"),
    Broken("nested inside", "json", json_of(header(x=0).replace('"x":0', f'"x":{"[" * 90_000}')), "U", "无法解析"),
    Broken("half a character", "json", json_of(header(setl_id="\ud800").encode("ascii", "backslashreplace")), "L"),
    Broken("a name twice", "json", json_of(LINES[0].replace('"gend":"1"', '"gend":"1","gend":"2"')), "L"),
    Broken("a line of a megabyte", "json", json_of(header(curr_addr="路" * 400_000)), "L"),
    Broken("GB18030 not declared", "json", json_of(LINES[0].encode("gb18030"), LINES[1]), "UL", "encoding为gb18030"),
    Broken("UTF-8 declared GB18030", "json", rewritten("json", "路".encode(), 1, encoding="gb18030"), "U", "GB18030"),
]
TEXT_FILES = [
    Broken("no header", "csv", text_of(records=0), "U", "没有表头"),
    Broken("only the header", "csv", text_of(TEXT[0]), ""),
    Broken("rows without their header", "csv", text_of(*TEXT[1:]), "U", "文件缺少列 setl_id"),
    Broken("a column missing", "csv", text_of(TEXT[0].replace("|gend", "|sex"), *TEXT[1:]), "UU", "缺少列 gend"),
    Broken("a column twice", "csv", text_of(TEXT[0].replace("psn_name", "gend"), *TEXT[1:]), "UU", "gend 出现两次"),
    Broken("commas", "csv", text_of(*(line.replace("|", ",") for line in TEXT)), "UU", "文件缺少列 setl_id"),
    Broken("tabs", "csv", text_of(*(line.replace("|", "\t") for line in TEXT)), "UU", "文件缺少列 setl_id"),
    Broken("CR for line ends", "csv", text_of(*TEXT, end="\r"), REFUSED, "holds 0 records, delivery.json says 2"),
    Broken("a cell too many", "csv", text_of(TEXT[0], TEXT[1] + "|", TEXT[2]), "UL", "表头有"),
    Broken("a cell too few", "csv", text_of(TEXT[0], TEXT[1], TEXT[2].replace("|", "", 1)), "LU", "表头有"),
    Broken("a bar in a value", "csv", text_of(TEXT[0], TEXT[1].replace("某路", "某|路"), TEXT[2]), "UL", "表头有"),
    Broken("a line break in a value", "csv", text_of(TEXT[0], TEXT[1].replace("某", "\n"), records=2), "UU", "表头有"),
    Broken("a node that is no JSON", "csv", text_of(TEXT[0], TEXT[1].replace("[]", "[{"), TEXT[2]), "LL"),
    Broken("UTF-16", "csv", rewritten("csv", "\n".join(TEXT).encode("utf-16"), 2), "UU", "不是UTF-8编码"),
    Broken("NUL bytes", "csv", text_of(TEXT[0], "\0" * 50, TEXT[2]), "UL", "该行有1列"),
]
PARQUET = [
    Broken("cut short", "parquet", cut, "U", "Parquet文件损坏"),
    Broken("no byte", "parquet", rewritten("parquet", b"", 0, packed=False), "U", "Parquet文件损坏"),
    Broken("JSON for Parquet", "parquet", rewritten("parquet", LINES[0].encode(), 1, False), "U", "Parquet文件损坏"),
    Broken("a column twice", "parquet", doubled_column, "UU", "gend 出现两次"),
    Broken("numbers and days", "parquet", parquet_of(
        *TWO,
        age=pa.array([44, 44]),
        medfee_sumamt=pa.array([Decimal("1000.00")] * 2),
        hifp_pay=pa.array([560.0, float("nan")]),
        brdy=pa.array([datetime.date(1980, 1, 1)] * 2),
        adm_time=pa.array([1735549200] * 2, pa.timestamp("s")),
    ), "LL"),
    Broken("times to the nanosecond", "parquet",
           parquet_of(*TWO, adm_time=pa.array([1735549200 * 10**9] * 2, pa.timestamp("ns"))), "LL"),
    Broken("a day nobody has", "parquet", parquet_of(*TWO, brdy=NO_DAY), "UL", "列 brdy 无法读取"),
    Broken("bytes for text", "parquet", parquet_of(*TWO, psn_no=pa.array([b"\xff", b"x"])), "LL"),
    Broken("a struct for text", "parquet", parquet_of(*TWO, setl_id=STRUCT, gend=STRUCT), "LL"),
    Broken("a node of numbers", "parquet", parquet_of(*TWO, diseinfo=pa.array([5, 6])), "LL"),
    Broken("a node of text", "parquet", parquet_of(*TWO, diseinfo=pa.array(["x", None])), "LL"),
    Broken("rows of numbers", "parquet", parquet_of(*TWO, iteminfo=pa.array([[1], None])), "LL"),
    Broken("columns of nothing", "parquet", parquet_of(*TWO, gend=pa.nulls(2), payinfo=pa.nulls(2)), "LL"),
    Broken("no row", "parquet", lambda path: (pq.write_table(pq.read_table(path).slice(0, 0), path),
                                              declare(path, "parquet", 0)), ""),
]  # fmt: skip
MANIFEST = [
    Broken("too few claimed", "json", entry(records=1), REFUSED, "holds 2 records, delivery.json says 1"),
    Broken("too many claimed", "json", entry(records=10**30), REFUSED, "holds 2 records, delivery.json says 1000"),
    Broken("less than none claimed", "json", entry(records=-1), REFUSED, "states records -1"),
    Broken("a fraction claimed", "json", entry(records=2.0), REFUSED, "states records 2.0"),
    Broken("true claimed", "json", entry(records=True), REFUSED, "states records True"),
    Broken("another checksum", "json", entry(sha256="0" * 64), REFUSED, "does not have the sha256"),
    Broken("a short checksum", "json", entry(sha256="abc"), REFUSED, "has no sha256 of 64 hex digits"),
    Broken("another format", "json", entry(format="xlsx"), REFUSED, "has format 'xlsx'"),
    Broken("a format that is a list", "json", entry(format=["json"]), REFUSED, "has format ['json']"),
    Broken("an absolute path", "json", entry(name="/etc/hostname"), REFUSED, "names a file '/etc/hostname'"),
    Broken("a path upwards", "json", entry(name="../x"), REFUSED, "names a file '../x'"),
    Broken("the folder above", "json", entry(name=".."), REFUSED, "names a file '..'"),
    Broken("the folder itself", "json", entry(name="."), REFUSED, "names a file '.'"),
    Broken("NUL in a name", "json", entry(name="a\0b"), REFUSED, "names a file 'a\\x00b'"),
    Broken("a name too long", "json", entry(name="x" * 5000), REFUSED, "names a file 'xxx"),
    Broken("half a character in a name", "json", entry(name="\ud800"), REFUSED, "names a file '\\ud800'"),
    Broken("itself", "json", entry(name="delivery.json"), REFUSED, "names a file 'delivery.json'"),
    Broken("no name", "json", entry(name=None), REFUSED, "names a file None"),
    Broken("another name", "json", entry(name="x.jsonl"), REFUSED, "file x.jsonl is named in delivery.json but not"),
    Broken("a link out of the folder", "json", linked, REFUSED, "is a link out of the delivery folder"),
    Broken("a folder for a file", "json", made_a_folder, REFUSED, "but not there"),
    Broken("a file it does not name", "json", lambda path: (path.parent / "x").touch(), REFUSED, "x is not named"),
    Broken("the manifest is no JSON", "json", manifest_text(b"files: []"), REFUSED, "line 1 is not JSON"),
    Broken("the manifest is empty", "json", manifest_text(b""), REFUSED, "is not JSON"),
    Broken("the manifest is UTF-16", "json", manifest_text("{}".encode("utf-16")), REFUSED, "is not JSON"),
    Broken("the manifest is nested", "json", manifest_text(b"[" * 100_000), REFUSED, "is not JSON"),
    Broken("the manifest is a list", "json", manifest_text(b"[]"), REFUSED, "is not a JSON object"),
    Broken("the manifest has a mark", "json", marked, "LL"),
    Broken("files is an object", "json", manifest(files={}), REFUSED, "names no files"),
    Broken("a file is text", "json", manifest(files=["x"]), REFUSED, "names a file None"),
    Broken("another region", "json", manifest(region_code="510300"), REFUSED, "states region_code '510300'"),
    Broken("a region that is a number", "json", manifest(region_code=510100), REFUSED, "states region_code 510100"),
    Broken("another month", "json", manifest(delivery_month="2025-1"), REFUSED, "states delivery_month '2025-1'"),
    Broken("no offset", "json", manifest(delivered_at="2025-02-10T08:00:00"), REFUSED, "is no instant with offset"),
    Broken("an instant before time", "json", manifest(delivered_at="0001-01-01T00:00:00+08:00"), REFUSED, "no instant"),
    Broken("an instant of a number", "json", manifest(delivered_at=1739145600), REFUSED, "is no instant with offset"),
]
EVERY = [*JSON, *TEXT_FILES, *PARQUET, *MANIFEST]
