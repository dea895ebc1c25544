"""The worked examples of the rate method, to the fen: payments, rates, weights."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from settle_cases import case, parameters

from drg.money import round_fen
from drg.rate.base_rate import Budget, base_rate
from drg.settle import formulas
from drg.settle.stages import settle_one
from drg.weigh.weights import FEN, History, Sums, coefficient_of_variation, mean_of_years, weights_of

PAYMENTS = yaml.safe_load((Path(__file__).parent / "payments.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", PAYMENTS, ids=[example["name"] for example in PAYMENTS])
def test_payment(example: dict[str, Any]) -> None:
    paid = settle_one(case(**example["case"]), parameters(**example["parameters"]))
    assert {name: str(paid[name]) for name in example["expect"]} == example["expect"]


def test_a_loss_is_rounded_once_from_the_exact_standards() -> None:
    # IU2F against IU23, the price of failing the 60 % test of the TCM share (重庆2025): the exact difference is
    # 2,408.443482; the difference of the printed standards would be 2,408.45.
    with_tcm, without = (
        formulas.normal_units(Decimal(weight), Decimal("0.92")) * Decimal("9575.25") for weight in ("0.9258", "0.6524")
    )
    assert with_tcm - without == Decimal("2408.44348200")
    assert round_fen(with_tcm - without) == Decimal("2408.44")
    assert round_fen(with_tcm) - round_fen(without) == Decimal("2408.45")


def test_the_two_conventions_differ_by_gap_times_one_less_ratio() -> None:
    difference, ratio = (settle_one(case(**e["case"]), parameters(**e["parameters"])) for e in PAYMENTS[3:5])
    gap = difference["fund_payment"] - ratio["fund_payment"]
    assert gap == Decimal("135.00") == difference["gain_loss"] * (1 - Decimal("0.85"))


@pytest.mark.parametrize(
    ("spend", "growth", "outside", "ratio", "expected"),
    [
        ("80000000", "0.05", "7800000", "0.72", ["84000000", "4200000", "72000000", "100000000", "10000.00"]),
        ("50000000", "0.06", "5350000", "0.60", ["53000000", "2650000", "45000000", "75000000", "7500.00"]),
    ],
    ids=["employee", "resident"],
)
def test_from_budget_to_rate(spend: str, growth: str, outside: str, ratio: str, expected: list[str]) -> None:
    # 8,000 cases of CMI 1.25 are a volume of 10,000.
    budget = Budget(Decimal(spend), Decimal(growth), Decimal(outside), Decimal(ratio), 8000)
    rate = base_rate(budget, Decimal("0.05"), Fraction(5, 4), 2)
    assert rate.weight_volume == 10000
    assert [rate.budget, rate.reserve, rate.distributable, rate.cost_pool, rate.base_rate] == list(
        map(Decimal, expected)
    )


def test_relative_weights_of_three_groups() -> None:
    groups = {drg: {2024: same_cost(n, mean)} for drg, n, mean in (("A", 60, 5000), ("B", 30, 10000), ("C", 10, 40000))}
    history = History(groups, {2024: 1})
    weights = {weight.drg: weight.relative_weight for weight in weights_of(history, history, 6)}
    assert history.reference_mean() == 10000 * FEN
    assert weights == {"A": Decimal("0.5"), "B": Decimal("1"), "C": Decimal("4")}
    assert sum(weights[drg] * n for drg, n in (("A", 60), ("B", 30), ("C", 10))) == 100


def test_years_weighted_one_two_seven() -> None:
    by_year = {year: same_cost(n, mean) for year, n, mean in ((2022, 5, 9000), (2023, 9, 9600), (2024, 3, 10200))}
    assert mean_of_years(by_year, {2022: 1, 2023: 2, 2024: 7}) == 9960 * FEN


def test_cv_before_and_after_trimming() -> None:
    kept = [4000, 4200, 4500, 4600, 4800, 5000, 5200, 5400, 5600]
    assert coefficient_of_variation(sums_of([*kept, 30000])) == Decimal("1.0889")
    assert coefficient_of_variation(sums_of(kept)) == Decimal("0.1121")
    assert round_fen(mean_of_years({2024: sums_of(kept)}, {2024: 1}) / FEN) == Decimal("4811.11")


def same_cost(n: int, yuan: int) -> Sums:
    return sums_of([yuan] * n)


def sums_of(yuan: list[int]) -> Sums:
    return Sums(len(yuan), len(yuan), sum(yuan) * FEN, sum((cost * FEN) ** 2 for cost in yuan))
