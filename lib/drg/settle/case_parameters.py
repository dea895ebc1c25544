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

from drg.errors import PolicyError
from drg.policy import PARAMETERS, PolicyBook, Resolved
from drg.policy.contradictions import serves_all
from drg.policy.exclusions import faults
from drg.policy.needs import NEEDS, WHERE_WRITTEN_BY_RULE, areas_of, chosen, needed
from drg.policy.values import FUNDS, HOSPITAL_LEVELS, REST, Record, Standing, Step
from drg.settle.rules import PAYMENT_KIND, PRICED_ROUTES, ROUTE_RULES, ROUTES, column

# Parameters that a stage decides by: whose value is the name of a rule.
_RULES = tuple(
    name for name in NEEDS if "settle" in areas_of(name) and PARAMETERS[name].kind == "name" and not PARAMETERS[name].by
)

_LOW = tuple(f"outlier.low.{part}" for part in ("threshold", "inclusive", "base", "line", "pays"))
_SCOPE = ("special_case.rule", "exclusion.rule", "per_diem.rule", "stay.rule", "day_surgery.rule", "tcm.rule")
_FUND = ("fund_payment.convention", "fund_payment.negative")
_PRICE = ("payment.method", "coefficient.factors", "basic_groups", "override.rule")

# What a route rests on beyond the rule that pays it. A normal case rests on all lines, since it lies within them.
_RESTS_ON: dict[str, tuple[str, ...]] = {
    "dry_run": ("settlement.mode",),
    "dispute": ("dispute.rule",),
    "low_outlier": (*_PRICE, *_LOW),
    "extreme_outlier": (*_PRICE, *_LOW, "outlier.high.selects", "outlier.extreme.rule"),
    "high_outlier": (*_PRICE, *_LOW, "outlier.high.selects", "outlier.extreme.rule"),
    "normal": (*_PRICE, *_LOW, "outlier.high.selects", "outlier.extreme.rule", *_FUND),
}

# A switch at one of these is no rule a payment rests on.
_INACTIVE = ("none", "as_inpatient")

# Whose source is quoted as the clause of a payment.
_CLAUSE_OF: dict[str, tuple[str, ...]] = {
    "dry_run": ("settlement.mode", "dry_run.pays"),
    "dispute": ("dispute.rule", "dispute.pays"),
    "special_case": ("special_case.rule", "special_case.pays"),
    "excluded_case": ("exclusion.rule", "exclusion.pays"),
    "per_diem": ("per_diem.rule", "per_diem.categories"),
    "stay_outside": ("stay.rule", "stay.pays"),
    "day_surgery": ("day_surgery.rule",),
    "low_outlier": ("outlier.low.threshold", "outlier.low.pays"),
    "extreme_outlier": ("outlier.extreme.threshold", "outlier.extreme.pays"),
    "high_outlier": ("outlier.high.selects", "outlier.high.threshold", "outlier.high.pays"),
    "normal": ("payment.method", "fund_payment.convention"),
}


@dataclass(frozen=True)
class Rate:
    """What a region settles with: a base rate or a point value, its version, and the assumptions it rests on."""

    base_rate: Decimal | None
    rate_version: str
    assumed: tuple[str, ...]
    point_value: Decimal | None = None
    point_scale: int | None = None


# By settlement year, region, fund and level class: `all`, or a hospital level.
Rates = Mapping[tuple[int, str, str, str], Rate]
ALL_LEVELS = "all"


def rate_of_row(row: Mapping[str, Any]) -> Rate:
    """The rate of a row of region_rate."""
    return Rate(
        row["base_rate"],
        row["rate_version"],
        tuple(row["assumed_parameters"]),
        row.get("point_value"),
        row.get("point_scale"),
    )


def rate_of(rates: Rates, year: int, region: str, fund: str, level: str) -> Rate | None:
    """The rate of a hospital level, or the one for all levels."""
    return rates.get((year, region, fund, level)) or rates.get((year, region, fund, ALL_LEVELS))


def parameters_on(book: PolicyBook, region: str, on: date) -> dict[str, Resolved]:
    """The parameters a region's rules need on a day, by name; PolicyError naming region, parameter and day."""
    found = needed(book, region, on, ("settle",))
    if "hospital_cost" in found["coefficient.factors"].of() and found["weight.hospital_coefficient"].of() == "none":
        raise PolicyError(
            f"region {region} lists the factor hospital_cost on {on}, but weight.hospital_coefficient is none; "
            "let weigh compute it (cost_ratio) or take the factor out"
        )
    for name in ("level_coefficient", "institution_coefficient"):
        for fault in serves_all(found.get(name)):
            raise PolicyError(fault)
    for fault in faults(found):
        raise PolicyError(fault)
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
            rate = rate_of(rates, int(month[:4]), region, fund, level)
            row = case_parameters(found, rate, fund=fund, hospital_level=level)
            span = {"settlement_month": month, "region_code": region, "valid_from": first, "valid_to": last}
            rows.append({**span, "fund": fund, "hospital_level": level, **row, "policy_version": version})
    return rows


# Every parameter that can stand in a row, with the type of its column; the others are text.
FACT_TYPES: dict[str, str] = {
    "settlement.mode": "map<string, string>",
    "coefficient.factors": "array<string>",
    "basic_groups": "array<string>",
    "level_coefficient": "map<string, decimal(8,4)>",
    "institution_coefficient": "map<string, decimal(8,4)>",
    "bilateral.coefficient": "decimal(8,4)",
    "bilateral.procedures": "array<struct<title: string, codes: array<string>, both_sides: array<string>>>",
    "override.addition": "map<string, decimal(16,2)>",
    "override.fixed_price": "map<string, decimal(16,2)>",
    "stay.short_days": "int",
    "stay.short_inclusive": "boolean",
    "stay.long_days": "int",
    "stay.long_inclusive": "boolean",
    "per_diem.categories": (
        "array<struct<category: string, med_types: array<string>, diagnoses: array<string>, min_days: int, "
        "tariff: decimal(16,2)>>"
    ),
    "day_surgery.med_types": "array<string>",
    "tcm.diseases": (
        "array<struct<drg: string, diagnoses: array<string>, min_days: int, procedure_classes: array<array<string>>, "
        "min_classes: int, fallback_drg: string>>"
    ),
    "tcm.min_ratio": "decimal(6,4)",
    "tcm.treatment_fee_is": "string",
    "exclusion.items": "array<struct<code: string, pays: string, first: date, last: date>>",
    "special_case.quota_share": "decimal(8,6)",
    "outlier.low.threshold": "decimal(6,4)",
    "outlier.low.inclusive": "boolean",
    "outlier.high.threshold": "array<struct<below: decimal(10,4), value: decimal(6,4)>>",
    "outlier.high.inclusive": "boolean",
    "outlier.high.limit_share": "decimal(6,4)",
    "outlier.high.limit_scope": "string",
    "outlier.extreme.threshold": "decimal(7,4)",
    "fund_payment.ratio": "decimal(6,4)",
    "weight.level_class": "string",
    "scheme": "string",
    **dict.fromkeys(_RULES, "string"),
}


def case_parameters(found: Mapping[str, Resolved], rate: Rate | None, **keys: str) -> dict[str, Any]:
    """One row for a fund and a level.

    Holds the value of each parameter (None where no rule of the region needs it), the rate, and for each route its
    clause and the assumed parameters it rests on. A value keyed by group or hospital stands as a mapping, one stepped
    by weight as its steps, a list of entries as plain mappings.
    """
    row: dict[str, Any] = dict.fromkeys(map(column, FACT_TYPES))
    row |= {column(name): _fact(item, keys) for name, item in found.items() if name in FACT_TYPES}
    row["weight_level_class"] = row["weight_level_class"] or ALL_LEVELS
    row["dispute_rule"] = row["dispute_rule"] or "none"
    row["base_rate"] = rate.base_rate if rate else None
    row["point_value"] = rate.point_value if rate else None
    row["point_scale"] = rate.point_scale if rate else None
    row["rate_version"] = rate.rate_version if rate else None
    for name in ROUTES:
        row[f"clause_{name}"] = _clause(found, name)
        row[f"assumed_{name}"] = _assumed(found, name, rate)
    return row


def _fact(item: Resolved, keys: Mapping[str, str]) -> Any:
    """The value of a parameter as a row holds it, for a fund and a level."""
    if FACT_TYPES[item.name].startswith("map"):
        if not isinstance(item.value, dict):
            return {REST: item.value}
        open_keys = {written[i] for written in item.value for i, by in enumerate(item.by) if by not in keys} or {REST}
        named = next((by for by in item.by if by not in keys), "")
        return {key: item.of(**keys, **({named: key} if named else {})) for key in sorted(open_keys)}
    value = item.of(**keys)
    if isinstance(value, tuple):
        return [_entry(entry, keys) for entry in value]
    return value


def _entry(entry: Any, keys: Mapping[str, str]) -> Any:
    if isinstance(entry, Record | Step):
        plain = entry.model_dump()
        if "tariff" in plain:
            plain["tariff"] = plain["tariff"][keys["hospital_level"]]
        return plain
    return entry


def reason(row: Mapping[str, Any], route: str, floored: bool) -> dict[str, Any]:
    """What a payment says of itself: kind, the rules that fired, their clause, and what nobody published.

    `row` is one row of parameters; `floored` whether a negative fund payment was set to zero.
    """
    parameter, rules = ROUTE_RULES[route]
    pays = str(row[column(parameter)])
    fired = [pays if route == "normal" else f"{parameter.rpartition('.')[0]}.{pays}"]
    if pays in rules and rules[pays].fund is None:
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
    """For each parameter, the rules or names some row chooses; for one that is not a name, `*` where it has a value."""
    listed = list(rows)
    found: dict[str, set[str]] = {name: set() for name in FACT_TYPES}
    for row, name in product(listed, FACT_TYPES):
        value = row[column(name)]
        if isinstance(value, str):
            found[name].add(value)
        elif isinstance(value, list) and value and isinstance(value[0], str):
            found[name].update(value)
        elif value is not None and value not in ([], {}):
            found[name].add(REST)
    in_use = {name: frozenset(values) for name, values in found.items()}
    return in_use | {"route": frozenset(name for name in ROUTES if _can_occur(name, in_use))}


def _can_occur(route: str, in_use: Mapping[str, frozenset[str]]) -> bool:
    parameter, rules = ROUTE_RULES[route]
    return any(rule in in_use[parameter] for rule in rules)


def _clause(found: Mapping[str, Resolved], route: str) -> str:
    names = [name for name in _CLAUSE_OF.get(route, (ROUTE_RULES[route][0],)) if name in found]
    return "；".join(dict.fromkeys(found[name].source for name in names))


def _assumed(found: Mapping[str, Resolved], route: str, rate: Rate | None) -> list[str]:
    """Names of what a route rests on and nobody published, sorted."""
    parameter, rules = ROUTE_RULES[route]
    active = [name for name in _SCOPE if str(found[name].value) not in _INACTIVE]
    waiting = [parameter, "scheme", *active, *_RESTS_ON.get(route, ())]
    if parameter in found and (rule := rules.get(str(found[parameter].value))) and rule.fund is None:
        waiting += _FUND
    names: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found and name not in names:
            names.add(name)
            for taken in chosen(found[name]) if name in NEEDS else ():
                waiting += [*NEEDS[name].get(taken, ()), *WHERE_WRITTEN_BY_RULE.get((name, taken), ())]
    silent = {name for name in names if str(found[name].value) in (*_INACTIVE, "()")}
    assumed = {name for name in names - silent if found[name].standing is Standing.ASSUMED}
    if rate is not None and route in PRICED_ROUTES:
        assumed |= set(rate.assumed)
    return sorted(assumed)
