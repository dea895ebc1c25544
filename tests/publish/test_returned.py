"""What a hospital gets back: drawn records and findings, and the files made of them; no Spark."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from drawn_payments import MONTH, A, B, flag, rejected

from drg.publish.returned import CORRECTED, FLAGGED, FOLDER, HEADINGS, NOT_USED, RETURNED, write_returned

H, OTHER = f"H{A}00001", f"H{B}00001"
HOSPITALS = {H: "人民医院", OTHER: "中心医院", f"H{A}00009": "没有退回的医院"}
# 2025-01-19 08:00 in China.
AGAIN = datetime(2025, 1, 19, 0, tzinfo=UTC)
PERSON = "510101200001011234"


def superseded(number: int, setl_id: str, *returned_for: str) -> dict[str, Any]:
    """An earlier version of a list, and what it was returned for."""
    told = {"setl_id": setl_id, "check_id": "ID04", "field": "dcla_time", "message": "以最新版本为准；无需更正"}
    return rejected(number, kind="superseded") | told | {"returned_for": list(returned_for), "replaced_at": AGAIN}


REFUSED = [
    rejected(1) | {"check_id": "ID09", "field": "gend", "failed_checks": ["ID09", "DX06"]},
    # Returned, and settled as a later version; returned for nothing; returned twice, and still to be corrected.
    superseded(3, "CORRECTED", "ID09", "ID10"),
    superseded(4, "REPLACED"),
    superseded(5, "AGAIN", "ID09"),
    rejected(6) | {"setl_id": "AGAIN"},
    # Returned, then corrected, then taken back.
    superseded(7, "BACK", "ID09"),
    rejected(8, kind="reversed") | {"setl_id": "BACK", "check_id": "ID22"},
    # Nobody's: not to be read, not in the register; a person's number where the settlement id belongs.
    rejected(10, kind="unreadable")
    | {"hospital_code": None, "setl_id": None, "field": None, "failed_checks": ["BT06"]},
    rejected(9) | {"hospital_code": "H51010000077", "setl_id": f"张三 {PERSON}"},
    rejected(11, B) | {"setl_id": "51070020250100000001"},
]
FLAGS = [flag(1), flag(2), flag(2, check="ID18"), flag(1) | {"severity": "R", "check_id": "DX06"}, flag(1, B)]


def table(rows: list[dict[str, Any]], **types: pa.DataType) -> pa.Table:
    names = sorted({name for row in rows for name in row} | types.keys())
    return pa.table({name: pa.array([row.get(name) for row in rows], types.get(name)) for name in names})


def write(folder: Path, refused: list[dict[str, Any]], flags: list[dict[str, Any]], most: int = 100) -> list[Any]:
    folder.mkdir(parents=True)
    text = pa.string()
    nested = {"returned_for": pa.list_(text), "failed_checks": pa.list_(text), "replaced_at": pa.timestamp("us", "UTC")}
    pq.write_table(
        table(refused, **nested, hospital_code=text, setl_id=text, field=text), folder / "rejected_list.parquet"
    )
    pq.write_table(table(flags, hospital_code=text, setl_id=text, field=text), folder / "list_flag.parquet")
    return write_returned(folder, MONTH, A, HOSPITALS, "c0ffee", most)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("returned") / "release"
    write(made, REFUSED, FLAGS)
    return made / FOLDER


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def test_each_hospital_has_its_files_and_nobodys_records_one_for_the_region(folder: Path) -> None:
    stems = [H, OTHER, f"{A}_无法识别医疗机构"]
    assert {path.name for path in folder.iterdir()} == {f"{s}.{kind}" for s in stems for kind in ("csv", "json")}
    nobody = rows(folder / f"{A}_无法识别医疗机构.csv")
    assert [(row[0], row[3], row[8]) for row in nobody] == [("H51010000077", "9", RETURNED), ("", "10", RETURNED)]


def test_one_row_a_list_and_finding_what_is_to_be_corrected_first(folder: Path) -> None:
    """Line 1 is returned for two checks and flagged by a third, line 2 settled with two flags."""
    told = [(row[3], row[4], row[5], row[8]) for row in rows(folder / f"{H}.csv")]
    assert told == [
        ("1", "ID09", "退回", RETURNED), ("1", "DX06", "退回", RETURNED), ("1", "ID13", "提示", RETURNED),
        ("6", "DX06", "退回", RETURNED),
        ("3", "ID09", "退回", CORRECTED), ("3", "ID10", "退回", CORRECTED),
        ("4", "ID04", "告知", NOT_USED), ("5", "ID04", "告知", NOT_USED), ("7", "ID04", "告知", NOT_USED),
        ("8", "ID22", "告知", NOT_USED),
        ("2", "ID13", "提示", FLAGGED), ("2", "ID18", "提示", FLAGGED),
    ]  # fmt: skip


def test_a_list_that_was_corrected_says_when_the_version_that_stands_was_declared(folder: Path) -> None:
    again = {(row[1], row[9]) for row in rows(folder / f"{H}.csv") if row[9]}
    assert again == {("CORRECTED", "2025-01-19 08:00:00")}
    entries = {entry["setl_id"]: entry for entry in json.loads((folder / f"{H}.json").read_text("utf-8"))["data"]}
    assert entries["CORRECTED"]["dcla_time"] == "2025-01-19 08:00:00"
    assert (entries["CORRECTED"]["qltctrl_rslt"], entries["CORRECTED"]["retn_flag"]) == (CORRECTED, "0")
    assert "dcla_time" not in entries["AGAIN"]


def test_every_finding_has_a_field_and_a_sentence_with_the_remedy(folder: Path) -> None:
    for row in rows(folder / f"{H}.csv"):
        assert row[6], row
        assert "；" in row[7], row


def test_excel_reads_the_file(folder: Path) -> None:
    raw = (folder / f"{OTHER}.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf" + HEADINGS[0].encode())
    assert raw.count(b"\r\n") == raw.count(b"\n") == 3
    # 20 digits, of which Excel would keep 15.
    assert b",\t51070020250100000001" in raw


def test_the_reply_has_the_shape_of_4104(folder: Path) -> None:
    reply = json.loads((folder / f"{H}.json").read_text(encoding="utf-8"))
    assert (reply["setl_ym"], reply["fixmedins_code"], reply["fixmedins_name"]) == ("202501", H, "人民医院")
    first = reply["data"][0]
    head = ("setl_ym", "setl_id", "qltctrl_rslt", "err_lv", "retn_flag", "qltctrl_ver", "file_name", "line_number")
    assert [first[name] for name in head] == [
        "202501", f"{A}900001", RETURNED, "R", "1", "c0ffee", f"{A}_main.jsonl.gz", 1
    ]  # fmt: skip
    assert [(one["exam_data_fld"], one["err_lv"], one["retn_flag"]) for one in first["detail"]] == [
        ("gend", "R", "1"), ("diag_code", "R", "1"), ("hi_paymtd", "W", "0")
    ]  # fmt: skip
    assert first["detail"][1]["qltctrl_chkrslt"].startswith("DX06 主要诊断编码(diag_code)不在医保版")
    assert {one["init_val"] for entry in reply["data"] for one in entry["detail"]} == {""}
    flagged = reply["data"][-1]
    assert (flagged["qltctrl_rslt"], flagged["err_lv"], flagged["retn_flag"]) == (FLAGGED, "W", "0")


def test_what_is_no_settlement_id_is_not_told(folder: Path) -> None:
    for path in folder.iterdir():
        assert PERSON not in path.read_text(encoding="utf-8-sig")


def test_the_order_of_the_rows_changes_no_byte(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "again", REFUSED[::-1], FLAGS[::2] + FLAGS[1::2])
    again = tmp_path / "again" / FOLDER
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {p.name: p.read_bytes() for p in folder.iterdir()}


def test_the_workbook_has_what_is_to_be_corrected_of_all_hospitals_before_the_rest(tmp_path: Path) -> None:
    shown = write(tmp_path / "few", REFUSED, FLAGS, most=8)
    assert [row[9] for row in shown] == [RETURNED] * 7 + [CORRECTED]
    assert shown[0][:3] == ("H51010000077", "无法识别医疗机构", "")
    assert len(shown[0]) == len(HEADINGS) + 1
