"""The worked example of 按病种分值付费 (DIP): the rules of two cities side by side on one disease, in points and yuan.

Same-level mean of the disease 8,000, mean of the city 10,000, scale 1000: a score of 800; hospital coefficient 1.05.
Costs are compared with the mean of the disease (base `group_mean`), high from 2 times on. Source: derived from the
public implementations of Xiaogan (420900, 2022) and Jining (370800).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from settle_cases import case, parameters

from drg.rate.base_rate import WITH_PATIENT_SHARE, Budget, point_value
from drg.settle.stages import settle_one

POINTS: dict[str, Any] = {
    "payment_method": "points",
    "point_scale": 1000,
    "point_value": "8.00",
    "base_rate": None,
    "level_coefficient": "1.05",
    "outlier_low_base": "group_mean",
    "outlier_high_base": "group_mean",
    "outlier_low_threshold": "0.5",
    "outlier_high_threshold": "2",
}
XIAOGAN = {**POINTS, "outlier_low_pays": "mean_ratio_with_coefficient", "outlier_high_pays": "excess_plus_one"}
JINING = {
    **POINTS,
    "outlier_low_inclusive": True,
    "outlier_low_pays": "mean_ratio",
    "outlier_high_pays": "excess_plus_coefficient",
    "outlier_extreme_rule": "threshold",
    "outlier_extreme_threshold": "5",
    "outlier_extreme_pays": "as_normal",
}


@pytest.mark.parametrize(
    ("city", "cost", "kind", "points", "standard"),
    [
        (XIAOGAN, "8000.00", "normal", "840", "6720.00"),
        (JINING, "8000.00", "normal", "840", "6720.00"),
        (XIAOGAN, "3000.00", "low_outlier", "315", "2520.00"),  # 0.375 x 800 x 1.05
        (JINING, "3000.00", "low_outlier", "300", "2400.00"),  # 0.375 x 800
        (XIAOGAN, "20000.00", "high_outlier", "1260", "10080.00"),  # (2.5 - 2 + 1) x 800 x 1.05
        (JINING, "20000.00", "high_outlier", "1240", "9920.00"),  # (2.5 - 2 + 1.05) x 800
        (XIAOGAN, "48000.00", "high_outlier", "4200", "33600.00"),  # (6 - 2 + 1) x 800 x 1.05
        (JINING, "48000.00", "extreme_outlier", "840", "6720.00"),  # above 5 times: 800 x 1.05
        (XIAOGAN, "4000.00", "normal", "840", "6720.00"),  # exactly half: not below
        (JINING, "4000.00", "low_outlier", "400", "3200.00"),  # exactly half: included
    ],
)
def test_two_cities(city: dict[str, Any], cost: str, kind: str, points: str, standard: str) -> None:
    facts = case(relative_weight="0.8", group_mean_cost="8000.00", region_mean_cost="10000.00", total_cost=cost)
    paid = settle_one(facts, parameters(**city))
    assert (paid["payment_kind"], paid["points"], paid["standard"]) == (kind, Decimal(points), Decimal(standard))


def test_eight_yuan_a_point() -> None:
    # 60,000,000 of the fund / 0.75 = 80,000,000, over 10,000,000 points: 10,000 cases of weight 1 at a scale of 1000.
    budget = Budget(Decimal("60000000"), Decimal(0), Decimal(0), Decimal("0.75"), 10_000)
    value = point_value(budget, Decimal(0), Fraction(1), 1000, WITH_PATIENT_SHARE, 2)
    assert (value.cost_pool, value.point_volume) == (Decimal("80000000"), Decimal("10000000"))
    assert value.point_value == Decimal("8.00")
