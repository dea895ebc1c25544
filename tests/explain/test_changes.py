"""What is told of a list that is no longer as it was; without Spark."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from drg.explain.changes import changes_section
from drg.explain.found import Found

MOMENT = datetime.fromisoformat("2025-03-31T23:59:59+08:00")
LIST: dict[str, Any] = {"file_name": "a.jsonl", "line_number": 1, "total_cost": Decimal("1000.00"), "interim": False,
                        "principal_diagnosis": "I10.x00", "row_hash": "1"}  # fmt: skip
GROUP = {"scheme": "chs-drg-2.0", "drg": "FR21"}
PAID = {"scheme": "chs-drg-2.0", "fund_payment": Decimal("660.00"), "rate_version": "2025.1"}


def found(paid: dict[str, Any] | None = PAID, **changes: Any) -> Found:
    return Found(accepted=LIST | changes, grouped=[GROUP], payment=paid)


def test_nothing_changed() -> None:
    section = changes_section(found(), found(), MOMENT)
    assert section.title == "与 2025-03-31 23:59 相比"
    assert section.lines == ("状态：已结算", "清单、分组和支付均无变化")


def test_the_payment_stands_first_and_the_patient_is_not_described() -> None:
    paid = PAID | {"fund_payment": Decimal("580.00"), "rate_version": "2025.2"}
    later = found(paid, total_cost=Decimal("1200.00"), line_number=7, principal_diagnosis="I11.000", row_hash="2")
    later.flags = [{"check_id": "DX03", "message": "主要诊断不是第一条"}]
    assert changes_section(found(), later, MOMENT).lines == (
        "状态：已结算",
        "病例支付·统筹基金应付：660.00 → 580.00",
        "病例支付·费率版本：2025.1 → 2025.2",
        "有效清单·主要诊断：已变更",
        "有效清单·医疗费总额：1000.00 → 1200.00",
        "有效清单·行号：1 → 7",
        "新增提示：DX03 主要诊断不是第一条",
    )


def test_the_state_of_a_list_that_came_was_paid_or_went() -> None:
    nothing, refused = Found(), Found(rejected=[{"reason_kind": "reversed"}])
    for before, after, expected in (
        (nothing, found(None), "状态：未收到 → 已受理，未结算"),
        (found(None), found(), "状态：已受理，未结算 → 已结算"),
        (found(), refused, "状态：已结算 → 未采用"),
    ):
        assert changes_section(before, after, MOMENT).lines[0] == expected


def test_a_column_of_a_later_contract_is_no_change() -> None:
    before = Found(accepted={name: value for name, value in LIST.items() if name != "interim"}, payment=PAID)
    assert changes_section(before, found(), MOMENT).lines[-1] == "清单、分组和支付均无变化"
