"""What a region's rules need: the parameters that must hold on a day, found by following the rules it chose.

A rule needs its parameters only where it is chosen: a region without outliers by share needs no limit. `NEEDS` says for
each parameter that chooses a rule what each rule reads; what a rule of `drg.settle.rules` names itself is taken from
there. The six areas are what the steps ask for: `validate`, `weigh`, `rate`, `month` (read once for a settlement
month), `settle` and `close` (advance, withholding, clearing).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from drg.errors import PolicyError
from drg.policy.book import PolicyBook, Resolved
from drg.policy.parameters import PARAMETERS
from drg.settle.rules import BASES, FACTORS, FUND_RULES, HIGH_SELECTIONS, METHODS, PAYS, Rule

AREAS = ("validate", "weigh", "rate", "month", "settle", "close")

# What an area reads whatever the rules.
ALWAYS: dict[str, tuple[str, ...]] = {
    "validate": (),
    "weigh": ("scheme", "weight.basis", "weight.release"),
    "rate": ("scheme", "payment.method"),
    "month": ("policy_date",),
    "settle": (
        "scheme",
        "payment.method",
        "coefficient.factors",
        "override.rule",
        "stay.rule",
        "per_diem.rule",
        "day_surgery.rule",
        "tcm.rule",
        "exclusion.rule",
        "special_case.rule",
        "outlier.low.threshold",
        "outlier.low.inclusive",
        "outlier.low.base",
        "outlier.low.line",
        "outlier.low.pays",
        "outlier.high.selects",
        "outlier.extreme.rule",
        "ungrouped.pays",
        "ambiguous.pays",
        "unpriced.pays",
        "unstable.pays",
        "fund_payment.convention",
        "fund_payment.negative",
    ),
    "close": (
        "payment.method",
        "advance.months",
        "settlement.withhold_share",
        "clearing.rule",
        "performance.rule",
    ),
}

# Read where a region wrote them; not written, there is none of the kind: no local group, no basic group, no adjustment,
# no effect of disputes. Written and lapsed is an error all the same.
WHERE_WRITTEN: dict[str, tuple[str, ...]] = {
    "validate": ("validate.degrees", "validate.limits", "validate.hold_share"),
    "weigh": ("local_groups", "weight.level_class", "weight.history_levels", "weight.adjustments"),
    "rate": ("weight.history_levels",),
    "settle": ("local_groups", "weight.level_class", "basic_groups", "settlement.mode", "dispute.rule"),
}

# The same, but asked for only by a rule.
WHERE_WRITTEN_BY_RULE: dict[tuple[str, str], tuple[str, ...]] = {
    ("weight.basis", "published"): ("weight.published_mean", "weight.published_region_mean"),
    ("override.rule", "by_group"): ("override.addition", "override.fixed_price"),
    ("exclusion.rule", "on_application"): ("exclusion.new_years", "exclusion.min_insured_cases"),
}

# What something written asks for in its turn.
NEEDS_ONCE_WRITTEN: dict[str, tuple[str, ...]] = {
    "validate.hold_share": ("validate.hold_from_lists",),
    "weight.adjustments": ("weight.hold_total",),
}

_ABOVE_THE_LINE = ("outlier.high.threshold", "outlier.high.base")
_SCORE = ("performance.full_score",)
_VALUE_FROM_BUDGET = ("budget.basis", "rate.reserve_share", "point_value.decimals", "point_value.distributable")

# Needs of rules that are no entry of `drg.settle.rules`, and what entries there read beyond what they name.
_MORE: dict[str, dict[str, tuple[str, ...]]] = {
    "weight.basis": {
        "computed": (
            "weight.years",
            "weight.years_reading",
            "weight.trimming.method",
            "weight.base",
            "weight.min_cases",
            "weight.fallback",
            "weight.structure.rule",
            "weight.hospital_coefficient",
        ),
        "published": ("weight.published",),
    },
    "weight.trimming.method": {
        "iqr": ("weight.trimming.multiplier",),
        "percentile": (
            "weight.trimming.low_share",
            "weight.trimming.high_share",
            "weight.trimming.min_cases",
        ),
        "multiple": ("weight.trimming.low_multiple", "weight.trimming.high_multiple"),
    },
    "weight.base": {"fixed_yuan": ("weight.base_yuan",), "reference_group": ("weight.base_group",)},
    "weight.fallback": {"unstable": ("weight.unstable_cv",)},
    "weight.structure.rule": {"five_parts": ("weight.structure.factor", "weight.hold_total")},
    "payment.method": {"rate": ("rate.basis",), "points": ("point_value.basis",)},
    "rate.basis": {
        # The forecast weight of a budget is that of the history cases.
        "budget": ("budget.basis", "rate.levels", "rate.reserve_share", "rate.decimals", "weight.years"),
        "published": ("rate.published",),
    },
    "rate.levels": {"by_level": ("rate.level_share",)},
    "point_value.basis": {
        "budget": _VALUE_FROM_BUDGET,
        # The year's value comes first: by it the month is counted.
        "monthly": (*_VALUE_FROM_BUDGET, "point_value.month_pool"),
        "published": ("point_value.published",),
    },
    "budget.basis": {"growth": ("budget.growth",)},
    "settlement.mode": {"dry_run": ("dry_run.pays",)},
    "stay.rule": {
        "outside_drg": (
            "stay.day_count",
            "stay.short_days",
            "stay.short_inclusive",
            "stay.long_days",
            "stay.long_inclusive",
            "stay.pays",
        )
    },
    "per_diem.rule": dict.fromkeys(("tariff", "points"), ("per_diem.categories", "stay.day_count")),
    "day_surgery.rule": {
        "no_low_outlier": ("day_surgery.med_types",),
        "by_item": ("day_surgery.med_types",),
    },
    "tcm.rule": {"by_disease": ("tcm.diseases", "tcm.min_ratio", "tcm.treatment_fee_is", "stay.day_count")},
    "exclusion.rule": {"on_application": ("exclusion.items", "exclusion.pays")},
    "dispute.rule": {"on_decision": ("dispute.pays",)},
    "special_case.rule": {
        "on_application": ("special_case.pays", "special_case.quota_share", "special_case.quota_period")
    },
    "outlier.high.selects": dict.fromkeys(("threshold", "threshold_within_limit", "top_share"), ("outlier.high.pays",)),
    "outlier.extreme.rule": {
        "threshold": ("outlier.extreme.threshold", "outlier.extreme.pays", "outlier.high.base"),
    },
    "clearing.rule": {"shared": ("clearing.surplus_share", "clearing.overspend_share", "clearing.hospital_cap")},
    "clearing.hospital_cap": {"by_share": ("clearing.hospital_cap_share",)},
    "performance.rule": {
        "deduction": _SCORE,
        "points": _SCORE,
        "next_year": (*_SCORE, "performance.next_year_share"),
    },
}

# Formulas that start from the high line, whichever cases they are chosen for.
FROM_THE_HIGH_LINE = ("linear_add", "deduct", "cap", "excess_plus_one", "excess_plus_coefficient")
_PAYS_MORE = dict.fromkeys(FROM_THE_HIGH_LINE, _ABOVE_THE_LINE)

_REGISTRIES: dict[str, Mapping[str, Rule | tuple[str, ...]]] = {
    "payment.method": METHODS,
    "coefficient.factors": FACTORS,
    "outlier.low.base": BASES,
    "outlier.high.base": BASES,
    "outlier.high.selects": HIGH_SELECTIONS,
    "fund_payment.convention": FUND_RULES,
}


def _needs(parameter: str, rule: str) -> tuple[str, ...]:
    pays = parameter.endswith(".pays")
    registered = (PAYS if pays else _REGISTRIES.get(parameter, {})).get(rule, ())
    more = _PAYS_MORE.get(rule, ()) if pays else _MORE.get(parameter, {}).get(rule, ())
    own = registered.needs if isinstance(registered, Rule) else registered
    return tuple(dict.fromkeys((*own, *more)))


# parameter that chooses a rule -> rule -> what the rule reads
NEEDS: dict[str, dict[str, tuple[str, ...]]] = {
    name: {rule: _needs(name, rule) for rule in parameter.names}
    for name, parameter in PARAMETERS.items()
    if parameter.names
}

# Who reads a parameter, by name or by the beginning of its name; everything else is read by settle alone.
_READ_BY: dict[str, tuple[str, ...]] = {
    "scheme": ("weigh", "rate", "settle"),
    "policy_date": ("month",),
    "local_groups": ("weigh", "settle"),
    "payment.method": ("rate", "settle", "close"),
    "point.scale": ("rate", "settle", "close"),
    "weight.years": ("weigh", "rate"),
    "weight.history_levels": ("weigh", "rate"),
    "weight.level_class": ("weigh", "settle"),
    "weight.hospital_coefficient": ("weigh", "settle"),
    "weight.": ("weigh",),
    "validate.": ("validate",),
    "rate.": ("rate",),
    "budget.": ("rate",),
    "point_value.": ("rate", "close"),
    "advance.": ("close",),
    "settlement.mode": ("settle",),
    "settlement.": ("close",),
    "clearing.": ("close",),
    "performance.": ("close",),
}


def areas_of(parameter: str) -> tuple[str, ...]:
    """The areas that read a parameter, in the order of AREAS."""
    prefix = parameter.partition(".")[0] + "."
    return _READ_BY.get(parameter) or _READ_BY.get(prefix) or ("settle",)


@dataclass(frozen=True)
class Needs:
    """What a region's rules need on a day.

    Attributes:
        found: the values that hold, by parameter.
        missing: for each parameter without a value the sentence that says so.
        because: who asks for a parameter: an area, or a parameter and the rule it chose.
    """

    region: str
    on: date
    found: dict[str, Resolved] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    because: dict[str, str] = field(default_factory=dict)


def needed(book: PolicyBook, region: str, on: date, areas: Iterable[str] = AREAS) -> dict[str, Resolved]:
    """The values a region's rules need on a day for the areas, by name in a fixed order.

    Raises PolicyError naming region, parameter and day for the first that is missing or lapsed, and the rule that needs
    it.
    """
    needs = needs_of(book, region, on, areas)
    for sentence in needs.missing.values():
        raise PolicyError(sentence)
    return needs.found


def needs_of(book: PolicyBook, region: str, on: date, areas: Iterable[str] = AREAS) -> Needs:
    """As `needed`, but everything that is missing is listed. Raises PolicyError for a region without policy."""
    wanted = frozenset(areas)
    if not wanted <= set(AREAS):
        raise ValueError(f"areas are {', '.join(AREAS)}")
    needs = Needs(region, on)
    for area in (name for name in AREAS if name in wanted):
        for name in ALWAYS[area]:
            _follow(book, needs, name, area, wanted)
        for name in WHERE_WRITTEN.get(area, ()):
            if book.has_begun(region, name, on):
                _follow(book, needs, name, area, wanted)
    return needs


def _follow(book: PolicyBook, needs: Needs, name: str, because: str, wanted: frozenset[str]) -> None:
    """Look a parameter up, then what the rules it chooses need, each once."""
    if name in needs.because or wanted.isdisjoint(areas_of(name)):
        return
    needs.because[name] = because
    try:
        found = book.value(needs.region, name, needs.on)
    except PolicyError as error:
        asks = "" if because in AREAS else f"; {because} needs it"
        needs.missing[name] = f"{error}{asks}"
        return
    needs.found[name] = found
    for more in NEEDS_ONCE_WRITTEN.get(name, ()):
        _follow(book, needs, more, name, wanted)
    for rule in chosen(found) if name in NEEDS else ():
        for more in NEEDS[name].get(rule, ()):
            _follow(book, needs, more, f"{name}: {rule}", wanted)
        for more in WHERE_WRITTEN_BY_RULE.get((name, rule), ()):
            if book.has_begun(needs.region, more, needs.on):
                _follow(book, needs, more, f"{name}: {rule}", wanted)


def chosen(found: Resolved) -> tuple[str, ...]:
    """The rules a value chooses, each once: one, a list of them, or one a key."""
    values = found.value.values() if isinstance(found.value, dict) else (found.value,)
    rules = [rule for value in values for rule in (value if isinstance(value, tuple) else (value,))]
    return tuple(dict.fromkeys(str(rule) for rule in rules))
