"""The known parameters of budget, rate, point value, advance and clearing (预算、费率、点值、预付、清算)."""

from __future__ import annotations

from drg.policy.known import FUND, FUND_LEVEL, LEVEL, integer, number, rule, yuan
from drg.policy.values import Parameter
from drg.settle.rules import METHODS

RATES: tuple[Parameter, ...] = (
    rule("payment.method", "付费方法", *METHODS),
    rule("budget.basis", "预算来源", "delivered", "growth"),
    number("budget.growth", "预算增长率", "share", 1, least=-1, by=FUND),
    number("rate.reserve_share", "风险金比例", "share", "0.5"),
    integer("rate.decimals", "费率小数位数", "decimals", 2),
    rule("rate.basis", "费率来源", "budget", "published"),
    yuan("rate.published", "公布的费率", by=FUND_LEVEL),
    rule("rate.levels", "费率分级", "one", "by_level"),
    number("rate.level_share", "各级别可分配基金占比", "share", 1, by=LEVEL, whole=True),
    integer("point.scale", "点数基数", "points", 1000, least=1),
    rule("point_value.basis", "点值来源", "budget", "published", "monthly"),
    rule("point_value.month_pool", "当月可分配额", "twelfth", "days"),
    number("point_value.published", "公布的点值", "yuan", "1000000", above=0, decimals=6, by=FUND),
    integer("point_value.decimals", "点值小数位数", "decimals", 6),
    rule("point_value.distributable", "点值分配口径", "fund_only", "with_patient_share"),
    # 预付与月结
    number("advance.months", "预付月数", "months", 3, decimals=2),
    number("settlement.withhold_share", "质量保证金比例", "share", "0.2"),
    # 年终清算
    rule("clearing.rule", "年终清算规则", "none", "shared"),
    number("clearing.surplus_share", "结余留用比例", "share", 1),
    number("clearing.overspend_share", "超支医院分担比例", "share", 1),
    rule("clearing.hospital_cap", "单家医院结余留用或超支分担封顶", "none", "by_share"),
    number("clearing.hospital_cap_share", "单家医院结余留用或超支分担上限", "share", 1),
    rule("performance.rule", "考核结果应用", "none", "deduction", "points", "next_year"),
    number("performance.full_score", "考核满分", "score", 1000, above=0),
    number("performance.next_year_share", "考核扣减下年包干资金的比例上限", "share", 1),
)

CLEARING_PARAMETERS = tuple(
    parameter.name for parameter in RATES if parameter.name.startswith(("advance.", "settlement.", "clearing.", "perf"))
)
