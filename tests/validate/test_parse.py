"""validate reads what a landed record says: texts without blanks, numbers as text, dates, amounts; nothing guessed."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from intake_messages import REGION, Message, deliver, message

from drg.land.delivery import read_delivery
from drg.land.records import landed_batches
from drg.validate.parse import bare, parse, typed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("310", "310"),
        ("", None),
        (None, None),
        (" 310", "310"),
        ("310\t", "310"),
        ("\u3000310\u00a0", "310"),
        ("\ufeff310", "310"),
        ("3 10", "3 10"),
        ("null", None),
        (" null ", None),
        ("nulls", "nulls"),
        ("Null", "Null"),
        ("   ", None),
        ("住院", "住院"),
        ("\u200b310", "\u200b310"),
    ],
)
def test_blanks_around_a_text_go_and_nothing_else(text: str | None, read: str | None) -> None:
    """Alone and beside a text that has none, in an array and in a part of one."""
    assert bare(pa.array([text], pa.string())).to_pylist() == [read]
    among = bare(pa.array(["x", "1", text, None, "2"], pa.string()).slice(1, 3))
    assert among.to_pylist() == ["1", read, None]


def test_texts_that_are_all_blank_are_all_null() -> None:
    assert bare(pa.array(["", None, ""], pa.string())).to_pylist() == [None, None, None]
    assert bare(pa.array([], pa.string())).to_pylist() == []


def landed(root: Path, *messages: Message) -> pa.Table:
    path = deliver(root, list(messages))
    (file,) = (one for one in read_delivery(root, REGION, "成都市", "2025-01").files if one.name == path.name)
    return pa.Table.from_batches(landed_batches(file))


def read(root: Path, **values: Any) -> dict[str, Any]:
    """The typed columns of a sound list with these header fields."""
    one = copy.deepcopy(message())
    one["setlinfo"] |= values
    (row,) = typed(landed(root, one), ("510100", "519900")).to_pylist()
    return dict(row)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-01-05 10:20:30", "2025-01-05 10:20:30"),
        ("2025-01-05", "2025-01-05 00:00:00"),
        ("2025-01-05 23:59:59", "2025-01-05 23:59:59"),
        ("2025-01-05 24:00:00", None),
        ("2025-01-05 23:59:60", None),
        ("2025-02-29", None),
        ("2024-02-29", "2024-02-29 00:00:00"),
        ("2025-1-5", None),
        ("2025-01-05T10:20:30", None),
        ("0000-01-01", None),
        ("20250105", None),
    ],
)
def test_a_time_is_a_time_or_nothing(tmp_path: Path, text: str, moment: str | None) -> None:
    row = read(tmp_path, dscg_time=text)
    assert (row["discharged_at"] and str(row["discharged_at"])) == moment
    assert (row["discharge_date"] and str(row["discharge_date"])) == (moment and moment[:10])


@pytest.mark.parametrize(
    ("text", "amount", "bad", "long"),
    [
        ("1000", "1000.00", False, False),
        ("1000.5", "1000.50", False, False),
        (1000.5, "1000.50", False, False),
        ("1000.005", "1000.01", False, True),
        ("1000.0049", "1000.00", False, True),
        ("1000.5000", "1000.50", False, False),
        ("-1000", "-1000.00", False, False),
        ("999999999999.99", "999999999999.99", False, False),
        ("1000000000000", "1000000000000.00", True, False),
        ("1e3", "1000.00", True, False),
        ("+5", "5.00", True, False),
        ("5.", "5.00", True, False),
        ("一千", "0.00", True, False),
        ("", "0.00", False, False),
        (None, "0.00", False, False),
    ],
)
def test_an_amount_is_exact_or_the_list_says_it_is_none(
    tmp_path: Path, text: Any, amount: str, bad: bool, long: bool
) -> None:
    row = read(tmp_path, medfee_sumamt=text)
    assert (row["total_cost"], row["bad_amount"], row["long_amount"]) == (Decimal(amount), bad, long)


@pytest.mark.parametrize(
    ("age", "days", "read_age", "read_days"),
    [("0", "12", 0, 12), ("0.5", "183", 0, 183), ("", "12", 0, 12), ("1", "12", 1, None), ("-1", "", None, None)],
)
def test_days_of_age_count_below_one_year(
    tmp_path: Path, age: str, days: str, read_age: int | None, read_days: int | None
) -> None:
    row = read(tmp_path, age=age, age_days=days)
    assert (row["age_years"], row["age_days"]) == (read_age, read_days)


@pytest.mark.parametrize(
    ("division", "region"),
    [("510104", "510100"), ("510199", "510100"), ("519900", "519900"), ("510304", None), ("5101", None), ("", None)],
)
def test_a_county_belongs_to_its_city(tmp_path: Path, division: str, region: str | None) -> None:
    assert read(tmp_path, insu_admdvs=division)["insured_region_code"] == region


def test_a_number_may_stand_for_its_text(tmp_path: Path) -> None:
    row = read(tmp_path, act_ipt_days=6, mid_setl_flag=1)
    assert (row["stated_days"], row["interim"]) == (6, True)


@pytest.mark.parametrize(("given", "read"), [(r"a\ud800b", "a?b"), (r"a\ud83c\udfe5b", "a🏥b"), (r"a\u4f4fb", "a住b")])
def test_half_a_character_is_a_question_mark_and_a_whole_one_stays(tmp_path: Path, given: str, read: str) -> None:
    rows = landed(tmp_path, message(bill_no="HERE"), message())
    raw = [text.replace("HERE", given) for text in rows["raw"].to_pylist()]
    read_rows = parse(rows.set_column(rows.column_names.index("raw"), "raw", pa.array(raw)))
    assert read_rows["bill_no"][0].as_py() == read
    assert read_rows["insutype"].to_pylist() == ["310", "310"]


def test_an_unreadable_record_keeps_its_place_and_says_nothing(tmp_path: Path) -> None:
    rows = landed(tmp_path, message(), message(setl_id="S2"))
    kind = pa.array(["list", "unreadable"])
    (sound, broken) = parse(rows.set_column(rows.column_names.index("record_kind"), "record_kind", kind)).to_pylist()
    assert (sound["line_number"], sound["insutype"]) == (1, "310")
    assert broken["line_number"] == 2
    assert {broken[name] for name in ("insutype", "diseinfo", "certno", "brdy")} == {None}


def test_rows_of_a_node_that_are_none_are_empty_rows(tmp_path: Path) -> None:
    one = {**message(), "diseinfo": [None, 5, {"diag_code": "I10.x00x002", "diag_type": 1}]}
    (row,) = parse(landed(tmp_path, one)).to_pylist()
    assert [entry and entry["diag_code"] for entry in row["diseinfo"]] == [None, None, "I10.x00x002"]
    assert row["diseinfo"][2]["diag_type"] == "1"
