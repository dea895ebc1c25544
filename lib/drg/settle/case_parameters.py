"""What a region's policy says of a case: one row a region x settlement month x fund x hospital level x span of days.

These rows, with the region's rate beside them, become the one small broadcast frame that settles all regions together.
Only the parameters that a region's own rules need are looked up; if one of them is missing, there is no row and no
payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from drg.policy import PolicyBook, Resolved
from drg.policy.values import FUNDS, HOSPITAL_LEVELS, Standing
from drg.settle.rules import (
    BASES,
    FUND_RULES,
    METHODS,
    NEGATIVE_RULES,
    PAYMENT_KIND,
    PAYS,
    PAYS_BY,
    PRICED_ROUTES,
    ROUTES,
    Rule,
    column,
)

# The rule books of the parameters that choose a rule.
CHOICES: dict[str, Mapping[str, Rule | str]] = {
    "payment.method": METHODS,
    "outlier.low.base": BASES,
    "outlier.high.base": BASES,
    "outlier.low.pays": PAYS,
    "outlier.high.pays": PAYS,
    "ungrouped.pays": PAYS,
    "ambiguous.pays": PAYS,
    "unpriced.pays": PAYS,
    "fund_payment.convention": FUND_RULES,
    "fund_payment.negative": NEGATIVE_RULES,
}

_LINES = {
    side: tuple(f"outlier.{side}.{part}" for part in ("threshold", "inclusive", "base", "pays"))
    for side in ("low", "high")
}
_FUND = ("fund_payment.convention", "fund_payment.negative")

# What a route rests on beyond the rule that pays it. A normal case rests on both lines, since it lies within them.
_RESTS_ON: dict[str, tuple[str, ...]] = {
    "ambiguous": (),
    "ungrouped": (),
    "unpriced": (),
    "low_outlier": ("payment.method", *_LINES["low"]),
    "high_outlier": ("payment.method", *_LINES["low"], *_LINES["high"]),
    "normal": (*_LINES["low"], *_LINES["high"], *_FUND),
}

# Whose source is quoted as the clause of a payment.
_CLAUSE_OF: dict[str, tuple[str, ...]] = {
    "low_outlier": ("outlier.low.threshold", "outlier.low.pays"),
    "high_outlier": ("outlier.high.threshold", "outlier.high.pays"),
    "normal": ("payment.method", "fund_payment.convention"),
}

_ALWAYS = tuple(dict.fromkeys(("scheme", *CHOICES, *_LINES["low"], *_LINES["high"])))
_FACTS = (*_ALWAYS, "level_coefficient", "fund_payment.ratio")


@dataclass(frozen=True)
class Rate:
    """The base rate a region settles with: yuan per unit of weight, its version, and the assumptions it rests on."""

    base_rate: Decimal
    rate_version: str
    assumed: tuple[str, ...]


Rates = Mapping[tuple[int, str, str], Rate]


def parameters_on(book: PolicyBook, region: str, on: date) -> dict[str, Resolved]:
    """The parameters a region's rules need on a day, by name; PolicyError naming region, parameter and day."""
    found = {name: book.value(region, name, on) for name in _ALWAYS}
    for parameter, rules in CHOICES.items():
        rule = rules[str(found[parameter].value)]
        for name in rule.needs if isinstance(rule, Rule) else ():
            found[name] = book.value(region, name, on)
    return found


def rows_of_region(
    book: PolicyBook, region: str, month: str, start: date, end: date, rates: Rates
) -> list[dict[str, Any]]:
    """Parameter rows of a region and settlement month (YYYY-MM) for the days from start to end (both included).

    Raises PolicyError when a needed parameter is missing on one of the days. A fund without a rate has rows without
    one; its priced cases could not be settled, which the caller decides on.
    """
    rows = []
    for first, last in book.intervals(region, start, end):
        found = parameters_on(book, region, first)
        version = book.version(region, first, found)
        for fund, level in product(FUNDS, HOSPITAL_LEVELS):
            rate = rates.get((int(month[:4]), region, fund))
            row = case_parameters(found, rate, fund=fund, hospital_level=level)
            span = {"settlement_month": month, "region_code": region, "valid_from": first, "valid_to": last}
            rows.append({**span, "fund": fund, "hospital_level": level, **row, "policy_version": version})
    return rows


def case_parameters(found: Mapping[str, Resolved], rate: Rate | None, **keys: str) -> dict[str, Any]:
    """One row for a fund and a level.

    Holds the value of each parameter (None where no rule of the region needs it), the rate, and for each route its
    clause and the assumed parameters it rests on.
    """
    row: dict[str, Any] = dict.fromkeys(map(column, _FACTS))
    row |= {column(name): item.of(**keys) for name, item in found.items()}
    row["base_rate"] = rate.base_rate if rate else None
    row["rate_version"] = rate.rate_version if rate else None
    for name in ROUTES:
        row[f"clause_{name}"] = _clause(found, name)
        row[f"assumed_{name}"] = _assumed(found, name, rate)
    return row


def reason(row: Mapping[str, Any], route: str, floored: bool) -> dict[str, Any]:
    """What a payment says of itself: kind, the rules that fired, their clause, and what nobody published.

    `row` is one row of parameters; `floored` whether a negative fund payment was set to zero.
    """
    pays = str(row[column(PAYS_BY[route])])
    fired = [pays if route == "normal" else PAYS_BY[route].removesuffix("pays") + pays]
    if route == "normal" or PAYS[pays].fund is None:
        fired.append(str(row["fund_payment_convention"]))
    if floored:
        fired.append(str(row["fund_payment_negative"]))
    return {
        "payment_kind": PAYMENT_KIND[route],
        "rule": "+".join(fired),
        "clause": row[f"clause_{route}"],
        "assumed_parameters": row[f"assumed_{route}"],
    }


def rules_in_use(rows: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """For each parameter that chooses a rule, the rules some row chooses."""
    listed = list(rows)
    return {name: frozenset(str(row[column(name)]) for row in listed) for name in CHOICES}


def _clause(found: Mapping[str, Resolved], route: str) -> str:
    names = _CLAUSE_OF.get(route, (PAYS_BY[route],))
    return "；".join(dict.fromkeys(found[name].source for name in names))


def _assumed(found: Mapping[str, Resolved], route: str, rate: Rate | None) -> list[str]:
    """Names of what a route rests on and nobody published, sorted."""
    names = {PAYS_BY[route], "scheme", *_RESTS_ON[route]}
    for parameter, rules in CHOICES.items():
        rule = rules[str(found[parameter].value)]
        if parameter in names and isinstance(rule, Rule):
            names |= set(rule.needs)
    assumed = {name for name in names if found[name].standing is Standing.ASSUMED}
    if rate is not None and route in PRICED_ROUTES:
        assumed |= set(rate.assumed)
    return sorted(assumed)
