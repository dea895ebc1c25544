"""What is told of a case whose year was cleared before its list changed; without Spark."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drg.explain.booked import booked_section, booked_summary
from drg.explain.found import Found

D = Decimal


def entry(month: str, fund: str, worth: str, before: str, **changes: Any) -> dict[str, Any]:
    row = {
        "settlement_month": month, "case_month": "2025-11", "hospital_code": "H51010000001", "fund": fund,
        "reason": "corrected", "rule": "rate+difference", "clause": "条款", "standard": D("9000.00"),
        "fund_payment": D(worth), "paid_before": D(before), "amount": D(worth) - D(before),
    }  # fmt: skip
    return row | changes


def test_each_entry_is_written_out_and_funds_are_not_added_up() -> None:
    rows = [
        entry("2026-03", "310", "0.00", "5000.00", rule=None, reason="withdrawn"),
        entry("2026-03", "390", "4800.00", "0.00"),
        entry("2026-04", "390", "4750.50", "4800.00"),
    ]
    assert booked_summary(rows) == ("清算后差额 职工医保 -5,000.00 元，居民医保 4,750.50 元，记入 2026-03、2026-04")
    paid = {"settlement_month": "2025-11", "payment_kind": "normal", "rule": "rate+ratio", "fund_payment": D("5000.00")}
    section = booked_section(Found(payment=paid, booked=rows))
    assert section is not None
    assert section.title == "清算后差额"
    text = "\n".join(section.lines)
    for line in (
        "2025 年已清算，2025-11 的结算不再改动，差额记入以后的结算月",
        "2025-11 结算：正常倍率，统筹基金应付 5,000.00 元",
        "2026-03：清算后撤销，职工医保，H51010000001：现应付 0.00 − 已付 5,000.00 = -5,000.00 元",
        "2026-03：清算后更正，居民医保，H51010000001：现应付 4,800.00 − 已付 0.00 = 4,800.00 元",
        "结算标准 9,000.00 元，费率法",
        "2026-04：清算后更正，居民医保，H51010000001：现应付 4,750.50 − 已付 4,800.00 = -49.50 元",
    ):
        assert line in text, text


def test_a_case_without_entries_has_no_such_section() -> None:
    assert booked_section(Found()) is None
