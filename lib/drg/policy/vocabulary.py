"""The tables of docs/policy.md: every parameter a policy may hold, every rule and what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from drg.marked_page import rewritten
from drg.policy.needs import ALWAYS, NEEDS, NEEDS_ONCE_WRITTEN, WHERE_WRITTEN, WHERE_WRITTEN_BY_RULE
from drg.policy.parameters import PARAMETERS
from drg.policy.values import Parameter
from drg.settle import rules
from drg.settle.rules import Rule

BEGIN = "<!-- from here on written by `drg policy vocabulary --into docs/policy.md` -->"
END = "<!-- to here -->"

_NOT = "不适用"
_ON_APPLICATION = "按申报和评审结果"

# What the rules do that have no text of their own in `drg.settle.rules`.
_TEXTS: dict[str, dict[str, str]] = {
    "weight.years_reading": {
        "mean_of_yearly_means": "各年次均费用按年度权数加权平均",
        "weighted_cases": "逐例按所在年度权数加权",
    },
    "weight.trimming.method": {
        "none": "不裁剪",
        "iqr": "四分位距法",
        "three_sd": "均值上下三倍标准差",
        "percentile": "百分位法，病例数足够的病组才裁剪",
        "multiple": "按首次均值的倍率裁剪后再求均值",
    },
    "weight.base": {
        "region_mean": "病组次均费用 ÷ 地区次均费用",
        "fixed_yuan": "病组次均费用 ÷ 标准定额",
        "reference_group": "病组次均费用 ÷ 基准病组次均费用",
    },
    "weight.fallback": {"province": "借用全省权重", "unstable": "作为非稳定病组"},
    "weight.basis": {"computed": "由历史病例测算", "published": "采用公布的权重"},
    "weight.release": {"automatic": "测算后即公布", "on_approval": "经拟定、征求意见后公布（drg version）"},
    "weight.structure.rule": {"none": _NOT, "five_parts": "医疗、护理、医技、药耗、管理五部分分别调整"},
    "weight.hospital_coefficient": {"none": _NOT, "cost_ratio": "医院病组次均费用 ÷ 地区病组次均费用"},
    "budget.basis": {"delivered": "采用地区上报的预算", "growth": "上年支出 ×（1 + 增长率）"},
    "rate.basis": {"budget": "由预算和预测权重测算", "published": "采用公布的费率"},
    "rate.levels": {"one": "各级别同一费率", "by_level": "按级别分配基金后分别测算"},
    "point_value.basis": {
        "budget": "可分配基金 ÷ 总点数",
        "published": "采用公布的点值",
        "monthly": "每月浮动：（当月可分配额 − 不以点数计）÷ 当月总点数，年终清算",
    },
    "point_value.month_pool": {"twelfth": "全年的十二分之一", "days": "全年按当月天数"},
    "point_value.distributable": {"fund_only": "只分配基金", "with_patient_share": "基金与个人负担一并分配"},
    "clearing.rule": {"none": "结余不留用、超支不分担", "shared": "结余留用、超支分担"},
    "clearing.hospital_cap": {"none": "不设上限", "by_share": "单家医院留用或分担不超过其基金应付的一定比例"},
    "performance.rule": {
        "none": _NOT,
        "deduction": "按考核得分扣减保证金",
        "points": "按考核奖惩点数",
        "next_year": "按考核得分扣减下一年度包干资金，在下一年度清算中扣",
    },
    "override.rule": {"none": _NOT, "by_group": "按病组加付或定额"},
    "stay.rule": {"none": _NOT, "outside_drg": "过短或过长的住院不按病组付费"},
    "tcm.rule": {"none": _NOT, "by_disease": "按中医优势病种单独成组"},
    "tcm.treatment_fee_is": {"tcm": "治疗费计为中医治疗", "western": "治疗费计为西医治疗"},
    "exclusion.rule": {"none": _NOT, "on_application": _ON_APPLICATION},
    "dispute.rule": {"none": _NOT, "on_decision": "裁定支持医院的，按裁定重新计价或改组付费"},
    "special_case.rule": {"none": _NOT, "on_application": _ON_APPLICATION},
    "special_case.quota_period": {"month": "按当月出院病例", "year": "按当年累计出院病例"},
    "outlier.high.selects": {
        "threshold": "费用超过界值",
        "threshold_within_limit": "费用超过界值，病例数不超过占比上限",
        "top_share": "超出最多的一定占比病例",
        "none": "不设高倍率",
    },
    "outlier.high.limit_scope": {"region": "按统筹区", "hospital": "按医院"},
    "outlier.extreme.rule": {"none": "不设极高倍率", "threshold": "费用超过极高倍率界值"},
}

_REGISTRIES: dict[str, Mapping[str, Rule | str]] = {
    "policy_date": rules.POLICY_DATES,
    "settlement.mode": rules.MODES,
    "payment.method": rules.METHODS,
    "coefficient.factors": rules.FACTORS,
    "outlier.low.base": rules.BASES,
    "outlier.high.base": rules.BASES,
    "outlier.low.line": rules.LOW_LINES,
    "stay.day_count": rules.DAY_COUNTS,
    "per_diem.rule": rules.PER_DIEM_RULES,
    "day_surgery.rule": rules.DAY_SURGERY_RULES,
    "fund_payment.convention": rules.FUND_RULES,
    "fund_payment.negative": rules.NEGATIVE_RULES,
    "deduct.negative": rules.DEDUCTED_NEGATIVE,
}


def rule_text(parameter: str, rule: str) -> str:
    """What a rule does, in Chinese; empty where nobody has said it yet."""
    registry = rules.PAYS if parameter.endswith(".pays") else _REGISTRIES.get(parameter, {})
    found = registry.get(rule, "")
    return (found.text if isinstance(found, Rule) else found) or _TEXTS.get(parameter, {}).get(rule, "")


def tables() -> str:
    """Both tables as Markdown: the parameters in their order, then the rules with what each does and needs."""
    return f"{_parameters()}\n\n{_rules()}"


def renewed(page: str) -> str:
    """A page with the tables between its two marks written anew; ConfigError where the marks are missing."""
    return rewritten(page, BEGIN, END, tables())


def _parameters() -> str:
    lines = ["| parameter | title | value | may be keyed by | needed |", "|---|---|---|---|---|"]
    for name, parameter in PARAMETERS.items():
        keyed = ", ".join(parameter.by)
        lines.append(f"| `{name}` | {parameter.title} | {_kind(parameter)} | {keyed} | {_when(name)} |")
    return "\n".join(lines)


def _kind(parameter: Parameter) -> str:
    if parameter.names:
        return "rules, a list" if parameter.kind == "names" else "a rule"
    if parameter.kind == "records" and parameter.record is not None:
        return f"list of {{{', '.join(parameter.record.model_fields)}}}"
    words = {"flag": "true or false", "name": "a name", "names": "a list of names", "years": "list of {year, weight}"}
    if parameter.kind in words:
        return f"{words[parameter.kind]}; `{parameter.unit}`"
    low = f"above {_number(parameter.above)}" if parameter.above is not None else f"from {_number(parameter.least)}"
    stepped = ", or steps `{below, value}` by weight" if parameter.kind == "stepped" else ""
    whole = ", together 1" if parameter.whole else ""
    return f"{low} to {_number(parameter.most)}{stepped}{whole}; `{parameter.unit}`"


def _number(value: Decimal | None) -> str:
    return "any" if value is None else format(value, "f")


def _when(name: str) -> str:
    if any(name in names for names in ALWAYS.values()):
        return "always"
    asked = [f"`{by}`" for by, table in NEEDS.items() if any(name in needs for needs in table.values())]
    asked += [f"`{by}`" for by, needs in NEEDS_ONCE_WRITTEN.items() if name in needs]
    if asked:
        shown = ["`*.pays`" if by.endswith(".pays`") else by for by in asked]
        return "by " + ", ".join(dict.fromkeys(shown))
    written = any(name in names for names in (*WHERE_WRITTEN.values(), *WHERE_WRITTEN_BY_RULE.values()))
    return "read where written" if written else "never"


def _rules() -> str:
    lines = ["| parameter | rule | what it does | needs |", "|---|---|---|---|"]
    alike: dict[tuple[tuple[str, str, tuple[str, ...]], ...], list[str]] = {}
    for name, table in NEEDS.items():
        said = tuple((rule, rule_text(name, rule), _all_needs(name, rule, needs)) for rule, needs in table.items())
        alike.setdefault(said, []).append(name)
    for said, names in alike.items():
        shown = ", ".join(f"`{name}`" for name in names)
        for rule, text, needs in said:
            lines.append(f"| {shown} | `{rule}` | {text} | {', '.join(needs)} |")
            shown = ""
    return "\n".join(lines)


def _all_needs(name: str, rule: str, needs: tuple[str, ...]) -> tuple[str, ...]:
    optional = WHERE_WRITTEN_BY_RULE.get((name, rule), ())
    return (*(f"`{need}`" for need in needs), *(f"`{need}` where written" for need in optional))
