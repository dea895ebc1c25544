"""land: disputes and warning notices are taken whole or refused in one sentence; a state only moves forward."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from intake_messages import HOSPITAL, REGION

from drg.errors import DeliveryError
from drg.land.cells import Row
from drg.land.workflows import (
    DISPUTE_COLUMNS,
    NOTICE_COLUMNS,
    months_decided,
    moved_forward,
    read_case_disputes,
    read_warning_notices,
)

DISPUTES = f"""{",".join(DISPUTE_COLUMNS)}
{REGION},2025-01,S1,{HOSPITAL},payment,2025-02-12,decided,2025-02-14,upheld,2025-02-28,repriced,,多器官衰竭
{REGION},2025-01,S2,{HOSPITAL},grouping,2025-02-12,decided,2025-02-12,upheld,2025-02-12,regrouped,BR23-A,
{REGION},2025-01,S3,{HOSPITAL},grouping,2025-02-12,decided,2025-02-14,dismissed,2025-02-28,,,
{REGION},2025-01,S4,{HOSPITAL},other,2025-01-31,filed,,,,,,
{REGION},2025-01,S5,{HOSPITAL},payment,2025-02-12,refused,2025-02-13,,,,,超过申诉期限
{REGION},2025-01,S6,{HOSPITAL},payment,2025-02-12,accepted,2025-02-13,,,,,
"""
NOTICES = f"""{",".join(NOTICE_COLUMNS)}
{REGION},2025-7,{HOSPITAL},次均费用偏高,次均费用,BR23,yuan,15234.50,11000,2025-02-10,2025-02-25,2025-02-20,2025-03-01
{REGION},2025-8,{HOSPITAL},药占比偏高,药占比,,share,0.4120,0.2890,2025-02-10,2025-02-25,,
"""


def file(tmp_path: Path, name: str, text: str) -> Path:
    where = tmp_path / REGION
    where.mkdir(exist_ok=True)
    (where / name).write_text(text, encoding="utf-8")
    return where


def disputes(tmp_path: Path, text: str = DISPUTES) -> list[Row]:
    return read_case_disputes(file(tmp_path, "case_dispute.csv", text), REGION, {HOSPITAL})


def test_disputes_are_read_with_state_and_ruling(tmp_path: Path) -> None:
    rows = disputes(tmp_path)
    assert [(row[2], row[6], row[8], row[10], row[11]) for row in rows] == [
        ("S1", "decided", "upheld", "repriced", None),
        ("S2", "decided", "upheld", "regrouped", "BR23-A"),
        ("S3", "decided", "dismissed", None, None),
        ("S4", "filed", None, None, None),
        ("S5", "refused", None, None, None),
        ("S6", "accepted", None, None, None),
    ]
    assert disputes(tmp_path, DISPUTES.splitlines()[0] + "\n") == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (",S2,", ",S1,", "line 3, field setl_id: gives case S1 a second dispute; a case is decided once"),
        (f"S1,{HOSPITAL}", "S1,H99999999999", "line 2, field hospital_code: H99999999999 does not stand in hospital_"),
        (f"{REGION},2025-01,S1", "510300,2025-01,S1", "line 2, field region_code: '510300' is not 510100"),
        ("2025-01,S1", "2025-1,S1", "line 2, field settlement_month: '2025-1' is not a month"),
        (
            "other,2025-01-31",
            "other,2024-12-31",
            "line 5, field filed_on: 2024-12-31 lies before settlement_month 2025-0",
        ),
        (",other,", ",money,", "line 5, field subject: 'money' is not grouping or payment or other"),
        ("accepted,", "open,", "line 7, field state: 'open' is not filed or accepted or refused or decided"),
        ("filed,,", "filed,2025-02-12,", "line 5, field answered_on: is 2025-02-12, and the dispute is filed"),
        ("refused,2025-02-13", "refused,", "line 6, field answered_on: is blank, and the dispute is refused"),
        (
            "refused,2025-02-13,,",
            "refused,2025-02-13,upheld,",
            "line 6, field decision: is upheld, and the dispute is re",
        ),
        (
            "accepted,2025-02-13,,,",
            "accepted,2025-02-13,,2025-02-20,",
            "line 7, field decided_on: is 2025-02-20, and the",
        ),
        ("dismissed,2025-02-28", ",2025-02-28", "line 4, field decision: is blank, and the dispute is decided"),
        ("upheld,2025-02-28", "upheld,", "line 2, field decided_on: is blank, and the dispute is decided"),
        (
            "decided,2025-02-14,up",
            "decided,2025-02-11,up",
            "line 2, field answered_on: 2025-02-11 lies before filed_on",
        ),
        (
            "upheld,2025-02-28",
            "upheld,2025-02-13",
            "line 2, field decided_on: 2025-02-13 lies before answered_on 2025-02",
        ),
        ("2025-02-28,repriced", "2025-02-28,", "line 2, field ruling: says how a dispute that is upheld is paid"),
        (
            "dismissed,2025-02-28,,",
            "dismissed,2025-02-28,repriced,",
            "line 4, field ruling: says how a dispute that is",
        ),
        ("regrouped,BR23-A", "regrouped,", "line 3, field drg: names the group of a ruling that is regrouped"),
        ("repriced,,", "repriced,BR23,", "line 2, field drg: names the group of a ruling that is regrouped"),
        ("regrouped,BR23-A", "regrouped,BR", "line 3, field drg: 'BR' is not a group such as BR23 or BR23-A"),
    ],
)
def test_a_dispute_with_a_fault(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in DISPUTES
    with pytest.raises(DeliveryError) as caught:
        disputes(tmp_path, DISPUTES.replace(old, new, 1))
    assert str(caught.value).startswith(f"region {REGION}: case_dispute.csv {sentence}")
    assert "\n" not in str(caught.value)


def landed(rows: list[Row]) -> list[dict[str, Any]]:
    return [dict(zip(DISPUTE_COLUMNS, row, strict=True)) for row in rows]


def test_what_moves_forward_takes_the_place_of_what_was_landed_and_the_rest_stays(tmp_path: Path) -> None:
    before = disputes(tmp_path)
    head, *lines = DISPUTES.splitlines()
    moved = lines[3].replace("filed,,,,,,", "decided,2025-02-20,upheld,2025-03-01,repriced,,")
    now = disputes(tmp_path, "\n".join([head, moved, lines[5].replace("accepted", "accepted"), ""]))
    after = moved_forward(REGION, landed(before), now)
    assert [(row[2], row[6]) for row in after] == [
        ("S1", "decided"), ("S2", "decided"), ("S3", "decided"), ("S4", "decided"), ("S5", "refused"),
        ("S6", "accepted"),
    ]  # fmt: skip
    assert moved_forward(REGION, landed(after), after) == after
    # Only what was upheld since touches its month.
    assert months_decided(landed(before), after) == {"2025-01"}
    assert months_decided(landed(after), after) == set()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("upheld,2025-02-28,repriced,,", "dismissed,2025-02-28,,,",
         "decides the dispute of case S1 a second time (decision was upheld and is dismissed)"),
        ("upheld,2025-02-28", "upheld,2025-03-01",
         "decides the dispute of case S1 a second time (decided_on was 2025-02-28 and is 2025-03-01)"),
        ("BR23-A", "BR25", "decides the dispute of case S2 a second time (drg was BR23-A and is BR25)"),
        ("decided,2025-02-14,upheld,2025-02-28,repriced,,", "filed,,,,,,",
         "decides the dispute of case S1 a second time (answered_on was 2025-02-14 and is None)"),
        ("refused,2025-02-13", "accepted,2025-02-13", "takes the dispute of case S5 from refused to accepted"),
        ("accepted,2025-02-13", "filed,", "takes the dispute of case S6 from accepted to filed"),
        ("2025-02-12,accepted", "2025-02-11,accepted",
         "changes filed_on of the dispute of case S6 from 2025-02-12 to 2025-02-11"),
    ],
)  # fmt: skip
def test_what_was_answered_or_decided_is_not_taken_back(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    before = disputes(tmp_path)
    assert old in DISPUTES
    with pytest.raises(DeliveryError) as caught:
        moved_forward(REGION, landed(before), disputes(tmp_path, DISPUTES.replace(old, new, 1)))
    assert str(caught.value) == f"region {REGION}: case_dispute.csv: {sentence}; correct the file and deliver it again"


def notices(tmp_path: Path, text: str = NOTICES) -> list[Row]:
    return read_warning_notices(file(tmp_path, "warning_notice.csv", text), REGION, {HOSPITAL})


def test_notices_are_read_with_their_basis_and_days(tmp_path: Path) -> None:
    first, second = notices(tmp_path)
    assert first[3:9] == ("次均费用偏高", "次均费用", "BR23", "yuan", Decimal("15234.50"), Decimal(11000))
    assert second[9:] == (date(2025, 2, 10), date(2025, 2, 25), None, None)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("2025-8,", "2025-7,", "line 3, field notice_number: gives number 2025-7 a second notice"),
        (f"2025-7,{HOSPITAL}", "2025-7,H99999999999", "line 2, field hospital_code: H99999999999 does not stand in"),
        ("2025-02-25,2025-02-20", "2025-02-09,2025-02-20", "line 2, field reply_due: 2025-02-09 lies before sent_on"),
        ("2025-02-20,2025-03-01", "2025-02-09,2025-03-01", "line 2, field replied_on: 2025-02-09 lies before sent_on"),
        (
            "2025-02-20,2025-03-01",
            "2025-02-20,2025-02-19",
            "line 2, field closed_on: 2025-02-19 lies before replied_on",
        ),
        ("15234.50", "15234.50001", "line 2, field value: '15234.50001' is no number with at most 4 decimals"),
        ("0.2890", "", "line 3, field peer_value: is blank"),
    ],
)
def test_a_notice_with_a_fault(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in NOTICES
    with pytest.raises(DeliveryError) as caught:
        notices(tmp_path, NOTICES.replace(old, new, 1))
    assert str(caught.value).startswith(f"region {REGION}: warning_notice.csv {sentence}")


def test_a_reply_may_come_late_and_a_notice_be_closed_without_one(tmp_path: Path) -> None:
    late = NOTICES.replace("2025-02-20,2025-03-01", "2025-02-26,2025-02-26")
    assert notices(tmp_path, late)[0][11:] == (date(2025, 2, 26), date(2025, 2, 26))
    assert notices(tmp_path, NOTICES.replace("2025-02-25,,", "2025-02-25,,2025-03-05"))[1][11:] == (
        None,
        date(2025, 3, 5),
    )
