"""Weights from exact sums without Spark: sources, comparable basis, homogeneity."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from drg.errors import ContractError
from drg.policy.records import WeightAdjustment
from drg.weigh.weights import ByYear, History, Rules, Sums, add_up, coefficient_of_variation, weights_of


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


UNSTABLE = Rules(fallback="unstable", unstable_cv=Decimal(1))


def test_an_unstable_group_keeps_its_own_mean_and_takes_nothing_from_the_province() -> None:
    region = history(A=sums(100, 100, 100), B=sums(400, 400))
    province = History(add_up([region.groups, history(B=sums(900, 900), Z=sums(500)).groups]), {2024: 1})
    a, b, z = weights_of(region, province, 3, UNSTABLE)
    # Mean of the region: (300 + 800) / 5 = 220.
    assert (a.stable, a.relative_weight, a.weight_source) == (True, Decimal("0.4545"), "region")
    assert (b.stable, b.relative_weight, b.weight_source) == (False, Decimal("1.8182"), "region")
    assert (z.stable, z.relative_weight, z.mean_cost, z.weight_source) == (False, None, None, "none")
    assert "2例，少于3例，为非稳定病组" in b.reason


@pytest.mark.parametrize(("costs", "stable"), [((1, 1, 1, 9), False), ((1, 1, 4), True)])
def test_a_group_whose_cv_is_above_the_line_is_unstable(costs: tuple[int, ...], stable: bool) -> None:
    # 1, 1, 1, 9: mean 3, variance 16, CV 1.33; 1, 1, 4: mean 2, variance 3, CV 0.87.
    region = history(A=sums(*costs))
    (weight,) = weights_of(region, region, 3, UNSTABLE)
    assert weight.stable is stable


def test_a_cv_on_the_line_is_stable() -> None:
    # 1, 2, 3: mean 2, sample variance 1, CV 0.5 exactly.
    region = history(A=sums(1, 2, 3))
    (on,) = weights_of(region, region, 3, Rules(fallback="unstable", unstable_cv=Decimal("0.5")))
    (above,) = weights_of(region, region, 3, Rules(fallback="unstable", unstable_cv=Decimal("0.4999")))
    assert (on.stable, above.stable) == (True, False)


def test_level_classes_have_their_own_means_and_one_base() -> None:
    groups: dict[tuple[str, str], ByYear] = {
        ("1", "A"): {2024: sums(100, 100)},
        ("2-3", "A"): {2024: sums(300, 300)},
        ("2-3", "B"): {2024: sums(800)},
    }
    region = History(groups, {2024: 1})
    # All: (200 + 600 + 800) / 5 = 320, the base of both classes.
    rows = {(row.level_class, row.drg): row for row in weights_of(region, region, 1)}
    assert {key: str(row.relative_weight) for key, row in rows.items()} == {
        ("1", "A"): "0.3125",
        ("2-3", "A"): "0.9375",
        ("2-3", "B"): "2.5000",
    }
    assert {row.region_mean_cost for row in rows.values()} == {Decimal("320.00")}


def test_the_provinces_weight_is_of_the_same_class_and_comes_to_the_base_of_the_region() -> None:
    own = {("1", "A"): {2024: sums(100, 100)}, ("3", "A"): {2024: sums(300)}}
    other = {("1", "A"): {2024: sums(100)}, ("3", "A"): {2024: sums(500, 500, 600)}}
    region, province = History(own, {2024: 1}), History(add_up([own, other]), {2024: 1})
    low, high = weights_of(region, province, 2, Rules(base="fixed_yuan", base_fen=Decimal(20000)))
    assert low.relative_weight == Decimal("0.5")  # own mean 100 / 200 yuan
    # Province: class 3 has (300 + 500 + 500 + 600) / 4 = 475, all (200 + 300 + 100 + 1,600) / 7 = 314.2857; the mean of
    # the region is 500 / 3, the amount 200: 475 / 314.2857 x 166.6667 / 200 = 1.2595.
    assert high.relative_weight == Decimal("1.2595")
    assert high.reference_mean_cost == Decimal("377.1429")  # 314.2857 x 200 / 166.6667


def test_a_reference_group_with_too_few_cases_is_refused() -> None:
    region = history(A=sums(100, 100), B=sums(400))
    with pytest.raises(ContractError, match="reference group B has 1 trimmed cases, under 2"):
        list(weights_of(region, region, 2, Rules(base="reference_group", base_group="B")))


def test_structure_raises_service_and_lowers_drugs_but_the_group_mean_stays_what_it_cost() -> None:
    # Parts: medical, nursing, technical, drug and consumable, management, in fen.
    a = Sums(1, 1, 10000, 10000**2, (6000, 1000, 1000, 1000, 1000))
    b = Sums(1, 1, 10000, 10000**2, (1000, 1000, 1000, 6000, 1000))
    factors = [Decimal(text) for text in ("1.2", "1.2", "1", "0.8", "1")]
    region = History({"A": {2024: a}, "B": {2024: b}}, {2024: 1}, factors=factors)
    # A: 72 + 12 + 10 + 8 + 10 = 112 yuan; B: 12 + 12 + 10 + 48 + 10 = 92; mean 102.
    one, two = weights_of(region, region, 1)
    assert [one.relative_weight, two.relative_weight] == [Decimal("1.0980"), Decimal("0.9020")]
    assert [one.mean_cost, one.structured_mean_cost, one.reference_mean_cost] == [100, 112, 102]
    assert one.region_mean_cost == Decimal("100.00")


def entry(drg: str, factor: str) -> WeightAdjustment:
    return WeightAdjustment(
        drg=drg, factor=Decimal(factor), trigger="tcm", reason="倾斜", proposer="医保局", decided=date(2024, 12, 1)
    )


def test_an_adjustment_is_kept_with_who_and_when_and_an_adrg_serves_its_groups() -> None:
    region = history(BR21=sums(100), BR25=sums(100), ES35=sums(100))
    rows = list(weights_of(region, region, 1, adjustments=[entry("BR2", "1.1"), entry("BR25", "0.5")]))
    assert [row.relative_weight for row in rows] == [Decimal("1.1"), Decimal("0.55"), Decimal(1)]
    assert [row.adjustment_factor for row in rows] == [Decimal("1.1"), Decimal("0.55"), Decimal(1)]
    assert rows[0].adjustment_reason == "×1.1 中医倾斜：倾斜（医保局提出，2024-12-01决定）"
    assert rows[2].adjustment_reason is None
    assert [row.unadjusted_weight for row in rows] == [Decimal(1)] * 3


def test_an_adjustment_of_no_group_is_refused() -> None:
    region = history(A=sums(100))
    sentence = r"weight.adjustments of region 1 \(a.yaml line 2\) names ZZ99, which has no weight: no case of it"
    with pytest.raises(ContractError, match=sentence):
        list(weights_of(region, region, 1, adjustments=[entry("ZZ99", "1.1")], place=" of region 1 (a.yaml line 2)"))


def test_an_adjusted_group_that_lost_all_its_cases_is_refused_too() -> None:
    region = history(A=sums(100), B=sums(trimmed=2))
    with pytest.raises(ContractError, match="names B, which has no weight"):
        list(weights_of(region, region, 1, adjustments=[entry("B", "1.1")]))


def test_a_group_trimmed_away_has_no_weight_but_its_row() -> None:
    region = history(A=sums(100), B=sums(trimmed=2))
    a, b = weights_of(region, region, 1)
    assert a.relative_weight == 1
    assert (b.n_history, b.n_trimmed, b.relative_weight, b.weight_source) == (2, 2, None, "none")


def test_a_region_trimmed_away_is_refused() -> None:
    region = history(A=sums(trimmed=2))
    with pytest.raises(ContractError, match="trimming left no case"):
        list(weights_of(region, region, 1))
