"""The worked examples of weights, to the digit: trimming, readings, bases, adjustments, hospital coefficients.

Source: derived from the published formulas (医保发〔2025〕18号 第十五条; 金华市按病组点数法 2017), figures drawn.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from drg.money import half_up, round_weight
from drg.policy.records import WeightAdjustment
from drg.weigh.adjust import adjust
from drg.weigh.hospitals import cost_coefficients
from drg.weigh.trimming import QUARTILES, SHARE_UNITS, Costs, Fence, Trimming, fence_of
from drg.weigh.weights import FEN, History, Rules, Sums, coefficient_of_variation, mean_of_years, weights_of

COSTS = [4000, 4200, 4500, 4600, 4800, 5000, 5200, 5400, 5600, 30000]
# n 60, 30 and 10, means 5,000, 10,000 and 40,000: the mean of all is 10,000.
THREE = (("A", 60, 5000), ("B", 30, 10000), ("C", 10, 40000))
CASES = {("all", drg): n for drg, n, _ in THREE}


def sums_of(yuan: list[int]) -> Sums:
    return Sums(len(yuan), len(yuan), sum(yuan) * FEN, sum((cost * FEN) ** 2 for cost in yuan))


def three_groups() -> History:
    return History({drg: {2024: sums_of([mean] * n)} for drg, n, mean in THREE}, {2024: 1})


def fence(yuan: list[int], trimming: Trimming) -> Fence | None:
    """The fence of some costs; the neighbours of its positions are looked up as Spark does."""
    fen = sorted(cost * FEN for cost in yuan)
    ends = []
    for share in trimming.positions() or QUARTILES:
        at = (len(fen) - 1) * share // SHARE_UNITS
        ends.append((fen[at], fen[min(at + 1, len(fen) - 1)]))
    return fence_of(trimming, Costs(len(fen), sum(fen), sum(cost * cost for cost in fen), *ends))


def kept(yuan: list[int], trimming: Trimming) -> list[int]:
    found = fence(yuan, trimming)
    return [cost for cost in yuan if found is None or found.least <= cost * FEN <= found.most]


def test_interquartile_range_drops_the_one_beyond_the_fence() -> None:
    # Q1 4,525, Q3 5,350, so 4,525 - 1.5 x 825 = 3,287.50 and 5,350 + 1.5 x 825 = 6,587.50.
    iqr = Trimming("iqr", multiplier=Decimal("1.5"))
    assert fence(COSTS, iqr) == Fence(328750, 658750, Decimal("3287.5"), Decimal("6587.5"))
    left = kept(COSTS, iqr)
    assert left == COSTS[:-1]
    assert half_up(Fraction(sum(left), len(left)), 2) == Decimal("4811.11")
    assert half_up(coefficient_of_variation(sums_of(COSTS)), 3) == Decimal("1.089")
    assert half_up(coefficient_of_variation(sums_of(left)), 3) == Decimal("0.112")


def test_three_standard_deviations_drop_nothing_of_ten() -> None:
    # Mean 7,330, sample standard deviation 7,981.65: the upper fence is 31,274.96.
    found = fence(COSTS, Trimming("three_sd"))
    assert half_up(found.upper, 2) == Decimal("31274.96")
    assert half_up((found.upper - 7330) / 3, 2) == Decimal("7981.65")
    assert kept(COSTS, Trimming("three_sd")) == COSTS


def test_percentiles_leave_a_group_under_25_cases_alone() -> None:
    rule = Trimming("percentile", low_share=Decimal("0.025"), high_share=Decimal("0.975"), min_cases=25)
    assert fence(COSTS, rule) is None


def test_weights_of_three_groups_keep_the_number_of_cases_as_total() -> None:
    weights = {weight.drg: weight for weight in weights_of(three_groups(), three_groups(), 6)}
    assert [weight.relative_weight for weight in weights.values()] == [Decimal("0.5"), Decimal(1), Decimal(4)]
    assert {weight.region_mean_cost for weight in weights.values()} == {Decimal("10000.00")}
    assert sum(weights[drg].relative_weight * n for drg, n, _ in THREE) == 100


def test_a_weight_raised_by_a_tenth_with_the_total_held() -> None:
    # 0.55 instead of 0.5: Σ n RW* = 33 + 30 + 40 = 103, so that all are multiplied by 100 / 103.
    raised = WeightAdjustment(
        drg="A",
        factor=Decimal("1.1"),
        trigger="group_change",
        reason="drawn",
        proposer="drawn",
        decided=date(2024, 12, 1),
    )
    exact = {("all", "A"): Fraction(1, 2), ("all", "B"): Fraction(1), ("all", "C"): Fraction(4)}
    held = adjust(exact, CASES, [raised], hold_total=True)
    assert [half_up(one.weight, 6) for one in held.values()] == list(map(Decimal, ("0.533981", "0.970874", "3.883495")))
    assert sum(one.weight * CASES[group] for group, one in held.items()) == 100
    # Rounded to 4 decimals: 0.5340 x 60 + 0.9709 x 30 + 3.8835 x 10 = 100.002, within 100 x 0.00005.
    assert sum(round_weight(one.weight) * CASES[group] for group, one in held.items()) == Decimal("100.0020")
    free = adjust(exact, CASES, [raised])
    assert [one.weight for one in free.values()] == [Fraction(11, 20), 1, 4]
    rows = weights_of(three_groups(), three_groups(), 6, adjustments=[raised], hold_total=True)
    assert [row.relative_weight for row in rows] == [Decimal("0.5340"), Decimal("0.9709"), Decimal("3.8835")]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(base="fixed_yuan", base_fen=Decimal(8000 * FEN)), ["0.6250", "1.2500", "5.0000"]),
        (Rules(base="reference_group", base_group="B"), ["0.5000", "1.0000", "4.0000"]),
        (Rules(base="reference_group", base_group="A"), ["1.0000", "2.0000", "8.0000"]),
    ],
    ids=["fixed 8,000 yuan", "group B is 1", "group A is 1"],
)
def test_the_other_bases(rules: Rules, expected: list[str]) -> None:
    rows = weights_of(three_groups(), three_groups(), 6, rules)
    assert [str(row.relative_weight) for row in rows] == expected


def test_years_weighted_one_two_seven_in_both_readings() -> None:
    by_year = {year: sums_of([mean] * n) for year, n, mean in ((2022, 5, 9000), (2023, 9, 9600), (2024, 3, 10200))}
    years = {2022: 1, 2023: 2, 2024: 7}
    # (9,000 + 2 x 9,600 + 7 x 10,200) / 10.
    assert mean_of_years(by_year, years) == 9960 * FEN
    # (5 x 9,000 + 2 x 9 x 9,600 + 7 x 3 x 10,200) / (5 + 18 + 21) = 432,000 / 44.
    assert mean_of_years(by_year, years, "weighted_cases") == Fraction(432000, 44) * FEN


def test_hospital_cost_coefficient_of_jinhua() -> None:
    # The hospital's mean is 10,800, the city's 12,000: 0.9. Two hospitals of one case each besides.
    hospitals = {
        ("H1", "A"): {2016: sums_of([10800])},
        ("H2", "A"): {2016: sums_of([13200])},
        ("H2", "B"): {2016: sums_of([500])},
    }
    found = {(one.hospital_code, one.drg): one for one in cost_coefficients(hospitals, {2016: 1}, "weighted_cases")}
    assert {key: str(one.coefficient) for key, one in found.items()} == {
        ("H1", "A"): "0.9000",
        ("H2", "A"): "1.1000",
        ("H2", "B"): "1.0000",
    }
    assert found["H1", "A"].region_mean_cost == 12000
