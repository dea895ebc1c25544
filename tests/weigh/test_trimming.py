"""Fences at their edges: a cost on a fence is kept, one fen beyond is not; irrational fences without a float."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from drg.weigh.trimming import SHARE_UNITS, Costs, Trimming, fence_of


def costs(fen: list[int], trimming: Trimming) -> Costs:
    fen = sorted(fen)
    ends = []
    for share in trimming.positions() or (0, 0):
        at = (len(fen) - 1) * share // SHARE_UNITS
        ends.append((fen[at], fen[min(at + 1, len(fen) - 1)]))
    return Costs(len(fen), sum(fen), sum(cost * cost for cost in fen), *ends)


def test_a_multiple_of_the_first_mean_is_kept_one_fen_beyond_is_not() -> None:
    # Mean 10,000 fen: kept from 4,000 to 25,000.
    rule = Trimming("multiple", low_multiple=Decimal("0.4"), high_multiple=Decimal("2.5"))
    found = fence_of(rule, costs([4000, 25000, 10000, 1000], rule))
    assert (found.least, found.most) == (4000, 25000)
    assert (found.lower, found.upper) == (Decimal("40"), Decimal("250"))


def test_a_fence_between_two_fen_keeps_the_one_inside() -> None:
    # Mean 10 / 3 fen x 0.5 = 1.67 and x 2 = 6.67: 2 to 6 fen are kept.
    rule = Trimming("multiple", low_multiple=Decimal("0.5"), high_multiple=Decimal("2"))
    found = fence_of(rule, costs([1, 2, 7], rule))
    assert (found.least, found.most) == (2, 6)


@pytest.mark.parametrize(("count", "trims"), [(24, False), (25, True)])
def test_percentiles_begin_at_min_cases(count: int, trims: bool) -> None:
    rule = Trimming("percentile", low_share=Decimal("0.025"), high_share=Decimal("0.975"), min_cases=25)
    found = fence_of(rule, costs(list(range(1000, 1000 + 100 * count, 100)), rule))
    assert (found is not None) is trims
    if found:
        # Position 24 x 0.025 = 0.6: 1,000 + 0.6 x 100 = 1,060; at the other end 3,340.
        assert (found.least, found.most) == (1060, 3340)


def test_three_sd_needs_two_cases_and_more_than_ten_to_drop_one() -> None:
    rule = Trimming("three_sd")
    assert fence_of(rule, costs([100], rule)) is None
    for equal, dropped in ((9, False), (10, True)):
        fen = [100] * equal + [10**6]
        assert (fence_of(rule, costs(fen, rule)).most < 10**6) is dropped


def test_three_sd_keeps_a_cost_exactly_on_its_fence() -> None:
    # 19 costs, all 1,000 but one pair 300 below and above: variance 2 x 300² / 18 = 100², three of its roots 300.
    fen = [1000] * 17 + [1000 - 300, 1000 + 300]
    found = fence_of(Trimming("three_sd"), costs(fen, Trimming("three_sd")))
    assert (found.least, found.most) == (700, 1300)
    # With one more in the middle the variance is 2 x 300² / 19, and the pair is beyond.
    wider = [1000] * 18 + [1000 - 300, 1000 + 300]
    found = fence_of(Trimming("three_sd"), costs(wider, Trimming("three_sd")))
    assert found.least > 700
    assert found.most < 1300


def test_three_sd_agrees_with_the_squares_of_every_cost() -> None:
    draw = random.Random(3)
    for _ in range(200):
        fen = [draw.randrange(1, 10**9) for _ in range(draw.randrange(2, 40))]
        n, total, square = len(fen), sum(fen), sum(cost * cost for cost in fen)
        found = fence_of(Trimming("three_sd"), costs(fen, Trimming("three_sd")))
        variance = Fraction(n * square - total * total, n * (n - 1))
        for cost in (found.least, found.most):
            assert (cost - Fraction(total, n)) ** 2 <= 9 * variance
        for cost in (found.least - 1, found.most + 1):
            assert (cost - Fraction(total, n)) ** 2 > 9 * variance


def test_none_trims_nothing() -> None:
    assert fence_of(Trimming("none"), costs([1, 10**9], Trimming("none"))) is None
