"""Names of the interface, provincial spellings and upper case as the centre's names; no Spark here.

Where a record has both, the centre's name wins unless it is empty. A landed record stays as received: one of which a
value stands under another spelling only is marked (`INTERFACE` in its header), and validate reads it through
`centre_raw`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drg.land.layout import ALIASES, CHECKED_FIELDS, DURATIONS, NEEDED_COLUMNS, NEEDED_FIELDS, NODES

# Last line of the `header` of a landed record that is not to be read by the centre's names alone.
INTERFACE = "\ninterface"

HEADER = "setlinfo"
# One for all messages: to make it takes longer than to write one.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)
_READ: dict[str, tuple[str, ...]] = {HEADER: (*NEEDED_FIELDS, *CHECKED_FIELDS), **NODES}
_DURATION = re.compile(r"\s*(\d{1,3})/(\d{1,2})/(\d{1,2})\s*")


def _spellings(place: str) -> dict[str, str]:
    """Every other spelling of a place's names -> the centre's; in upper case too, of names that later steps read."""
    aliases = ALIASES.get(place, {})
    upper = {name.upper(): name for name in _READ[place]}
    return {**aliases, **{name.upper(): centre for name, centre in aliases.items()}, **upper}


SPELLINGS: dict[str, dict[str, str]] = {place: _spellings(place) for place in _READ}
_LASTING = {spelling: parts for name, parts in DURATIONS.items() for spelling in (name, name.upper())}


def _telling(place: str) -> dict[str, tuple[str, ...]]:
    """The spellings a later step would miss, and the centre's names that may say the same."""
    found: dict[str, tuple[str, ...]] = {
        name: (centre,) for name, centre in SPELLINGS[place].items() if centre in _READ[place]
    }
    if place == HEADER:
        found |= {name: parts for name, parts in _LASTING.items() if parts[0] in _READ[HEADER]}
    return found


TELLING = {place: _telling(place) for place in _READ}
_NODE_CASE = {node.upper(): node for node in NODES}
# The nodes of a line of text are not parsed when it is landed: their names are looked for as JSON writes them.
_IN_CELLS = tuple(f'"{name}"' for node in NODES for name in ALIASES.get(node, {}))


def node_names(columns: Iterable[str]) -> list[str]:
    """Column names with those of nodes as the centre writes them."""
    return [_NODE_CASE.get(name, name) for name in columns]


def column_fault(columns: Sequence[str]) -> str | None:
    """Why records under these column names cannot be read, as one Chinese sentence; None when they can.

    Further columns do no harm: they stay in the landed record. A needed one that is missing or occurs twice does;
    another spelling of it counts as the column and may stand beside it.
    """
    missing, twice = missing_and_doubled(node_names(columns), NEEDED_COLUMNS)
    if missing:
        return f"文件缺少列 {'、'.join(missing)}；请按交付约定的列名重新交付该文件"
    if twice:
        return f"文件中列 {'、'.join(twice)} 出现两次；请保留一列后重新交付该文件"
    return None


def missing_and_doubled(
    columns: Sequence[str], needed: Sequence[str], place: str = HEADER
) -> tuple[list[str], list[str]]:
    """The needed columns under none of their spellings, and the spellings of needed ones that occur twice."""
    centre = [SPELLINGS[place].get(name, name) for name in columns]
    lower = [name.lower() for name in columns]
    meant = zip(lower, centre, strict=True)
    twice = sorted({name for name, stands_for in meant if lower.count(name) > 1 and stands_for in needed})
    return [name for name in needed if name not in centre], twice


def uses_interface(fields: Mapping[str, Any], nodes: Mapping[str, Any]) -> bool:
    """Whether a value that later steps need stands under another spelling only."""
    if _gives(fields, TELLING[HEADER]):
        return True
    told = [(nodes.get(node), TELLING[node]) for node in NODES]
    rows = ((row, telling) for node, telling in told if isinstance(node, list) for row in node)
    return any(isinstance(row, dict) and _gives(row, telling) for row, telling in rows)


def line_uses_interface(fields: Mapping[str, str], line: str) -> bool:
    """The same of a line of text, whose nodes are still JSON in its cells and may use the other names or not."""
    if not _NODE_CASE.keys().isdisjoint(fields) or _gives(fields, TELLING[HEADER]):
        return True
    return any(name in line for name in _IN_CELLS)


def _gives(fields: Mapping[str, Any], telling: Mapping[str, tuple[str, ...]]) -> bool:
    if telling.keys().isdisjoint(fields):
        return False
    return any(
        not _blank(fields[name]) and all(_blank(fields.get(centre)) for centre in meant)
        for name, meant in telling.items()
        if name in fields
    )


def centre_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message with the centre's names; what no name of the centre stands for keeps its own."""
    found = dict(message)
    found[HEADER] = centre_fields(message[HEADER])
    for node in NODES:
        rows = message.get(node)
        if isinstance(rows, list):
            found[node] = [centre_fields(row, node) if isinstance(row, dict) else row for row in rows]
    return found


def centre_fields(fields: Mapping[str, Any], place: str = HEADER) -> dict[str, Any]:
    """The fields of a header, or of a row of a node, under the centre's names.

    A duration that is not `days/hours/minutes` stands where the days belong, so that it can be seen there.
    """
    spellings = SPELLINGS[place]
    if spellings.keys().isdisjoint(fields) and (place != HEADER or _LASTING.keys().isdisjoint(fields)):
        return dict(fields)
    found = {name: value for name, value in fields.items() if name not in spellings}
    for name, centre in spellings.items():
        if name in fields and _blank(found.get(centre)):
            found[centre] = fields[name]
    for name, parts in _LASTING.items() if place == HEADER else ():
        if not _blank(fields.get(name)) and all(_blank(found.get(part)) for part in parts):
            split = _DURATION.fullmatch(str(fields[name]))
            found |= dict(zip(parts, split.groups() if split else (fields[name], None, None), strict=True))
    return found


def centre_raw(header: str, raw: str) -> str | None:
    """The message in the centre's names, as JSON, of a readable landed record marked `INTERFACE`.

    Numbers keep their digits as received, as text. None where a message is nested too deep to be taken apart again.
    """
    columns = header.removesuffix(INTERFACE)
    try:
        return written(centre_message(_line_message(columns, raw) if columns else _parsed(raw)))
    except RecursionError:
        return None


def whole_characters(raw: str) -> str | None:
    """A JSON message with a question mark for each half of a character that stands alone; null as `centre_raw`."""
    try:
        return _ENCODER.encode(_parsed(raw)).encode("utf-8", "replace").decode("utf-8")
    except RecursionError:
        return None


def _parsed(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _line_message(columns: str, line: str) -> dict[str, Any]:
    names = node_names(name.strip() for name in columns.split("|"))
    cells = dict(zip(names, line.split("|"), strict=True))
    nodes = {node: _rows(cells.pop(node)) for node in NODES if node in cells}
    return {HEADER: cells, **nodes}


def _rows(cell: str) -> list[Any] | None:
    """The rows in a cell; None where it is no JSON array, as Spark reads one."""
    try:
        rows = _parsed(cell)
    except (ValueError, RecursionError):
        return None
    return rows if isinstance(rows, list) else None


def written(message: Mapping[str, Any]) -> str:
    """A message as JSON on one line; half a character is written as its escape."""
    text = _ENCODER.encode(message)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in ("", "null"))
