"""What changed of a cleared year: entries that tie to the fen, whatever was booked before and wherever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from drawn_tables import drawn

from drg.settle.accounts import assert_sums_tie, fund_account, hospital_settlement
from drg.settle.adjustments import differences
from drg.settle.booking import last_months, touched_months
from drg.settle.case_payment import Unit

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = Decimal
REGION, RECORD, BOOKING, EARLIER = "510100", "2025-11", "2026-04", "2026-03"
H1, H2 = "H51010000001", "H51010000002"


def case(setl_id: str, fund_payment: str, **changes: Any) -> dict[str, Any]:
    """A case of November 2025 at the first hospital, employee fund; its cost moves with its payment."""
    row = {
        "settlement_month": RECORD, "region_code": REGION, "setl_id": setl_id, "hospital_code": H1,
        "hospital_level": "3", "insured_region_code": REGION, "fund": "310", "fund_payment": D(fund_payment),
        "total_cost": D(fund_payment), "standard": D(fund_payment), "payment_kind": "normal", "rule": "rate+difference",
        "clause": "条款", "policy_version": "v2025", "assumed_parameters": ["p"],
    }  # fmt: skip
    return row | changes


def entry(setl_id: str, month: str, amount: str, n_cases: int, **changes: Any) -> dict[str, Any]:
    row = {
        "settlement_month": month, "region_code": REGION, "setl_id": setl_id, "hospital_code": H1, "fund": "310",
        "insured_region_code": REGION, "case_month": RECORD, "amount": D(amount), "n_cases": n_cases,
        "policy_version": "v2025", "hospital_level": "3",
    }  # fmt: skip
    return row | changes


PAID = [
    case("same", "100"),
    case("corrected", "100"),
    case("other_fund", "100"),
    case("withdrawn", "100"),
    case("disputed", "100"),
    # The last of three places; a late case takes it.
    case("displaced", "100", high_place=3, high_places=3, payment_kind="high_outlier"),
    # Displaced too, and corrected: that is another matter.
    case("displaced_and_corrected", "100", high_place=3, high_places=3),
    case("corrected_back", "100"),
    case("corrected_twice", "100"),
]
NOW = [
    case("same", "100"),
    case("corrected", "120.55"),
    case("other_fund", "90", fund="390", hospital_code=H2),
    case("disputed", "130", total_cost=D(100), payment_kind="dispute", rule="dispute.actual_cost+difference"),
    case("displaced", "70", total_cost=D(100), high_place=4, high_places=3),
    case("displaced_and_corrected", "70", high_place=4, high_places=3),
    case("corrected_back", "100"),
    case("corrected_twice", "150"),
    case("late", "80", insured_region_code="510700"),
    case("late_and_booked", "60"),
    case("late_for_nothing", "0"),
]
BOOKED = [
    entry("late_and_booked", EARLIER, "60", 1),
    entry("late_and_gone", EARLIER, "40", 1),
    entry("corrected_back", EARLIER, "25", 0),
    # Booked in the month being settled already, before the list was corrected once more.
    entry("corrected_twice", BOOKING, "20", 0),
    entry("corrected_twice", EARLIER, "10", 0),
]


def found(spark: SparkSession, booked: list[dict[str, Any]]) -> DataFrame:
    names = "region_code string, case_month string, setl_id string"
    return differences(
        drawn(spark, "case_payment", PAID),
        drawn(spark, "case_payment", NOW).repartition(5),
        drawn(spark, "payment_adjustment", booked),
        spark.createDataFrame([(REGION, RECORD, "disputed"), (REGION, RECORD, "elsewhere")], names),
        spark.createDataFrame([(REGION, BOOKING)], "region_code string, booking_month string"),
    )


@pytest.fixture(scope="module")
def entries(spark: SparkSession) -> list[Any]:
    return sorted(found(spark, BOOKED).collect(), key=lambda row: (row["setl_id"], row["fund"]))


def test_each_change_is_one_difference_to_what_was_paid_and_booked_elsewhere(entries: list[Any]) -> None:
    told = [(r["setl_id"], r["fund"], r["reason"], r["n_cases"], r["paid_before"], r["amount"]) for r in entries]
    assert told == [
        ("corrected", "310", "corrected", 0, D("100.00"), D("20.55")),
        ("corrected_back", "310", "corrected", 0, D("125.00"), D("-25.00")),
        ("corrected_twice", "310", "corrected", 0, D("110.00"), D("40.00")),
        ("displaced_and_corrected", "310", "corrected", 0, D("100.00"), D("-30.00")),
        ("disputed", "310", "dispute", 0, D("100.00"), D("30.00")),
        ("late", "310", "late", 1, D("0.00"), D("80.00")),
        ("late_and_gone", "310", "withdrawn", -1, D("40.00"), D("-40.00")),
        ("late_for_nothing", "310", "late", 1, D("0.00"), D("0.00")),
        ("other_fund", "310", "corrected", -1, D("100.00"), D("-100.00")),
        ("other_fund", "390", "corrected", 1, D("0.00"), D("90.00")),
        ("withdrawn", "310", "withdrawn", -1, D("100.00"), D("-100.00")),
    ]
    assert {row["settlement_month"] for row in entries} == {BOOKING}
    assert all(row["amount"] == row["fund_payment"] - row["paid_before"] for row in entries)


def test_an_entry_says_what_the_case_is_worth_and_by_which_rule(entries: list[Any]) -> None:
    by_id = {row["setl_id"]: row for row in entries}
    shown = ("payment_kind", "rule", "clause", "standard", "policy_version", "assumed_parameters")
    assert [by_id["disputed"][name] for name in shown] == [
        "dispute", "dispute.actual_cost+difference", "条款", D("130.00"), "v2025", ["p"],
    ]  # fmt: skip
    assert [by_id["withdrawn"][name] for name in shown] == [None, None, None, D("0.00"), "v2025", []]
    assert by_id["late_and_gone"]["hospital_level"] == "3"


def test_booking_again_gives_the_same_entries_and_elsewhere_none_are_left(
    spark: SparkSession, entries: list[Any]
) -> None:
    kept = [row for row in BOOKED if row["settlement_month"] != BOOKING]
    again = found(spark, [*kept, *(row.asDict() for row in entries)])
    assert sorted(again.collect(), key=lambda row: (row["setl_id"], row["fund"])) == entries
    # Seen from a later month the same changes are paid.
    moved = [*kept, *(row.asDict() | {"settlement_month": "2026-05"} for row in entries)]
    assert found(spark, moved).collect() == []


def test_differences_are_payable_beside_the_month_and_tie(spark: SparkSession, entries: list[Any]) -> None:
    month = [case("m1", "1000", settlement_month=BOOKING), case("m2", "-5", settlement_month=BOOKING, fund="390")]
    paid = drawn(spark, "case_payment", month)
    booked = drawn(spark, "payment_adjustment", [row.asDict() for row in entries])
    hospitals = hospital_settlement(paid, {(BOOKING, REGION): D("0.05")}, booked).cache()
    accounts = fund_account(paid, booked).cache()
    assert_sums_tie(paid, hospitals, accounts, booked)
    rows = {(row["hospital_code"], row["fund"]): row for row in hospitals.collect()}
    # 20.55 - 25 + 40 - 30 + 30 + 80 - 40 + 0 - 100 - 100 = -124.45; 5 % of 1,000 withheld, nothing of a difference.
    own = rows[H1, "310"]
    assert (own["n_cases"], own["adjustment"], own["withheld"], own["payable"]) == (
        1, D("-124.45"), D("50.00"), D("825.55"),
    )  # fmt: skip
    # No case of the month, and yet paid.
    other = rows[H2, "390"]
    assert (other["n_cases"], other["fund_payment"], other["payable"], other["cmi"]) == (0, D(0), D("90.00"), None)
    assert (rows[H1, "390"]["adjustment"], rows[H1, "390"]["payable"]) == (D(0), D("-5.00"))
    lines = {(row["fund"], row["insured_region_code"]): row["fund_payment"] for row in accounts.collect()
             if row["line"] == "adjustments"}  # fmt: skip
    assert lines == {("310", REGION): D("-204.45"), ("310", "510700"): D("80.00"), ("390", REGION): D("90.00")}


def logged(step: str, minute: int, period: str, touches: list[str] | None = None, ok: bool = True) -> dict[str, Any]:
    at = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return {
        "step": step, "run_id": f"{minute}", "region_code": REGION, "period": period, "finished_at": at,
        "status": "done" if ok else "failed", "touches": touches or [],
    }  # fmt: skip


def test_a_month_is_due_again_when_something_changed_since_it_was_settled_or_booked(spark: SparkSession) -> None:
    def due(*rows: dict[str, Any]) -> dict[str, list[str]]:
        return touched_months(drawn(spark, "run_log", rows), [(REGION, 2025)])

    settled = [logged("group", 0, RECORD), logged("settle", 1, RECORD)]
    assert due(*settled) == {}
    assert due(*settled, logged("group", 2, RECORD)) == {REGION: [RECORD]}
    assert due(*settled, logged("group", 2, RECORD, ok=False)) == {}
    assert due(*settled, logged("land", 2, "2026-03", [RECORD, "2026-03"])) == {REGION: [RECORD]}
    # Somebody tried to settle the cleared month; it is due as before.
    assert due(*settled, logged("group", 2, RECORD), logged("settle", 3, RECORD, ok=False)) == {REGION: [RECORD]}
    booked = [*settled, logged("group", 2, RECORD), logged("settle", 3, EARLIER, [RECORD])]
    assert due(*booked) == {}
    assert due(*booked, logged("validate", 4, RECORD)) == {REGION: [RECORD]}
    # Another year is not cleared: its months are settled, not booked.
    assert due(logged("settle", 1, "2024-11"), logged("group", 2, "2024-11")) == {}


def test_a_region_books_in_the_last_month_it_settles() -> None:
    units = [Unit("A", "2026-02", "x"), Unit("A", "2026-01", "x"), Unit("B", "2026-01", "x")]
    assert last_months(units) == {"A": "2026-02", "B": "2026-01"}
