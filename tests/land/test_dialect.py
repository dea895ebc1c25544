"""Names of the interface as the centre's: which wins, which make a column count as there, how durations are split."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from intake_messages import REGION, declare, deliver, json_line, message, procedure, text_header, text_line
from interface_names import in_interface_names

from drg.land.delivery import read_delivery
from drg.land.dialect import INTERFACE, centre_fields, centre_raw, column_fault, uses_interface
from drg.land.layout import ALIASES, CHECKED_FIELDS, NEEDED_COLUMNS, NEEDED_FIELDS, NODES
from drg.land.records import landed_batches

OPERATED = {**message(vent_used_days="1", vent_used_h_cnt="13"), "oprninfo": [procedure("51.2300", main="1")]}


def landed(root: Path, kind: str, one: dict[str, Any]) -> dict[str, Any]:
    deliver(root, [one], kind=kind)
    (file,) = read_delivery(root, REGION, "成都市", "2025-01").files
    return next(row for batch in landed_batches(file) for row in batch.to_pylist())


def read(row: dict[str, Any]) -> dict[str, Any]:
    """The header fields that later steps read, as they stand for them."""
    raw = centre_raw(row["header"], row["raw"]) if row["header"] else row["raw"]
    assert raw is not None
    told: dict[str, Any] = json.loads(raw)
    return {name: told["setlinfo"].get(name) for name in (*NEEDED_FIELDS, *CHECKED_FIELDS)} | {
        node: [{name: line.get(name) for name in names} for line in told[node]] for node, names in NODES.items()
    }


@pytest.mark.parametrize("kind", ["json", "csv", "parquet"])
def test_a_list_in_names_of_the_interface_says_what_it_says_in_those_of_the_centre(tmp_path: Path, kind: str) -> None:
    sent = in_interface_names(OPERATED)
    row = landed(tmp_path, kind, sent)
    assert (row["record_kind"], row["setl_id"], row["unreadable_reason"]) == ("list", "510100000001", None)
    assert read(row) == read({"header": None, "raw": json_line(OPERATED)})
    # Kept as received, and marked; a row of Parquet has no text of its own and is written in the centre's names.
    sent_as = {"json": json_line(sent), "csv": text_line(sent)}
    marks = {"json": INTERFACE, "csv": text_header(sent) + INTERFACE, "parquet": None}
    assert row["raw"] == sent_as.get(kind, row["raw"])
    assert row["header"] == marks[kind]


@pytest.mark.parametrize("kind", ["json", "csv", "parquet"])
def test_a_list_in_names_of_the_centre_is_not_marked(tmp_path: Path, kind: str) -> None:
    row = landed(tmp_path, kind, {**message(), "setlinfo": {**message()["setlinfo"], "hi_type": "1"}})
    assert not (row["header"] or "").endswith(INTERFACE)


def test_a_text_header_may_be_in_upper_case(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message()], kind="csv")
    lines = f"{text_header(message()).upper()}\r\n{text_line(message())}\r\n"
    path.write_bytes(gzip.compress(lines.encode()))
    declare(path, "csv", 1)
    (file,) = read_delivery(tmp_path, REGION, "成都市", "2025-01").files
    (row,) = [row for batch in landed_batches(file) for row in batch.to_pylist()]
    assert (row["record_kind"], row["setl_id"], row["record_month"]) == ("list", "510100000001", "2025-01")
    assert read(row) == read({"header": None, "raw": json_line(message())})


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"age_days": "3", "nwb_age": "4"}, {"age_days": "3"}),  # the centre's name wins
        ({"age_days": " ", "nwb_age": "4"}, {"age_days": "4"}),  # unless it is empty
        ({"age_days": "null", "NWB_AGE": 4}, {"age_days": 4}),
        ({"psn_cashpay": "", "psn_cash_pay": "5"}, {"cash_payamt": "5"}),
        ({"DSCG_DATE": "2025-01-05"}, {"dscg_time": "2025-01-05"}),
        ({"unheard_of": "1"}, {"unheard_of": "1"}),
    ],
)
def test_which_of_two_names_wins(fields: dict[str, Any], found: dict[str, Any]) -> None:
    assert centre_fields(fields) == found


@pytest.mark.parametrize(
    ("fields", "three"),
    [
        ({"vent_used_dura": "1/13/24"}, ("1", "13", "24")),
        ({"VENT_USED_DURA": " 0/0/0 "}, ("0", "0", "0")),
        ({"vent_used_dura": "37小时"}, ("37小时", None, None)),  # seen, not guessed
        ({"vent_used_dura": "1/13/24", "vent_used_h_cnt": "2"}, (None, "2", None)),
        ({"vent_used_dura": ""}, (None, None, None)),
    ],
)
def test_a_duration_becomes_three_columns(fields: dict[str, Any], three: tuple[Any, ...]) -> None:
    found = centre_fields(fields)
    assert tuple(found.get(f"vent_used_{part}") for part in ("days", "h_cnt", "m_cnt")) == three


def test_the_amount_of_an_item_is_not_that_of_the_header() -> None:
    """fulamt_ownpay_amt is a name of the centre in the header, and one of the interface in iteminfo."""
    assert centre_fields({"fulamt_ownpay_amt": "1"}) == {"fulamt_ownpay_amt": "1"}
    assert centre_fields({"fulamt_ownpay_amt": "1"}, "iteminfo") == {"item_ownpay_amt": "1"}
    assert not uses_interface(message()["setlinfo"], message())


def test_numbers_keep_their_digits() -> None:
    raw = centre_raw(INTERFACE, '{"setlinfo":{"insuplc":510104,"medfee_sumamt":1000.10,"age":1e400}}')
    assert raw == '{"setlinfo":{"medfee_sumamt":"1000.10","age":"1e400","insu_admdvs":"510104"}}'


def test_a_needed_column_counts_as_there_under_its_other_name_and_once() -> None:
    columns = [name for name in NEEDED_COLUMNS if name != "insutype"]
    assert column_fault(columns) == "文件缺少列 insutype；请按交付约定的列名重新交付该文件"
    assert column_fault([*columns, "HI_TYPE"]) is None
    assert column_fault([*columns, "insutype", "hi_type"]) is None
    twice = column_fault([*columns, "insutype", "INSUTYPE"])
    assert twice == "文件中列 insutype 出现两次；请保留一列后重新交付该文件"


def test_no_name_stands_for_two() -> None:
    for place, names in ALIASES.items():
        assert not names.keys() & set(NEEDED_FIELDS + CHECKED_FIELDS if place == "setlinfo" else NODES[place])
        assert all(name == name.lower() for name in names)
