"""Small inline SVG drawings: a bar, a mark on a rail, a reach from a line, a diverging bar. No scripts, no
fonts, no network.

Every drawing stretches to the width it is given (preserveAspectRatio none); text stays outside, in HTML, so
that it keeps its size on a phone. Positions are per mille of the width, rounded, so that the same figures
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from drg.money import half_up

WIDTH = 1000


def bar(value: Decimal, most: Decimal, css: str) -> Markup:
    """A bar from the left, its length value / most of the width."""
    return _svg(_rect(Decimal(0), _place(value, most), css), 10)


def stacked(parts: Sequence[tuple[Decimal, str]], most: Decimal) -> Markup:
    """Bars one after the other from the left; (value, css class) each."""
    shapes, start = "", Decimal(0)
    for value, css in parts:
        shapes += _rect(_place(start, most), _place(start + value, most), css)
        start += value
    return _svg(shapes, 10)


def mark(value: Decimal, low: Decimal, high: Decimal) -> Markup:
    """A mark on a rail from low to high; for figures whose differences count, not their size."""
    at = Decimal(14) + _place(value - low, high - low) * (WIDTH - 28) / WIDTH
    return _svg(_rect(Decimal(0), Decimal(WIDTH), "rail", 4, 2) + _rect(at - 14, at + 14, "", 0, 10), 10)


def reach(value: Decimal, reference: Decimal, low: Decimal, high: Decimal) -> Markup:
    """A bar from the province's value (a tick) to the region's value (its end), on a scale from low to
    high.
    """
    span = high - low
    at, tick = (_place(x - low, span) for x in (value, reference))
    first, last = min(at, tick), max(at, tick)
    css = "above" if value >= reference else "below"
    end = _rect(max(at - 7, Decimal(0)), min(at + 7, Decimal(WIDTH)), f"{css} end", 0, 16)
    return _svg(
        _rect(Decimal(0), Decimal(WIDTH), "rail", 7, 2)
        + _rect(first, last, css, 5, 6)
        + _rect(tick - 2, tick + 2, "tick", 0, 16)
        + end,
        16,
    )


def diverging(parts: Sequence[tuple[Decimal, str]], most: Decimal) -> Markup:
    """Negative parts stacked to the left of the middle, positive ones to the right; `most` is half the
    width.
    """
    shapes = _rect(Decimal(0), Decimal(WIDTH), "rail", 7, 2)
    left = right = Decimal(WIDTH) / 2
    for value, css in parts:
        length = _place(abs(value), most) / 2
        if value < 0:
            shapes += _rect(left - length, left, css, 2, 12)
            left -= length
        else:
            shapes += _rect(right, right + length, css, 2, 12)
            right += length
    middle = Decimal(WIDTH) / 2
    return _svg(shapes + _rect(middle - 2, middle + 2, "tick", 0, 16), 16)


def _place(value: Decimal, most: Decimal) -> Decimal:
    return half_up(value * WIDTH / most, 1) if most > 0 else Decimal(0)


def _rect(start: Decimal, end: Decimal, css: str, top: int = 0, height: int = 10) -> str:
    left, width = half_up(start, 1), half_up(end - start, 1)
    return f'<rect class="{css}" x="{left}" y="{top}" width="{width}" height="{height}"/>'


def _svg(shapes: str, height: int) -> Markup:
    # Shapes are built from numbers and class names of this module and its callers only; no text of the data enters.
    return Markup(f'<svg viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" aria-hidden="true">{shapes}</svg>')
