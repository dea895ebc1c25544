"""region_rate: from the budget of one fund to yuan per unit of weight (费率) or per point (点值), line by line.

    budget          预算        prior-year spend x (1 + growth)
    reserve         风险金      budget x reserve share
    distributable   可分配基金   budget - reserve - payments outside DRG
    cost pool       可支付总费用 distributable / actual reimbursement ratio (fund paid / total cost, last year)
    weight volume   总权重      forecast cases x history CMI
    base rate       费率        cost pool / weight volume
    point volume    总点数      weight volume x scale
    point value     点值        cost pool (fund and patients' share) or distributable (fund alone) / point volume

以收定支、收支平衡、略有结余 and the growth principle: 医保办发〔2020〕45号 四, 金华市实施方案 （一）1; a reserve before
distribution: 医保发〔2025〕18号 第十二条; budget / ratio / volume: CHS-DRG rate method (wording unverified); a point is
worth budget / points: 医保办发〔2020〕45号 四, with the patients' share in pool and price: DIP technical practice.

Each line is put to rest as printed and the next starts from the printed one, so that whoever holds the page can work
it out again. Employee and resident money are two calls that share nothing (《社会保险基金财务制度》第六条).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from drg.errors import PolicyError
from drg.money import apportion, round_cmi, round_fen, round_rate, round_volume

FUND_ONLY, WITH_PATIENT_SHARE = "fund_only", "with_patient_share"


@dataclass(frozen=True)
class Budget:
    """What a region delivers for one fund and year; yuan, shares as 0.05 for 5 %."""

    prior_year_fund_spend: Decimal
    growth: Decimal
    non_drg_payments: Decimal
    reimbursement_ratio: Decimal
    forecast_cases: int


@dataclass(frozen=True)
class Pool:
    """The printed lines from a budget to what it pays for; yuan."""

    prior_year_fund_spend: Decimal
    growth: Decimal
    budget: Decimal
    reserve: Decimal
    non_drg_payments: Decimal
    distributable: Decimal
    reimbursement_ratio: Decimal
    cost_pool: Decimal


@dataclass(frozen=True)
class WeightVolume:
    """The printed lines of a forecast weight."""

    forecast_cases: int
    history_cmi: Decimal
    weight_volume: Decimal


@dataclass(frozen=True)
class BaseRate(Pool, WeightVolume):
    """The printed lines of one rate."""

    base_rate: Decimal


@dataclass(frozen=True)
class PointValue(Pool, WeightVolume):
    """The printed lines of one point value; `point_volume` has the 4 decimals of the weight it comes from."""

    point_scale: int
    point_volume: Decimal
    point_value: Decimal


def pool_of(budget: Budget, reserve_share: Decimal) -> Pool:
    """From budget to cost pool; raises PolicyError when nothing is left to distribute or the ratio is none."""
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
    return Pool(
        prior_year_fund_spend=budget.prior_year_fund_spend,
        growth=budget.growth,
        budget=total,
        reserve=reserve,
        non_drg_payments=budget.non_drg_payments,
        distributable=distributable,
        reimbursement_ratio=budget.reimbursement_ratio,
        cost_pool=round_fen(Fraction(distributable) / Fraction(budget.reimbursement_ratio)),
    )


def weight_volume(forecast_cases: int, history_cmi: Fraction) -> WeightVolume:
    """The forecast weight; raises PolicyError when there is none.

    Volume counts weights alone: the level coefficient is not in it, so that a region whose coefficients average above 1
    over its volume spends more than its pool, and the annual clearing bears the difference.
    """
    cmi = round_cmi(history_cmi)
    volume = round_volume(forecast_cases * cmi)
    if volume <= 0:
        raise PolicyError(
            f"forecast of {forecast_cases} cases x CMI {cmi} gives no weight volume; correct the forecast"
        )
    return WeightVolume(forecast_cases, cmi, volume)


def base_rate(budget: Budget, reserve_share: Decimal, history_cmi: Fraction, decimals: int) -> BaseRate:
    """The rate of one fund; raises PolicyError when budget, ratio or volume cannot give one."""
    return _rate(pool_of(budget, reserve_share), weight_volume(budget.forecast_cases, history_cmi), decimals)


def point_value(
    budget: Budget, reserve_share: Decimal, history_cmi: Fraction, scale: int, distributes: str, decimals: int
) -> PointValue:
    """The value of a point of one fund.

    `distributes` says what the points are worth: with_patient_share the cost pool, of which each patient's share is
    subtracted again case by case; fund_only the fund's money alone. Raises PolicyError as `base_rate` does.
    """
    pool, volume = pool_of(budget, reserve_share), weight_volume(budget.forecast_cases, history_cmi)
    points = volume.weight_volume * scale
    money = pool.cost_pool if distributes == WITH_PATIENT_SHARE else pool.distributable
    value = _above_zero(round_rate(Fraction(money) / Fraction(points), decimals), money, points, "points")
    return PointValue(**pool.__dict__, **volume.__dict__, point_scale=scale, point_volume=points, point_value=value)


def base_rates_by_level(
    budget: Budget,
    reserve_share: Decimal,
    volumes: Mapping[str, tuple[int, Fraction]],
    shares: Mapping[str, Decimal],
    decimals: int,
) -> dict[str, BaseRate]:
    """The rate of each hospital level: the cost pool is split first, then each part divided by its own weight.

    `volumes` are history cases and CMI of each level that has any, `shares` the levels' shares of the pool. Pool and
    forecast cases are dealt out whole (largest remainder, in the order of the levels), so that the parts add up to the
    fund's. The lines above the pool are the fund's and stand on every level's row. Raises PolicyError when the shares
    do not add up to 1, and where a level has a share without history or a history without share.

    Source: 费率分级测算, CHS-DRG rate method (wording unverified); level rates: 武汉市三年行动实施方案（2022）.
    """
    if sum(shares.values()) != 1:
        raise PolicyError(f"the shares of the levels add up to {sum(shares.values())}, not 1; correct rate.level_share")
    levels = sorted(shares)
    for level in levels:
        if (shares[level] > 0) != (level in volumes):
            has, lacks = ("a share", "history case") if shares[level] > 0 else ("history cases", "share")
            raise PolicyError(f"level {level} has {has} but no {lacks}; correct rate.level_share")
    levels = [level for level in levels if level in volumes]
    whole = pool_of(budget, reserve_share)
    pools = apportion(whole.cost_pool, [Fraction(shares[level]) for level in levels])
    cases = apportion(Decimal(budget.forecast_cases), [Fraction(volumes[level][0]) for level in levels], decimals=0)
    found = {}
    for level, pool, count in zip(levels, pools, cases, strict=True):
        own = Pool(**{**whole.__dict__, "cost_pool": pool})
        found[level] = _rate(own, weight_volume(int(count), volumes[level][1]), decimals)
    return found


def _rate(pool: Pool, volume: WeightVolume, decimals: int) -> BaseRate:
    rate = round_rate(Fraction(pool.cost_pool) / Fraction(volume.weight_volume), decimals)
    _above_zero(rate, pool.cost_pool, volume.weight_volume, "weight")
    return BaseRate(**pool.__dict__, **volume.__dict__, base_rate=rate)


def _above_zero(price: Decimal, money: Decimal, volume: Decimal, what: str) -> Decimal:
    if price <= 0:
        raise PolicyError(f"{money} yuan for {volume} {what} round to a price of {price}; correct the delivered budget")
    return price
