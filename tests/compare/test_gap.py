"""The split of a price gap: arithmetic in plain sight, no Spark."""

from __future__ import annotations

import math
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from drg.compare.gap import PriceSums, quotient, split_gap

D = Decimal


def sums(*cases: tuple[str, str, str]) -> PriceSums:
    """Sums of cases given as (weight, rate, price)."""
    return PriceSums(
        cases=len(cases),
        weight=sum((D(w) for w, _, _ in cases), D(0)),
        weighted_rate=sum((D(w) * D(r) for w, r, _ in cases), D(0)),
        price=sum((D(p) for _, _, p in cases), D(0)),
    )


def test_weight_and_rate_share_a_gap_of_2000_yuan() -> None:
    """Region 1.2 x 10,000 = 12,000; other 1.0 x 8,000 = 8,000; province 1.1 x 9,090.909... = 10,000.

    L = (12,000 - 10,000) / ln 1.2 = 10,969.629...; ln(1.2/1.1) = 0.0870113..., ln(10,000/9,090.909...) =
    0.0953101...
    """
    a, b = ("1.2", "10000", "12000"), ("1.0", "8000", "8000")
    gap = split_gap(sums(a), sums(a, b))
    assert gap.price_gap == D("2000.00")
    assert gap.weight_effect == D("954.48")
    assert gap.rate_effect == D("1045.52")
    assert gap.coefficient_effect == D("0.00")
    mean = 2000 / math.log(1.2)
    assert abs(float(gap.weight_effect) - mean * math.log(12 / 11)) < 0.005
    assert abs(float(gap.rate_effect) - mean * math.log(1.1)) < 0.005


def test_the_other_region_sees_the_same_gap_from_below() -> None:
    """8,000 against 10,000, L = -2,000 / ln 0.8 = 8,962.84; ln(1/1.1) -> -854.25, ln(8,000/9,090.909) ->
    -1,145.75.
    """
    a, b = ("1.2", "10000", "12000"), ("1.0", "8000", "8000")
    gap = split_gap(sums(b), sums(a, b))
    assert (gap.price_gap, gap.weight_effect, gap.rate_effect) == (D("-2000.00"), D("-854.25"), D("-1145.75"))


def test_only_the_coefficient_differs() -> None:
    """1 x 9,000 x 1.10 = 9,900 against 1 x 9,000 x 0.90 = 8,100: all 900 are the coefficient's."""
    a, b = ("1", "9000", "9900"), ("1", "9000", "8100")
    gap = split_gap(sums(a), sums(a, b))
    assert gap.price_gap == gap.coefficient_effect == D("900.00")
    assert gap.weight_effect == gap.rate_effect == D("0.00")


def test_opposite_effects_of_equal_prices_cancel() -> None:
    """2 x 5,000 and 1 x 10,000 pay the same: gap 0, the weight effect is the rate effect with the other
    sign.
    """
    a, b = ("2", "5000", "10000"), ("1", "10000", "10000")
    gap = split_gap(sums(a), sums(a, b))
    assert gap.price_gap == D("0.00")
    assert gap.weight_effect == -gap.rate_effect == D("2876.82")  # 10,000 x ln(2 / 1.5)


def test_equal_regions_give_zeros() -> None:
    a = ("0.9258", "9575.25", "8155.59")
    gap = split_gap(sums(a, a, a), sums(a, a, a, a, a))
    assert (gap.price_gap, gap.weight_effect, gap.rate_effect, gap.coefficient_effect) == (D("0.00"),) * 4


def test_the_fen_of_rounding_goes_to_the_largest_effect() -> None:
    """Means 10.005 and 10.00: published 10.01 - 10.00 = 0.01, so the effect of exactly 0.005 must show as
    0.01.
    """
    region = sums(("1", "10", "10.00"), ("1", "10", "10.01"))
    province = sums(("1", "10", "10.00"), ("1", "10", "10.01"), ("1", "10", "10.00"), ("1", "10", "9.99"))
    gap = split_gap(region, province)
    assert gap.price_gap == gap.coefficient_effect == D("0.01")


def test_quotient_rounds_half_away_from_zero() -> None:
    assert quotient(D("0.125"), D(1), 2) == D("0.13")
    assert quotient(D("-0.125"), D(1), 2) == D("-0.13")
    assert quotient(D("0.1249999"), D(1), 2) == D("0.12")


_case = st.tuples(
    st.decimals("0.0500", "20", places=4),
    st.decimals("2000", "20000", places=2),
    st.decimals("0.7", "1.3", places=4),
)
Case = tuple[Decimal, Decimal, Decimal]


def priced(cases: list[Case]) -> list[tuple[str, str, str]]:
    return [(str(w), str(r), str((w * r * f).quantize(D("0.01")))) for w, r, f in cases]


@given(st.lists(_case, min_size=1, max_size=6), st.lists(_case, min_size=0, max_size=6))
def test_the_effects_always_sum_to_the_gap(own: list[Case], other: list[Case]) -> None:
    region, province = sums(*priced(own)), sums(*priced(own + other))
    gap = split_gap(region, province)
    assert gap.weight_effect + gap.rate_effect + gap.coefficient_effect == gap.price_gap
    assert gap.price_gap == region.mean_price() - province.mean_price()
    assert all(value == value.quantize(D("0.01")) for value in (gap.weight_effect, gap.rate_effect))
