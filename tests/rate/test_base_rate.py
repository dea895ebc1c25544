"""From budget to rate without Spark: the printed lines lead to each other, and what cannot give a rate is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from drg.errors import PolicyError
from drg.rate.base_rate import Budget, base_rate, point_value

BUDGET = Budget(Decimal("1000.00"), Decimal("0.05"), Decimal("47.50"), Decimal("0.7"), 3)


def test_every_printed_line_follows_from_the_one_before() -> None:
    rate = base_rate(BUDGET, Decimal("0.05"), Fraction(1, 3), 2)
    assert (rate.budget, rate.reserve, rate.distributable) == (Decimal("1050.00"), Decimal("52.50"), Decimal("950.00"))
    assert rate.cost_pool == Decimal("1357.14")  # 950 / 0.7 = 1,357.142857...
    assert (rate.history_cmi, rate.weight_volume) == (Decimal("0.333333"), Decimal("1.0000"))  # 3 x 0.333333
    assert rate.base_rate == Decimal("1357.14")


def test_half_a_fen_goes_up_and_the_policy_says_how_many_decimals() -> None:
    # 1,357.14 / 8 = 169.6425, / 16 = 84.82125
    assert base_rate(replace(BUDGET, forecast_cases=8), Decimal("0.05"), Fraction(1), 2).base_rate == Decimal("169.64")
    budget = replace(BUDGET, prior_year_fund_spend=Decimal("0.01"), growth=Decimal("0.5"), non_drg_payments=Decimal(0))
    assert base_rate(budget, Decimal(0), Fraction(1), 2).budget == Decimal("0.02")  # 0.015
    assert [
        base_rate(replace(BUDGET, forecast_cases=8), Decimal("0.05"), Fraction(1), n).base_rate for n in (0, 1)
    ] == [Decimal(170), Decimal("169.6")]


def test_growth_may_be_negative() -> None:
    assert base_rate(replace(BUDGET, growth=Decimal("-0.2")), Decimal(0), Fraction(1), 2).budget == Decimal("800.00")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"non_drg_payments": Decimal("997.50")}, r"leaves 0\.00 yuan to distribute; correct the delivered budget"),
        ({"reimbursement_ratio": Decimal(0)}, "reimbursement ratio 0 is not within 0 to 1"),
        ({"reimbursement_ratio": Decimal("1.01")}, r"reimbursement ratio 1\.01 is not within 0 to 1"),
        ({"forecast_cases": 0}, "forecast of 0 cases .* gives no weight volume"),
    ],
)
def test_what_cannot_give_a_rate_is_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(PolicyError, match=sentence):
        base_rate(replace(BUDGET, **change), Decimal("0.05"), Fraction(1), 2)


def test_a_price_that_rounds_to_nothing_is_refused() -> None:
    """A thousand yuan or so over 1,000 million cases of weight 1: 0.00 a weight, and as little a point."""
    many = replace(BUDGET, forecast_cases=10**9)
    for price in (
        lambda: base_rate(many, Decimal("0.05"), Fraction(1), 2),
        lambda: point_value(many, Decimal("0.05"), Fraction(1), 100, "fund_only", 2),
    ):
        with pytest.raises(PolicyError, match=r"round to a price of 0\.00; correct the delivered budget"):
            price()
