"""The formulas of a case, one small function each with its clause; operands are Decimals or Spark columns alike.

Results are exact; rounding is the business of the stage that puts an amount to rest. Names in the comments: C total
cost of the case, S pay standard, M group mean, RW relative weight, f coefficient.
"""

from __future__ import annotations

from typing import Any

# A Decimal, or a Spark column of decimals: the operators mean the same for both.
Amount = Any


def normal_units(relative_weight: Amount, coefficient: Amount) -> Amount:
    """RW x f: what a normal case is worth in units of weight; money by the rate, points by the scale.

    Rate method of CHS-DRG (费率法: 支付标准 = 权重 x 费率 x 系数) and points method (点数法: 点数 = 基准点数 x 系数);
    weights by group and rates by level are two of the three core elements of 武医保药〔2022〕5号 二（三）2, levels by
    coefficient as in 医保办发〔2020〕45号 四 (引入医疗机构等级系数).
    """
    return relative_weight * coefficient


def cost_share_units(cost_over_region_mean: Amount) -> Amount:
    """C / A: the case's own cost in units of weight, without any coefficient (低倍率按实际费用折算点数)."""
    return cost_over_region_mean


def mean_ratio_units(relative_weight: Amount, cost_over_mean: Amount) -> Amount:
    """RW x C / M: the group's weight in the proportion of the case's cost (不足基准点数的按费用比例折算)."""
    return relative_weight * cost_over_mean


def linear_add_units(relative_weight: Amount, coefficient: Amount, multiple: Amount, threshold: Amount) -> Amount:
    """RW x f + (R - K) x RW: the part above the line is added without the coefficient; continuous at R = K."""
    return relative_weight * coefficient + (multiple - threshold) * relative_weight


def deduct_units(
    relative_weight: Amount, coefficient: Amount, cost_over_region_mean: Amount, threshold: Amount
) -> Amount:
    """C / A - (K - 1) x RW x f: the own cost less what lies between the standard and the line.

    Equal to `linear_add_units` where f = 1 and M = RW x A; otherwise it jumps at the line.
    """
    return cost_over_region_mean - (threshold - 1) * relative_weight * coefficient


def cap_units(mean_over_region_mean: Amount, threshold: Amount, coefficient: Amount) -> Amount:
    """M / A x K x f: a flat cap at the line (封顶), whatever the cost above it."""
    return mean_over_region_mean * threshold * coefficient


def excess_plus_one_units(relative_weight: Amount, coefficient: Amount, multiple: Amount, threshold: Amount) -> Amount:
    """(R - K + 1) x RW x f: one standard and the part above the line, all of it with the coefficient."""
    return (multiple - threshold + 1) * relative_weight * coefficient


def excess_plus_coefficient_units(
    relative_weight: Amount, coefficient: Amount, multiple: Amount, threshold: Amount
) -> Amount:
    """(R - K + f) x RW: the coefficient inside the bracket, on the standard alone."""
    return (multiple - threshold + coefficient) * relative_weight


def unit_price_of_points(point_value: Amount, point_scale: Amount) -> Amount:
    """Yuan per unit of weight where a unit is worth `point_scale` points: point value x scale."""
    return point_value * point_scale


def tcm_share(tcm: Amount, western: Amount) -> tuple[Amount, Amount]:
    """中医占比 as numerator and denominator: TCM / (TCM + Western), compared unrounded (重庆2025 公开实现)."""
    return tcm, tcm + western


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
