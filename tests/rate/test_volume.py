"""The weight of the history by fund and level, and the rows of a region: from a budget and as published."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drawn_policy import book_with

from drg.errors import ContractError, PolicyError
from drg.policy import PolicyBook
from drg.rate.tables import Basis, rate_frame, rate_rows
from drg.rate.volume import BY_FUND_AND_LEVEL, Volume, history_volumes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

A = "510100"
VOLUMES = {(A, "310"): Volume(2, Decimal("2.5")), (A, "390"): Volume(1, Decimal("1"))}
SCHEMES = {A: ("chs-drg-2.0",)}


def basis(budgets: dict[tuple[str, str], dict[str, Any]], **changes: Any) -> Basis:
    return Basis(**{"budgets": budgets, "volumes": VOLUMES, "schemes": SCHEMES, **changes})


def both(**changes: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {(A, fund): budget(**changes) for fund in ("310", "390")}


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
    from pyspark.sql import functions as F

    cases = spark.createDataFrame(
        [
            (A, "s", "X", "310", "1"),
            (A, "s", "Y", "310", "3"),
            (A, "s", "X", "390", "3"),
            ("510300", "s", "X", "310", "3"),
        ],
        "region_code string, scheme string, drg string, fund string, hospital_level string",
    ).withColumn("level_class", F.lit("all"))
    weights = spark.createDataFrame(
        [(A, "s", "X", Decimal("0.5"), "all"), (A, "s", "Y", Decimal("2.1234"), "all"), (A, "s", "Y", Decimal(9), "3")],
        "region_code string, scheme string, drg string, relative_weight decimal(10,4), level_class string",
    )
    found = history_volumes(cases, weights)
    assert found == {(A, "310"): Volume(2, Decimal("2.6234")), (A, "390"): Volume(1, Decimal("0.5"))}
    assert found[A, "310"].cmi == Fraction(26234, 20000)
    by_level = history_volumes(cases, weights, BY_FUND_AND_LEVEL)
    assert by_level == {
        (A, "310", "1"): Volume(1, Decimal("0.5")),
        (A, "310", "3"): Volume(1, Decimal("2.1234")),
        (A, "390", "3"): Volume(1, Decimal("0.5")),
    }


def test_a_region_has_one_rate_a_fund_and_says_what_is_assumed(spark: SparkSession) -> None:
    book = PolicyBook.load_default()
    budgets = {(A, "310"): budget(), (A, "390"): budget("assumed", reimbursement_ratio=Decimal("0.6"))}
    employee, resident = rate_rows(book, A, 2025, "2025.1", basis(budgets))
    # (1,050,000 - 52,500 - 97,500) / 0.75 / (1,000 x 1.25), and / 0.6 / (1,000 x 1)
    assert (employee["fund"], employee["base_rate"]) == ("310", Decimal("960.00"))
    assert (resident["fund"], resident["base_rate"]) == ("390", Decimal("1500.00"))
    assert (employee["method"], employee["rate_source"], employee["point_value"]) == ("rate", "budget", None)
    assert "fund_budget" not in employee["assumed_parameters"]
    assert "fund_budget" in resident["assumed_parameters"]
    assert "rate.reserve_share" in employee["assumed_parameters"]
    assert rate_frame(spark, [employee, resident]).count() == 2


@pytest.mark.parametrize(
    ("distributes", "convention", "value"),
    # 900,000 yuan of fund money or 1,200,000 with the patients', over 1,000 x 1.25 x 100 points
    [("fund_only", "standard_is_fund", "7.200000"), ("with_patient_share", "difference", "9.600000")],
)
def test_a_point_is_worth_what_it_distributes(
    spark: SparkSession, tmp_path: Path, distributes: str, convention: str, value: str
) -> None:
    values = {
        "payment.method": "points",
        "point_value.distributable": distributes,
        "fund_payment.convention": convention,
    }
    book = book_with(tmp_path, A, values)
    employee, resident = rate_rows(book, A, 2025, "2025.1", basis(both()))
    assert (employee["method"], employee["base_rate"], employee["point_scale"]) == ("points", None, 100)
    assert employee["point_volume"] == Decimal("125000")
    assert employee["point_value"] == Decimal(value)
    assert "point.scale" in employee["assumed_parameters"]
    assert "rate.basis" not in employee["assumed_parameters"]
    assert rate_frame(spark, [employee, resident]).count() == 2


def test_fund_money_and_patients_money_are_not_mixed_by_a_convention(tmp_path: Path) -> None:
    book = book_with(tmp_path, A, {"payment.method": "points", "point_value.distributable": "fund_only"})
    with pytest.raises(PolicyError, match="region 510100 distributes fund_only by points but its fund_payment"):
        rate_rows(book, A, 2025, "2025.1", basis(both()))


def test_growth_may_be_the_policys_by_fund(tmp_path: Path) -> None:
    growth = {"budget.basis": "growth", "budget.growth": {"310": 0.08, "390": 0.02}}
    book = book_with(tmp_path, A, growth, {"budget.growth": "fund"})
    employee, resident = rate_rows(book, A, 2025, "2025.1", basis(both()))
    assert (employee["budget"], resident["budget"]) == (Decimal("1080000.00"), Decimal("1020000.00"))
    assert employee["growth"] == Decimal("0.08")


def test_levels_divide_the_pool_first_and_their_own_weight_after(tmp_path: Path) -> None:
    share = {"rate.levels": "by_level", "rate.level_share": {"1": 0.1, "2": 0.3, "3": 0.6}}
    book = book_with(tmp_path, A, share, {"rate.level_share": "hospital_level"})
    levels = {
        (A, fund, level): Volume(cases, Decimal(weight))
        for fund in ("310", "390")
        for level, cases, weight in (("1", 1, "0.5"), ("2", 1, "1"), ("3", 1, "2"))
    }
    rows = rate_rows(book, A, 2025, "2025.1", basis(both(), level_volumes=levels))
    assert [(row["fund"], row["level_class"]) for row in rows] == [(f, n) for f in ("310", "390") for n in "123"]
    # 1,200,000 split 1 : 3 : 6; of 1,000 cases 334, 333 and 333 (the case left over goes to the first).
    assert [row["cost_pool"] for row in rows[:3]] == [Decimal(120000), Decimal(360000), Decimal(720000)]
    assert [row["forecast_cases"] for row in rows[:3]] == [334, 333, 333]
    # 120,000 / 167, 360,000 / 333, 720,000 / 666
    assert [row["base_rate"] for row in rows[:3]] == [Decimal("718.56"), Decimal("1081.08"), Decimal("1081.08")]
    assert {row["level_share"] for row in rows} == {Decimal("0.1"), Decimal("0.3"), Decimal("0.6")}


def test_a_rate_by_level_is_refused_where_basic_groups_have_one_price(tmp_path: Path) -> None:
    share = {"rate.levels": "by_level", "rate.level_share": {"1": 0.1, "2": 0.3, "3": 0.6}, "basic_groups": ["BR25"]}
    book = book_with(tmp_path, A, share, {"rate.level_share": "hospital_level"})
    with pytest.raises(PolicyError, match=r"rate\.levels of region 510100 goes by hospital level, but basic_groups"):
        rate_rows(book, A, 2025, "2025.1", basis(both()))


def test_shares_that_are_not_the_whole_are_refused_with_the_policy(tmp_path: Path) -> None:
    values = {"rate.levels": "by_level", "rate.level_share": {"1": 0.1, "2": 0.3, "3": 0.7}}
    with pytest.raises(PolicyError, match="rate.level_share: the shares add up to 1.1 and not to 1"):
        book_with(tmp_path, A, values, {"rate.level_share": "hospital_level"})


def test_a_level_with_history_and_no_share_is_named(tmp_path: Path) -> None:
    values = {"rate.levels": "by_level", "rate.level_share": {"1": 0.5, "2": 0.5, "3": 0}}
    book = book_with(tmp_path, A, values, {"rate.level_share": "hospital_level"})
    levels = {(A, "310", level): Volume(1, Decimal(1)) for level in "123"}
    with pytest.raises(PolicyError, match="region 510100 fund 310 year 2025: level 3 has history cases but no share"):
        rate_rows(book, A, 2025, "2025.1", basis(both(), level_volumes=levels))


def test_a_published_rate_needs_no_budget_and_has_no_lines(spark: SparkSession, tmp_path: Path) -> None:
    rates = {"310": {"1": 9000, "2": 9500.5, "3": 10000}, "390": {"1": 7000, "2": 7500, "3": 8000}}
    values = {"rate.basis": "published", "rate.published": rates}
    book = book_with(tmp_path, A, values, {"rate.published": ["fund", "hospital_level"]})
    rows = rate_rows(book, A, 2025, "2025.1", Basis(schemes=SCHEMES))
    assert [str(row["base_rate"]) for row in rows] == ["9000", "9500.5", "10000", "7000", "7500", "8000"]
    assert {(row["rate_source"], row["budget"], row["weight_volume"]) for row in rows} == {("published", None, None)}
    assert rate_frame(spark, rows).count() == 6
    book = book_with(tmp_path, A, {**values, "rate.published": 9000})
    assert [(r["level_class"], r["base_rate"]) for r in rate_rows(book, A, 2025, "2025.1", Basis(schemes=SCHEMES))] == [
        ("all", 9000),
        ("all", 9000),
    ]


def test_a_published_point_value_is_taken_as_it_stands(tmp_path: Path) -> None:
    values = {
        "payment.method": "points",
        "point_value.basis": "published",
        "point_value.published": {"310": 53.8381, "390": 52.8094},
    }
    book = book_with(tmp_path, A, values, {"point_value.published": "fund"})
    rows = rate_rows(book, A, 2025, "2025.1", Basis(schemes=SCHEMES))
    assert [(row["point_value"], row["point_scale"]) for row in rows] == [
        (Decimal("53.8381"), 100),
        (Decimal("52.8094"), 100),
    ]


@pytest.mark.parametrize(
    ("schemes", "sentence"),
    [
        ({A: ("chs-drg-1.1",)}, "its weights are of scheme chs-drg-1.1; run weigh first"),
        ({}, "its weights do not exist; run weigh first"),
    ],
)
def test_weights_of_another_scheme_are_refused(schemes: dict[str, tuple[str, ...]], sentence: str) -> None:
    with pytest.raises(ContractError, match=sentence):
        rate_rows(PolicyBook.load_default(), A, 2025, "2025.1", basis(both(), schemes=schemes))


def test_a_missing_budget_names_region_fund_and_year() -> None:
    with pytest.raises(PolicyError, match=r"region 510100 has no budget of fund 390 for 2025; .*fund_budget\.csv"):
        rate_rows(PolicyBook.load_default(), A, 2025, "2025.1", basis({(A, "310"): budget()}))


def test_a_fund_without_history_is_named() -> None:
    with pytest.raises(ContractError, match="region 510100 has no weighed history case of fund 310"):
        rate_rows(PolicyBook.load_default(), A, 2025, "2025.1", basis(both(), volumes={}))


def test_a_budget_that_cannot_be_distributed_names_region_and_fund() -> None:
    budgets = both(non_drg_payments=Decimal("5000000"))
    with pytest.raises(PolicyError, match="region 510100 fund 310 year 2025: budget 1050000.00 less reserve"):
        rate_rows(PolicyBook.load_default(), A, 2025, "2025.1", basis(budgets))
