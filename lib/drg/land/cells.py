"""Lines of the small CSV files of a region, cell by cell: a cell is what its parser makes of it, or one sentence."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from drg.errors import DeliveryError

Row = tuple[Any, ...]


class Line:
    """One line of a file: `line("field", parse)` gives the parsed value or raises DeliveryError."""

    def __init__(self, path: Path, number: int, values: dict[str, str]):
        self.number = number
        self._where = f"region {path.parent.name}: {path.name} line {number}"
        self._values = values

    def __call__(self, field: str, parse: Callable[[str], Any], optional: bool = False) -> Any:
        """The cell of a field; None for a blank one where it is optional."""
        text = self._values[field].strip()
        if not text:
            if optional:
                return None
            raise self.error(field, "is blank")
        try:
            return parse(text)
        except ValueError as error:
            raise self.error(field, str(error)) from None

    def error(self, field: str, fault: str) -> DeliveryError:
        """The sentence that names region, file, line and field."""
        return DeliveryError(f"{self._where}, field {field}: {fault}; correct the file and deliver it again")


def lines_of(path: Path, columns: Sequence[str], may_be_empty: bool = False) -> list[Line]:
    """The lines of a file under its header; columns beyond the named ones are left alone.

    Raises DeliveryError for a file that is missing, not UTF-8 or no CSV, a column that is missing or there twice, a
    line of another width, and a file without a line unless it may be empty.
    """
    where = f"region {path.parent.name}: {path.name}"
    if not path.is_file():
        raise DeliveryError(f"{where} is missing; ask the region to deliver it")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except UnicodeDecodeError as error:
        raise DeliveryError(f"{where} is not UTF-8 (byte {error.start + 1}); deliver it as UTF-8") from error
    except csv.Error as error:
        raise DeliveryError(f"{where} is not readable CSV ({error}); correct the file and deliver it again") from error
    header = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in columns if header.count(name) != 1]
    if missing:
        raise DeliveryError(f"{where} line 1: needs the column {missing[0]} exactly once; correct its header")
    lines = []
    for place, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(header):
            raise DeliveryError(f"{where} line {place}: has {len(row)} cells, not {len(header)}; correct the line")
        lines.append(Line(path, place, dict(zip(header, row, strict=True))))
    if not lines and not may_be_empty:
        raise DeliveryError(f"{where} holds no entry; ask the region to deliver it again")
    return lines


def a_day(text: str) -> date:
    """A day written YYYY-MM-DD; this and the other parsers raise ValueError with half a sentence."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"{text!r} is no day, write YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no day of the calendar") from None


def one_of(*allowed: str) -> Callable[[str], str]:
    """One of some words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is not {' or '.join(allowed)}")
        return text

    return parse


def matching(pattern: str, meaning: str) -> Callable[[str], str]:
    """A text of a pattern, which the sentence calls by its meaning."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is not {meaning}")
        return text

    return parse


def a_hospital(text: str) -> str:
    """The code of a hospital (定点医药机构编号)."""
    return matching(r"H\d{11}", "H and 11 digits")(text)


def a_whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number, both bounds included."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is no whole number from {low} to {high}")
        return int(text)

    return parse


def a_number(
    decimals: int, low: Decimal | None = None, above: Decimal | None = None, high: Decimal | None = None
) -> Callable[[str], Decimal]:
    """A plain decimal number; `low` and `high` are included, `above` is not."""

    def parse(text: str) -> Decimal:
        if not re.fullmatch(rf"-?\d{{1,12}}(\.\d{{1,{decimals}}})?", text):
            raise ValueError(f"{text!r} is no number with at most {decimals} decimals")
        value = Decimal(text)
        if (low is not None and value < low) or (above is not None and value <= above):
            raise ValueError(f"{text!r} is too small")
        if high is not None and value > high:
            raise ValueError(f"{text!r} is more than {high}")
        return value

    return parse


def a_month(text: str) -> str:
    """A month written YYYY-MM."""
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise ValueError(f"{text!r} is not a month; write it as 2025-01")
    return text
