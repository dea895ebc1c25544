"""land: hospital register, fund budget, reviews and audits are taken whole or refused with file, line and field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from intake_messages import HOSPITAL, REGION, register

from drg.errors import DeliveryError
from drg.land.registers import (
    read_audit_deductions,
    read_case_applications,
    read_fund_budget,
    read_hospital_register,
    read_performance,
)


def folder(tmp_path: Path, name: str, *replace: tuple[str, str], add: str = "") -> Path:
    register(tmp_path)
    path = tmp_path / REGION / name
    text = path.read_text(encoding="utf-8") + add
    for old, new in replace:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path.parent


def test_a_sound_register_and_budget(tmp_path: Path) -> None:
    register(tmp_path)
    assert read_hospital_register(tmp_path / REGION, REGION) == [
        (REGION, HOSPITAL, "某医院", "3", date(2020, 1, 1), None)
    ]
    assert [row[:5] for row in read_fund_budget(tmp_path / REGION, REGION)] == [
        (2025, REGION, "310", Decimal("1000000.00"), Decimal("0.05")),
        (2025, REGION, "390", Decimal("2000000.00"), Decimal("0.04")),
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (",3,2020", ",4,2020", "line 2, field hospital_level: '4' is not 1 or 2 or 3"),
        (HOSPITAL, "H5101", "line 2, field hospital_code: 'H5101' is not H and 11 digits"),
        (f"\n{REGION}", "\n510300", "line 2, field region_code: '510300' is not 510100"),
        ("某医院", " ", "line 2, field hospital_name: is blank"),
        ("2020-01-01", "2020-02-30", "line 2, field valid_from: '2020-02-30' is no day of the calendar"),
        ("2020-01-01,", "2020-01-01,2019-12-31", "line 2, field valid_to: is before valid_from 2020-01-01"),
        ("valid_from", "from", "line 1: needs the column valid_from exactly once"),
        ("2020-01-01,", "2020-01-01", "line 2: has 5 cells, not 6"),
    ],
)
def test_a_register_with_a_fault(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    where = folder(tmp_path, "hospital_register.csv", (old, new))
    with pytest.raises(DeliveryError) as caught:
        read_hospital_register(where, REGION)
    assert str(caught.value).startswith(f"region {REGION}: hospital_register.csv {sentence}")


def test_a_hospital_may_change_its_level_from_one_day_to_the_next_but_not_on_one(tmp_path: Path) -> None:
    change = f"{REGION},{HOSPITAL},某医院,2,2024-01-01,\n"
    where = folder(tmp_path, "hospital_register.csv", ("2020-01-01,", "2020-01-01,2023-12-31"), add=change)
    assert [row[3] for row in read_hospital_register(where, REGION)] == ["3", "2"]
    where = folder(tmp_path, "hospital_register.csv", ("2020-01-01,", "2020-01-01,2024-01-01"), add=change)
    with pytest.raises(DeliveryError, match=f"line 3, field valid_from: overlaps another entry of hospital {HOSPITAL}"):
        read_hospital_register(where, REGION)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("1000000.00", "1000000.005", "line 2, field prior_year_fund_spend: '1000000.005' is no number with at most 2"),
        ("1000000.00", "-1.00", "line 2, field prior_year_fund_spend: '-1.00' is too small"),
        ("1000000.00", "一百万", "line 2, field prior_year_fund_spend: '一百万' is no number"),
        ("0.05,", "-1,", "line 2, field growth: '-1' is too small"),
        (",0.70,", ",1.01,", "line 2, field reimbursement_ratio: '1.01' is more than 1"),
        (",0.70,", ",0,", "line 2, field reimbursement_ratio: '0' is too small"),
        (",1200,", ",0,", "line 2, field forecast_cases: '0' is no whole number"),
        (",390,", ",310,", "line 3, field fund: gives year 2025 and fund 310 a second budget"),
        (",390,", ",380,", "line 3, field fund: '380' is not 310 or 390"),
        ("assumed", "maybe", "line 2, field standing: 'maybe' is not"),
    ],
)
def test_a_budget_with_a_fault(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    where = folder(tmp_path, "fund_budget.csv", (old, new))
    with pytest.raises(DeliveryError) as caught:
        read_fund_budget(where, REGION)
    assert str(caught.value).startswith(f"region {REGION}: fund_budget.csv {sentence}")


def test_a_register_that_is_missing_empty_or_in_another_encoding(tmp_path: Path) -> None:
    where = tmp_path / REGION
    where.mkdir()
    path = where / "hospital_register.csv"
    for content, sentence in (
        (None, "is missing"),
        (b"", "needs the column"),
        ("统筹区编码".encode("gb18030"), "is not UTF-8"),
    ):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(DeliveryError, match=sentence):
            read_hospital_register(where, REGION)


REVIEWS = f"""settlement_year,region_code,hospital_code,fund,score,reward_points
2025,{REGION},{HOSPITAL},,92.5,
2024,{REGION},{HOSPITAL},310,90,-12.5
2024,{REGION},{HOSPITAL},390,,3
"""
AUDITS = f"""settlement_year,region_code,hospital_code,fund,amount,reason,decided_on
2025,{REGION},{HOSPITAL},310,1200.50,重复收费,2026-01-09
2025,{REGION},{HOSPITAL},310,1200.50,重复收费,2026-01-09
"""


def beside(tmp_path: Path, name: str, text: str) -> Path:
    where = tmp_path / REGION
    where.mkdir(exist_ok=True)
    (where / name).write_text(text, encoding="utf-8")
    return where


def test_a_blank_fund_is_a_score_for_both_and_points_are_of_one(tmp_path: Path) -> None:
    assert read_performance(beside(tmp_path, "performance.csv", REVIEWS), REGION) == [
        (2024, REGION, HOSPITAL, "310", Decimal(90), Decimal("-12.5")),
        (2024, REGION, HOSPITAL, "390", None, Decimal(3)),
        (2025, REGION, HOSPITAL, "all", Decimal("92.5"), None),
    ]


def test_two_equal_deductions_are_two(tmp_path: Path) -> None:
    rows = read_audit_deductions(beside(tmp_path, "audit_deduction.csv", AUDITS), REGION)
    assert [row[2] for row in rows] == [2, 3]
    assert rows[0] == (2025, REGION, 2, HOSPITAL, "310", Decimal("1200.50"), "重复收费", date(2026, 1, 9))


def test_a_year_without_deductions_may_say_so(tmp_path: Path) -> None:
    header = AUDITS.splitlines()[0] + "\n"
    assert read_audit_deductions(beside(tmp_path, "audit_deduction.csv", header), REGION) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (",92.5,", ",,", "line 2, field score: is blank, and so is reward_points"),
        (",92.5,", ",92.5,4", "line 2, field fund: is blank, but reward_points count in one fund"),
        (",92.5,", ",1000.5,", "line 2, field score: '1000.5' is more than 1000"),
        (",390,", ",,", "line 4, field fund: is blank, but reward_points"),
        (",390,,3", ",,3,", "line 4, field hospital_code: gives hospital"),
        (",390,", ",310,", "line 4, field hospital_code: gives hospital"),
        (f"2025,{REGION}", "2025,510300", "line 2, field region_code: '510300' is not 510100"),
    ],
)
def test_a_review_with_a_fault(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in REVIEWS
    with pytest.raises(DeliveryError) as caught:
        read_performance(beside(tmp_path, "performance.csv", REVIEWS.replace(old, new)), REGION)
    assert str(caught.value).startswith(f"region {REGION}: performance.csv {sentence}")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("1200.50", "0", "line 2, field amount: '0' is too small"),
        ("1200.50", "-5", "line 2, field amount: '-5' is too small"),
        (",310,", ",all,", "line 2, field fund: 'all' is not 310 or 390"),
        ("重复收费", "", "line 2, field reason: is blank"),
        ("decided_on", "decided", "line 1: needs the column decided_on exactly once"),
    ],
)
def test_a_deduction_with_a_fault(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        read_audit_deductions(beside(tmp_path, "audit_deduction.csv", AUDITS.replace(old, new)), REGION)
    assert str(caught.value).startswith(f"region {REGION}: audit_deduction.csv {sentence}")


APPLICATIONS = f"""region_code,settlement_month,setl_id,kind,item_code,amount,applied_on,decision,decided_on,reason
{REGION},2025-01,S1,special_case,,,2025-02-03,in,2025-02-20,多学科联合诊疗
{REGION},2025-01,S2,exclusion,LVAD,180000.00,2025-02-03,pending,,
"""


def test_applications_are_read_with_their_decisions(tmp_path: Path) -> None:
    rows = read_case_applications(beside(tmp_path, "case_application.csv", APPLICATIONS), REGION)
    assert [(row[2], row[3], row[4], row[5], row[7]) for row in rows] == [
        ("S1", "special_case", "", None, "in"),
        ("S2", "exclusion", "LVAD", Decimal("180000.00"), "pending"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "S2,exclusion,LVAD,180000.00",
            "S1,special_case,,",
            "line 3, field setl_id: gives case S1 a second",
        ),
        ("exclusion,LVAD", "exclusion,", "line 3, field item_code: names the item of an exclusion"),
        ("special_case,,", "special_case,LVAD,", "line 2, field item_code: names the item of an exclusion"),
        ("special_case,,,", "special_case,,5,", "line 2, field amount: is the cost of an excluded item"),
        ("pending,,", "pending,2025-02-04,", "line 3, field decided_on: is the day of a decision"),
        ("in,2025-02-20", "in,", "line 2, field decided_on: is the day of a decision, and the decision is in"),
        ("in,2025-02-20", "in,2025-02-02", "line 2, field decided_on: lies before applied_on 2025-02-03"),
        ("2025-01,S1", "2025-13,S1", "line 2, field settlement_month: '2025-13' is not a month"),
        ("180000.00", "0", "line 3, field amount: '0' is too small"),
    ],
)
def test_an_application_with_a_fault(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in APPLICATIONS
    with pytest.raises(DeliveryError) as caught:
        read_case_applications(beside(tmp_path, "case_application.csv", APPLICATIONS.replace(old, new)), REGION)
    assert str(caught.value).startswith(f"region {REGION}: case_application.csv {sentence}")
