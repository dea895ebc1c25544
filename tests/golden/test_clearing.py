"""The worked examples of the annual clearing, to the fen, through the functions the job calls."""

from __future__ import annotations

from decimal import Decimal

import pytest

from drg.settle.clearing import Budget, HospitalYear, Terms, clear_fund

BUDGET = Budget(Decimal("108000000"), Decimal("5000000"), Decimal("3000000"), Decimal("100000000"))


def years(use: str) -> list[HospitalYear]:
    """1,200,000 points and 40,000,000 of patients' money; the first hospital has 300,000 and 9,500,000 of them."""
    first = HospitalYear(
        "H1",
        "310",
        by_item=Decimal(26_000_000),
        points=Decimal(300_000),
        patient_share=Decimal(9_500_000),
        paid=Decimal(24_000_000),
    )
    rest = HospitalYear(
        "H2",
        "310",
        by_item=Decimal(use) - Decimal(26_000_000),
        points=Decimal(900_000),
        patient_share=Decimal(30_500_000),
        paid=Decimal(70_000_000),
    )
    return [first, rest]


@pytest.mark.parametrize(
    ("use", "with_patient_share", "distributable", "point_value", "due", "balance"),
    [
        ("104000000", True, "100600000.00", "117.166667", "25650000.00", "1650000.00"),
        ("96000000", True, "99400000.00", "116.166667", "25350000.00", "1350000.00"),
        ("104000000", False, "100600000.00", "83.833333", "25150000.00", "1150000.00"),
        ("96000000", False, "99400000.00", "82.833333", "24850000.00", "850000.00"),
    ],
    ids=["overspend", "surplus", "overspend, fund only", "surplus, fund only"],
)
def test_clearing_with_85_percent_sharing(
    use: str, with_patient_share: bool, distributable: str, point_value: str, due: str, balance: str
) -> None:
    share = Decimal("0.85")
    terms = Terms(True, True, with_patient_share, 6, surplus_share=share, overspend_share=share)
    fund = clear_fund("310", terms, BUDGET, years(use))
    first, rest = fund.hospitals
    assert fund.distributable == Decimal(distributable)
    assert fund.point_value == Decimal(point_value)
    assert (first.due, first.balance) == (Decimal(due), Decimal(balance))
    # The whole budget is accounted for, and the hospitals' dues are the fund's.
    assert first.due + rest.due == fund.distributable
    assert BUDGET.budget == BUDGET.reserve + BUDGET.non_drg_payments + Decimal(due) + rest.due + fund.region_share
