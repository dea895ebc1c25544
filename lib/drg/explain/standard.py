"""结算标准: how the rule of a case's route comes to its amount, with every factor, for each rule a policy may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext

from drg.explain.answer import factor, number, yuan
from drg.explain.found import Row
from drg.explain.price import base_text, coefficient_line, unit_factors
from drg.explain.worked import Worked
from drg.settle.arithmetic import DecimalArithmetic
from drg.settle.payment_stages import Derived
from drg.settle.rules import ROUTE_RULES, column


def standard_lines(paid: Row, worked: Worked) -> list[str]:
    """From the figures of the rule to the standard; quotients and units have 12 decimals, the standard is in fen."""
    facts = worked.facts
    item = paid["excluded_item_amount"]
    more = f" + 除外支付项目 {number(item)}" if item else ""
    result = f"{more} = {yuan(paid['standard'])}"
    route = facts["route"]
    if route == "normal":
        price = f"病组支付标准 {number(paid['price'])}" if item else "病组支付标准"
        return [f"结算标准 = {price}{result}"]
    parameter, rules = ROUTE_RULES[route]
    name = str(facts[column(parameter)])
    if not rules[name].in_units:
        if name == "tariff":
            amount = f"住院天数 {paid['stay_days']} × 床日标准 {number(paid['per_diem_tariff'])}"
        else:
            amount = f"其余费用 {number(facts['drg_cost'])}" if item else "医疗总费用"
        return [f"结算标准 = {amount}{result}"]
    lines = []
    if paid["coefficient"] is not None and paid["price"] is None:
        lines.append(coefficient_line(paid, worked))
    if name in _BY_MULTIPLE:
        lines.append(_multiple_line(paid, worked))
    written = _WRITERS["per_diem_points" if route == "per_diem" else name](_Figures(paid, worked))
    units = factor(facts["payment_units"], 0)
    floored = name == "deduct" and not facts["payment_units"]
    lines.append(f"折算权重 = {written}{'，不足零，按零计' if floored else ''} = {units}")
    if worked.row["payment_method"] == "points":
        scale, value = unit_factors(worked)
        points = factor(facts["payment_units"] * worked.row["point_scale"], 0)
        return [
            *lines,
            f"点数 = 折算权重 {units} × {scale} = {points} 点",
            f"结算标准 = 点数 {points} × {value}{result}",
        ]
    return [*lines, f"结算标准 = 折算权重 {units} × {unit_factors(worked)[0]}{result}"]


def _multiple_line(paid: Row, worked: Worked) -> str:
    base = base_text(str(worked.facts["outlier_high_base"]), paid, worked)
    return f"倍率 R = 费用 {number(worked.facts['drg_cost'])} ÷ {base} = {_multiple(worked)}"


def _multiple(worked: Worked) -> str:
    with localcontext(prec=80):
        multiple: Decimal = Derived(DecimalArithmetic(), worked.facts)["high_multiple"]
    return factor(multiple, 0)


class _Figures:
    """The figures of a case as a formula names them, with their words."""

    def __init__(self, paid: Row, worked: Worked):
        facts = worked.facts
        self.weight = f"权重 {_figure(facts['relative_weight'])}"
        self.coefficient = f"系数 {_figure(facts['coefficient'])}"
        self.cost = f"费用 {number(facts['drg_cost'])}"
        self.mean = f"病组次均费用 {number(facts['group_mean_cost'])}"
        self.region_mean = f"地区次均费用 {number(facts['region_mean_cost'])}"
        self.threshold = f"界值 {number(facts['high_threshold'])}"
        self.worked = worked
        self.days = f"住院天数 {paid['stay_days']} × 床日标准 {number(paid['per_diem_tariff'])}"

    @property
    def multiple(self) -> str:
        """R, the cost as a multiple of the base."""
        return f"倍率 {_multiple(self.worked)}"


def _figure(value: Decimal | None) -> str:
    return "无" if value is None else factor(value)


_BY_MULTIPLE = ("linear_add", "excess_plus_one", "excess_plus_coefficient")

# One a rule of `drg.settle.rules.PAYS` that counts in units of weight, and the days that do.
_WRITERS: Mapping[str, Callable[[_Figures], str]] = {
    "as_normal": lambda f: f"{f.weight} × {f.coefficient}",
    "cost_share": lambda f: f"{f.cost} ÷ {f.region_mean}",
    "mean_ratio": lambda f: f"{f.weight} ×（{f.cost} ÷ {f.mean}）",
    "mean_ratio_with_coefficient": lambda f: f"{f.weight} ×（{f.cost} ÷ {f.mean}）× {f.coefficient}",
    "mean_ratio_capped": lambda f: f"{f.weight} ×（{f.cost} ÷ {f.mean}，不超过 1）",
    "linear_add": lambda f: f"{f.weight} × {f.coefficient} +（{f.multiple} − {f.threshold}）× {f.weight}",
    "deduct": lambda f: f"{f.cost} ÷ {f.region_mean} −（{f.threshold} − 1）× {f.weight} × {f.coefficient}",
    "cap": lambda f: f"{f.mean} ÷ {f.region_mean} × {f.threshold} × {f.coefficient}",
    "excess_plus_one": lambda f: f"（{f.multiple} − {f.threshold} + 1）× {f.weight} × {f.coefficient}",
    "excess_plus_coefficient": lambda f: f"（{f.multiple} − {f.threshold} + {f.coefficient}）× {f.weight}",
    "per_diem_points": lambda f: f"{f.days} ÷ {f.region_mean}",
}
