"""Applications decided in favour: which count, for which cases, with what amount, and as which case of the year."""

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
Item = dict[str, Any]


def item(code: str, pays: str = "item", last: date = LAST, max_cases: int | None = None) -> Item:
    return {"code": code, "pays": pays, "first": FIRST, "last": last, "max_cases": max_cases}


ITEMS = [item("CASE1", "case"), item("ITEM1"), item("ITEM2")]


def row(items: list[Item], month: str = MONTH, first: int = 1, last: int = 31, region: str = REGION) -> dict[str, Any]:
    """The list of a region for some days of a month."""
    span = {"valid_from": date.fromisoformat(f"{month}-{first:02d}"), "valid_to": date.fromisoformat(f"{month}-{last}")}
    unit = {"settlement_month": month, "region_code": region, **span}
    return {**unit, "exclusion_rule": "on_application", "exclusion_items": items}


def applied(
    spark: SparkSession, *applications: tuple[Any, ...], rows: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Applications as (setl_id, discharge date, kind, item, amount, decision, month, decided on) -> rows by case."""
    filled = [(*a, *(MONTH, date(2025, 1, 25))[len(a) - 6 :]) for a in applications]
    lists = sorted({(a[6], REGION, a[0], a[1]) for a in filled})
    listed = spark.createDataFrame(
        lists, "settlement_month string, region_code string, setl_id string, discharge_date date"
    )
    given = [(a[6], REGION, a[0], a[2], a[3], Decimal(a[4]) if a[4] else None, a[5], a[7]) for a in filled]
    schema = (
        "settlement_month string, region_code string, setl_id string, kind string, item_code string, "
        "amount decimal(16,2), decision string, decided_on date"
    )
    found = decisions(spark.createDataFrame(given, schema), listed, rows or [row(ITEMS)]).collect()
    return {one["setl_id"]: one for one in found}


def decided(spark: SparkSession, *applications: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    """The facts of each case."""
    names = ("special_case", "excluded_case", "excluded_item_amount")
    return {key: tuple(one[name] for name in names) for key, one in applied(spark, *applications).items()}


def standings(found: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The place and standing of each case's first application, and whether the case leaves DRG."""
    first = {key: one["exclusions"][0] for key, one in found.items()}
    return {key: (one["place"], one["standing"], found[key]["excluded_case"]) for key, one in first.items()}


def test_only_a_decision_in_favour_counts(spark: SparkSession) -> None:
    assert decided(
        spark,
        ("a", FIRST, "special_case", "", None, "in"),
        ("b", FIRST, "special_case", "", None, "out"),
        ("c", FIRST, "special_case", "", None, "pending"),
        ("d", FIRST, "exclusion", "ITEM1", "100.00", "out"),
    ) == {"a": (True, False, None)}


def test_an_item_counts_on_the_days_of_its_list_both_ends_included(spark: SparkSession) -> None:
    found = applied(
        spark,
        ("before", date(2025, 1, 9), "exclusion", "ITEM1", "100.00", "in"),
        ("first", FIRST, "exclusion", "ITEM1", "100.00", "in"),
        ("last", LAST, "exclusion", "ITEM1", "100.00", "in"),
        ("after", date(2025, 1, 21), "exclusion", "ITEM1", "100.00", "in"),
        ("unlisted", FIRST, "exclusion", "OTHER", "100.00", "in"),
    )
    amounts = {key: one["excluded_item_amount"] for key, one in found.items()}
    assert amounts == {"first": 100, "last": 100, "before": None, "after": None, "unlisted": None}
    assert {key: one["exclusions"][0]["standing"] for key, one in found.items()} == {
        "first": "admitted",
        "last": "admitted",
        **dict.fromkeys(("before", "after", "unlisted"), "not_listed"),
    }


def test_a_case_may_have_an_item_and_leave_as_a_whole(spark: SparkSession) -> None:
    assert decided(
        spark,
        ("a", FIRST, "exclusion", "ITEM1", "100.00", "in"),
        ("a", FIRST, "exclusion", "ITEM2", "23.45", "in"),
        ("b", FIRST, "exclusion", "CASE1", None, "in"),
        ("c", FIRST, "exclusion", "CASE1", None, "in"),
        ("c", FIRST, "special_case", "", None, "in"),
    ) == {"a": (False, False, Decimal("123.45")), "b": (False, True, None), "c": (True, True, None)}


def test_cases_take_their_places_by_the_day_of_the_decision_up_to_the_limit(spark: SparkSession) -> None:
    """Two a year: decided on the 23rd, then on the 24th the smaller setl_id; the third is over the limit."""
    limited = [row([item("CASE1", "case", max_cases=2)])]
    early, late = date(2025, 1, 23), date(2025, 1, 24)
    cases = [
        ("x", FIRST, "exclusion", "CASE1", None, "in", MONTH, late),
        ("b", LAST, "exclusion", "CASE1", None, "in", MONTH, late),
        ("z", LAST, "exclusion", "CASE1", None, "in", MONTH, early),
        ("a", date(2025, 1, 9), "exclusion", "CASE1", None, "in", MONTH, early),  # not listed: takes no place
    ]
    expected = {
        "z": (1, "admitted", True),
        "b": (2, "admitted", True),
        "x": (3, "over_limit", False),
        "a": (None, "not_listed", False),
    }
    assert standings(applied(spark, *cases, rows=limited)) == expected
    assert standings(applied(spark, *reversed(cases), rows=limited)) == expected


def test_the_year_so_far_counts_and_other_years_and_later_months_do_not(spark: SparkSession) -> None:
    whole = date(2026, 12, 31)
    items = [item("CASE1", "case", last=whole, max_cases=2)]
    day = date(2025, 1, 10)
    cases = [
        ("jan", day, "exclusion", "CASE1", None, "in", "2025-01", date(2025, 3, 1)),
        ("feb", day, "exclusion", "CASE1", None, "in", "2025-02", date(2025, 2, 1)),
        ("mar", day, "exclusion", "CASE1", None, "in", "2025-03", date(2025, 1, 1)),
        ("next", day, "exclusion", "CASE1", None, "in", "2026-01", date(2026, 1, 1)),
    ]
    of = {month: standings(applied(spark, *cases, rows=[row(items, month, last=28)]))
          for month in ("2025-01", "2025-02", "2025-03", "2026-01")}  # fmt: skip
    assert of == {
        "2025-01": {"jan": (1, "admitted", True)},
        "2025-02": {"feb": (2, "admitted", True)},
        "2025-03": {"mar": (3, "over_limit", False)},
        "2026-01": {"next": (1, "admitted", True)},
    }


def test_a_list_that_changes_within_a_month_serves_the_cases_of_its_days(spark: SparkSession) -> None:
    """ITEM1 stands in both lists; CASE1 is dropped with the 16th, and its limit falls to 1 before that."""
    rows = [
        row([item("ITEM1"), item("CASE1", "case", max_cases=9)], first=1, last=12),
        row([item("ITEM1"), item("CASE1", "case", max_cases=1)], first=13, last=15),
        row([item("ITEM1")], first=16, last=31),
    ]
    found = applied(
        spark,
        ("a", date(2025, 1, 12), "exclusion", "CASE1", None, "in"),
        ("b", date(2025, 1, 13), "exclusion", "CASE1", None, "in"),
        ("c", date(2025, 1, 15), "exclusion", "CASE1", None, "in"),
        ("d", date(2025, 1, 16), "exclusion", "CASE1", None, "in"),
        ("e", date(2025, 1, 12), "exclusion", "ITEM1", "1.00", "in"),
        ("f", date(2025, 1, 20), "exclusion", "ITEM1", "2.00", "in"),
        rows=rows,
    )
    assert standings(found) == {
        "a": (1, "admitted", True),
        "b": (1, "admitted", True),
        "c": (2, "over_limit", False),
        "d": (None, "not_listed", False),
        "e": (1, "admitted", False),
        "f": (2, "admitted", False),
    }
    assert [found[key]["excluded_item_amount"] for key in "ef"] == [1, 2]


def test_a_region_that_takes_no_exclusions_has_none(spark: SparkSession) -> None:
    rows = [row(ITEMS, region="510300"), {**row([]), "exclusion_rule": "none"}]
    assert applied(spark, ("a", FIRST, "exclusion", "ITEM1", "100.00", "in"), rows=rows) == {}


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
    applications = spark.createDataFrame(
        [(MONTH, REGION, "a", True, False, None, None), (MONTH, REGION, "b", False, False, Decimal(5), None)],
        f"{case}, {kinds}",
    )
    ruled = rulings(disputes(spark, ("a", "H1", "upheld", "repriced", None)), lists(spark, "a"))
    both = together(applications, ruled)
    assert both is not None
    rows = {row["setl_id"]: tuple(row[name] for name in DECIDED) for row in both.collect()}
    assert rows == {"a": (True, False, None, None, True, None), "b": (False, False, Decimal(5), None, None, None)}
    alone = together(None, ruled)
    assert alone is not None
    assert [tuple(row[name] for name in DECIDED) for row in alone.collect()] == [(None, None, None, None, True, None)]
    assert together(None, None) is None
