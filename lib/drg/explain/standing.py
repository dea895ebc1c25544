"""参数与版本: each value a payment rests on, with its source and how far it may be relied on; those nobody
published stand last, in a section of their own.
"""

from __future__ import annotations

from drg.errors import PolicyError
from drg.explain.answer import Section, factor, number, yuan
from drg.explain.found import Row
from drg.explain.price import coefficient_line
from drg.explain.worked import Worked
from drg.policy import Resolved
from drg.policy.needs import NEEDS
from drg.policy.texts import words
from drg.policy.values import Standing
from drg.policy.vocabulary import rule_text
from drg.publish.assumed import title_of, value_text
from drg.settle.case_parameters import ALL_LEVELS
from drg.words import STANDING, WEIGHT_SOURCE, word


def factors_section(paid: Row, worked: Worked) -> Section | None:
    """Where weight, rate or point value, and coefficient come from; None for a case paid in yuan without a price.

    A case without a price that is paid in units of weight rests on the rate or point value alone.
    """
    in_units = paid["base_rate"] is not None or paid["point_value"] is not None
    rate = _rate(worked.rate, worked) if worked.rate is not None and in_units else []
    if rate and worked.month_value is not None:
        rate += _month_value(worked.month_value)
    if paid["price"] is None:
        return Section("费率、点值的由来", tuple(rate)) if rate else None
    lines = [_weight(worked.weight)] if worked.weight is not None else []
    lines += rate
    level, fund = word("hospital_level", paid["hospital_level"]), word("fund", paid["fund"])
    lines.append(f"{coefficient_line(paid, worked)}（{level}医院，{fund}）")
    return Section("权重、费率、系数的由来", tuple(lines))


def _weight(weight: Row) -> str:
    """The quotient a weight is, where its means are known, and the adjustment that followed."""
    source, of_class = WEIGHT_SOURCE[weight["weight_source"]], weight["level_class"]
    text = f"权重 {number(weight['relative_weight'])}"
    if weight["mean_cost"] is not None and weight["reference_mean_cost"] is not None:
        structured = weight["structured_mean_cost"]
        named, mean = ("结构调整后病组次均费用", structured) if structured else ("病组次均费用", weight["mean_cost"])
        text += f" = {named} {number(mean)} ÷ 参照次均费用 {number(weight['reference_mean_cost'])}"
    if weight["adjustment_reason"]:
        text += f"，经权重调整 × {factor(weight['adjustment_factor'])}（{weight['adjustment_reason']}）"
    told = [source] if of_class == ALL_LEVELS else [source, f"等级类别 {word('level_class', of_class)}"]
    if weight["weight_source"] != "published":
        told.append(f"本区历史病例 {weight['n_history']} 例，剔除 {weight['n_trimmed']} 例")
    return f"{text}（{'；'.join([*told, weight['reason']])}）"


def _rate(rate: Row, worked: Worked) -> list[str]:
    """The lines from budget to rate or point value; a published one has none."""
    points = rate["method"] == "points"
    price = f"{factor(rate['point_value'])} 元/点" if points else f"{number(rate['base_rate'])} 元/权重"
    title = "点值" if points else "费率"
    if rate["rate_source"] == "published":
        item = worked.yearly.get("point_value.published" if points else "rate.published")
        return [f"{title} {price}：采用公布的{title}" + (f"，来源：{item.source}" if item else "")]
    lines = [
        f"预算 = 上年支出 {number(rate['prior_year_fund_spend'])} ×（1 + {number(rate['growth'])}）"
        f" = {yuan(rate['budget'])}",
        f"可分配基金 = 预算 {number(rate['budget'])} − 风险金 {number(rate['reserve'])} − 非DRG支付 "
        f"{number(rate['non_drg_payments'])} = {yuan(rate['distributable'])}",
    ]
    share = rate["level_share"]
    split = "" if share is None else f" × {word('level_class', rate['level_class'])}占比 {number(share)}"
    lines.append(
        f"可支付总费用 = 可分配基金 {number(rate['distributable'])} ÷ 实际报销比 "
        f"{number(rate['reimbursement_ratio'])}{split} = {yuan(rate['cost_pool'])}"
    )
    lines.append(
        f"总权重 = 预测 {rate['forecast_cases']:,} 例 × 历史CMI {number(rate['history_cmi'])}"
        f" = {number(rate['weight_volume'])}"
    )
    if not points:
        pool, volume = number(rate["cost_pool"]), number(rate["weight_volume"])
        return [*lines, f"费率 = 可支付总费用 {pool} ÷ 总权重 {volume} = {price}"]
    chosen = worked.yearly.get("point_value.distributable")
    fund_only = chosen is not None and chosen.of() == "fund_only"
    money = f"可分配基金 {number(rate['distributable'])}" if fund_only else f"可支付总费用 {number(rate['cost_pool'])}"
    volume = number(rate["point_volume"])
    return [
        *lines,
        f"总点数 = 总权重 {number(rate['weight_volume'])} × 点数基数 {rate['point_scale']} = {volume}",
        f"点值 = {money} ÷ 总点数 {volume} = {price}",
    ]


def _month_value(value: Row) -> list[str]:
    """The lines from the month's pool to its value; the value above them is the year's, which counted the month."""
    beside, points = number(value["beside_points"]), factor(value["points"])
    worth = f"{factor(value['point_value'])} 元/点"
    made = f"（{number(value['month_pool'])} − {beside}）÷ {points} = {worth}"
    return [
        f"当月可分配额 = 全年 {number(value['year_pool'])} 中的当月部分"
        f"（{word('dealt', value['dealt'])}）= {yuan(value['month_pool'])}",
        f"不以点数计 = 当月 {value['n_cases']:,} 例{word('counts', value['counts'])}合计 {number(value['amount'])} − "
        f"当月总点数 {points} × 全年点值 {factor(value['year_value'])} = {yuan(value['beside_points'])}",
        f"当月点值 = {made}" if value["points"] else f"当月没有以点数计的病例，点值仍为 {worth}",
    ]


def parameters_section(paid: Row, worked: Worked) -> Section:
    """The parameters of the settlement that somebody published or implemented: value, standing, source."""
    lines = []
    for name, item in worked.parameters.items():
        if item.standing is not Standing.ASSUMED:
            mark = STANDING[item.standing.value]
            lines.append(f"[{mark}] {title_of(name)}（{name}）：{_value(item, paid)}；来源：{item.source}")
    return Section("有来源的参数", tuple(lines or ["无"]))


def assumed_section(paid: Row, worked: Worked) -> Section:
    """The parameters this payment rests on that nobody published, and the day that selected them if assumed."""
    names = set(paid["assumed_parameters"])
    dated = worked.parameters.get("policy_date")
    if dated is not None and dated.standing is Standing.ASSUMED:
        names.add("policy_date")
    lines = []
    for name in sorted(names):
        item = worked.parameters.get(name) or worked.yearly.get(name)
        told = f"{_value(item, paid)}；来源：{item.source}" if item else "见上列预算"
        lines.append(f"[{STANDING['assumed']}] {title_of(name)}（{name}）：{told}")
    return Section("假定参数（未经公布，本例的结果依其得出）", tuple(lines or ["无"]))


def _value(item: Resolved, paid: Row) -> str:
    """The value in words; of a keyed one, that of this case."""
    keys = {
        "fund": paid["fund"],
        "hospital_level": paid["hospital_level"],
        "drg": paid["priced_group"] or paid["drg"],
        "hospital": paid["hospital_code"],
    }
    if not isinstance(item.value, dict) or not set(item.by) <= keys.keys():
        return value_text(item)
    told = "，".join(word(name, keys[name]) for name in item.by)
    try:
        value = item.of(**keys)
    except PolicyError:
        return f"未列（{told}）"
    return f"{rule_text(item.name, str(value)) if item.name in NEEDS else words(value)}（{told}）"


def versions_section(paid: Row) -> Section:
    """What the payment was made with."""
    texts = {
        "规则包": paid["rule_pack"],
        "政策版本": paid["policy_version"],
        "权重版本": paid["weight_version"],
        "费率版本": paid["rate_version"],
    }
    return Section("版本", tuple(f"{title} {value or '不适用'}" for title, value in texts.items()))
