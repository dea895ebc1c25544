"""The weight of the history by fund, and the two rows of a region."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from drg.errors import ContractError, PolicyError
from drg.policy import PolicyBook
from drg.rate.tables import rate_frame, rate_rows
from drg.rate.volume import Volume, history_volumes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

A = "510100"
VOLUMES = {(A, "310"): Volume(2, Decimal("2.5")), (A, "390"): Volume(1, Decimal("1"))}


def budget(standing: str = "published", **changes: Any) -> dict[str, Any]:
    return {
        "prior_year_fund_spend": Decimal("1000000.00"),
        "growth": Decimal("0.05"),
        "non_drg_payments": Decimal("97500.00"),
        "reimbursement_ratio": Decimal("0.75"),
        "forecast_cases": 1000,
        "standing": standing,
        **changes,
    }


def test_volumes_keep_the_funds_apart(spark: SparkSession) -> None:
    cases = spark.createDataFrame(
        [(A, "s", "X", "310"), (A, "s", "Y", "310"), (A, "s", "X", "390"), ("510300", "s", "X", "310")],
        "region_code string, scheme string, drg string, fund string",
    )
    weights = spark.createDataFrame(
        [(A, "s", "X", Decimal("0.5"), "all"), (A, "s", "Y", Decimal("2.1234"), "all"), (A, "s", "Y", Decimal(9), "3")],
        "region_code string, scheme string, drg string, relative_weight decimal(10,4), level_class string",
    )
    found = history_volumes(cases, weights)
    assert found == {(A, "310"): Volume(2, Decimal("2.6234")), (A, "390"): Volume(1, Decimal("0.5"))}
    assert found[A, "310"].cmi == Fraction(26234, 20000)


def test_a_region_has_one_rate_a_fund_and_says_what_is_assumed(spark: SparkSession) -> None:
    book = PolicyBook.load_default()
    budgets = {(A, "310"): budget(), (A, "390"): budget("assumed", reimbursement_ratio=Decimal("0.6"))}
    employee, resident = rate_rows(book, A, 2025, "2025.1", budgets, VOLUMES)
    # (1,050,000 - 52,500 - 97,500) / 0.75 / (1,000 x 1.25), and / 0.6 / (1,000 x 1)
    assert (employee["fund"], employee["base_rate"]) == ("310", Decimal("960.00"))
    assert (resident["fund"], resident["base_rate"]) == ("390", Decimal("1500.00"))
    assert "fund_budget" not in employee["assumed_parameters"]
    assert "fund_budget" in resident["assumed_parameters"]
    assert "rate.reserve_share" in employee["assumed_parameters"]
    assert rate_frame(spark, [employee, resident]).count() == 2


def test_a_missing_budget_names_region_fund_and_year() -> None:
    with pytest.raises(PolicyError, match=r"region 510100 has no budget of fund 390 for 2025; .*fund_budget\.csv"):
        rate_rows(PolicyBook.load_default(), A, 2025, "2025.1", {(A, "310"): budget()}, VOLUMES)


def test_a_fund_without_history_is_named() -> None:
    budgets = {(A, fund): budget() for fund in ("310", "390")}
    with pytest.raises(ContractError, match="region 510100 has no weighed history case of fund 310"):
        rate_rows(PolicyBook.load_default(), A, 2025, "2025.1", budgets, {})


def test_a_budget_that_cannot_be_distributed_names_region_and_fund() -> None:
    budgets = {(A, fund): budget(non_drg_payments=Decimal("5000000")) for fund in ("310", "390")}
    with pytest.raises(PolicyError, match="region 510100 fund 310 year 2025: budget 1050000.00 less reserve"):
        rate_rows(PolicyBook.load_default(), A, 2025, "2025.1", budgets, VOLUMES)
