"""A payment worked out again from the tables and the policy, and set beside the stored one, figure by figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from drg.doors.tables import Lake
from drg.errors import ContractError
from drg.explain.answer import Comparison
from drg.explain.found import Found, Row, one
from drg.group.local import FACTS
from drg.policy import PolicyBook, Resolved
from drg.policy.needs import needs_of
from drg.settle.case_parameters import ALL_LEVELS, case_parameters, parameters_on, rate_of_row
from drg.settle.stages import CASE_FACTS, settle_one
from drg.weigh.version_tables import read_logs

_COMPARED = {
    "payment_kind": "支付类型",
    "rule": "适用规则",
    "priced_group": "付费病组",
    "relative_weight": "权重",
    "base_rate": "费率",
    "point_value": "点值",
    "coefficient": "系数",
    "price": "病组支付标准",
    "low_line": "低倍率线",
    "high_line": "高倍率线",
    "stay_days": "计费天数",
    "per_diem_tariff": "床日标准",
    "points": "点数",
    "standard": "结算标准",
    "patient_and_other_paid": "个人及其他基金已付",
    "fund_payment": "统筹基金应付",
    "gain_loss": "医院结余",
    "policy_version": "政策版本",
}


@dataclass(frozen=True)
class Worked:
    """A payment worked out again: its facts, and the parameters, weight and rate it rests on.

    Attributes:
        facts: what `settle_one` gives.
        row: the parameter row of the case, with rate or point value.
        parameters: what the settlement read; `policy_date` among them.
        yearly: the parameters that made the year's weights and rates.
        weight, rate: the rows of drg_weight and region_rate.
        month_value: the row of month_point_value, where the value of a point floats.
    """

    facts: Mapping[str, Any]
    row: Mapping[str, Any]
    parameters: Mapping[str, Resolved] = field(default_factory=dict)
    yearly: Mapping[str, Resolved] = field(default_factory=dict)
    weight: Row | None = None
    rate: Row | None = None
    month_value: Row | None = None


def work_out(lake: Lake, found: Found, book: PolicyBook) -> Worked:
    """Settle the case once more. Raises PolicyError when the policy no longer covers its day."""
    assert found.payment is not None
    assert found.accepted is not None
    paid, accepted = found.payment, found.accepted
    case = next(row for row in found.grouped if row["scheme"] == paid["scheme"])
    year = int(paid["settlement_month"][:4])
    day = policy_day(book, paid)
    parameters = parameters_on(book, paid["region_code"], day)
    level = paid["hospital_level"]
    version = _in_force(lake, paid)
    of_region = {"settlement_year": year, "region_code": paid["region_code"]}
    classes = parameters.get("weight.level_class")
    level_class = classes.of(hospital_level=level) if classes else ALL_LEVELS
    group = {"drg": paid["priced_group"], "level_class": level_class}
    weight = one(lake, "drg_weight", scheme=paid["scheme"], weight_version=version, **group, **of_region)
    of_fund = {"fund": paid["fund"], "rate_version": version, **of_region}
    rate = one(lake, "region_rate", level_class=level, **of_fund) or one(
        lake, "region_rate", level_class=ALL_LEVELS, **of_fund
    )
    of_month = {name: paid[name] for name in ("settlement_month", "region_code", "fund")}
    floats = one(lake, "month_point_value", rate_version=version, **of_month)
    priced = {**rate, "point_value": floats["point_value"]} if rate and floats else rate
    row = case_parameters(parameters, rate_of_row(priced) if priced else None, fund=paid["fund"], hospital_level=level)
    facts = {name: accepted.get(name, absent) for name, absent in CASE_FACTS.items()}
    facts |= {name: case[name] for name in ("grouping_status", "drg", "local_group", "hospital_code", "los_days")}
    facts |= {name: accepted.get(name) for name in FACTS}
    facts["procedures"] = [accepted.get("principal_procedure"), *(accepted.get("other_procedures") or ())]
    # What other cases decide (places) and what was decided on application is taken from the payment itself.
    facts["high_admitted"] = paid["high_place"] is None or paid["high_place"] <= paid["high_places"]
    facts["hospital_cost_coefficient"] = paid["hospital_cost_coefficient"]
    facts["excluded_item_amount"] = paid["excluded_item_amount"]
    facts |= {kind: paid["payment_kind"] == kind for kind in ("special_case", "excluded_case")}
    facts["dispute_repriced"] = paid["payment_kind"] == "dispute"
    if found.dispute is not None and found.dispute["drg"] == paid["priced_group"]:
        facts["dispute_drg"] = found.dispute["drg"]
    keys = {"scheme": paid["scheme"], "weight_version": version, "level_class": level_class, **of_region}
    facts["region_mean_cost"] = _region_mean(lake, keys)
    if weight:
        facts |= {
            "relative_weight": weight["relative_weight"],
            "group_mean_cost": weight["mean_cost"],
            "stable": weight["stable"],
            "weight_source": weight["weight_source"],
            "weight_version": weight["weight_version"],
        }
    worked = settle_one(facts, row)
    worked["priced_group"] = worked["priced_drg"]
    worked["policy_version"] = book.version(paid["region_code"], day, parameters)
    dated = {"policy_date": _policy_date(book, paid)}
    return Worked(worked, row, {**parameters, **dated}, _yearly(book, paid["region_code"], year), weight, rate, floats)


def _in_force(lake: Lake, paid: Row) -> str:
    """The version of weights and rates in force on the settlement month; ContractError where none is published."""
    region, month = paid["region_code"], paid["settlement_month"]
    year = int(month[:4])
    found = read_logs(lake, [year], [region])[region, year].in_force(month)
    if found is None:
        raise ContractError(
            f"region {region} has paid {month} but no version of weights and rates is published for it; "
            "run weigh and rate, or settle the month again"
        )
    return found.version


def _region_mean(lake: Lake, keys: Mapping[str, Any]) -> Decimal | None:
    """The region's mean cost of all cases, which every weight of a version carries."""
    rows = lake.read("drg_weight", None, **{name: [value] for name, value in keys.items()})
    found = rows.agg({"region_mean_cost": "max"}).collect()
    return found[0][0] if found else None


def _yearly(book: PolicyBook, region: str, year: int) -> dict[str, Resolved]:
    # What is missing by now is left out: the weights stand, whatever became of what made them.
    return needs_of(book, region, book.day_of_year(region, year), ("weigh", "rate")).found


def policy_day(book: PolicyBook, paid: Row) -> date:
    """The day that selects the parameters: of discharge, or the first of the settlement month, as the
    policy says.
    """
    by_month = _policy_date(book, paid).of() == "settlement_month"
    discharged: date = paid["discharge_date"]
    return _first_of_month(paid) if by_month else discharged


def _policy_date(book: PolicyBook, paid: Row) -> Resolved:
    return book.value(paid["region_code"], "policy_date", _first_of_month(paid))


def _first_of_month(paid: Row) -> date:
    return date.fromisoformat(f"{paid['settlement_month']}-01")


def comparisons(paid: Row, worked: Worked) -> tuple[Comparison, ...]:
    """Every stored figure beside the recomputed one."""
    return tuple(
        Comparison(name, title, _text(paid[name]), _text(worked.facts[name])) for name, title in _COMPARED.items()
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    # Stored and recomputed amounts may carry another number of zeros; the amount is what counts.
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
