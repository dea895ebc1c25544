"""The contracts of the centre's tables name what land asks of them, and say of a column what those of a list say."""

from __future__ import annotations

import json

import pytest

from drg.contracts import read_contract
from drg.doors.config import project_home
from drg.land.layout import CHILD_TABLES, COPY_STAMPS, ENCODINGS, EXTRACT_TABLES, SETTLEMENT_FIELDS, TABLE_COLUMNS
from drg.land.quoted import MOST_LINES


@pytest.mark.parametrize("table", EXTRACT_TABLES)
def test_every_needed_column_is_there_and_says_what_it_says_of_a_list(table: str) -> None:
    agreed = read_contract(f"delivery/{table}_extract.yaml").paths()
    assert set(TABLE_COLUMNS[table]) <= set(agreed)
    told = read_contract("delivery/settlement_list_json.yaml").paths()
    place = CHILD_TABLES.get(table, "setlinfo")
    for name in TABLE_COLUMNS[table]:
        same = told.get(f"{place}.{name}", told[f"setlinfo.{name}"] if name == "setl_id" else None)
        assert same is not None
        assert (agreed[name].title, agreed[name].classification) == (same.title, same.classification)
        assert (agreed[name].unit, agreed[name].codes) == (same.unit, same.codes)


def test_header_and_settlement_share_keys_only() -> None:
    header, settlement = (set(read_contract(f"delivery/{t}_extract.yaml").names()) for t in EXTRACT_TABLES[:2])
    stamps = {"deleted", "biz_date", "exch_updt_time"}
    assert header & settlement == {"setl_id", "mdtrt_id", "psn_no", "vali_flag", *stamps}
    assert settlement >= SETTLEMENT_FIELDS
    assert stamps <= COPY_STAMPS


def test_the_manifest_knows_the_tables_and_the_encodings() -> None:
    files = read_contract("delivery/delivery_manifest.yaml").paths()
    assert tuple(files["files.table"].codes) == EXTRACT_TABLES
    assert tuple(files["files.encoding"].codes) == ENCODINGS


def test_the_page_for_who_delivers_tells_what_is_done() -> None:
    page = (project_home() / "docs" / "deliveries.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:4:2] for line in page.splitlines() if line.startswith("| `setl_")]
    assert [table.strip(" `") for table, _ in rows] == list(EXTRACT_TABLES)
    assert all(
        f"`{CHILD_TABLES[table]}`" in node for (_, node), table in zip(rows[2:], EXTRACT_TABLES[2:], strict=True)
    )
    assert f"up to {MOST_LINES - 1} line breaks" in page
    assert all(f"`{stamp}`" in page for stamp in COPY_STAMPS)
    example = json.loads(page.split("```json")[1].split("```")[0])
    assert {name for one in example["files"] for name in one} == {"name", "format", "encoding", "records", "sha256"}
