"""weigh, rate and settle as jobs on a small lake: three regions, one without a budget, one by points of the month."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from contract_tool import said_by_make_contracts
from drawn_months import budgets, cases, land
from drawn_policy import book_with
from pyspark.sql.functions import lit, when

from drg.doors.config import Env, load_env
from drg.money import half_up, round_fen
from drg.policy import PolicyBook
from drg.runner import StepContext, load_job, run_step
from drg.steps import step_named
from drg.verify import _provenance, _weights_and_rates

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

A, B, C = REGIONS = ("510100", "510300", "511500")
HISTORY, MONTH = "2024-11", "2025-01"
NOW = datetime(2025, 2, 20, tzinfo=UTC)
TABLES = (
    "drg_weight", "trimmed_case", "region_rate", "month_point_value", "case_payment", "hospital_settlement",
    "fund_account",
)  # fmt: skip
FLOATS = {
    "payment.method": "points", "point.scale": 100, "point_value.basis": "monthly", "point_value.month_pool": "twelfth",
    "fund_payment.convention": "ratio", "fund_payment.ratio": 0.85,
}  # fmt: skip
JOBS = ("weigh", "rate", "settle")


@dataclasses.dataclass
class Place:
    """A lake with history, a month and budgets; B has no budget of the residents, C pays by points of the month."""

    spark: SparkSession
    lake: Lake
    env: Env
    book: PolicyBook
    failed: dict[str, dict[tuple[str, str], str]] = dataclasses.field(default_factory=dict)

    def run(self, *regions: str) -> None:
        broken: dict[tuple[str, str], str] = {}
        for name in JOBS:
            ctx = StepContext(step_named(name), self.spark, self.lake, self.env, regions, (MONTH,), NOW, "run")
            ctx.policy = self.book
            ctx.skipped.update(broken)
            run_step(ctx, load_job(name))
            self.failed[name] = ctx.failed
            broken |= {(region, MONTH): why for (region, _), why in ctx.failed.items()}

    def rows(self, table: str, **where: Any) -> list[str]:
        return sorted(str(row) for row in self.lake.read(table, **where).collect())


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    from drg.doors.tables import Lake

    folder = tmp_path_factory.mktemp("settle")
    whole = load_env("local", folder)
    three = tuple(region for region in whole.province.regions if region.code in REGIONS)
    env = dataclasses.replace(whole, province=dataclasses.replace(whole.province, regions=three))
    lake = Lake(spark, env)
    history = [row for region in REGIONS for row in cases(region, HISTORY, 90, 1, B, rare=region == A)]
    month = [row for region in REGIONS for row in cases(region, MONTH, 60, 2, B, rare=region == A)]
    month[1] |= {"drg": "NEVER", "grouping_status": "grouped"}
    land(spark, lake, history + month)
    known = [pair for pair in product(REGIONS, ("310", "390")) if pair != (B, "390")]
    lake.replace("fund_budget", budgets(spark, known), region_code=list(REGIONS))
    found = Place(spark, lake, env, book_with(folder, C, FLOATS))
    found.run(*REGIONS)
    return found


def test_the_region_without_budget_is_named_and_the_others_are_paid(place: Place) -> None:
    assert place.failed["weigh"] == {} == place.failed["settle"]
    assert list(place.failed["rate"]) == [(B, "2025")]
    assert "region 510300 has no budget of fund 390 for 2025" in place.failed["rate"][B, "2025"]
    for table in ("region_rate", "case_payment", "hospital_settlement", "fund_account"):
        assert {row["region_code"] for row in place.lake.read(table).collect()} == {A, C}, table


def test_a_group_seen_in_one_region_has_its_weight_in_all_on_the_provinces_basis(place: Place) -> None:
    rows = place.lake.read("drg_weight").where("drg = 'RARE'").collect()
    by_region = {row["region_code"]: row for row in rows}
    assert set(by_region) == set(REGIONS)
    # 成都 wants 20 cases and had 8: its own RARE cases count as the province's too.
    assert {row["weight_source"] for row in rows} == {"province"}
    assert len({(row["relative_weight"], row["reference_mean_cost"]) for row in rows}) == 1
    assert (by_region[B]["n_history"], by_region[A]["n_history"]) == (0, 8)


def test_weights_and_trimmed_cases_account_for_the_whole_history(place: Place) -> None:
    weights, trimmed = place.lake.read("drg_weight").collect(), place.lake.read("trimmed_case").collect()
    grouped = place.lake.read("grouped_case", settlement_month=[HISTORY]).where("grouping_status = 'grouped'")
    assert sum(row["n_history"] for row in weights) == grouped.count()
    assert sum(row["n_trimmed"] for row in weights) == len(trimmed)
    for row in trimmed:
        beyond = (
            row["total_cost"] < row["lower_fence"] if row["side"] == "low" else row["total_cost"] > row["upper_fence"]
        )
        assert beyond, row


def test_every_list_is_paid_once_and_a_group_without_weight_by_item(place: Place) -> None:
    paid = {row["setl_id"]: row for row in place.lake.read("case_payment").collect()}
    assert len(paid) == 120
    never = paid[f"{A}010001"]
    assert (never["payment_kind"], never["rule"], never["relative_weight"]) == ("ungrouped", "unpriced.by_item", None)
    assert never["standard"] == never["total_cost"]
    assert {row["rule"].split("+")[-1] for row in paid.values() if row["region_code"] == C} >= {"ratio"}


def test_each_fund_is_priced_by_its_own_rate(place: Place) -> None:
    rates = {(r["region_code"], r["fund"]): r["base_rate"] for r in place.lake.read("region_rate").collect()}
    assert len(rates) == 4
    assert {region for (region, _), rate in rates.items() if rate is None} == {C}
    for row in place.lake.read("case_payment").where("base_rate IS NOT NULL").collect():
        assert row["base_rate"] == rates[row["region_code"], row["fund"]]


def test_points_that_float_with_the_month_are_worth_what_the_month_may_pay_out(place: Place) -> None:
    """A twelfth of each fund's pool, less what is not paid by points, over the month's points."""
    yearly = {row["fund"]: row for row in place.lake.read("region_rate", region_code=[C]).collect()}
    monthly = {row["fund"]: row for row in place.lake.read("month_point_value").collect()}
    assert {row["region_code"] for row in monthly.values()} == {C}
    assert set(monthly) == set(yearly) == {"310", "390"}
    paid = place.lake.read("case_payment", region_code=[C]).collect()
    for fund, found in monthly.items():
        assert found["year_pool"] == yearly[fund]["cost_pool"]
        assert abs(found["month_pool"] * 12 - found["year_pool"]) < Decimal("0.12")
        assert found["beside_points"] == found["amount"] - round_fen(found["points"] * yearly[fund]["point_value"])
        value = (found["month_pool"] - found["beside_points"]) / found["points"]
        assert found["point_value"] == half_up(value, 6) != yearly[fund]["point_value"]
        own = [row for row in paid if row["fund"] == fund]
        assert found["n_cases"] == len(own)
        assert {row["point_value"] for row in own if row["points"] is not None} == {found["point_value"]}
    broken = [one for check in (_weights_and_rates, _provenance) for one in check(place.lake) if not one.holds]
    assert broken == []


def test_a_month_that_leaves_one_fund_no_price_is_left_out_whole_and_named(place: Place) -> None:
    """Twelve fen a year for the residents' points: a month of one fen; the employees' month is left out with it."""
    year: dict[str, Any] = {"settlement_year": [2025], "region_code": [C], "rate_version": ["2025.1"]}
    version = place.lake.version("region_rate")
    rates, before = place.lake.read("region_rate", version, **year), {table: place.rows(table) for table in TABLES}
    poor = when(rates.fund == "390", lit("0.12")).otherwise(rates.cost_pool).cast(rates.schema["cost_pool"].dataType)
    place.lake.replace("region_rate", rates.withColumn("cost_pool", poor), **year)
    try:
        ctx = StepContext(step_named("settle"), place.spark, place.lake, place.env, (C,), (MONTH,), NOW, "run")
        ctx.policy = place.book
        run_step(ctx, load_job("settle"))
    finally:
        place.lake.replace("region_rate", rates, **year)
    assert list(ctx.failed) == [(C, MONTH)]
    assert f"region {C} fund 390 month {MONTH}: the month may pay out 0.01 yuan" in ctx.failed[C, MONTH]
    assert ctx.writes == {}
    assert {table: place.rows(table) for table in TABLES} == before


def test_a_second_run_of_one_region_changes_no_row_of_any(place: Place) -> None:
    before = {table: place.rows(table) for table in TABLES}
    place.run(A)
    assert {table: place.rows(table) for table in TABLES} == before


def test_months_before_the_policy_are_not_due(place: Place) -> None:
    for name in JOBS:
        ctx = StepContext(step_named(name), place.spark, place.lake, place.env, (A,), (HISTORY,), NOW, "run")
        run_step(ctx, load_job(name))
        assert (ctx.failed, ctx.writes) == ({}, {})
        assert next(iter(ctx.skipped.values())) == "region 510100 is settled from 2025-01"


@pytest.mark.lane
def test_the_values_of_the_month_keep_their_contract(place: Place) -> None:
    assert said_by_make_contracts(place.env.data, "month_point_value").startswith("1 of 1 tables keep their contracts")
