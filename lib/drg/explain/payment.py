"""支付: the payment of a case worked out again from the tables and the policy, and written out line by
line.

The figures a reader sees are those of case_payment. Each is set beside the one that
`drg.settle.stages.settle_one` gives for the same list, weight, rate and parameters; where they differ the
explanation says so before anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from drg.doors.tables import Lake
from drg.explain.answer import Comparison, Section, number, yuan
from drg.explain.found import Found, Row, one
from drg.policy import PolicyBook, Resolved
from drg.policy.needs import needs_of
from drg.settle.case_parameters import ALL_LEVELS, case_parameters, parameters_on, rate_of_row
from drg.settle.rules import describe
from drg.settle.stages import CASE_FACTS, settle_one
from drg.steps import weight_version
from drg.words import word

_COMPARED = {
    "payment_kind": "支付类型",
    "rule": "适用规则",
    "relative_weight": "权重",
    "base_rate": "费率",
    "coefficient": "系数",
    "price": "病组支付标准",
    "low_line": "低倍率线",
    "high_line": "高倍率线",
    "standard": "结算标准",
    "patient_and_other_paid": "个人及其他基金已付",
    "fund_payment": "统筹基金应付",
    "gain_loss": "医院结余",
    "policy_version": "政策版本",
}


@dataclass(frozen=True)
class Worked:
    """A payment worked out again: its facts, and the parameters, weight and rate it rests on.

    `yearly` are the parameters that made the year's weights and rates.
    """

    facts: dict[str, Any]
    parameters: dict[str, Resolved]
    yearly: dict[str, Resolved]
    weight: Row | None
    rate: Row | None


def work_out(lake: Lake, found: Found, book: PolicyBook) -> Worked:
    """Settle the case once more. Raises PolicyError when the policy no longer covers its day."""
    assert found.payment is not None
    assert found.accepted is not None
    paid, accepted = found.payment, found.accepted
    case = next(row for row in found.grouped if row["scheme"] == paid["scheme"])
    year = int(paid["settlement_month"][:4])
    version = weight_version(year)
    day = policy_day(book, paid)
    parameters = parameters_on(book, paid["region_code"], day)
    level = paid["hospital_level"]
    of_region = {"settlement_year": year, "region_code": paid["region_code"]}
    classes = parameters.get("weight.level_class")
    level_class = classes.of(hospital_level=level) if classes else ALL_LEVELS
    group = {"drg": paid["priced_group"], "level_class": level_class}
    weight = one(lake, "drg_weight", scheme=paid["scheme"], weight_version=version, **group, **of_region)
    of_fund = {"fund": paid["fund"], "rate_version": version, **of_region}
    rate = one(lake, "region_rate", level_class=level, **of_fund) or one(
        lake, "region_rate", level_class=ALL_LEVELS, **of_fund
    )
    known = rate_of_row(rate) if rate else None
    row = case_parameters(parameters, known, fund=paid["fund"], hospital_level=level)
    facts = {name: accepted.get(name, absent) for name, absent in CASE_FACTS.items()}
    facts |= {name: case[name] for name in ("grouping_status", "drg", "hospital_code", "los_days")}
    facts["procedures"] = [accepted.get("principal_procedure"), *(accepted.get("other_procedures") or ())]
    facts["high_admitted"] = paid["high_place"] is None or paid["high_place"] <= paid["high_places"]
    facts["hospital_cost_coefficient"] = paid["hospital_cost_coefficient"]
    facts["excluded_item_amount"] = paid["excluded_item_amount"]
    facts |= {kind: paid["payment_kind"] == kind for kind in ("special_case", "excluded_case")}
    facts["region_mean_cost"] = _region_mean(
        lake, {"scheme": paid["scheme"], "weight_version": version, **of_region}, group
    )
    if weight:
        facts |= {
            "relative_weight": weight["relative_weight"],
            "group_mean_cost": weight["mean_cost"],
            "stable": weight["stable"],
            "weight_source": weight["weight_source"],
            "weight_version": weight["weight_version"],
        }
    worked = settle_one(facts, row)
    worked["policy_version"] = book.version(paid["region_code"], day, parameters)
    return Worked(worked, parameters, _yearly(book, paid["region_code"], year), weight, rate)


def _region_mean(lake: Lake, keys: dict[str, Any], group: dict[str, Any]) -> Decimal | None:
    """The region's mean cost of all cases, which every weight of a version carries."""
    rows = lake.read("drg_weight", None, **{name: [value] for name, value in (keys | group).items() if name != "drg"})
    found = rows.agg({"region_mean_cost": "max"}).collect()
    return found[0][0] if found else None


def _yearly(book: PolicyBook, region: str, year: int) -> dict[str, Resolved]:
    # What is missing by now is left out: the weights stand, whatever became of what made them.
    return needs_of(book, region, book.day_of_year(region, year), ("weigh", "rate")).found


def policy_day(book: PolicyBook, paid: Row) -> date:
    """The day that selects the parameters: of discharge, or the first of the settlement month, as the
    policy says.
    """
    first = date.fromisoformat(f"{paid['settlement_month']}-01")
    by_month = book.value(paid["region_code"], "policy_date", first).of() == "settlement_month"
    discharged: date = paid["discharge_date"]
    return first if by_month else discharged


def comparisons(paid: Row, worked: Worked) -> tuple[Comparison, ...]:
    """Every stored figure beside the recomputed one."""
    return tuple(
        Comparison(name, title, _text(paid[name]), _text(worked.facts[name])) for name, title in _COMPARED.items()
    )


def payment_section(paid: Row, worked: Worked) -> Section:
    """The calculation in the order it is made."""
    lines = [f"支付类型：{word('payment_kind', paid['payment_kind'])}"]
    if paid["price"] is not None:
        lines.append(
            f"病组支付标准 = 权重 {number(paid['relative_weight'])} × 费率 {number(paid['base_rate'])} × "
            f"系数 {number(paid['coefficient'])} = {yuan(paid['price'])}"
        )
        lines += [_line(side, paid, worked) for side in ("low", "high")]
        lines.append(f"医疗总费用 {yuan(paid['total_cost'])}：{_where(paid, worked)}")
    lines.append(f"适用规则：{describe(paid['rule'])}")
    lines.append(f"依据：{paid['clause']}")
    if paid["payment_kind"] == "normal":
        lines.append(f"结算标准 = 病组支付标准 = {yuan(paid['standard'])}")
    else:
        lines.append(f"结算标准 = {yuan(paid['standard'])}（医疗总费用 {yuan(paid['total_cost'])}）")
    basic = worked.facts["basic_fund_payment"]
    lines.append(
        f"个人及其他基金已付 = 医疗总费用 {number(paid['total_cost'])} − 统筹基金按项目支付 {number(basic)} "
        f"= {yuan(paid['patient_and_other_paid'])}"
    )
    lines.append(_fund_line(paid, worked))
    lines.append(
        f"医院结余 = 结算标准 {number(paid['standard'])} − 医疗总费用 {number(paid['total_cost'])} "
        f"= {yuan(paid['gain_loss'])}"
    )
    return Section("支付", tuple(lines))


def _line(side: str, paid: Row, worked: Worked) -> str:
    title, name = {"low": ("低倍率线", "outlier_low"), "high": ("高倍率线", "outlier_high")}[side]
    base = str(worked.facts[f"{name}_base"])
    threshold = worked.facts[f"{name}_threshold"]
    # The line rests on the unrounded price, so its factors are written out: from the price to the fen it may be off.
    factors = " × ".join(number(paid[name]) for name in ("relative_weight", "base_rate", "coefficient"))
    what = {
        "standard": f"病组支付标准（{factors}）",
        "group_mean": f"病组次均费用 {number(worked.facts['group_mean_cost'])}",
    }
    return f"{title} = {what.get(base, base)} × {number(threshold)} = {yuan(paid[f'{side}_line'])}"


def _where(paid: Row, worked: Worked) -> str:
    if paid["payment_kind"] == "low_outlier":
        return ("不高于" if worked.facts["outlier_low_inclusive"] else "低于") + "低倍率线，按低倍率病例处理"
    if paid["payment_kind"] == "high_outlier":
        return ("不低于" if worked.facts["outlier_high_inclusive"] else "高于") + "高倍率线，按高倍率病例处理"
    return "在两线之间，按正常倍率病例处理"


def _by_difference(paid: Row, worked: Worked) -> str:
    return (
        f"结算标准 {number(paid['standard'])} − 个人及其他基金已付 {number(paid['patient_and_other_paid'])} "
        f"= {yuan(worked.facts['fund_exact'])}"
    )


def _by_ratio(paid: Row, worked: Worked) -> str:
    names = ("full_self_pay", "over_limit_self_pay", "first_self_pay", "deductible")
    titles = ("全自费", "超限价", "先行自付", "起付线")
    parts = " − ".join(f"{title} {number(worked.facts[name])}" for title, name in zip(titles, names, strict=True))
    ratio = number(worked.facts["fund_payment_ratio"])
    exact: Decimal = worked.facts["fund_exact"]
    return f"（结算标准 {number(paid['standard'])} − {parts}）× 支付比例 {ratio} = {format(exact.normalize(), ',f')} 元"


_FUND_WRITERS: Mapping[str, Callable[[Row, Worked], str]] = {"difference": _by_difference, "ratio": _by_ratio}


def _fund_line(paid: Row, worked: Worked) -> str:
    """How the fund's amount comes about; rules of their own pay what the fund already owed by item."""
    parts = paid["rule"].split("+")
    convention = next((part for part in parts if part in _FUND_WRITERS), None)
    result = yuan(paid["fund_payment"])
    if convention is None:
        return f"统筹基金应付 = 统筹基金按项目支付 = {result}"
    written = f"统筹基金应付 = {_FUND_WRITERS[convention](paid, worked)}"
    if worked.facts["fund_exact"] == paid["fund_payment"]:
        return written
    return f"{written}，{'为负，按零支付' if 'floor_at_zero' in parts else '四舍五入到分'}：{result}"


def _text(value: Any) -> str | None:
    if value is None:
        return None
    # Stored and recomputed amounts may carry another number of zeros; the amount is what counts.
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
