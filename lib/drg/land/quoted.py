"""Rows of the text extracts of the centre: cells between bars, a cell in quotes that open with @| and close with |@.

A quoted cell may hold bars and line breaks. A quote closes where a bar or the end of the row follows it, and opens only
at the start of a cell, so that a lone @ as a value has to be quoted. A line that is a row by itself is inside no quote.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BAR, OPEN, CLOSE, LONE = "|", "@|", "|@", "@"
# A row may go over this many lines. A quote that is not closed by then spoils its own line and no other.
MOST_LINES = 64
UNCLOSED = "该行以@|开始的引号没有以|@结束；请重新交付该文件"


@dataclass(frozen=True)
class Row:
    """One row as received, lines joined by a line feed: its cells, or why there are none."""

    text: str
    cells: list[str]
    fault: str | None = None


def rows_of(lines: Iterable[tuple[str, str | None]]) -> Iterator[Row]:
    """The rows in lines of (text, why it could not be decoded); an empty line outside quotes is no row.

    The first row is the header. Lines are one row only where they make as many cells as it has: a quote that closes
    in another row's would take all rows between with it.
    """
    source, again = iter(lines), deque[tuple[str, str | None]]()
    width = 0

    def following() -> tuple[str, str | None] | None:
        return again.popleft() if again else next(source, None)

    while (first := following()) is not None:
        text, fault = first
        if not text:
            continue
        if fault:
            # Undecodable bytes are escapes by now; what stands between the bars still tells which list it is.
            yield Row(text, cells_of(text) or [], fault)
            continue
        cells = cells_of(text)
        taken: list[tuple[str, str | None]] = []
        while cells is None and len(taken) < MOST_LINES - 1 and (more := following()) is not None:
            taken.append(more)
            if more[1] or _row_by_itself(more[0], width):
                break
            text += "\n" + more[0]
            cells = cells_of(text)
        if cells is None or (taken and width and len(cells) != width):
            again.extendleft(reversed(taken))
            yield Row(first[0], first[0].split(BAR), UNCLOSED)
        else:
            width = width or len(cells)
            yield Row(text, cells)


def cells_of(text: str) -> list[str] | None:
    """The cells of a row; None where a quote is not closed."""
    if OPEN not in text:
        return text.split(BAR)
    cells, at = [], 0
    while True:
        if text.startswith(OPEN, at):
            end = _closed(text, at + len(OPEN))
            if end < 0:
                return None
            cells.append(text[at + len(OPEN) : end])
            at = end + len(CLOSE)
            if at == len(text):
                return cells
        else:
            end = text.find(BAR, at)
            if end < 0:
                cells.append(text[at:])
                return cells
            cells.append(text[at:end])
            at = end
        at += len(BAR)


def _row_by_itself(line: str, width: int) -> bool:
    """A whole row, which a quote left open before it would swallow without a trace: its list would lack it."""
    cells = cells_of(line) if line.count(BAR) >= width - 1 else None
    if width < 2 or cells is None or len(cells) != width or not any(cells):
        return False
    return not any(cell == LONE or OPEN in cell or CLOSE in cell for cell in cells)


def _closed(text: str, start: int) -> int:
    end = text.find(CLOSE, start)
    while end >= 0 and text[end + len(CLOSE) : end + len(CLOSE) + 1] not in ("", BAR):
        end = text.find(CLOSE, end + 1)
    return end
