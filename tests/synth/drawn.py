"""Draws small provinces and reads them back with standard library and pyarrow only: no writer is its own judge."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from drg.doors.config import load_province
from drg.synth import Rates, draw_province

NODES = ("payinfo", "diseinfo", "iteminfo", "oprninfo", "icuinfo")
Message = dict[str, Any]


def manifests(out: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Folder and content of every delivery.json."""
    return [(path.parent, json.loads(path.read_text("utf-8"))) for path in sorted(out.glob("*/*/delivery.json"))]


def records(path: Path) -> list[Message | None]:
    """Every record of a file as one flat message, None where it cannot be read."""
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    raw = gzip.decompress(path.read_bytes()).decode("utf-8")
    if path.name.endswith(".jsonl.gz"):
        return [_from_json(line) for line in raw.split("\n")[:-1]]
    header, *lines = raw.split("\r\n")[:-1]
    return [_from_text(header.split("|"), line.split("|")) for line in lines]


def _from_json(line: str) -> Message | None:
    try:
        message = json.loads(line)
    except json.JSONDecodeError:
        return None
    return {**message["setlinfo"], **{node: message[node] for node in NODES}}


def _from_text(names: list[str], cells: list[str]) -> Message | None:
    if len(cells) != len(names):
        return None
    row: Message = dict(zip(names, cells, strict=True))
    return {**row, **{node: json.loads(row[node]) for node in NODES}}


def delivered(out: Path) -> list[tuple[str, int, Message | None]]:
    """File name, line number and message of every record that a manifest names."""
    return [
        (entry["name"], number, message)
        for folder, manifest in manifests(out)
        for entry in manifest["files"]
        for number, message in enumerate(records(folder / entry["name"]), 1)
    ]


MONTHS = ("2024-12", "2025-01")
REGIONS = ("510100", "510300", "510400")


@dataclass(frozen=True)
class Draw:
    """A drawn province: folders, every delivered record with file and line, and the truth of every record."""

    out: Path
    truth_folder: Path
    records: list[tuple[str, int, Message | None]]
    truth: pd.DataFrame

    def by_place(self) -> dict[tuple[str, int], Message | None]:
        """The messages by file and line."""
        return {(name, line): message for name, line, message in self.records}

    def of(self, **wanted: str) -> list[Message]:
        """Readable messages whose truth has these values."""
        rows = self.truth
        for column, value in wanted.items():
            rows = rows[rows[column] == value]
        places = self.by_place()
        found = [places[place] for place in zip(rows.file_name, rows.line_number, strict=True)]
        return [message for message in found if message is not None]

    def clean(self) -> list[Message]:
        """Messages without a defect, whatever their kind."""
        return self.of(defect="")


def draw(folder: Path, lists: int, rates: Rates, formats: tuple[str, ...] = ("json", "csv", "parquet")) -> Draw:
    """Three regions and two months, drawn in this process."""
    out, truth = folder / "deliveries", folder / "truth"
    draw_province(load_province("sichuan"), MONTHS, lists, 7, formats, out, truth, regions=REGIONS, rates=rates)
    found = pd.concat([pd.read_parquet(path) for path in sorted(truth.glob("lists/*/*.parquet"))], ignore_index=True)
    return Draw(out, truth, delivered(out), found)
