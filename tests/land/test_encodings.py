"""land: the encoding of a file is what its manifest declares; nothing is guessed."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from intake_messages import (
    NAME,
    REGION,
    declare,
    deliver,
    json_line,
    message,
    text_header,
    text_line,
)

from drg.errors import DeliveryError
from drg.land.delivery import read_delivery
from drg.land.records import landed_batches

# 蛗 is the bytes CD 7C in GB18030: its second byte is that of the bar between cells.
BARRED = "蛗"


def rewritten(root: Path, content: bytes, kind: str, records: int, **declared: str) -> list[dict[str, Any]]:
    path = deliver(root, [message()], kind=kind)
    path.write_bytes(gzip.compress(content))
    declare(path, kind, records, **declared)
    (file,) = read_delivery(root, REGION, "成都市", "2025-01").files
    return [row for batch in landed_batches(file) for row in batch.to_pylist()]


def test_a_declared_gb18030_message_is_kept_as_text_and_hashed_as_received(tmp_path: Path) -> None:
    line = json_line(message(psn_name=NAME)).encode("gb18030")
    (row,) = rewritten(tmp_path, line, "json", 1, encoding="gb18030")
    assert (row["record_kind"], row["raw"]) == ("list", json_line(message()))
    assert row["row_hash"] == hashlib.sha256(line).hexdigest()


def test_a_declared_gb18030_text_is_split_after_it_is_decoded(tmp_path: Path) -> None:
    one = message(curr_addr=BARRED)
    assert b"|" in BARRED.encode("gb18030")
    lines = [text_header(one), text_line(one)]
    (row,) = rewritten(tmp_path, "\r\n".join(lines).encode("gb18030"), "csv", 1, encoding="gb18030")
    assert (row["record_kind"], row["raw"], row["header"]) == ("list", lines[1], lines[0])


def test_a_mark_at_the_start_is_no_part_of_the_text(tmp_path: Path) -> None:
    line = ("\ufeff" + json_line(message())).encode("gb18030")
    (row,) = rewritten(tmp_path, line, "json", 1, encoding="gb18030")
    assert row["record_kind"] == "list"


def test_an_undeclared_encoding_is_refused_with_the_one_that_may_be_declared(tmp_path: Path) -> None:
    line = json_line(message()).encode("gb18030")
    (row,) = rewritten(tmp_path, line, "json", 1)
    assert row["record_kind"] == "unreadable"
    assert row["unreadable_reason"].endswith("声明encoding为gb18030")


def test_a_declared_encoding_that_does_not_hold_is_refused_line_by_line(tmp_path: Path) -> None:
    sound = json_line(message()).encode("gb18030")
    rows = rewritten(tmp_path, sound + b"\n{\x80\xff\n" + sound, "json", 3, encoding="gb18030")
    assert [row["record_kind"] for row in rows] == ["list", "unreadable", "list"]
    assert rows[1]["unreadable_reason"].startswith("第2个字节起不是GB18030编码")
    assert rows[1]["raw"] == "{\\x80\\xff"


@pytest.mark.parametrize(
    ("kind", "declared", "sentence"),
    [
        ("json", "GBK", "declares encoding 'GBK'; use one of utf-8, gb18030"),
        ("csv", 1, "declares encoding 1; use one of utf-8, gb18030"),
        ("parquet", "utf-8", "is Parquet, which has no encoding; leave encoding out of delivery.json"),
    ],
)
def test_a_manifest_declares_one_of_two_encodings(tmp_path: Path, kind: str, declared: Any, sentence: str) -> None:
    path = deliver(tmp_path, [message()], kind=kind)
    manifest = json.loads((path.parent / "delivery.json").read_text(encoding="utf-8"))
    manifest["files"][0]["encoding"] = declared
    (path.parent / "delivery.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(DeliveryError) as refused:
        read_delivery(tmp_path, REGION, "成都市", "2025-01")
    assert str(refused.value).endswith(sentence)
