"""Applications decided in favour: which count, for which cases and with what amount."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drawn_tables import drawn

from drg.settle.decisions import DECIDED, decisions, rulings, together

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MONTH, REGION = "2025-01", "510100"
FIRST, LAST = date(2025, 1, 10), date(2025, 1, 20)
ITEMS = [
    {"code": "CASE1", "pays": "case", "first": FIRST, "last": LAST},
    {"code": "ITEM1", "pays": "item", "first": FIRST, "last": LAST},
    {"code": "ITEM2", "pays": "item", "first": FIRST, "last": LAST},
]


def decided(spark: SparkSession, *applications: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    """Applications as (setl_id, discharge date, kind, item, amount, decision) -> the facts of each case."""
    lists = {(MONTH, REGION, setl_id, day) for setl_id, day, *_ in applications}
    listed = spark.createDataFrame(
        sorted(lists), "settlement_month string, region_code string, setl_id string, discharge_date date"
    )
    rows = [(MONTH, REGION, a[0], a[2], a[3], Decimal(a[4]) if a[4] else None, a[5]) for a in applications]
    schema = (
        "settlement_month string, region_code string, setl_id string, kind string, item_code string, "
        "amount decimal(16,2), decision string"
    )
    found = decisions(
        spark.createDataFrame(rows, schema), listed, [{"region_code": REGION, "exclusion_items": ITEMS}]
    ).collect()
    return {r["setl_id"]: (r["special_case"], r["excluded_case"], r["excluded_item_amount"]) for r in found}


def test_only_a_decision_in_favour_counts(spark: SparkSession) -> None:
    assert decided(
        spark,
        ("a", FIRST, "special_case", "", None, "in"),
        ("b", FIRST, "special_case", "", None, "out"),
        ("c", FIRST, "special_case", "", None, "pending"),
    ) == {"a": (True, False, None)}


def test_an_item_counts_on_the_days_of_its_list_both_ends_included(spark: SparkSession) -> None:
    found = decided(
        spark,
        ("before", date(2025, 1, 9), "exclusion", "ITEM1", "100.00", "in"),
        ("first", FIRST, "exclusion", "ITEM1", "100.00", "in"),
        ("last", LAST, "exclusion", "ITEM1", "100.00", "in"),
        ("after", date(2025, 1, 21), "exclusion", "ITEM1", "100.00", "in"),
        ("unlisted", FIRST, "exclusion", "OTHER", "100.00", "in"),
    )
    assert found == dict.fromkeys(("first", "last"), (False, False, Decimal("100.00")))


def test_a_case_may_have_an_item_and_leave_as_a_whole(spark: SparkSession) -> None:
    assert decided(
        spark,
        ("a", FIRST, "exclusion", "ITEM1", "100.00", "in"),
        ("a", FIRST, "exclusion", "ITEM2", "23.45", "in"),
        ("b", FIRST, "exclusion", "CASE1", None, "in"),
    ) == {"a": (False, False, Decimal("123.45")), "b": (False, True, None)}


def disputes(spark: SparkSession, *told: tuple[str, str, str | None, str | None, str | None]) -> DataFrame:
    """Disputes as (setl_id, hospital, decision, ruling, drg)."""
    names = ("setl_id", "hospital_code", "decision", "ruling", "drg")
    rows = [dict(zip(names, row, strict=True)) | {"settlement_month": MONTH, "region_code": REGION} for row in told]
    return drawn(spark, "case_dispute", rows)


def lists(spark: SparkSession, *ids: str) -> DataFrame:
    unit = {"settlement_month": MONTH, "region_code": REGION, "hospital_code": "H1"}
    return drawn(spark, "settlement_list", [{**unit, "setl_id": setl_id} for setl_id in ids])


def test_only_a_dispute_that_is_upheld_counts_and_only_for_the_hospital_that_treated_the_case(
    spark: SparkSession,
) -> None:
    found = rulings(
        disputes(
            spark,
            ("a", "H1", "upheld", "repriced", None),
            ("b", "H1", "upheld", "regrouped", "BR23"),
            ("c", "H1", "dismissed", None, None),
            ("d", "H1", None, None, None),
            ("e", "H2", "upheld", "repriced", None),
            ("gone", "H1", "upheld", "repriced", None),
        ),
        lists(spark, "a", "b", "c", "d", "e"),
    ).collect()
    assert {r["setl_id"]: (r["dispute_repriced"], r["dispute_drg"]) for r in found} == {
        "a": (True, None),
        "b": (False, "BR23"),
    }


def test_applications_and_disputes_stand_side_by_side(spark: SparkSession) -> None:
    kinds = ", ".join(f"{name} {kind}" for name, kind in DECIDED.items() if not name.startswith("dispute"))
    case = "settlement_month string, region_code string, setl_id string"
    applied = spark.createDataFrame(
        [(MONTH, REGION, "a", True, False, None), (MONTH, REGION, "b", False, False, Decimal(5))], f"{case}, {kinds}"
    )
    ruled = rulings(disputes(spark, ("a", "H1", "upheld", "repriced", None)), lists(spark, "a"))
    both = together(applied, ruled)
    assert both is not None
    rows = {row["setl_id"]: tuple(row[name] for name in DECIDED) for row in both.collect()}
    assert rows == {"a": (True, False, None, True, None), "b": (False, False, Decimal(5), None, None)}
    alone = together(None, ruled)
    assert alone is not None
    assert [tuple(row[name] for name in DECIDED) for row in alone.collect()] == [(None, None, None, True, None)]
    assert together(None, None) is None
