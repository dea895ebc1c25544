"""land: every record of a file becomes a row, readable or not; nothing is dropped. No Spark here."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from intake_messages import (
    declare,
    deliver,
    json_line,
    message,
    text_header,
    text_line,
)

from drg.land.delivery import DeliveredFile, read_delivery, record_month
from drg.land.records import count_records, landed_batches
from drg.land.survey import judge, survey_file

Row = dict[str, Any]


def file_of(path: Path) -> DeliveredFile:
    delivery = read_delivery(path.parents[2], path.parents[1].name, "成都市", path.parent.name)
    return next(file for file in delivery.files if file.name == path.name)


def landed(path: Path) -> list[Row]:
    """The rows of a file; also holds the cheap count of the survey against them."""
    file = file_of(path)
    rows = [row for batch in landed_batches(file) for row in batch.to_pylist()]
    assert count_records(file)[0] == len(rows)
    return rows


def rewrite(path: Path, content: bytes, kind: str, records: int) -> Path:
    path.write_bytes(content)
    declare(path, kind, records)
    return path


@pytest.mark.parametrize("kind", ["json", "csv", "parquet"])
def test_each_format_lands_each_record_with_what_it_says_of_itself(tmp_path: Path, kind: str) -> None:
    reversal = message(setl_id="R1", init_setl_id="A1", refd_setl_flag="1", setl_time="2024-12-31 09:00:00")
    rows = landed(deliver(tmp_path, [message(setl_id="A1"), reversal], kind=kind))
    said = ("line_number", "setl_id", "init_setl_id", "record_kind", "record_month")
    assert [tuple(row[name] for name in said) for row in rows] == [
        (1, "A1", None, "list", "2025-01"),
        (2, "R1", "A1", "reversal", "2024-12"),
    ]
    assert [row["dcla_time"] for row in rows] == ["2025-01-08 08:00:00"] * 2
    assert {row["file_format"] for row in rows} == {kind}
    assert rows[0]["unreadable_reason"] is None


def test_a_json_record_is_kept_to_the_byte_and_hashed(tmp_path: Path) -> None:
    row = landed(deliver(tmp_path, [message()]))[0]
    assert row["raw"] == json_line(message())
    assert row["row_hash"] == hashlib.sha256(json_line(message()).encode()).hexdigest()


def test_a_text_record_keeps_its_line_and_its_header(tmp_path: Path) -> None:
    row = landed(deliver(tmp_path, [message()], kind="csv"))[0]
    assert row["raw"] == text_line(message())
    assert row["header"] == text_header(message())


def test_a_parquet_record_is_kept_as_the_message_it_stands_for(tmp_path: Path) -> None:
    row = landed(deliver(tmp_path, [message()], kind="parquet"))[0]
    assert json.loads(row["raw"]) == {**message(), "icuinfo": []}


def test_half_a_json_line_is_unreadable_and_its_neighbours_are_not(tmp_path: Path) -> None:
    whole = json_line(message())
    lines = "\n".join([whole, whole[:200], whole]) + "\n"
    path = rewrite(deliver(tmp_path, [message()]), gzip.compress(lines.encode()), "json", 3)
    rows = landed(path)
    assert [row["record_kind"] for row in rows] == ["list", "unreadable", "list"]
    assert rows[1]["raw"] == whole[:200]
    assert "不是完整的JSON报文" in rows[1]["unreadable_reason"]


def test_a_last_line_without_its_end_is_a_record(tmp_path: Path) -> None:
    path = rewrite(deliver(tmp_path, [message()]), gzip.compress(json_line(message()).encode()), "json", 1)
    assert [row["record_kind"] for row in landed(path)] == ["list"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [("[1]", "缺少结算清单信息"), ('{"setlinfo":{},"diseinfo":{}}', "diseinfo 不是数组"), ("[" * 5000, "JSON")],
)
def test_json_of_another_shape_is_unreadable(tmp_path: Path, line: str, reason: str) -> None:
    row = landed(rewrite(deliver(tmp_path, [message()]), gzip.compress(line.encode()), "json", 1))[0]
    assert row["record_kind"] == "unreadable"
    assert reason in row["unreadable_reason"]


def test_a_cut_gzip_gives_what_can_be_read_and_one_record_for_the_rest(tmp_path: Path) -> None:
    messages = [message(setl_id=f"S{i:04d}", mdtrt_id=hashlib.sha256(bytes([i])).hexdigest()) for i in range(50)]
    path = deliver(tmp_path, messages)
    whole = path.read_bytes()
    rows = landed(rewrite(path, whole[: len(whole) // 2], "json", 50))
    read, last = rows[:-1], rows[-1]
    assert 5 < len(read) < 50
    assert [row["setl_id"] for row in read] == [f"S{i:04d}" for i in range(len(read))]
    assert last["record_kind"] == "unreadable"
    assert last["line_number"] == len(read) + 1
    assert "gzip文件不完整" in last["unreadable_reason"]
    assert json_line(messages[len(read)]).startswith(last["raw"])


def test_a_gzip_damaged_at_its_end_gives_every_line_and_one_record_for_the_damage(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message(), message(setl_id="B")])
    content = bytearray(path.read_bytes())
    content[-8] ^= 0xFF  # the checksum of the content
    rows = landed(rewrite(path, bytes(content), "json", 2))
    assert [row["record_kind"] for row in rows] == ["list", "list", "unreadable"]
    assert "损坏" in rows[2]["unreadable_reason"]


def test_gzip_members_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    one = gzip.compress((json_line(message()) + "\n").encode())
    assert len(landed(rewrite(deliver(tmp_path, [message()]), one + one, "json", 2))) == 2


@pytest.mark.parametrize(("kind", "name"), [("json", "gzip"), ("parquet", "Parquet")])
def test_a_file_that_cannot_be_opened_is_line_0(tmp_path: Path, kind: str, name: str) -> None:
    path = rewrite(deliver(tmp_path, [message()], kind=kind), b"\xffneither", kind, 1)
    rows = landed(path)
    assert [(row["line_number"], row["record_kind"]) for row in rows] == [(0, "unreadable")]
    assert name in rows[0]["unreadable_reason"]
    assert rows[0]["row_hash"] == hashlib.sha256(b"\xffneither").hexdigest()
    assert rows[0]["raw"] == "\\xffneither"


def test_text_with_another_number_of_columns_is_unreadable(tmp_path: Path) -> None:
    lines = [text_header(message()), text_line(message()), text_line(message()) + "|x"]
    content = gzip.compress("".join(line + "\r\n" for line in lines).encode())
    rows = landed(rewrite(deliver(tmp_path, [message()], kind="csv"), content, "csv", 2))
    assert [row["record_kind"] for row in rows] == ["list", "unreadable"]
    columns = len(text_header(message()).split("|"))
    assert f"该行有{columns + 1}列，表头有{columns}列" in rows[1]["unreadable_reason"]


def test_a_header_with_a_wrong_column_makes_its_records_unreadable(tmp_path: Path) -> None:
    lines = [text_header(message()).replace("medfee_sumamt", "medfee_sum"), text_line(message())]
    content = gzip.compress("".join(line + "\r\n" for line in lines).encode())
    rows = landed(rewrite(deliver(tmp_path, [message()], kind="csv"), content, "csv", 1))
    assert rows[0]["record_kind"] == "unreadable"
    assert rows[0]["unreadable_reason"].startswith("文件缺少列 medfee_sumamt")
    assert rows[0]["raw"] == text_line(message())


def test_a_text_file_without_header_is_line_0(tmp_path: Path) -> None:
    rows = landed(rewrite(deliver(tmp_path, [message()], kind="csv"), gzip.compress(b""), "csv", 0))
    assert [(row["line_number"], row["record_kind"]) for row in rows] == [(0, "unreadable")]


def test_parquet_without_a_needed_column_is_unreadable_row_by_row(tmp_path: Path) -> None:
    one = message()
    del one["setlinfo"]["dscg_time"]
    rows = landed(deliver(tmp_path, [one, one], kind="parquet"))
    assert [row["record_kind"] for row in rows] == ["unreadable"] * 2
    assert rows[0]["unreadable_reason"].startswith("文件缺少列 dscg_time")


def test_another_encoding_is_unreadable_and_kept_as_escapes(tmp_path: Path) -> None:
    line = json_line(message()).encode("gb18030")
    row = landed(rewrite(deliver(tmp_path, [message()]), gzip.compress(line), "json", 1))[0]
    assert row["record_kind"] == "unreadable"
    assert "不是UTF-8编码" in row["unreadable_reason"]
    assert row["row_hash"] == hashlib.sha256(line).hexdigest()
    assert "\\xd5" in row["raw"]  # the first byte of the name in GB18030


@pytest.mark.parametrize(
    ("stated", "month"),
    [
        ("2025-01-31 23:59:59", "2025-01"),
        ("2025-02-01 00:00:00", "2025-01"),  # later than its delivery cannot hold
        ("2024-01-01 00:00:00", "2024-01"),  # open until the year is cleared in the next one
        ("2023-12-31 00:00:00", "2025-01"),
        ("2024-13-01", "2025-01"),
        (None, "2025-01"),
    ],
)
def test_record_month(stated: str | None, month: str) -> None:
    assert record_month(stated, "2025-01") == month


def test_a_count_that_is_not_the_manifests_fails_the_delivery(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message(), message(setl_id="B")])
    declare(path, "json", 3)
    delivery = read_delivery(tmp_path, "510100", "成都市", "2025-01")
    fault = judge(delivery, "成都市", [survey_file(file) for file in delivery.files])
    assert str(fault) == (
        f"region 510100 成都市, month 2025-01: file {path.name} holds 2 records, delivery.json says 3; "
        "ask the region which is right and to deliver again"
    )


def test_a_file_that_changed_on_the_way_fails_the_delivery(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message()])
    path.write_bytes(gzip.compress(json_line(message(gend="2")).encode()))
    delivery = read_delivery(tmp_path, "510100", "成都市", "2025-01")
    fault = judge(delivery, "成都市", [survey_file(file) for file in delivery.files])
    assert fault is not None
    assert f"file {path.name} does not have the sha256" in str(fault)


def test_a_broken_file_does_not_fail_its_delivery(tmp_path: Path) -> None:
    path = rewrite(deliver(tmp_path, [message()]), b"\xffneither", "json", 1000)
    delivery = read_delivery(tmp_path, "510100", "成都市", "2025-01")
    assert judge(delivery, "成都市", [survey_file(file_of(path))]) is None


def test_large_files_come_in_many_batches(tmp_path: Path) -> None:
    many = [message(setl_id=f"S{i}") for i in range(2500)]
    file = file_of(deliver(tmp_path, many))
    batches = list(landed_batches(file))
    assert [batch.num_rows for batch in batches] == [2048, 2500 - 2048]
    assert [n for batch in batches for n in batch.column("line_number").to_pylist()] == list(range(1, 2501))
