"""Whatever days are written: two values never hold on one day, and a day is served by the value that covers it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.policy.files import Dated, Folder, _in_order
from drg.policy.parameters import PARAMETERS
from drg.policy.values import Standing

NAME = "weight.min_cases"
FIRST = date(2025, 1, 1)
Span = tuple[int, int | None]  # first and last day, counted from FIRST; None is open


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def dated(spans: list[Span]) -> list[Dated]:
    """One value a span; the value is its place in the list, so that a day says which one serves it."""
    return [
        Dated(place, (), day(start), None if end is None else day(end), "cases", "s", Standing.ASSUMED, "f", place + 1)
        for place, (start, end) in enumerate(spans)
    ]


def book(values: tuple[Dated, ...]) -> PolicyBook:
    return PolicyBook({"510100": Folder("510100", "x", None, {NAME: values}, "f")})


def serving(found: PolicyBook, number: int) -> int | None:
    try:
        return int(str(found.value("510100", NAME, day(number)).value))
    except PolicyError:
        return None


def meet(one: Span, two: Span) -> bool:
    """Whether both say of one day that they hold; an open value yields to the next that begins later."""
    (first, end), (second, _) = sorted((one, two), key=lambda span: span[0])
    return first == second or (end is not None and end >= second)


ENDS = st.one_of(st.none(), st.integers(0, 8))
SPANS = st.lists(
    st.tuples(st.integers(0, 30), ENDS).map(lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])),
    min_size=2,
    max_size=5,
)


@given(SPANS)
def test_values_load_exactly_when_they_neither_meet_nor_leave_a_gap(spans: list[Span]) -> None:
    ordered = sorted(spans, key=lambda span: span[0])
    overlap = any(meet(one, two) for one, two in combinations(spans, 2))
    gap = any(end is not None and end + 1 < after for (_, end), (after, _) in pairwise(ordered))
    if overlap or gap:
        with pytest.raises(PolicyError, match=r"^f line \d+: weight.min_cases: (two values hold on|no value holds)"):
            _in_order(PARAMETERS[NAME], dated(spans))
        return
    found = book(_in_order(PARAMETERS[NAME], dated(spans)))
    for number in range(-1, 45):
        begun = [place for place, (start, _) in enumerate(spans) if start <= number]
        # The one that began last, as long as it lasts: at most one value, whatever the order they are written in.
        last = max(begun, key=lambda place: spans[place][0]) if begun else None
        holds = last is not None and (spans[last][1] is None or number <= (spans[last][1] or 0))
        assert serving(found, number) == (last if holds else None)


@given(SPANS)
def test_the_order_of_writing_does_not_matter(spans: list[Span]) -> None:
    def outcome(values: list[Dated]) -> object:
        try:
            return [(item.start, item.end, item.value) for item in _in_order(PARAMETERS[NAME], values)]
        except PolicyError:
            return "refused"

    assert outcome(dated(spans)) == outcome(dated(spans)[::-1])


@given(st.integers(0, 20), st.integers(0, 20))
def test_spans_of_days_cover_each_day_once_and_nothing_changes_within_one(turn: int, last: int) -> None:
    found = book(_in_order(PARAMETERS[NAME], dated([(0, None), (turn + 1, None)])))
    spans = found.intervals("510100", day(0), day(last))
    covered = [number for first, end in spans for number in range((first - FIRST).days, (end - FIRST).days + 1)]
    assert covered == list(range(last + 1))
    for first, end in spans:
        assert serving(found, (first - FIRST).days) == serving(found, (end - FIRST).days)
