"""What lies in a region's delivery folder of one month, checked against its manifest before anything is read.

<deliveries>/<region_code>/<delivery_month>/delivery.json and the files it names
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from drg.errors import DeliveryError
from drg.land.layout import ENCODINGS, EXTRACT_TABLES, FORMATS

MANIFEST = "delivery.json"
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery as the manifest states it; `records` and `sha256` are claims still to be checked.

    `encoding` is the one its manifest declares for JSON and text, utf-8 where it declares none; nothing is guessed.
    `table` is the table of the centre a file holds rows of, empty for one that holds whole lists; the tables of one
    `extract` belong together.
    """

    path: str
    name: str
    format: str
    records: int
    sha256: str
    region_code: str
    delivery_month: str
    arrived_at: datetime
    encoding: str = "utf-8"
    table: str = ""
    extract: str = ""


@dataclass(frozen=True)
class Delivery:
    """The files of one region and delivery month, in the order of their names."""

    region_code: str
    delivery_month: str
    files: tuple[DeliveredFile, ...]


def read_delivery(root: Path, region_code: str, region_name: str, month: str) -> Delivery:
    """The delivery of a region and month.

    Raises DeliveryError, naming region, month and file, when the folder, the manifest or a file named in it is missing,
    when the manifest is not well formed or belongs elsewhere, or when the folder holds a file the manifest does not
    name (a list in it would be lost without a word).
    """
    folder = root / region_code / month
    label = f"region {region_code} {region_name}, month {month}"
    if not folder.is_dir():
        raise DeliveryError(f"{label}: no delivery folder {folder}; ask the region to deliver the month")
    raw = _manifest(folder, label)
    for key, expected in (("region_code", region_code), ("delivery_month", month)):
        if raw.get(key) != expected:
            raise DeliveryError(
                f"{label}: {MANIFEST} states {key} {raw.get(key)!r}; put the delivery where it belongs or correct it"
            )
    arrived_at = _instant(raw.get("delivered_at"), label)
    entries = raw.get("files")
    if not isinstance(entries, list) or not entries:
        raise DeliveryError(f"{label}: {MANIFEST} names no files; list every file with format, records and sha256")
    files = [_file(folder, entry, label, region_code, month, arrived_at) for entry in entries]
    _complete(folder, files, label)
    _whole_extracts(files, label)
    return Delivery(region_code, month, tuple(sorted(files, key=lambda file: file.name)))


def unknown_regions(root: Path, known: Iterable[str], months: Iterable[str]) -> list[tuple[str, str, DeliveryError]]:
    """Folders of regions that are not pooling regions of the province but hold one of the months.

    One (folder name, month, error) each; nothing of them is landed.
    """
    if not root.is_dir():
        return []
    regions, wanted = set(known), sorted(set(months))
    found = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and path.name not in regions):
        for month in wanted:
            if (folder / month).is_dir():
                error = DeliveryError(
                    f"delivery folder {folder.name}, month {month}: {folder.name} is not a pooling region of the "
                    "province; move the delivery to its region's folder or add the region to conf/env"
                )
                found.append((folder.name, month, error))
    return found


def months_held(delivery_month: str) -> tuple[str, str]:
    """First and last settlement month a record of this delivery may belong to, both included.

    A month stays open until its year is cleared by the end of June of the next year (policy 医保办发〔2024〕9号), so a
    delivery may bring lists from January of the year before up to its own month.
    """
    return f"{int(delivery_month[:4]) - 1:04d}-01", delivery_month


def record_month(setl_time: str | None, delivery_month: str) -> str:
    """Settlement month stated by a record, or the delivery month where it states none that can hold."""
    stated = (setl_time or "")[:7]
    first, last = months_held(delivery_month)
    return stated if _MONTH.fullmatch(stated) and first <= stated <= last else delivery_month


def _manifest(folder: Path, label: str) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise DeliveryError(f"{label}: {MANIFEST} is missing in {folder}; ask the region to deliver its manifest")
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        line = f" line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise DeliveryError(f"{label}: {MANIFEST}{line} is not JSON; ask the region to deliver it again") from error
    if not isinstance(raw, dict):
        raise DeliveryError(f"{label}: {MANIFEST} is not a JSON object; ask the region to deliver it again")
    return raw


def _instant(value: Any, label: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None or not 2000 <= instant.year < 2100:
        raise DeliveryError(
            f"{label}: delivered_at {value!r} in {MANIFEST} is no instant with offset; "
            "write e.g. 2025-02-10T08:00:00+08:00"
        )
    return instant


def _file(folder: Path, entry: Any, label: str, region_code: str, month: str, arrived_at: datetime) -> DeliveredFile:
    entry = entry if isinstance(entry, dict) else {}
    name, kind, records, digest = (entry.get(key) for key in ("name", "format", "records", "sha256"))
    if not isinstance(name, str) or Path(name).name != name or name in ("", "..", MANIFEST) or not _storable(name):
        raise DeliveryError(f"{label}: {MANIFEST} names a file {name!r}; write plain file names without folders")
    if kind not in FORMATS:
        raise DeliveryError(f"{label}: file {name} has format {kind!r}; use one of {', '.join(FORMATS)}")
    if not isinstance(records, int) or isinstance(records, bool) or records < 0:
        raise DeliveryError(f"{label}: file {name} states records {records!r}; write the number of its records")
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise DeliveryError(f"{label}: file {name} has no sha256 of 64 hex digits; write the checksum of the file")
    path = folder / name
    if not path.is_file():
        raise DeliveryError(f"{label}: file {name} is named in {MANIFEST} but not there; ask the region to deliver it")
    if path.resolve().parent != folder.resolve():
        raise DeliveryError(f"{label}: file {name} is a link out of the delivery folder; put the file itself there")
    where = f"{label}: file {name}"
    said = (_encoding(entry, kind, where), *_table(entry, kind, where))
    return DeliveredFile(str(path), name, kind, records, digest, region_code, month, arrived_at, *said)


def _storable(name: str) -> bool:
    """Whether a name can be that of a file here; one that cannot is asked of no file system."""
    try:
        return "\0" not in name and len(name.encode("utf-8")) <= 255
    except UnicodeEncodeError:
        return False


def _table(entry: dict[str, Any], kind: str, where: str) -> tuple[str, str]:
    """Table and extract of a file; both empty where it holds whole lists."""
    table, extract = entry.get("table"), entry.get("extract", "")
    if table is None:
        if extract:
            raise DeliveryError(f"{where} names extract {extract!r} but no table; name its table or leave extract out")
        return "", ""
    if table not in EXTRACT_TABLES:
        raise DeliveryError(f"{where} names table {table!r}; use one of {', '.join(EXTRACT_TABLES)}")
    if kind == "json":
        raise DeliveryError(f"{where} holds a table as JSON; deliver tables as csv or parquet")
    if not isinstance(extract, str) or not re.fullmatch(r"[\w.-]{0,40}", extract):
        raise DeliveryError(f"{where} names extract {extract!r}; use at most 40 letters, digits, dots and dashes")
    return table, extract


def _whole_extracts(files: list[DeliveredFile], label: str) -> None:
    """An extract has all its tables, or a list would seem to have no operations; and each file of it once."""
    for extract in sorted({file.extract for file in files if file.table}):
        own = [file for file in files if file.table and file.extract == extract]
        missing = [table for table in EXTRACT_TABLES if table not in {file.table for file in own}]
        named = f"{label}: extract {extract}" if extract else f"{label}: the extract"
        if missing:
            raise DeliveryError(
                f"{named} has no table {missing[0]}; deliver all of {', '.join(EXTRACT_TABLES)}, one without rows as "
                "its header line"
            )
        seen: dict[tuple[str, str], str] = {}
        for file in own:
            first = seen.setdefault((file.table, file.sha256), file.name)
            if first != file.name and file.records:
                raise DeliveryError(f"{named} holds the same file twice, {first} and {file.name}; take one away")


def _encoding(entry: dict[str, Any], kind: str, where: str) -> str:
    declared = entry.get("encoding", "utf-8")
    if declared not in ENCODINGS:
        raise DeliveryError(f"{where} declares encoding {declared!r}; use one of {', '.join(ENCODINGS)}")
    if kind == "parquet" and "encoding" in entry:
        raise DeliveryError(f"{where} is Parquet, which has no encoding; leave encoding out of {MANIFEST}")
    return str(declared)


def _complete(folder: Path, files: list[DeliveredFile], label: str) -> None:
    names = [file.name for file in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DeliveryError(f"{label}: {MANIFEST} names file {twice[0]} twice; name each file once")
    unnamed = sorted(path.name for path in folder.iterdir() if path.name not in {*names, MANIFEST})
    if unnamed:
        raise DeliveryError(f"{label}: file {unnamed[0]} is not named in {MANIFEST}; name it there or take it away")
