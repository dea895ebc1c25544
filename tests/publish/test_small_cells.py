"""What is hidden beside a printed total."""

from __future__ import annotations

import pytest

from drg.publish.small_cells import hidden


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 10, "b": 11}, set()),  # ten may be shown
        ({"a": 9, "b": 11, "c": 30}, {"a", "b"}),  # nine is hidden, and eleven with it: else 9 = total - 11 - 30
        ({"a": 9, "b": 1, "c": 30}, {"a", "b"}),  # 9 + 1 = 10: neither can be had
        ({"a": 8, "b": 1, "c": 30}, {"a", "b", "c"}),
        ({"a": 0, "b": 12}, set()),  # no case is no secret
        ({"a": 0, "b": 3, "c": 40, "d": 50}, {"b", "c"}),
        ({}, set()),
    ],
)
def test_no_count_under_ten_can_be_worked_out(counts: dict[str, int], expected: set[str]) -> None:
    assert hidden(counts) == expected
