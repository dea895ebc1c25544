"""Which parameters the rate or point value of a region rests on: those its chosen rules need, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from drg.errors import PolicyError
from drg.policy import PolicyBook, Resolved
from drg.policy.contradictions import basic_groups_by_level, two_currencies
from drg.policy.needs import needed

RATE, POINTS = "rate", "points"
BUDGET, PUBLISHED, MONTHLY = "budget", "published", "monthly"
GROWTH = "growth"
BY_LEVEL = "by_level"
# What settle makes of the rates, and must be able to.
_OF_SETTLE = ("basic_groups", "weight.level_class")


def parameters_of_rate(book: PolicyBook, region: str, on: date) -> dict[str, Resolved]:
    """The parameters by name; PolicyError naming region, parameter and day for one that is needed and has no value.

    A price from a budget rests on the weights of the history too.
    """
    found = needed(book, region, on, ("rate",))
    _one_price_for_basic_groups(book, region, on, found)
    points = found["payment.method"].of() == POINTS
    if found[basis_of(points)].of() == PUBLISHED:
        return found
    found |= needed(book, region, on, ("weigh",))
    if points:
        found["fund_payment.convention"] = book.value(region, "fund_payment.convention", on)
        for sentence in two_currencies(region, found):
            raise PolicyError(sentence)
    return found


def basis_of(points: bool) -> str:
    """The parameter that says where the price comes from."""
    return "point_value.basis" if points else "rate.basis"


def _one_price_for_basic_groups(book: PolicyBook, region: str, on: date, found: Mapping[str, Resolved]) -> None:
    more = {name: book.value(region, name, on) for name in _OF_SETTLE if book.has_begun(region, name, on)}
    for sentence in basic_groups_by_level(region, {**found, **more}):
        raise PolicyError(sentence)
