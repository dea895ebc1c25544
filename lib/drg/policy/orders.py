"""Lines that must stand in order: a value that lies above the next one is refused, wherever each of them is written.

A low line below a high one, a high below an extreme one, short stays shorter than long ones: for every fund, level and
step of weight, on every day on which one of them begins. Values of a rule that is not chosen are not compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any

from drg.errors import PolicyError
from drg.policy.values import DIMENSIONS, Step

if TYPE_CHECKING:
    from drg.policy.book import PolicyBook, Resolved


@dataclass(frozen=True)
class Order:
    """Two parameters of which the lower must lie below the upper wherever the rules named are chosen."""

    lower: str
    upper: str
    rule: str
    chosen: tuple[str, ...]


_BY_LINE = ("threshold", "threshold_within_limit")

ORDERS = (
    Order("outlier.low.threshold", "outlier.high.threshold", "outlier.high.selects", _BY_LINE),
    Order("outlier.low.threshold", "outlier.extreme.threshold", "outlier.extreme.rule", ("threshold",)),
    Order("outlier.high.threshold", "outlier.extreme.threshold", "outlier.extreme.rule", ("threshold",)),
    Order("stay.short_days", "stay.long_days", "stay.rule", ("outside_drg",)),
    Order("weight.trimming.low_share", "weight.trimming.high_share", "weight.trimming.method", ("percentile",)),
    Order("weight.trimming.low_multiple", "weight.trimming.high_multiple", "weight.trimming.method", ("multiple",)),
)


def check_orders(book: PolicyBook, region: str, days: Iterable[date]) -> None:
    """Compare a region's lines on each of the days; PolicyError naming both places for the first pair out of order."""
    for on in days:
        for order in ORDERS:
            lower, upper = (_value(book, region, name, on) for name in (order.lower, order.upper))
            rule = _value(book, region, order.rule, on)
            if lower is None or upper is None or (rule is not None and str(rule.value) not in order.chosen):
                continue
            _compare(lower, upper, on)


def _compare(lower: Resolved, upper: Resolved, on: date) -> None:
    names = sorted({*lower.by, *upper.by})
    for keys in product(*(DIMENSIONS[name] for name in names)):
        key = dict(zip(names, keys, strict=True))
        most, least = max(_numbers(lower.of(**key))), min(_numbers(upper.of(**key)))
        if most >= least:
            later, other = sorted((lower, upper), key=lambda item: (item.start, item.file, item.line), reverse=True)
            who = f" for {', '.join(f'{name} {value}' for name, value in key.items())}" if key else ""
            raise PolicyError(
                f"{later.file} line {later.line}: on {on} {lower.name} {most} does not lie below {upper.name} {least}"
                f"{who} in region {lower.region} (the other in {other.file} line {other.line}); correct one"
            )


def _numbers(value: Any) -> list[Decimal]:
    steps = value if isinstance(value, tuple) else (value,)
    return [step.value if isinstance(step, Step) else Decimal(step) for step in steps]


def _value(book: PolicyBook, region: str, name: str, on: date) -> Resolved | None:
    """What holds, or None: what is missing or lapsed is for those to say who need it."""
    try:
        return book.value(region, name, on)
    except PolicyError:
        return None
