"""The line by which a job tells its result."""

from __future__ import annotations

from decimal import Decimal

from drg.result import heard, told


def test_what_is_told_is_heard_wherever_it_stands_in_a_line() -> None:
    line = told({"job": "settle", "done": [["510100", "2025-01"]], "sum": Decimal("12.30")})
    assert "\n" not in line
    assert heard(f"[INFO] {line}\n") == {"job": "settle", "done": [["510100", "2025-01"]], "sum": "12.30"}


def test_any_other_line_is_no_result() -> None:
    assert heard("settle: 12.3 s; rows: case_payment 1,000") is None
    assert heard("drg-result [1]") is None
