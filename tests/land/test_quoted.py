"""Quotes of the centre's text extracts: @| opens, |@ closes, bars and line breaks may stand between."""

from __future__ import annotations

import pytest

from drg.land.quoted import MOST_LINES, UNCLOSED, Row, cells_of, rows_of


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a|b|c", ["a", "b", "c"]),
        ("a||", ["a", "", ""]),
        ("", [""]),
        ("@|a|@|b", ["a", "b"]),
        ("@|a|b|@|@|c|@", ["a|b", "c"]),
        ("a|@|b|@", ["a", "b"]),
        ("@||@|x", ["", "x"]),
        ("@|a|@b|@|c", ["a|@b", "c"]),  # a close that nothing ends goes on
        ("a@|b", ["a@", "b"]),  # no quote: it does not start the cell
        ("@|a\nb|@", ["a\nb"]),
        ("@|a|b", None),
        ("@|", None),
    ],
)
def test_cells(text: str, cells: list[str] | None) -> None:
    assert cells_of(text) == cells


def rows(*lines: str) -> list[Row]:
    return list(rows_of((line, None) for line in lines))


def test_a_row_goes_on_while_its_quote_is_open_and_keeps_an_empty_line_inside_only() -> None:
    assert rows("h|i|j", "a|@|x", "", "y|@|c", "", "d|e|f")[1:] == [
        Row("a|@|x\n\ny|@|c", ["a", "x\n\ny", "c"]),
        Row("d|e|f", ["d", "e", "f"]),
    ]


def test_a_quote_that_is_never_closed_spoils_its_own_line_only() -> None:
    assert rows("a|@|x", "b|y", "c|z") == [
        Row("a|@|x", ["a", "@", "x"], UNCLOSED),
        Row("b|y", ["b", "y"]),
        Row("c|z", ["c", "z"]),
    ]


def test_a_quote_that_closes_in_another_row_takes_none_with_it() -> None:
    """A lone @ that was not quoted, and another at the end of a later row."""
    assert rows("h|i|j", "1|@|2", "3|4|5", "6|7|@") == [
        Row("h|i|j", ["h", "i", "j"]),
        Row("1|@|2", ["1", "@", "2"], UNCLOSED),
        Row("3|4|5", ["3", "4", "5"]),
        Row("6|7|@", ["6", "7", "@"]),
    ]


def test_a_quote_that_closes_in_the_next_row_does_not_swallow_it() -> None:
    """Together they have the cells of one row, and the list of the second would lack it."""
    assert rows("h|i|j", "1|2|@|open", "3|4|@|closed|@") == [
        Row("h|i|j", ["h", "i", "j"]),
        Row("1|2|@|open", ["1", "2", "@", "open"], UNCLOSED),
        Row("3|4|@|closed|@", ["3", "4", "closed"]),
    ]


@pytest.mark.parametrize(
    "text", ["1|@|x\ny|@|3", "1|2|@|x\ny|@", "@|x\ny|@|2|3", "@|x\ny|@|@|2|@|@|3|@", "1|@|x\n||\ny|@|3"]
)
def test_the_last_line_of_a_quote_is_no_row_by_itself(text: str) -> None:
    assert [(len(row.cells), row.fault) for row in rows("h|i|j", *text.split("\n"))[1:]] == [(3, None)]


@pytest.mark.parametrize(("lines", "count"), [(MOST_LINES, 1), (MOST_LINES + 1, MOST_LINES + 1)])
def test_a_row_goes_over_so_many_lines_and_no_more(lines: int, count: int) -> None:
    assert len(rows("@|a", *["x"] * (lines - 2), "b|@")) == count


def test_a_line_that_could_not_be_decoded_is_a_row_of_its_own() -> None:
    found = list(rows_of([("@|a", None), ("\\xff", "why"), ("b|@", None)]))
    assert [(row.text, row.fault) for row in found] == [("@|a", UNCLOSED), ("\\xff", "why"), ("b|@", None)]
