"""region_rate: from the budget of one fund to yuan per unit of weight (费率), line by line as it is printed.

    budget          预算        prior-year spend x (1 + growth)
    reserve         风险金      budget x reserve share
    distributable   可分配基金   budget - reserve - payments outside DRG
    cost pool       可支付总费用 distributable / actual reimbursement ratio (fund paid / total cost, last year)
    weight volume   总权重      forecast cases x history CMI
    base rate       费率        cost pool / weight volume

以收定支、收支平衡、略有结余 and the growth principle: 医保办发〔2020〕45号 四, 金华市实施方案 （一）1; a reserve before
distribution: 医保发〔2025〕18号 第十二条; budget / ratio / volume: CHS-DRG rate method (wording unverified).

Each line is put to rest as printed and the next starts from the printed one, so that whoever holds the page can work
it out again. Employee and resident money are two calls that share nothing (《社会保险基金财务制度》第六条).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from drg.errors import PolicyError
from drg.money import round_cmi, round_fen, round_rate, round_volume


@dataclass(frozen=True)
class Budget:
    """What a region delivers for one fund and year; yuan, shares as 0.05 for 5 %."""

    prior_year_fund_spend: Decimal
    growth: Decimal
    non_drg_payments: Decimal
    reimbursement_ratio: Decimal
    forecast_cases: int


@dataclass(frozen=True)
class BaseRate:
    """The printed lines of one rate."""

    prior_year_fund_spend: Decimal
    growth: Decimal
    budget: Decimal
    reserve: Decimal
    non_drg_payments: Decimal
    distributable: Decimal
    reimbursement_ratio: Decimal
    cost_pool: Decimal
    forecast_cases: int
    history_cmi: Decimal
    weight_volume: Decimal
    base_rate: Decimal


def base_rate(budget: Budget, reserve_share: Decimal, history_cmi: Fraction, decimals: int) -> BaseRate:
    """The rate of one fund; raises PolicyError when budget, ratio or volume cannot give one.

    Volume counts weights alone: the level coefficient is not in it, so that a region whose coefficients average above 1
    over its volume spends more than its pool, and the annual clearing bears the difference.
    """
    total = round_fen(budget.prior_year_fund_spend * (1 + budget.growth))
    reserve = round_fen(total * reserve_share)
    distributable = total - reserve - budget.non_drg_payments
    if distributable <= 0:
        raise PolicyError(
            f"budget {total} less reserve {reserve} and non-DRG payments {budget.non_drg_payments} leaves "
            f"{distributable} yuan to distribute; correct the delivered budget"
        )
    if not 0 < budget.reimbursement_ratio <= 1:
        raise PolicyError(f"reimbursement ratio {budget.reimbursement_ratio} is not within 0 to 1; correct the budget")
    pool = round_fen(Fraction(distributable) / Fraction(budget.reimbursement_ratio))
    cmi = round_cmi(history_cmi)
    volume = round_volume(budget.forecast_cases * cmi)
    if volume <= 0:
        raise PolicyError(
            f"forecast of {budget.forecast_cases} cases x CMI {cmi} gives no weight volume; correct the forecast"
        )
    rate = round_rate(Fraction(pool) / Fraction(volume), decimals)
    return BaseRate(
        prior_year_fund_spend=budget.prior_year_fund_spend,
        growth=budget.growth,
        budget=total,
        reserve=reserve,
        non_drg_payments=budget.non_drg_payments,
        distributable=distributable,
        reimbursement_ratio=budget.reimbursement_ratio,
        cost_pool=pool,
        forecast_cases=budget.forecast_cases,
        history_cmi=cmi,
        weight_volume=volume,
        base_rate=rate,
    )
