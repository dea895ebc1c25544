"""Rounding, each kind once and by name; exact in between, quantised once, never binary floating point.

Half goes away from zero (四舍五入), for negatives too: -0.005 becomes -0.01. Python's own `round` would take half to
even and is not used for money anywhere. The Column twins for Spark are in `drg.money_columns`.

No regulation among the sources prescribes a mode; half-up to the fen is what public settlement code does (DRGX
contract: half away from zero, never banker's) and what Spark's `round` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import floor, isqrt

Number = Decimal | Fraction | int

FEN_DECIMALS = 2
WEIGHT_DECIMALS = 4
FENCE_DECIMALS = 4
MEAN_DECIMALS = 4
FACTOR_DECIMALS = 4
STATISTIC_DECIMALS = 4
CMI_DECIMALS = 6
VOLUME_DECIMALS = 4
# A coefficient of several factors; units of weight and lines; a quotient of two amounts before it is put to rest.
COEFFICIENT_DECIMALS = 8
PRICE_DECIMALS = 12
QUOTIENT_DECIMALS = 19

_WIDE = Context(prec=120, rounding=ROUND_HALF_UP)


def half_up(value: Number, decimals: int) -> Decimal:
    """`value` with this many decimals, half away from zero; exact for fractions too."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-decimals), context=_WIDE)
    exact = Fraction(value) * 10**decimals
    units = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return Decimal(units if exact >= 0 else -units).scaleb(-decimals, context=_WIDE)


def round_fen(value: Number) -> Decimal:
    """An amount in yuan to the fen (分), 2 decimals."""
    return half_up(value, FEN_DECIMALS)


def round_weight(value: Number) -> Decimal:
    """A relative weight (相对权重), 4 decimals as regions publish them (Harbin 0.3825, Chongqing 0.9258)."""
    return half_up(value, WEIGHT_DECIMALS)


def round_mean(value: Number) -> Decimal:
    """A mean cost in yuan (次均费用), 4 decimals as it is published (7,049.6415)."""
    return half_up(value, MEAN_DECIMALS)


def round_coefficient(value: Number) -> Decimal:
    """A hospital's cost coefficient (成本系数), 4 decimals."""
    return half_up(value, FACTOR_DECIMALS)


def round_rate(value: Number, decimals: int) -> Decimal:
    """A base rate (费率) in yuan per unit of weight, with the decimals of `rate.decimals`."""
    return half_up(value, decimals)


def round_fence(value: Number) -> Decimal:
    """A trimming fence in yuan, 4 decimals, for display; cases are compared with the exact fence."""
    return half_up(value, FENCE_DECIMALS)


def round_statistic(value: Number) -> Decimal:
    """A coefficient of variation (CV) or reduction in variance (RIV), 4 decimals."""
    return half_up(value, STATISTIC_DECIMALS)


def round_cmi(value: Number) -> Decimal:
    """A case-mix index (CMI), 6 decimals."""
    return half_up(value, CMI_DECIMALS)


def round_volume(value: Number) -> Decimal:
    """A total weight (总权重), 4 decimals."""
    return half_up(value, VOLUME_DECIMALS)


def apportion(total: Decimal, shares: Sequence[Number], decimals: int = FEN_DECIMALS) -> list[Decimal]:
    """`total` dealt out by shares in whole fen, so that the parts add up to it exactly (最大余数法, largest remainder).

    Each part is its exact share cut down to the fen; the fen left over go one by one to the largest remainders, equal
    ones in the order given. A total below zero is dealt out the same way. Raises ValueError for a share below zero,
    for shares that are all zero while there is something to deal out, and for a total of more decimals.
    """
    weights = [Fraction(share) for share in shares]
    units = Fraction(total) * 10**decimals
    if units.denominator != 1:
        raise ValueError(f"{total} has more than {decimals} decimals")
    whole = sum(weights, Fraction(0))
    if any(weight < 0 for weight in weights) or (whole == 0 and units != 0):
        raise ValueError("shares must not be below zero nor all zero")
    if whole == 0:
        return [Decimal(0).scaleb(-decimals) for _ in weights]
    exact = [units * weight / whole for weight in weights]
    parts = [floor(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: int(units) - sum(parts)]:
        parts[i] += 1
    return [Decimal(part).scaleb(-decimals, context=_WIDE) for part in parts]


def square_root(value: Fraction, decimals: int) -> Decimal:
    """The square root of a fraction >= 0 with this many decimals, half-up, computed in integers."""
    # One decimal more, truncated: what was cut off cannot move the last digit, since a half is then already visible.
    scale = 10 ** (2 * (decimals + 1))
    return half_up(Fraction(isqrt(value.numerator * scale // value.denominator), 10 ** (decimals + 1)), decimals)
