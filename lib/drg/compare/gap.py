"""The gap of a region's price to the province's, split into weight, rate and coefficient, in yuan.

The mean price (次均支付标准) of a cell is a product, S = w x r x f, for the region as for the province:

    w = Σ weight / n                relative weight, case-weighted
    r = Σ weight·rate / Σ weight    base rate, weight-weighted
    f = Σ price / Σ weight·rate     effective coefficient: what the level coefficient (and the fen) did
    w x r x f = Σ price / n         telescopes exactly

A product of three factors has no unique split into three sums. Chosen here: the logarithmic mean (LMDI-I,
Ang 2004), because it leaves no residual, does not depend on the order of the factors and is symmetric
between the two sides:

    effect(x) = L(S_region, S_province) · ln(x_region / x_province)
    L(a, b) = (a - b) / ln(a / b),  L(a, a) = a

which is the identity ln(S1/S2) = ln(w1/w2) + ln(r1/r2) + ln(f1/f2) scaled to yuan. Regions ask for the
split because the same weight has another price under another rate (同病不同价): the pay standard alone does
not say which it is.

Everything is decimal. Ratios are quotients of exact products of sums, so that equal factors give a ratio of
exactly 1 and an effect of exactly 0; logarithms are taken with 60 digits, so that no machine or order of
cases moves a fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PriceSums:
    """Exact sums over the priced cases of one cell; all greater than zero.

    Attributes:
        cases: number of cases.
        weight: Σ relative_weight.
        weighted_rate: Σ relative_weight x base_rate, yuan.
        price: Σ price before outlier rules, yuan.
    """

    cases: int
    weight: Decimal
    weighted_rate: Decimal
    price: Decimal

    def mean_price(self) -> Decimal:
        """Σ price / n, to the fen."""
        return quotient(self.price, Decimal(self.cases), 2)


@dataclass(frozen=True, slots=True)
class PriceGap:
    """Difference of two mean prices and its three parts, yuan; the parts sum to the gap to the fen."""

    price_gap: Decimal
    weight_effect: Decimal
    rate_effect: Decimal
    coefficient_effect: Decimal


def quotient(numerator: Decimal, denominator: Decimal, places: int) -> Decimal:
    """numerator / denominator, rounded half away from zero to `places` decimals.

    The division carries 60 digits: a quotient of sums below 10^30 that is not itself a half lies at least
    10^-33 from one, so that rounding the long quotient rounds the exact one.
    """
    with localcontext(_EXACT):
        return (numerator / denominator).quantize(Decimal(1).scaleb(-places))


def split_gap(region: PriceSums, province: PriceSums) -> PriceGap:
    """The gap `region - province` of the mean prices and the part of each factor.

    The gap is the difference of the two means as published (each rounded to the fen). Each effect is
    rounded half-up to the fen; the fen by which the three then miss the gap (at most two) are carried by
    the largest effect. A factor that does not differ has an effect of exactly 0.00.

    Source: ln S1/S2 = ln w1/w2 + ln r1/r2 + ln f1/f2, derived from the rate method's product; the comparison
    of identical groups at one level is asked for by 宜兴市DRG支付方式改革2023年行动计划 二（四）完善配套工作.
    """
    gap = region.mean_price() - province.mean_price()
    with localcontext(_EXACT):
        n_r, n_p = Decimal(region.cases), Decimal(province.cases)
        ratios = (
            (region.weight * n_p) / (n_r * province.weight),
            (region.weighted_rate * province.weight) / (region.weight * province.weighted_rate),
            (region.price * province.weighted_rate) / (region.weighted_rate * province.price),
        )
        mean = _logarithmic_mean(region.price / n_r, province.price / n_p)
        effects = [mean * ratio.ln() if ratio != 1 else Decimal(0) for ratio in ratios]
        rounded = [effect.quantize(_FEN) for effect in effects]
        largest = max(range(3), key=lambda i: (abs(effects[i]), i))
        rounded[largest] += gap - sum(rounded, Decimal(0))
    return PriceGap(gap, *(value.quantize(_FEN) for value in rounded))


def _logarithmic_mean(a: Decimal, b: Decimal) -> Decimal:
    return a if a == b else (a - b) / (a / b).ln()
