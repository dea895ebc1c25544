"""Which parameters the rate or point value of a region rests on: those its chosen rules need, and no others."""

from __future__ import annotations

from datetime import date

from drg.errors import PolicyError
from drg.policy import PolicyBook, Resolved
from drg.policy.needs import needed
from drg.rate.base_rate import FUND_ONLY

RATE, POINTS = "rate", "points"
BUDGET, PUBLISHED = "budget", "published"
GROWTH = "growth"
BY_LEVEL = "by_level"


def parameters_of_rate(book: PolicyBook, region: str, on: date) -> dict[str, Resolved]:
    """The parameters by name; PolicyError naming region, parameter and day for one that is needed and has no value.

    A price from a budget rests on the weights of the history too.
    """
    found = needed(book, region, on, ("rate",))
    points = found["payment.method"].of() == POINTS
    if found[basis_of(points)].of() == PUBLISHED:
        return found
    found |= needed(book, region, on, ("weigh",))
    if points:
        found["fund_payment.convention"] = book.value(region, "fund_payment.convention", on)
        _one_currency(found)
    return found


def basis_of(points: bool) -> str:
    """The parameter that says where the price comes from."""
    return "point_value.basis" if points else "rate.basis"


def _one_currency(found: dict[str, Resolved]) -> None:
    """What points distribute is what a case's fund payment starts from; otherwise patients' money is counted twice."""
    fund_only = found["point_value.distributable"].of() == FUND_ONLY
    convention = found["fund_payment.convention"].of()
    if fund_only != (convention == "standard_is_fund"):
        raise PolicyError(
            f"region {found['scheme'].region} distributes {found['point_value.distributable'].of()} by points but its "
            f"fund_payment.convention is {convention}; fund_only goes with standard_is_fund and with no other"
        )
