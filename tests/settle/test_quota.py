"""The quota of special cases: a share of the month's or of the year's discharges, edge by edge, ranked by excess."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drawn_policy import book_with
from drawn_tables import drawn

from drg.settle.case_parameters import Rate, rows_of_region
from drg.settle.case_payment import Unit, pay_cases
from drg.settle.decisions import together
from drg.settle.quota import MonthCount, Quota, month_counts, places, quota_on, year_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = Decimal
REGION, HOSPITAL = "510100", "H51010000001"
SHARES = {"1": D("0.001"), "2": D("0.003"), "3": D("0.005")}


def year(*counts: tuple[int, int], level: str = "3") -> dict[str, MonthCount]:
    """Months from January on as (cases, special cases decided in)."""
    return {f"2025-{i:02d}": MonthCount(level, *count) for i, count in enumerate(counts, 1)}


def of(months: dict[str, MonthCount], share: dict[str, D] | str, by_year: bool = True) -> list[int]:
    shares = dict.fromkeys("123", D(share)) if isinstance(share, str) else share
    return list(places(months, dict.fromkeys(months, Quota(shares, by_year))).values())


@pytest.mark.parametrize(
    ("cases", "level", "share", "count"),
    [
        # 5 %: one case in 20; 5 per mille: one in 200; 5-3-1 per mille by level 3, 2, 1.
        (19, "3", "0.05", 0),
        (20, "3", "0.05", 1),
        (39, "3", "0.05", 1),
        (40, "3", "0.05", 2),
        (199, "3", "0.005", 0),
        (200, "3", "0.005", 1),
        (199, "3", SHARES, 0),
        (200, "3", SHARES, 1),
        (333, "2", SHARES, 0),
        (334, "2", SHARES, 1),
        (999, "1", SHARES, 0),
        (1000, "1", SHARES, 1),
    ],
)
@pytest.mark.parametrize("by_year", [False, True])
def test_a_share_is_rounded_down(cases: int, level: str, share: str | dict[str, D], count: int, by_year: bool) -> None:
    assert of(year((cases, 9), level=level), share, by_year) == [count]


def test_over_the_year_small_months_add_up_to_a_place() -> None:
    # 5 per mille of 80, 160, 240, 320, 400 cases: no place by the month, by the year one from March, two from May.
    months = year((80, 1), (80, 1), (80, 1), (80, 1), (80, 1))
    assert of(months, "0.005", by_year=False) == [0, 0, 0, 0, 0]
    assert of(months, "0.005") == [0, 0, 1, 0, 1]


def test_what_a_month_leaves_the_months_after_it_have() -> None:
    # 5 % of 40, 80, 120: two places a month. January takes none, February three of four, March has 6 - 3.
    assert of(year((40, 0), (40, 3), (40, 5)), "0.05") == [2, 4, 3]


def test_a_share_that_falls_within_the_year_takes_nothing_back() -> None:
    months = year((100, 5), (100, 5))
    quotas = {"2025-01": Quota(dict.fromkeys("123", D("0.05")), True), "2025-02": Quota(SHARES, True)}
    assert places(months, quotas) == {"2025-01": 5, "2025-02": 0}


def test_a_month_before_the_rule_counts_its_cases_and_takes_nothing() -> None:
    months = year((100, 5), (100, 5))
    quotas = {"2025-01": None, "2025-02": Quota(dict.fromkeys("123", D("0.05")), True)}
    assert places(months, quotas) == {"2025-02": 10}


def test_the_policy_says_share_and_period_and_levels_have_their_own(tmp_path: Path) -> None:
    book = book_with(tmp_path, REGION, {"special_case.quota_share": {k: float(v) for k, v in SHARES.items()},
                                        "special_case.quota_period": "year"},
                     by={"special_case.quota_share": "hospital_level"})  # fmt: skip
    assert quota_on(book, REGION, "2025-02") == Quota(SHARES, True)
    assert quota_on(book, REGION, "2024-12") is None
    counts = {(REGION, HOSPITAL): year((999, 4), (1, 4), level="1"), ("510300", "H2"): year((10, 1))}
    assert year_rows(book, REGION, ["2025-02"], counts) == [("2025-02", REGION, HOSPITAL, 1)]


def test_counts_are_of_fit_lists_and_of_decisions_in(spark: SparkSession) -> None:
    lists = [listed(i, "2025-01") for i in range(3)]
    applications = [
        {"settlement_month": "2025-01", "region_code": REGION, "setl_id": setl_id, "kind": kind, "decision": decision}
        for setl_id, kind, decision in (
            ("0000", "special_case", "in"),
            ("0001", "special_case", "out"),
            ("0002", "exclusion", "in"),
            ("0003", "special_case", "in"),
        )
    ]
    # The fourth case is no fit list.
    found = month_counts(drawn(spark, "settlement_list", lists), drawn(spark, "case_application", applications))
    assert found == {(REGION, HOSPITAL): {"2025-01": MonthCount("3", 3, 1)}}


def listed(number: int, month: str, cost: str = "10000.00") -> dict[str, Any]:
    return {
        "settlement_month": month, "region_code": REGION, "setl_id": f"{number:04d}", "hospital_code": HOSPITAL,
        "hospital_level": "3", "insured_region_code": REGION, "fund": "310", "total_cost": D(cost),
    }  # fmt: skip


GROUP = {"scheme": "chs-drg-2.0", "drg": "AA11", "grouping_status": "grouped"}


def paid(
    spark: SparkSession, tmp_path: Path, costs: Sequence[str], policy: dict[str, Any], given: int | None = None
) -> list[Any]:
    """The special cases of 40 cases of one hospital, as many as costs are given; all others cost 10,000."""
    book = book_with(tmp_path, REGION, {"special_case.quota_share": 0.05, **policy})
    rates = {(2025, REGION, fund, "all"): Rate(D(10000), "2025.1", ()) for fund in ("310", "390")}
    rows = rows_of_region(book, REGION, "2025-01", date(2025, 1, 1), date(2025, 1, 31), rates)
    cases = [listed(i, "2025-01", costs[i] if i < len(costs) else "10000.00") for i in range(40)]
    weight = {
        "settlement_year": 2025, "region_code": REGION, "scheme": "chs-drg-2.0", "drg": "AA11", "level_class": "all",
        "relative_weight": D(1), "mean_cost": D(8000), "region_mean_cost": D(8000), "weight_version": "2025.1",
    }  # fmt: skip
    decided = spark.createDataFrame(
        [("2025-01", REGION, f"{i:04d}", True, False, None) for i in range(len(costs))],
        "settlement_month string, region_code string, setl_id string, special_case boolean, excluded_case boolean, "
        "excluded_item_amount decimal(16,2)",
    )
    quota: DataFrame | None = None
    if given is not None:
        columns = "settlement_month string, region_code string, hospital_code string, special_year_places int"
        quota = spark.createDataFrame([("2025-01", REGION, HOSPITAL, given)], columns)
    payments = pay_cases(
        drawn(spark, "grouped_case", [case | GROUP for case in cases]).repartition(7),
        drawn(spark, "settlement_list", cases),
        drawn(spark, "drg_weight", [weight]),
        [Unit(REGION, "2025-01", "discharge_date")],
        rows,
        None,
        together(decided, None),
        quota,
    )
    return payments.where("special_place IS NOT NULL").orderBy("special_place").collect()


def test_the_largest_excess_is_admitted_and_equal_ones_go_by_their_ids(spark: SparkSession, tmp_path: Path) -> None:
    # 5 % of 40 cases are two places; two cases of equal excess share the second place, the lower id has it.
    found = paid(spark, tmp_path, ["50000.00", "60000.00", "50000.00", "20000.00"], {})
    assert [row["setl_id"] for row in found] == ["0001", "0000", "0002", "0003"]
    assert {row["special_places"] for row in found} == {2}
    assert [row["payment_kind"] == "special_case" for row in found] == [True, True, False, False]


def test_over_the_year_the_places_are_what_the_months_before_left(spark: SparkSession, tmp_path: Path) -> None:
    found = paid(spark, tmp_path, ["50000.00", "60000.00"], {"special_case.quota_period": "year"}, given=1)
    assert [(row["setl_id"], row["special_places"], row["payment_kind"] == "special_case") for row in found] == [
        ("0001", 1, True),
        ("0000", 1, False),
    ]
