"""The clearing written out: rows of hospital_clearing and fund_clearing, in a fixed order, each with how it came about.

A hospital's statement adds up downwards: due = monthly_payment + adjustment + cap, and
balance = due + differences + audit_deduction + performance + prior_performance + advance + paid_monthly (what is taken
stands below zero). What a review takes of the next year follows as next_year and is in no sum.
A fund's: budget = reserve + non_drg_payments + available, and available = use + hospitals_share + region_share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from drg.settle.clearing import ClearedFund, ClearedHospital
from drg.settle.clearing_terms import RegionTerms


@dataclass(frozen=True)
class Line:
    """One line of a statement; `parameter` is the one whose source is quoted as its clause."""

    name: str
    amount: Decimal
    basis: str
    parameter: str | None = None
    points: Decimal | None = None
    point_value: Decimal | None = None


# The lines of a hospital that its fund adds up, in their order.
SUMMED = (
    "monthly_payment",
    "adjustment",
    "cap",
    "due",
    "differences",
    "audit_deduction",
    "performance",
    "prior_performance",
    "advance",
    "paid_monthly",
    "balance",
    "next_year",
)
# What makes the balance of a hospital.
OF_BALANCE = tuple(SUMMED[SUMMED.index("due") : SUMMED.index("balance")])

ORDER_OF_HOSPITAL = ("monthly_payment", "points_money", "patient_share", "outside_points", *SUMMED[1:])
ORDER_OF_FUND = (
    "budget",
    "reserve",
    "non_drg_payments",
    "available",
    "use",
    "hospitals_share",
    "region_share",
    "distributable",
    "points_money",
    *SUMMED,
)


def hospital_rows(year: int, region: str, terms: RegionTerms, fund: ClearedFund) -> list[dict[str, Any]]:
    """Rows of hospital_clearing of one fund, hospitals in the order of their codes."""
    return [
        {**row, "hospital_code": hospital.year.hospital_code}
        for hospital in fund.hospitals
        for row in _rows(year, region, fund.fund, terms, _of_hospital(terms, fund, hospital), ORDER_OF_HOSPITAL)
    ]


def fund_rows(year: int, region: str, terms: RegionTerms, fund: ClearedFund) -> list[dict[str, Any]]:
    """Rows of fund_clearing of one fund; the last twelve are the sums of its hospitals' lines."""
    return list(_rows(year, region, fund.fund, terms, _of_fund(terms, fund), ORDER_OF_FUND))


def _rows(
    year: int, region: str, fund: str, terms: RegionTerms, lines: Iterator[Line], order: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    for line in lines:
        yield {
            "settlement_year": year,
            "region_code": region,
            "fund": fund,
            "line": line.name,
            "line_number": order.index(line.name) + 1,
            "amount": line.amount,
            "points": line.points,
            "point_value": line.point_value,
            "basis": line.basis,
            "clause": terms.clauses.get(line.parameter) if line.parameter else None,
            "policy_version": terms.policy_version,
            "assumed_parameters": list(terms.assumed),
        }


def _of_hospital(terms: RegionTerms, fund: ClearedFund, cleared: ClearedHospital) -> Iterator[Line]:
    year = cleared.year
    yield Line("monthly_payment", year.monthly, "各月统筹基金应付之和")
    if cleared.points_money is not None:
        earned = f"点数 {_plain(year.points)}"
        earned += f" + 奖惩点数 {_plain(year.reward_points)}" if year.reward_points else ""
        by = "performance.rule" if year.reward_points else "clearing.rule"
        basis = f"（{earned}）× 清算点值 {fund.point_value if fund.point_value is not None else '—'}，以未舍入点值计算"
        yield Line("points_money", cleared.points_money, basis, by, year.all_points, fund.point_value)
        if terms.terms.with_patient_share:
            basis = "点值含个人负担：扣除按点数付费病例的个人及其他基金已付"
            yield Line("patient_share", -year.patient_share, basis, "point_value.distributable")
        yield Line("outside_points", year.outside_points, "不以点数付费病例的统筹基金应付，按月结金额")
    yield Line("adjustment", cleared.adjustment, _adjustment(terms, fund, cleared), "clearing.rule")
    yield Line("cap", cleared.cap, _cap(terms), "clearing.hospital_cap")
    yield Line("due", cleared.due, "月结应付 + 清算调整 + 封顶调整")
    yield Line("differences", cleared.differences, "各月记入的以前年度清算后差额，不计入本年基金实际支出")
    audits = "；".join(f"{amount} 元：{reason}" for amount, reason in year.audits)
    yield Line("audit_deduction", cleared.audit_deduction, audits or "无审核扣减")
    yield Line("performance", cleared.performance, _performance(terms, cleared), "performance.rule")
    yield Line("prior_performance", cleared.prior_performance, "上年考核结果结转本年的扣减")
    months = f"{terms.advance_months.normalize():f} 个月 × 上年月均基金支出"
    yield Line("advance", cleared.advance, months if terms.advance_months else "不预付", "advance.months")
    paid = f"月结应付 {year.monthly} − 质量保证金 {year.withheld} + 以前年度差额 {year.differences}，已按月拨付"
    yield Line("paid_monthly", cleared.paid_monthly, paid)
    yield Line("balance", cleared.balance, "清算应付 + 以前年度差额 − 各项扣减 − 已付；负数由医院退回")
    yield Line("next_year", cleared.next_year, _next_year(terms, cleared), "performance.rule")


def _adjustment(terms: RegionTerms, fund: ClearedFund, cleared: ClearedHospital) -> str:
    if not terms.terms.shared:
        return "不作结余留用与超支分担"
    if cleared.points_money is not None:
        minus = " − 个人及其他基金已付" if terms.terms.with_patient_share else ""
        return f"点数金额{minus} + 不以点数付费病例应付 − 月结应付"
    return f"全区医院分享或分担 {fund.hospitals_share} × 本院月结应付占比"


def _cap(terms: RegionTerms) -> str:
    if terms.terms.cap_share is None:
        return "不封顶"
    base = "按项目发生的基金" if terms.terms.points else "月结应付"
    return f"单家医院结余或超支不超过{base}的 {_percent(terms.terms.cap_share)}"


def _performance(terms: RegionTerms, cleared: ClearedHospital) -> str:
    year, rule = cleared.year, terms.terms.performance
    score = "无考核得分" if year.score is None else f"考核得分 {_plain(year.score)}"
    if rule == "deduction":
        return f"{score}：质量保证金 {year.withheld} ×（1 − 得分 ÷ 满分 {_plain(terms.terms.full_score)}）"
    if rule == "points":
        return f"{score}；奖惩已计入点数"
    return f"{score}；结果用于下年度" if rule == "next_year" else "考核结果不与清算挂钩"


def _next_year(terms: RegionTerms, cleared: ClearedHospital) -> str:
    if terms.terms.performance != "next_year":
        return "考核结果不结转下年"
    if cleared.year.score is None:
        return "无考核得分，不结转"
    share, full = _percent(terms.terms.next_year_share), _plain(terms.terms.full_score)
    return f"清算应付 {cleared.due} × {share} ×（1 − 得分 {_plain(cleared.year.score)} ÷ 满分 {full}），下年清算时扣"


def _of_fund(terms: RegionTerms, fund: ClearedFund) -> Iterator[Line]:
    if fund.budget is not None and fund.use is not None:
        assert fund.hospitals_share is not None
        assert fund.region_share is not None
        assert fund.distributable is not None
        available = fund.budget.available
        yield Line("budget", fund.budget.budget, "上年住院基金支出 ×（1 + 增长率）")
        yield Line("reserve", fund.budget.reserve, "预算 × 风险金比例")
        yield Line("non_drg_payments", fund.budget.non_drg_payments, "预算中的非DRG支付")
        yield Line("available", available, "预算 − 风险金 − 非DRG支付")
        by_item = terms.terms.points and terms.terms.shared
        yield Line("use", fund.use, "按项目发生的基金之和" if by_item else "月结应付之和")
        surplus = available >= fund.use
        name = "clearing.surplus_share" if surplus else "clearing.overspend_share"
        share = terms.terms.surplus_share if surplus else terms.terms.overspend_share
        words = "结余由医院留用" if surplus else "超支由医院分担"
        basis = f"{words} {_percent(share)}：（{available} − {fund.use}）× {_plain(share)}"
        if not terms.terms.shared:
            name, basis = "clearing.rule", "不作结余留用与超支分担"
        yield Line("hospitals_share", fund.hospitals_share, basis, name)
        yield Line("region_share", fund.region_share, "预算结余减医院部分；负数由统筹基金（风险金）承担", name)
        yield Line("distributable", fund.distributable, "基金实际支出 + 医院分享或分担")
        if fund.points_money is not None:
            patients = " + 个人及其他基金已付" if terms.terms.with_patient_share else ""
            basis = f"清算应付总额 − 不以点数付费病例应付{patients}；点值 = 金额 ÷ 总点数"
            yield Line("points_money", fund.points_money, basis, "clearing.rule", fund.points, fund.point_value)
    amounts = {name: Decimal("0.00") for name in SUMMED}
    for hospital in fund.hospitals:
        amounts["monthly_payment"] += hospital.year.monthly
        for name in SUMMED[1:]:
            amounts[name] += getattr(hospital, name)
    for name in SUMMED:
        yield Line(name, amounts[name], "各医院之和")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"
