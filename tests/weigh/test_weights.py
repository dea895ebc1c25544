"""Weights from exact sums without Spark: sources, comparable basis, homogeneity."""

from __future__ import annotations

from decimal import Decimal

import pytest

from drg.errors import ContractError
from drg.weigh.weights import ByYear, History, Sums, add_up, coefficient_of_variation, weights_of


def sums(*yuan: int, trimmed: int = 0) -> Sums:
    fen = [cost * 100 for cost in yuan]
    return Sums(len(fen) + trimmed, len(fen), sum(fen), sum(cost * cost for cost in fen))


def history(**groups: Sums) -> History:
    return History({drg: {2024: one} for drg, one in groups.items()}, {2024: 1})


def test_a_group_at_min_cases_is_the_regions_own_and_one_below_is_the_provinces() -> None:
    region = history(A=sums(100, 100, 100), B=sums(400, 400, trimmed=1))
    # Province: A 100 x 3 + 200 x 3, B 400 x 2 + 600 x 2 -> mean (900 + 2,000) / 10 = 290.
    other = history(A=sums(200, 200, 200), B=sums(600, 600))
    province = History(add_up([region.groups, other.groups]), {2024: 1})
    a, b = weights_of(region, province, 3)
    assert (a.weight_source, a.mean_cost, a.reference_mean_cost) == ("region", Decimal("100"), Decimal("220"))
    assert a.relative_weight == Decimal("0.4545")  # 100 / 220
    assert (b.weight_source, b.mean_cost, b.reference_mean_cost) == ("province", Decimal("500"), Decimal("290"))
    assert b.relative_weight == Decimal("1.7241")  # 500 / 290, not 500 / 220
    assert (b.n_history, b.n_trimmed, b.n_cases) == (3, 1, 2)
    assert "2例，少于3例" in b.reason
    assert "全省4例" in b.reason


def test_a_group_the_region_never_saw_has_the_provinces_weight() -> None:
    region = history(A=sums(100, 100))
    province = History(add_up([region.groups, history(Z=sums(300, 300)).groups]), {2024: 1})
    weights = {weight.drg: weight for weight in weights_of(region, province, 1)}
    assert sorted(weights) == ["A", "Z"]
    assert (weights["Z"].n_history, weights["Z"].relative_weight) == (0, Decimal("1.5"))
    assert "本地无历史病例" in weights["Z"].reason


def test_half_a_ten_thousandth_goes_up() -> None:
    # 12,345 / 100,000 = 0.12345 exactly, half of the fourth decimal.
    region = history(A=sums(12345), B=sums(187655))
    assert [weight.relative_weight for weight in weights_of(region, region, 1)] == [
        Decimal("0.1235"),
        Decimal("1.8766"),
    ]


def test_a_weight_of_zero_is_refused() -> None:
    region = history(A=sums(1), B=sums(*[90000] * 9))
    with pytest.raises(ContractError, match="group A has a mean cost of 1.00 yuan, which is a weight of 0"):
        list(weights_of(region, region, 1))


def test_years_a_group_has_not_seen_do_not_count() -> None:
    groups: dict[str, ByYear] = {"A": {2023: sums(100), 2024: sums(200)}, "B": {2024: sums(600)}}
    region = History(groups, {2023: 1, 2024: 3})
    # A: (100 + 3 x 200) / 4 = 175; B: 600; all: (1 x 100 + 3 x 400) / 4 = 325.
    a, b = weights_of(region, region, 1)
    assert (a.mean_cost, b.mean_cost, a.reference_mean_cost) == (Decimal(175), Decimal(600), Decimal(325))
    assert b.relative_weight == Decimal("1.8462")


def test_cv_is_of_the_sample() -> None:
    assert coefficient_of_variation(sums(100, 300)) == Decimal("0.7071")  # sd 141.42, mean 200
    assert coefficient_of_variation(sums(100, 100, 100)) == 0
    assert coefficient_of_variation(sums(100)) is None


def test_riv_is_the_share_of_spread_between_groups() -> None:
    # Mean 200: between 2 x 100² + 2 x 100² = 40,000; within 2 x 50² + 0 = 5,000.
    assert history(A=sums(50, 150), B=sums(300, 300)).riv() == Decimal("0.8889")
    assert history(A=sums(100, 100)).riv() is None
    assert history(A=sums(100, 100), B=sums(200)).riv() == 1
