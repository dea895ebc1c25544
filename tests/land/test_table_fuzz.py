"""Tables of the centre with anything in any cell: nothing crashes, every row has its place, each refusal its reason."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from intake_messages import REGION, declare, icu_row, message, procedure
from table_files import Tables, deliver_tables, put_together, tables_of

from drg.land.delivery import read_delivery
from drg.land.survey import survey_file

SEED, LISTS = 20250101, 60
VALUES: tuple[Any, ...] = (
    None, "", " ", "null", "0", "1", "-1", "x" * 3000, "a|b", "|@", "@|", "@", "a|@|b", "\n",
    "a\nb|", "\u2028", "\0", "１",
    "路", "9" * 40, "2025-13-40", "[]", "{\"a\":1}", "\ufeff", "L0001", "L0002 ",
)  # fmt: skip


def drawn(draw: random.Random) -> Tables:
    """Lists as tables, of which a third of the rows is spoilt, dropped or there twice."""
    lists = []
    for number in range(LISTS):
        one = message(setl_id=f"L{number:04d}")
        one["oprninfo"] = [procedure("51.2300", main="1")] * draw.randint(0, 2)
        one["icuinfo"] = [icu_row("2025-01-01 08:00:00", "2025-01-02 08:00:00", "1/0/0")] * draw.randint(0, 1)
        lists.append(one)
    tables = tables_of(lists)
    for table, rows in tables.items():
        kept = []
        for row in rows:
            fate = draw.random()
            if fate < 0.2:
                row[draw.choice([*row, "deleted", "sort", "vali_flag", "setl_id"])] = draw.choice(VALUES)
            kept += [row] * (0 if 0.2 <= fate < 0.25 else 2 if fate > 0.95 else 1)
        draw.shuffle(kept)
        tables[table] = kept
    return tables


@pytest.mark.parametrize("ending", ["txt.gz", "parquet"])
def test_every_row_has_its_place_and_each_refusal_its_reason(tmp_path: Path, ending: str) -> None:
    tables = drawn(random.Random(SEED))
    folder = deliver_tables(tmp_path, tables, ending=ending)
    for file in read_delivery(tmp_path, REGION, "成都市", "2025-01").files:
        # A value that looks like a closing quote may run rows together: what counts is what is there.
        declare(Path(file.path), file.format, survey_file(file).rows, table=file.table)
    found = put_together(folder)
    assert found == put_together(folder, shuffled=1)
    kinds = [row["record_kind"] for row in found]
    assert kinds.count("list") > LISTS / 4
    assert kinds.count("unreadable") > LISTS / 4
    assert all("；请" in row["unreadable_reason"] for row in found if row["record_kind"] == "unreadable")
    places = [(row["file_name"], row["line_number"]) for row in found if row["record_kind"]]
    assert len(places) == len(set(places))
    for row in found:
        if row["record_kind"] == "list":
            assert set(json.loads(row["raw"])) >= {"setlinfo", "diseinfo", "payinfo"}
    if ending == "parquet":
        assert sum(map(len, tables.values())) == sum(row["rows"] for row in found)


def test_text_and_parquet_give_the_same_lists(tmp_path: Path) -> None:
    """Where no cell is empty in one and missing in the other: the rows of sound lists are the same text."""
    tables = tables_of([message(setl_id=f"L{number:04d}") for number in range(5)])
    text = put_together(deliver_tables(tmp_path / "text", tables))
    parquet = put_together(deliver_tables(tmp_path / "parquet", tables, ending="parquet"))
    assert [row["row_hash"] for row in text] == [row["row_hash"] for row in parquet]
