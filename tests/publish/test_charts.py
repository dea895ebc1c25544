"""Where the shapes stand; the width is 1000."""

from __future__ import annotations

import re
from decimal import Decimal

from drg.publish import charts

D = Decimal


def rects(svg: str, css: str) -> list[tuple[float, float]]:
    found = re.findall(rf'<rect class="{css}" x="([\d.-]+)" y="\d+" width="([\d.-]+)"', svg)
    return [(float(x), float(width)) for x, width in found]


def test_a_bar_is_as_long_as_its_share_of_the_most() -> None:
    assert rects(charts.bar(D(25), D(100), "paid"), "paid") == [(0.0, 250.0)]
    assert rects(charts.bar(D(25), D(0), "paid"), "paid") == [(0.0, 0.0)]


def test_stacked_parts_follow_each_other() -> None:
    svg = charts.stacked([(D(10), "a"), (D(30), "b")], D(100))
    assert rects(svg, "a") == [(0.0, 100.0)]
    assert rects(svg, "b") == [(100.0, 300.0)]


def test_positive_effects_go_right_and_negative_left_of_the_middle() -> None:
    """The most is half the width: 50 of 100 is 250 wide."""
    svg = charts.diverging([(D(50), "a"), (D(-20), "b"), (D(-30), "c")], D(100))
    assert rects(svg, "a") == [(500.0, 250.0)]
    assert rects(svg, "b") == [(400.0, 100.0)]
    assert rects(svg, "c") == [(250.0, 150.0)]


def test_a_reach_runs_from_the_reference_to_the_value() -> None:
    above = charts.reach(D(80), D(50), D(0), D(100))
    assert rects(above, "above") == [(500.0, 300.0)]
    assert rects(charts.reach(D(20), D(50), D(0), D(100)), "below") == [(200.0, 300.0)]


def test_a_mark_stays_on_its_rail() -> None:
    assert rects(charts.mark(D(5), D(5), D(9)), "") == [(0.0, 28.0)]
    assert rects(charts.mark(D(9), D(5), D(9)), "") == [(972.0, 28.0)]
    assert rects(charts.mark(D(5), D(5), D(5)), "") == [(0.0, 28.0)]
