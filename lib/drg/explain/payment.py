"""支付: the payment of a case written out line by line, so that a hospital can work it out again.

The figures a reader sees are those of case_payment; `drg.explain.worked` sets each beside the one that
`drg.settle.stages.settle_one` gives, and where they differ the explanation says so before anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from drg.explain.answer import Section, factor, number, yuan
from drg.explain.found import Row
from drg.explain.price import price_lines
from drg.explain.route import route_lines
from drg.explain.standard import standard_lines
from drg.explain.worked import Worked
from drg.settle.common import LAYERS
from drg.settle.rules import describe
from drg.words import word

_LAYER_TITLES = dict(zip(LAYERS, ("大病保险", "医疗救助", "其他基金", "个人负担"), strict=True))


def payment_section(paid: Row, worked: Worked) -> Section:
    """The calculation in the order it is made."""
    lines = [f"支付类型：{kind_text(paid)}"]
    lines += price_lines(paid, worked)
    lines += route_lines(paid, worked)
    lines += [f"适用规则：{describe(paid['rule'])}", f"依据：{paid['clause']}"]
    lines += standard_lines(paid, worked)
    basic = worked.facts["basic_fund_payment"]
    lines.append(
        f"个人及其他基金已付 = 医疗总费用 {number(paid['total_cost'])} − 统筹基金按项目支付 {number(basic)} "
        f"= {yuan(paid['patient_and_other_paid'])}"
    )
    lines.append(_layers(paid))
    lines.append(_fund_line(paid, worked))
    lines.append(
        f"医院结余 = 结算标准 {number(paid['standard'])} − 医疗总费用 {number(paid['total_cost'])} "
        f"= {yuan(paid['gain_loss'])}"
    )
    return Section("支付", (*lines, *_kept(paid)))


def kind_text(paid: Row) -> str:
    """支付类型 in words; a group that nobody could weigh has its own, since its case did enter a group."""
    if paid["rule"].startswith("unpriced."):
        return "病组无权重（按未入组处理）"
    return word("payment_kind", paid["payment_kind"])


def _layers(paid: Row) -> str:
    """Who paid what beside the basic fund, as it stood on the list."""
    parts = "、".join(f"{title} {number(paid[name])}" for name, title in _LAYER_TITLES.items())
    return f"其中{parts}：大病保险、医疗救助等在DRG之外按原办法支付"


def _kept(paid: Row) -> list[str]:
    """What the hospital really keeps, where that is not the difference between standard and cost."""
    kept = paid["fund_payment"] + paid["patient_and_other_paid"] - paid["total_cost"]
    if kept == paid["gain_loss"]:
        return []
    return [
        f"实际收支 = 统筹基金应付 {number(paid['fund_payment'])} + 个人及其他基金已付 "
        f"{number(paid['patient_and_other_paid'])} − 医疗总费用 {number(paid['total_cost'])} = {yuan(kept)}"
        "：基金应付不等于结算标准减个人及其他基金已付，医院实际所得以此为准"
    ]


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
    return f"（结算标准 {number(paid['standard'])} − {parts}）× 支付比例 {ratio} = {factor(exact, 0)} 元"


def _all_of_it(_: Row, worked: Worked) -> str:
    return f"结算标准（点值只分配基金） = {yuan(worked.facts['fund_exact'])}"


_FUND_WRITERS: Mapping[str, Callable[[Row, Worked], str]] = {
    "difference": _by_difference,
    "ratio": _by_ratio,
    "standard_is_fund": _all_of_it,
}


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
