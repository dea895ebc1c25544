"""land: what a glance at a JSON line takes, and what it leaves to who reads the line whole."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from intake_messages import REGION, declare, deliver, message
from interface_names import in_interface_names

from drg.land.delivery import read_delivery
from drg.land.glance import SAYS, said
from drg.land.records import landed_batches

HALF = r'{"setlinfo":{"psn_name":"\ud800"}}'


def line(header: dict[str, Any], **nodes: Any) -> str:
    return json.dumps({"setlinfo": header, **nodes}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (line({"setl_id": "S1", "psn_name": "欧阳甲", "age": 34}), {"setl_id": "S1"}),
        (line({"setl_id": None, "dcla_time": ""}), {"setl_id": None, "dcla_time": ""}),
        (line({}), {}),
        (line({"setl_id": "S1"}, iteminfo=None, other=5), {"setl_id": "S1"}),
        (line({"fulamt_ownpay_amt": "1"}, iteminfo=[{"item_sumamt": "1"}]), {}),
        ('{"setlinfo":{"setl_id":"S1","setl_id":"S2"}}', {"setl_id": "S2"}),
    ],
)
def test_a_message_in_the_names_of_the_centre_is_taken(text: str, fields: dict[str, str | None]) -> None:
    assert said(text) == fields


@pytest.mark.parametrize(
    "text",
    [
        line({"setl_id": 5}),
        line({"setl_id": ["S1"]}),
        line({"SETL_ID": "S1"}),
        line({"setl_id": "S1", "billno": ""}),
        line({}, iteminfo=[{"item_sumamt": "1"}, {"fulamt_ownpay_amt": "1"}]),
        line({}, diseinfo=[{"DIAG_CODE": "I10"}]),
        line({}, iteminfo=5),
        line({}, iteminfo={}),
        line({}, iteminfo=[5]),
        line({}, iteminfo=[None]),
        json.dumps({"setlinfo": []}),
        json.dumps({"iteminfo": []}),
        "[]",
        "5",
        "",
        '{"setlinfo":{}',
        '{"setlinfo":{}} x',
        '{"setlinfo":{},}',
        '{"setlinfo":{"x":NaN}}',
        '{"setlinfo":{"x":"a\tb"}}',
        '{"setlinfo":{"x":' + "[" * 5000 + "]" * 5000 + "}}",
        "\ufeff" + line({}),
        HALF,
    ],
)
def test_what_is_odd_is_read_whole(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize("digits", [19, 5000])
def test_a_number_however_long_is_a_number_to_both(tmp_path: Path, digits: int) -> None:
    long = json.dumps(message()).replace('"setlinfo": {', f'"setlinfo": {{"x": {"9" * digits}, ')
    assert said(long) is not None
    other = long.replace('"bill_no"', '"billno"')
    assert said(other) is None
    path = deliver(tmp_path, [message(), message()])
    path.write_bytes(gzip.compress(f"{long}\n{other}\n".encode(), mtime=0))
    declare(path, "json", 2)
    (file,) = read_delivery(tmp_path, REGION, "成都市", "2025-01").files
    rows = [row for batch in landed_batches(file) for row in batch.to_pylist()]
    assert [row["record_kind"] for row in rows] == ["list", "list"]
    assert rows[0]["setl_id"] == rows[1]["setl_id"] == message()["setlinfo"]["setl_id"]


def test_a_whole_list_says_the_same_at_a_glance() -> None:
    one = message()
    assert said(json.dumps(one)) == {name: one["setlinfo"][name] for name in SAYS if name in one["setlinfo"]}
    assert said(json.dumps(in_interface_names(one))) is None
