"""Fences of a group's costs (费用裁剪), one small function a method, without Spark.

Costs are whole fen, so that every fence, even an irrational one, comes down to the least and the greatest cost that is
kept: two whole numbers, found exactly. A cost on a fence is kept. Fences in yuan are rounded for display only.

The methods and their usual figures: interquartile range 1.5 (the CHS-DRG specification's usual method, text not seen),
three standard deviations, 2.5 % to 97.5 % from 25 cases on (default of a public tool for local DIP catalogues), and
multiples of the group's first mean (二次裁剪). Which one holds is the region's choice, `weight.trimming.method`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, isqrt

from drg.money import round_fence, square_root

FEN = 100
# A position in sorted costs is a share of them in ten-thousandths, the most decimals a share may have.
SHARE_UNITS = 10_000
QUARTILES = (SHARE_UNITS // 4, SHARE_UNITS * 3 // 4)
# Decimals of the root that is shown; the root that decides is never taken.
_ROOT_DECIMALS = 12


@dataclass(frozen=True)
class Trimming:
    """How a region trims: the method and the figures of that method, null for the others.

    Attributes:
        multiplier: interquartile ranges beyond the quartiles (iqr).
        low_share, high_share: shares of the sorted costs (percentile).
        min_cases: a group with fewer cases is not trimmed (percentile).
        low_multiple, high_multiple: multiples of the first mean (multiple).
    """

    method: str = "iqr"
    multiplier: Decimal | None = None
    low_share: Decimal | None = None
    high_share: Decimal | None = None
    min_cases: int | None = None
    low_multiple: Decimal | None = None
    high_multiple: Decimal | None = None

    def positions(self) -> tuple[int, int] | None:
        """The two shares whose costs the method asks for, in ten-thousandths; None for a method that needs none."""
        if self.method == "iqr":
            return QUARTILES
        if self.method == "percentile":
            low, high = (int(_given(share) * SHARE_UNITS) for share in (self.low_share, self.high_share))
            return low, high
        return None


@dataclass(frozen=True)
class Costs:
    """What a method may know of a group's costs.

    Attributes:
        n, total, square: number, Σ cost (fen), Σ cost² (fen²).
        low, high: the two neighbours (fen) of each position in the sorted costs, where the method asks for positions.
    """

    n: int
    total: int
    square: int
    low: tuple[int, int] = (0, 0)
    high: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Fence:
    """The least and greatest cost kept, in fen; the fences in yuan, 4 decimals, as they are shown."""

    least: int
    most: int
    lower: Decimal
    upper: Decimal


def fence_of(trimming: Trimming, costs: Costs) -> Fence | None:
    """The fences of one group; None where the method trims nothing of it."""
    return _METHODS[trimming.method](trimming, costs)


def _none(_: Trimming, __: Costs) -> Fence | None:
    return None


def _iqr(trimming: Trimming, costs: Costs) -> Fence | None:
    """Q1 - m x IQR to Q3 + m x IQR, quartiles by linear interpolation (type 7)."""
    q1, q3 = _quantiles(trimming, costs)
    reach = _given(trimming.multiplier) * (q3 - q1)
    return _between(q1 - reach, q3 + reach)


def _three_sd(_: Trimming, costs: Costs) -> Fence | None:
    """Within three sample standard deviations of the mean; a single case has none, so that it is kept.

    |x - S/n| <= 3 s, squared and times n²: (n x - S)² <= 9 n (n Q - S²) / (n - 1). As n x - S is whole, its greatest
    value is the integer root of the right side. No group of 10 cases or fewer can lose a case: no cost lies farther
    than (n - 1) / √n standard deviations from the mean, 2.846 at 10.
    """
    n, total = costs.n, costs.total
    if n < 2:
        return None
    limit = Fraction(9 * n * (n * costs.square - total * total), n - 1)
    reach = isqrt(floor(limit))
    shown = Fraction(square_root(limit, _ROOT_DECIMALS))
    return Fence(
        least=ceil(Fraction(total - reach, n)),
        most=(total + reach) // n,
        lower=round_fence((total - shown) / (n * FEN)),
        upper=round_fence((total + shown) / (n * FEN)),
    )


def _percentile(trimming: Trimming, costs: Costs) -> Fence | None:
    """Between two percentiles, by linear interpolation (type 7), in groups of `min_cases` or more."""
    if costs.n < _given(trimming.min_cases):
        return None
    return _between(*_quantiles(trimming, costs))


def _multiple(trimming: Trimming, costs: Costs) -> Fence | None:
    """Between two multiples of the mean of all cases of the group; the mean is then taken again of those kept."""
    mean = Fraction(costs.total, costs.n)
    return _between(mean * _given(trimming.low_multiple), mean * _given(trimming.high_multiple))


_METHODS: dict[str, Callable[[Trimming, Costs], Fence | None]] = {
    "none": _none,
    "iqr": _iqr,
    "three_sd": _three_sd,
    "percentile": _percentile,
    "multiple": _multiple,
}


def _quantiles(trimming: Trimming, costs: Costs) -> tuple[Fraction, Fraction]:
    """The costs at both positions: x[k] + r (x[k + 1] - x[k]), where (n - 1) share = k + r."""
    positions = trimming.positions()
    assert positions is not None
    found = []
    for share, (below, above) in zip(positions, (costs.low, costs.high), strict=True):
        rest = Fraction((costs.n - 1) * share % SHARE_UNITS, SHARE_UNITS)
        found.append(below + rest * (above - below))
    return found[0], found[1]


def _between(lower: Fraction, upper: Fraction) -> Fence:
    """Fences in fen, exact."""
    return Fence(ceil(lower), floor(upper), round_fence(lower / FEN), round_fence(upper / FEN))


def _given(value: Decimal | int | None) -> Fraction:
    """A figure of the chosen method, which the policy has given."""
    assert value is not None
    return Fraction(value)
