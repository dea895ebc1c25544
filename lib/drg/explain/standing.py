"""参数与版本: each value a payment rests on, with its source and how far it may be relied on; assumed ones
are marked.
"""

from __future__ import annotations

from drg.explain.answer import Section, number, yuan
from drg.explain.found import Row
from drg.explain.payment import Worked
from drg.policy import Resolved
from drg.policy.texts import words
from drg.policy.values import Standing
from drg.publish.assumed import title_of, value_text
from drg.words import STANDING, WEIGHT_SOURCE, word


def factors_section(paid: Row, worked: Worked) -> Section | None:
    """Where weight, rate and coefficient come from; None for a case without a price."""
    if paid["price"] is None:
        return None
    lines = []
    weight, rate = worked.weight, worked.rate
    if weight is not None:
        lines.append(
            f"{_weight(weight)}（{WEIGHT_SOURCE[weight['weight_source']]}；本区历史病例 "
            f"{weight['n_history']} 例，剔除 {weight['n_trimmed']} 例；{weight['reason']}）"
        )
    if rate is not None:
        lines += [
            f"预算 = 上年支出 {number(rate['prior_year_fund_spend'])} ×（1 + {number(rate['growth'])}）"
            f" = {yuan(rate['budget'])}",
            f"可分配基金 = 预算 {number(rate['budget'])} − 风险金 {number(rate['reserve'])} − 非DRG支付 "
            f"{number(rate['non_drg_payments'])} = {yuan(rate['distributable'])}",
            f"费率 = 可分配基金 ÷ 实际报销比 {number(rate['reimbursement_ratio'])} ÷ 总权重 "
            f"{number(rate['weight_volume'])}（预测 {rate['forecast_cases']:,} 例 × "
            f"历史CMI {number(rate['history_cmi'])}） = {number(rate['base_rate'])} 元/权重",
        ]
    level, fund = word("hospital_level", paid["hospital_level"]), word("fund", paid["fund"])
    lines.append(f"系数 {number(paid['coefficient'])}：{level}医院，{fund}")
    return Section("权重、费率、系数的由来", tuple(lines))


def _weight(weight: Row) -> str:
    """The quotient a weight is, where its means are known, and the adjustment that followed."""
    text = f"权重 {number(weight['relative_weight'])}"
    if weight["mean_cost"] is not None and weight["reference_mean_cost"] is not None:
        structured = weight["structured_mean_cost"]
        named, mean = ("结构调整后病组次均费用", structured) if structured else ("病组次均费用", weight["mean_cost"])
        text += f" = {named} {number(mean)} ÷ 参照次均费用 {number(weight['reference_mean_cost'])}"
    return f"{text}，权重调整 {weight['adjustment_reason']}" if weight["adjustment_reason"] else text


def parameters_section(paid: Row, worked: Worked) -> Section:
    """Every parameter this payment rests on: value, standing, source; the assumed ones first.

    Assumed parameters are those the payment names. Of the others those are listed that somebody published
    or implemented.
    """
    lines = []
    for name in sorted(set(paid["assumed_parameters"])):
        item = worked.parameters.get(name) or worked.yearly.get(name)
        told = f"{_value(item, paid)}；来源：{item.source}" if item else "见上列预算"
        lines.append(f"[{STANDING['assumed']}] {title_of(name)}（{name}）：{told}")
    for name, item in worked.parameters.items():
        if item.standing is not Standing.ASSUMED:
            mark = STANDING[item.standing.value]
            lines.append(f"[{mark}] {title_of(name)}（{name}）：{_value(item, paid)}；来源：{item.source}")
    return Section("参数（假定者未经公布）", tuple(lines))


def _value(item: Resolved, paid: Row) -> str:
    """The value in words; of a keyed one, that of this case's fund and level."""
    if not isinstance(item.value, dict):
        return value_text(item)
    keys = "，".join(word(name, paid[name]) for name in item.by)
    return f"{words(item.of(**{name: paid[name] for name in item.by}))}（{keys}）"


def versions_section(paid: Row) -> Section:
    """What the payment was made with."""
    texts = {
        "规则包": paid["rule_pack"],
        "政策版本": paid["policy_version"],
        "权重版本": paid["weight_version"],
        "费率版本": paid["rate_version"],
    }
    return Section("版本", tuple(f"{title} {value or '不适用'}" for title, value in texts.items()))
