"""What a region's policy says of the clearing of a year: looked up for 31 December, when the year is complete.

Rules are chosen by name (`clearing.rule: shared`); a rule's own parameters are looked up where it is chosen, and a
missing or lapsed one is an error that names region, parameter and day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from drg.errors import PolicyError
from drg.policy import PolicyBook, Resolved
from drg.policy.needs import needed
from drg.policy.values import Standing
from drg.settle.clearing import Terms

WITH_PATIENT_SHARE = "with_patient_share"


@dataclass(frozen=True)
class RegionTerms:
    """The terms of one region's clearing, and where they are written.

    Attributes:
        advance_months: months of the prior year's mean spend that were paid in advance.
        clauses: parameter -> its source.
        assumed: names of parameters nobody published, sorted.
    """

    terms: Terms
    advance_months: Decimal
    clauses: Mapping[str, str]
    assumed: tuple[str, ...]
    policy_version: str


def terms_of(book: PolicyBook, region: str, year: int) -> RegionTerms:
    """The terms of a region and year; PolicyError for a missing parameter and for rules that contradict each other."""
    on = date(year, 12, 31)
    found = needed(book, region, on, ("close",))
    shared = found["clearing.rule"].of() == "shared"
    points = found["payment.method"].of() == "points"
    if shared and points:
        # The final point value is worked out here even where that of the months was published.
        for name in ("point_value.distributable", "point_value.decimals"):
            found[name] = book.value(region, name, on)
    performance = found["performance.rule"].of()
    if performance == "points" and not (shared and points):
        raise PolicyError(
            f"performance.rule of region {region} is points, but its {year} is not cleared by points; "
            "choose deduction, or points with clearing.rule shared"
        )
    terms = Terms(
        shared=shared,
        points=points,
        with_patient_share=_of(found, "point_value.distributable", "") == WITH_PATIENT_SHARE,
        point_decimals=_of(found, "point_value.decimals", 6),
        surplus_share=_of(found, "clearing.surplus_share", Decimal(0)),
        overspend_share=_of(found, "clearing.overspend_share", Decimal(0)),
        cap_share=_of(found, "clearing.hospital_cap_share", None),
        performance=performance,
        full_score=_of(found, "performance.full_score", Decimal(100)),
        next_year_share=_of(found, "performance.next_year_share", Decimal(0)),
    )
    return RegionTerms(
        terms=terms,
        advance_months=found["advance.months"].of(),
        clauses={name: item.source for name, item in found.items()},
        assumed=tuple(sorted(name for name, item in found.items() if item.standing is Standing.ASSUMED)),
        policy_version=book.version(region, on, found),
    )


def _of(found: Mapping[str, Resolved], name: str, otherwise: Any) -> Any:
    """The value where the rule was chosen that needs it; otherwise what no rule reads."""
    return found[name].of() if name in found else otherwise
