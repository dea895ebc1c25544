"""Every known parameter. A policy file may hold no other name, and a value no other unit, range or rule name.

The names of rules come from the registry of `drg.settle.rules`, so that a new rule is admitted by adding it there.
"""

from __future__ import annotations

from decimal import Decimal

from drg.policy.values import Parameter
from drg.settle.rules import BASES, FUND_RULES, METHODS, NEGATIVE_RULES, PAYS, POLICY_DATES

_LEVEL = ("hospital_level",)
_LEVEL_FUND = ("fund", "hospital_level")
_ONE = Decimal(1)
_ZERO = Decimal(0)


def _rule(name: str, title: str, names: tuple[str, ...]) -> Parameter:
    return Parameter(name=name, title=title, kind="name", unit="rule", names=names)


_KNOWN = (
    Parameter(name="scheme", title="分组方案", kind="name", unit="scheme"),
    # Read for the first day of the settlement month, since it decides which day the others are read for.
    _rule("policy_date", "政策适用日期", tuple(POLICY_DATES)),
    # 权重
    Parameter(name="weight.years", title="权重测算年度及年度权数", kind="years", unit="year_weights"),
    _rule("weight.years_reading", "年度加权方式", ("mean_of_yearly_means",)),
    _rule("weight.trimming.method", "费用裁剪方法", ("iqr",)),
    Parameter(
        name="weight.trimming.multiplier",
        title="四分位距倍数",
        kind="number",
        unit="multiple",
        above=_ZERO,
        most=Decimal(10),
        decimals=2,
    ),
    _rule("weight.base", "权重基准", ("region_mean",)),
    Parameter(
        name="weight.min_cases",
        title="稳定病组最少病例数",
        kind="integer",
        unit="cases",
        least=_ONE,
        most=Decimal(1000),
    ),
    _rule("weight.fallback", "病例数不足时的权重来源", ("province",)),
    # 费率
    _rule("payment.method", "付费方法", tuple(METHODS)),
    Parameter(
        name="rate.reserve_share", title="风险金比例", kind="number", unit="share", least=_ZERO, most=Decimal("0.5")
    ),
    Parameter(
        name="rate.decimals", title="费率小数位数", kind="integer", unit="decimals", least=_ZERO, most=Decimal(2)
    ),
    Parameter(
        name="level_coefficient",
        title="等级系数",
        kind="number",
        unit="ratio",
        above=_ZERO,
        most=Decimal(3),
        by=_LEVEL_FUND,
    ),
    # 高低倍率
    Parameter(
        name="outlier.low.threshold",
        title="低倍率界值",
        kind="number",
        unit="multiple",
        above=_ZERO,
        most=Decimal("0.9999"),
        by=_LEVEL,
    ),
    Parameter(name="outlier.low.inclusive", title="低倍率含界值", kind="flag", unit="yes_no"),
    _rule("outlier.low.base", "低倍率基准", tuple(BASES)),
    _rule("outlier.low.pays", "低倍率支付规则", tuple(PAYS)),
    Parameter(
        name="outlier.high.threshold",
        title="高倍率界值",
        kind="number",
        unit="multiple",
        above=_ONE,
        most=Decimal(20),
        by=_LEVEL,
    ),
    Parameter(name="outlier.high.inclusive", title="高倍率含界值", kind="flag", unit="yes_no"),
    _rule("outlier.high.base", "高倍率基准", tuple(BASES)),
    _rule("outlier.high.pays", "高倍率支付规则", tuple(PAYS)),
    # 未入组、歧义组、无权重病组
    _rule("ungrouped.pays", "未入组病例支付规则", tuple(PAYS)),
    _rule("ambiguous.pays", "歧义组病例支付规则", tuple(PAYS)),
    _rule("unpriced.pays", "无权重病组支付规则", tuple(PAYS)),
    # 基金支付
    _rule("fund_payment.convention", "基金支付口径", tuple(FUND_RULES)),
    _rule("fund_payment.negative", "基金支付为负时", tuple(NEGATIVE_RULES)),
    Parameter(
        name="fund_payment.ratio",
        title="政策范围内支付比例",
        kind="number",
        unit="share",
        above=_ZERO,
        most=_ONE,
        by=_LEVEL_FUND,
    ),
)

PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for parameter in _KNOWN}

WEIGH_PARAMETERS = (
    "scheme",
    "weight.years",
    "weight.years_reading",
    "weight.trimming.method",
    "weight.trimming.multiplier",
    "weight.base",
    "weight.min_cases",
    "weight.fallback",
)
RATE_PARAMETERS = ("scheme", "payment.method", "weight.years", "rate.reserve_share", "rate.decimals")
