"""weigh, rate and settle as jobs on a small lake: three regions, one of them without a budget."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from drawn_tables import drawn

from drg.doors.config import Env, load_env
from drg.runner import StepContext, load_job, run_step
from drg.steps import step_named

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from drg.doors.tables import Lake

A, B, C = REGIONS = ("510100", "510300", "511500")
HISTORY, MONTH = "2024-11", "2025-01"
TABLES = ("drg_weight", "trimmed_case", "region_rate", "case_payment", "hospital_settlement", "fund_account")
JOBS = ("weigh", "rate", "settle")


def cases(region: str, month: str, count: int, seed: int) -> list[dict[str, Any]]:
    """Grouped cases with the list's amounts beside them; RARE occurs in one region only, 0000 has no group."""
    draw = random.Random(f"{region} {month} {seed}")
    rows = []
    for i in range(count):
        drg, mean = draw.choice([("AA11", 20000), ("BB23", 8000), ("CC35", 3000)])
        if region == A and i % 10 == 0:
            drg, mean = "RARE", 50000
        status = "ungrouped" if i % 17 == 3 else "grouped"
        cost = Decimal(int(mean * 100 * draw.lognormvariate(0, 0.5))) / 100
        paid = (cost * Decimal("0.6")).quantize(Decimal("0.01"))
        rows.append(
            {
                "settlement_month": month,
                "region_code": region,
                "setl_id": f"{region}{month[-2:]}{i:04d}",
                "scheme": "chs-drg-2.0",
                "hospital_code": f"H{region}{i % 3}",
                "hospital_level": "123"[i % 3],
                "insured_region_code": region if i % 9 else B,
                "fund": "310" if i % 2 else "390",
                "total_cost": cost,
                "drg": drg if status == "grouped" else "0000",
                "grouping_status": status,
                "rule_pack": "chs-drg-2.0@1",
                "basic_fund_payment": paid,
                "discharge_date": date(2024, 12, 30),
            }
        )
    return rows


def listed(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names} for row in rows]


GROUPED = (
    "settlement_month", "region_code", "setl_id", "scheme", "hospital_code", "hospital_level", "insured_region_code",
    "fund", "total_cost", "drg", "grouping_status", "rule_pack",
)  # fmt: skip
LISTED = (
    "settlement_month", "region_code", "setl_id", "hospital_code", "hospital_level", "insured_region_code", "fund",
    "total_cost", "basic_fund_payment", "discharge_date",
)  # fmt: skip


@dataclasses.dataclass
class Place:
    """A lake with history, a month and budgets; region B has no budget of the residents."""

    spark: SparkSession
    lake: Lake
    env: Env
    failed: dict[str, dict[tuple[str, str], str]] = dataclasses.field(default_factory=dict)

    def run(self, *regions: str) -> None:
        broken: dict[tuple[str, str], str] = {}
        for name in JOBS:
            now = datetime(2025, 2, 20, tzinfo=UTC)
            ctx = StepContext(step_named(name), self.spark, self.lake, self.env, regions, (MONTH,), now, "run")
            ctx.skipped.update(broken)
            run_step(ctx, load_job(name))
            self.failed[name] = ctx.failed
            broken |= {(region, MONTH): why for (region, _), why in ctx.failed.items()}

    def rows(self, table: str, **where: Any) -> list[str]:
        return sorted(str(row) for row in self.lake.read(table, **where).collect())


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    from drg.doors.tables import Lake

    whole = load_env("local", tmp_path_factory.mktemp("settle"))
    three = tuple(region for region in whole.province.regions if region.code in REGIONS)
    env = dataclasses.replace(whole, province=dataclasses.replace(whole.province, regions=three))
    lake = Lake(spark, env)
    history = [row for region in REGIONS for row in cases(region, HISTORY, 90, 1)]
    month = [row for region in REGIONS for row in cases(region, MONTH, 60, 2)]
    month[1] |= {"drg": "NEVER", "grouping_status": "grouped"}
    months: dict[str, list[str | int]] = {"settlement_month": [HISTORY, MONTH], "region_code": list(REGIONS)}
    grouped = drawn(spark, "grouped_case", listed(history + month, *GROUPED))
    lake.replace("grouped_case", grouped, scheme=["chs-drg-2.0"], **months)
    lake.replace("settlement_list", drawn(spark, "settlement_list", listed(month, *LISTED)), **months)
    lake.replace("fund_budget", budgets(spark), region_code=list(REGIONS))
    found = Place(spark, lake, env)
    found.run(*REGIONS)
    return found


def budgets(spark: SparkSession) -> DataFrame:
    rows = [
        {
            "settlement_year": 2025,
            "region_code": region,
            "fund": fund,
            "prior_year_fund_spend": Decimal(5_000_000),
            "growth": Decimal("0.05"),
            "reimbursement_ratio": Decimal("0.7"),
            "forecast_cases": 500,
            "standing": "assumed",
        }
        for region in REGIONS
        for fund in ("310", "390")
        if (region, fund) != (B, "390")
    ]
    return drawn(spark, "fund_budget", rows)


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
    for row in place.lake.read("case_payment").where("base_rate IS NOT NULL").collect():
        assert row["base_rate"] == rates[row["region_code"], row["fund"]]


def test_a_second_run_of_one_region_changes_no_row_of_any(place: Place) -> None:
    before = {table: place.rows(table) for table in TABLES}
    place.run(A)
    assert {table: place.rows(table) for table in TABLES} == before


def test_months_before_the_policy_are_not_due(place: Place) -> None:
    now = datetime(2025, 2, 20, tzinfo=UTC)
    for name in JOBS:
        ctx = StepContext(step_named(name), place.spark, place.lake, place.env, (A,), (HISTORY,), now, "run")
        run_step(ctx, load_job(name))
        assert (ctx.failed, ctx.writes) == ({}, {})
        assert next(iter(ctx.skipped.values())) == "region 510100 is settled from 2025-01"
