"""The formulas of a case, one small function each with its clause; operands are Decimals or Spark columns alike.

Results are exact; rounding is the business of the stage that puts an amount to rest. Names in the comments: C total
cost of the case, S pay standard, M group mean, RW relative weight, f coefficient.
"""

from __future__ import annotations

from typing import Any

# A Decimal, or a Spark column of decimals: the operators mean the same for both.
Amount = Any


def pay_standard(relative_weight: Amount, base_rate: Amount, coefficient: Amount) -> Amount:
    """病组支付标准 S = RW x rate x f.

    Rate method of CHS-DRG (费率法); weights by group and rates by level are two of the three core elements of
    武医保药〔2022〕5号 二（三）2, levels by coefficient as in 医保办发〔2020〕45号 四 (引入医疗机构等级系数).
    """
    return relative_weight * base_rate * coefficient


def outlier_line(base: Amount, multiple: Amount) -> Amount:
    """低／高倍率线 = base x multiple; a case is compared with the exact line, not with the printed one."""
    return base * multiple


def patient_and_other_paid(total_cost: Amount, basic_fund_payment: Amount) -> Amount:
    """What everyone but the basic fund (基本医保统筹基金) paid at the counter: C - basic fund payment by item."""
    return total_cost - basic_fund_payment


def fund_by_difference(standard: Amount, paid_by_others: Amount) -> Amount:
    """差额法: fund = S - what the patient and other funds actually paid.

    The patient settles by item under the ordinary benefit rules; only the leg between hospital and fund is DRG
    (庆阳市DRG付费结算及经办管理办法（2025版）第二条). Negative where the others paid more than the standard.
    """
    return standard - paid_by_others


def fund_by_ratio(
    standard: Amount,
    full_self_pay: Amount,
    over_limit_self_pay: Amount,
    first_self_pay: Amount,
    deductible: Amount,
    ratio: Amount,
) -> Amount:
    """比例法: fund = (S - full self-pay - first self-pay - deductible) x policy ratio of the level.

    Over-limit self-pay (超限价自费) lies outside the benefit scope like full self-pay and is taken off with it. The
    deductible is the list's, never recomputed (起付线按次计算，四川省医疗保障局 2025-06-30 答复 四).
    """
    return (standard - full_self_pay - over_limit_self_pay - first_self_pay - deductible) * ratio


def gain_loss(standard: Amount, total_cost: Amount) -> Amount:
    """医院结余 = S - C."""
    return standard - total_cost
