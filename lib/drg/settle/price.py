"""Price one described case without tables: the same formulas, with what the policy publishes or the caller gives.

A weight, a mean cost, a rate or a point value is taken from the description where it is given there, else from what the
region's policy publishes (`weight.published`, `rate.published`, `point_value.published`). What the steps compute from
history cannot be known here and is asked for by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from drg.errors import PolicyError
from drg.group.local import local_group_of
from drg.policy import PolicyBook, Resolved
from drg.policy.records import ADRG_LENGTH, national_group
from drg.policy.values import FUNDS, HOSPITAL_LEVELS, REST, Standing, decimals_of
from drg.settle.case_parameters import Rate, case_parameters, parameters_on, reason
from drg.settle.stages import CASE_FACTS, JOINED_FACTS, priced_group_of, settle_one

# No facts the stages read: the group step has used them by then.
SPLIT_BY = ("age_years", "icu_minutes")

# Figures that history gives in a run: fact -> the parameter that may publish it, and the option that may give it.
_GIVEN = {
    "relative_weight": ("weight.published", "--weight"),
    "group_mean_cost": ("weight.published_mean", "--mean"),
    "region_mean_cost": ("weight.published_region_mean", "--region-mean"),
    "base_rate": ("rate.published", "--rate"),
    "point_value": ("point_value.published", "--point-value"),
}


# What is given by hand: decimals at rest, and whether it may be none at all.
_RANGES: dict[str, tuple[int, bool]] = {
    "total_cost": (2, True),
    "relative_weight": (4, False),
    "group_mean_cost": (6, False),
    "region_mean_cost": (6, False),
    "base_rate": (2, False),
    "point_value": (6, False),
    "excluded_item_amount": (2, True),
    **dict.fromkeys(("basic_fund_payment", "full_self_pay", "over_limit_self_pay", "first_self_pay"), (2, True)),
    "deductible": (2, True),
}
_MOST = Decimal(100_000_000)
_PARTS_OF_THE_COST = ("basic_fund_payment", "excluded_item_amount")
# Where the lines start from; a line cannot be drawn from a mean that is not there.
_LINES = ("outlier.low.base", "outlier.high.base")


@dataclass(frozen=True)
class Priced:
    """A case priced by hand.

    Attributes:
        facts: every fact, factor, line and amount, as `settle_one` gives them.
        parameters: what the payment was read from, by name.
        weight_and_rate: where weight, means and rate come from: fact -> parameter or option.
    """

    facts: dict[str, Any]
    parameters: dict[str, Resolved]
    weight_and_rate: dict[str, str]


def price_case(book: PolicyBook, region: str, on: date, described: Mapping[str, Any]) -> Priced:
    """Settle one described case under a region's policy of a day.

    `described` holds facts of a case by name (`CASE_FACTS`, `JOINED_FACTS`), `fund`, `hospital_level`, and optionally
    `base_rate` or `point_value`, or `age_years` and `icu_minutes`, which find the local sub-group; money as Decimals in
    yuan. Raises PolicyError for an unknown fact, fund or level, a missing cost, and a weight, mean or rate that is
    neither published nor given but needed.
    """
    known = {*CASE_FACTS, *JOINED_FACTS, *_GIVEN, "fund", "hospital_level", *SPLIT_BY}
    for name in described:
        if name not in known:
            raise PolicyError(f"{name} is not a fact of a case; known are {', '.join(sorted(known))}")
    fund, level = _one_of(described, "fund", FUNDS), _one_of(described, "hospital_level", HOSPITAL_LEVELS)
    _amounts_in_range(described)
    parameters = parameters_on(book, region, on)
    case = {
        "grouping_status": "grouped",
        **_no_money(),
        "local_group": _local_group(parameters, described),
        **described,
    }
    case = {name: value for name, value in case.items() if name not in SPLIT_BY}
    _days_where_asked(region, on, parameters, case)
    keys = {"fund": fund, "hospital_level": level}
    row = case_parameters(parameters, None, **keys)
    group = priced_group_of(case, row)
    figures, origins, assumed = _figures(book, region, on, described, {**keys, "drg": group or ""})
    points = row["payment_method"] == "points"
    priced = case["grouping_status"] == "grouped" or group != case.get("drg")
    wanted = ["relative_weight", "point_value" if points else "base_rate"] if priced else []
    if _is_fixed(row, group):
        wanted = []
    if wanted and "group_mean" in {item.value for name, item in parameters.items() if name in _LINES}:
        wanted.append("group_mean_cost")
    for name in wanted:
        if figures[name] is None:
            parameter, option = _GIVEN[name]
            raise PolicyError(
                f"region {region} publishes no {parameter} for {group or 'the case'} on {on}; give it with {option}"
            )
    scale = int(parameters["point.scale"].of()) if points else None
    rate = Rate(figures["base_rate"], "", tuple(sorted(assumed)), figures["point_value"], scale)
    weights = {name: figures[name] for name in ("relative_weight", "group_mean_cost", "region_mean_cost")}
    priced_by = case_parameters(parameters, rate, **keys)
    facts = settle_one({**case, **weights}, priced_by)
    if facts["standard"] is None:
        lacking = [_GIVEN[name][1] for name in ("group_mean_cost", "region_mean_cost") if figures[name] is None]
        raise PolicyError(f"the rule {facts['rule']} of region {region} needs more; give {' and '.join(lacking)}")
    if "basic_fund_payment" not in described:
        # Without what the fund paid by item, what the others paid is not known, nor what is left for the fund.
        facts |= {"patient_and_other_paid": None}
        fired = facts["rule"].split("+")
        if "difference" in fired or len(fired) == 1:
            facts |= {"fund_payment": None, **reason(priced_by, facts["route"], floored=False)}
    return Priced(facts, parameters, origins)


def _amounts_in_range(described: Mapping[str, Any]) -> None:
    """Money and factors as a table could hold them; PolicyError naming the fact otherwise."""
    if described.get("total_cost") is None:
        raise PolicyError("the case has no total_cost; give it in yuan")
    for name, (decimals, none) in _RANGES.items():
        value = described.get(name)
        if value is None:
            continue
        if not (0 <= value < _MOST and (none or value > 0)):
            raise PolicyError(f"{name} is {value}; it lies {'from' if none else 'above'} 0 and below {_MOST:,}")
        if decimals_of(value) > decimals:
            raise PolicyError(f"{name} is {value}; it has at most {decimals} decimals")
    for name in _PARTS_OF_THE_COST:
        if (part := described.get(name)) is not None and part > described["total_cost"]:
            raise PolicyError(f"{name} is {part}, more than the total_cost of {described['total_cost']}; correct one")


def _days_where_asked(region: str, on: date, parameters: Mapping[str, Resolved], case: Mapping[str, Any]) -> None:
    """Rules of stays count days; a case described without them cannot be told from one they apply to."""
    asks = [name for name in ("per_diem.rule", "stay.rule", "tcm.rule") if parameters[name].of() != "none"]
    if asks and case.get("los_days") is None:
        raise PolicyError(f"{asks[0]} of region {region} on {on} asks for the length of stay; give --fact los_days=7")


def _figures(
    book: PolicyBook, region: str, on: date, described: Mapping[str, Any], keys: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str], set[str]]:
    """Weight, means and rate, where each comes from, and which of them nobody published."""
    figures: dict[str, Any] = {}
    origins: dict[str, str] = {}
    assumed: set[str] = set()
    for fact, (parameter, option) in _GIVEN.items():
        figures[fact] = described.get(fact)
        if figures[fact] is not None:
            origins[fact] = option
            continue
        if not book.has_begun(region, parameter, on):
            continue
        item = book.value(region, parameter, on)
        try:
            figures[fact] = Decimal(item.of(**keys))
        except PolicyError:
            continue  # this group is not published; the caller may give it
        origins[fact] = f"{parameter} ({item.file} line {item.line})"
        if item.standing is Standing.ASSUMED:
            assumed.add(parameter)
    return figures, origins, assumed


def _is_fixed(row: Mapping[str, Any], group: str | None) -> bool:
    """Whether the policy fixes the price of a group, which then needs neither weight nor rate."""
    keys = (group, national_group(group), group[:ADRG_LENGTH], REST) if group else ()
    fixed = row["override_fixed_prices"] or {}
    return row["override_rule"] == "by_group" and any(key in fixed for key in keys)


def _local_group(parameters: Mapping[str, Resolved], described: Mapping[str, Any]) -> str | None:
    """The region's sub-group of the described case, by its age, intensive care and procedures."""
    if "local_groups" not in parameters or described.get("drg") is None:
        return None
    procedures = described.get("procedures") or ()
    age, minutes = (described.get(name) for name in SPLIT_BY)
    return local_group_of(described["drg"], age, minutes, procedures, parameters["local_groups"].of())


def _no_money() -> dict[str, Decimal]:
    """Parts of the patient that are not described are no yuan."""
    names = ("basic_fund_payment", "full_self_pay", "over_limit_self_pay", "first_self_pay", "deductible")
    fees = ("treatment_fee", "surgery_fee", "consumables_fee", "western_drug_fee", "herbal_fee", "patent_drug_fee")
    return {name: Decimal("0.00") for name in (*names, *fees)}


def _one_of(described: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = str(described.get(name))
    if value not in known:
        raise PolicyError(f"{name} is {value}; give one of {', '.join(known)}")
    return value
