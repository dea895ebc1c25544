"""Which parameters the rate or point value of a region rests on: those its chosen rules need, and no others."""

from __future__ import annotations

from datetime import date

from drg.errors import PolicyError
from drg.policy import PolicyBook, Resolved
from drg.policy.parameters import WEIGH_PARAMETERS
from drg.rate.base_rate import FUND_ONLY

RATE, POINTS = "rate", "points"
BUDGET, PUBLISHED = "budget", "published"
GROWTH = "growth"
BY_LEVEL = "by_level"

_FROM_BUDGET = ("budget.basis", "rate.reserve_share", *WEIGH_PARAMETERS)


def parameters_of_rate(book: PolicyBook, region: str, on: date) -> dict[str, Resolved]:
    """The parameters by name; PolicyError naming region, parameter and day for one that is needed and has no value."""
    found = {name: book.value(region, name, on) for name in ("scheme", "payment.method")}

    def need(*names: str) -> None:
        found.update({name: book.value(region, name, on) for name in names})

    points = found["payment.method"].of() == POINTS
    basis = basis_of(points)
    need(basis)
    if points:
        need("point.scale")
    else:
        need("rate.levels")
    if found[basis].of() == PUBLISHED:
        need("point_value.published" if points else "rate.published")
        return found
    need(*_FROM_BUDGET)
    if found["budget.basis"].of() == GROWTH:
        need("budget.growth")
    if points:
        need("point_value.distributable", "point_value.decimals", "fund_payment.convention")
        _one_currency(found)
        return found
    need("rate.decimals")
    if found["rate.levels"].of() == BY_LEVEL:
        need("rate.level_share")
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
