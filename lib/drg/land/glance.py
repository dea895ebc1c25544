"""What a JSON line says of itself, without the rest: a line that is odd in any way is left to who reads it whole.

A list read whole becomes some four hundred objects of Python, of which landing looks at five fields and at names that
are not the centre's. Here a compiled reader (msgspec) goes over the line and keeps nothing else.
"""

from __future__ import annotations

from typing import Any

import msgspec

from drg.land.dialect import HEADER, TELLING
from drg.land.layout import NODES

# The fields of a header that say what a record is.
SAYS = ("setl_id", "init_setl_id", "setl_time", "dcla_time", "refd_setl_flag")

_Field = tuple[str, Any, Any]


def _others(place: str) -> list[_Field]:
    """The spellings in a place that are not the centre's, and that no list in the centre's names has."""
    return [(name, Any, msgspec.UNSET) for name in sorted(TELLING[place])]


_says: list[_Field] = [(name, str | None | msgspec.UnsetType, msgspec.UNSET) for name in SAYS]
_HEADER = msgspec.defstruct("_HEADER", [*_says, *_others(HEADER)], gc=False)
_ROWS = {node: msgspec.defstruct(f"_{node}", _others(node), gc=False) for node in NODES}
# One row a node in the centre's names alone: it holds nothing.
_SILENT = {node: row() for node, row in _ROWS.items()}
_QUIET = (msgspec.UNSET,) * len(_others(HEADER))
_nodes: list[_Field] = [(node, list[row] | None, None) for node, row in _ROWS.items()]  # type: ignore[valid-type]
_READER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    msgspec.defstruct("_MESSAGE", [(HEADER, _HEADER), *_nodes], gc=False)
)


def said(line: str) -> dict[str, str | None] | None:
    """The fields `SAYS` a line has, or None where it has to be read whole.

    A line with fields is a message in the centre's names: its header is an object, its nodes are lists of objects or
    nothing, the fields are texts or null.
    """
    try:
        message = _READER.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None
    values = msgspec.structs.astuple(message.setlinfo)
    if values[len(SAYS) :] != _QUIET:
        return None
    for node, silent in _SILENT.items():
        rows = getattr(message, node)
        if rows and any(row != silent for row in rows):
            return None
    return {name: value for name, value in zip(SAYS, values, strict=False) if value is not msgspec.UNSET}
