"""land: lists handed in as the tables of the centre become one record each; every row has its place. No Spark here."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from intake_messages import REGION, declare, icu_row, message, procedure
from table_files import Tables, deliver_tables, put_together, tables_of, text_of

from drg.errors import DeliveryError
from drg.land.assembly import NO_SETTLEMENT, OTHER_PERSON, TWO_SETTLEMENTS
from drg.land.delivery import read_delivery
from drg.land.layout import CHECKED_FIELDS, EXTRACT_TABLES, NEEDED_FIELDS, NODES
from drg.land.survey import judge, survey_file

Row = dict[str, Any]
A = {
    **message(setl_id="A"),
    "oprninfo": [procedure("51.2300", main="1"), procedure("00.6600x008")],
    "icuinfo": [icu_row("2025-01-01 08:00:00", "2025-01-01 18:00:00", "0/10/0")],
}
B = message(setl_id="B", psn_no="P0002", mdtrt_id="M0002")


def records(tables: Tables, root: Path, **how: Any) -> list[Row]:
    return [row for row in put_together(deliver_tables(root, tables, **how)) if row["record_kind"]]


def told(row: Row) -> Row:
    """What later steps read of a record."""
    found = json.loads(row["raw"])
    header = {name: found["setlinfo"].get(name) for name in (*NEEDED_FIELDS, *CHECKED_FIELDS)}
    return header | {node: [{n: line.get(n) for n in names} for line in found[node]] for node, names in NODES.items()}


@pytest.mark.parametrize("ending", ["txt", "txt.gz", "parquet"])
def test_a_list_is_what_its_tables_say_at_the_place_of_its_header(tmp_path: Path, ending: str) -> None:
    first, second = records(tables_of([A, B]), tmp_path, ending=ending)
    assert [(row["setl_id"], row["record_kind"], row["line_number"]) for row in (first, second)] == [
        ("A", "list", 1),
        ("B", "list", 2),
    ]
    assert (first["file_name"], first["record_month"], first["dcla_time"]) == (
        f"setl_list_d.{ending}", "2025-01", "2025-01-08 08:00:00",
    )  # fmt: skip
    for row, one in ((first, A), (second, B)):
        assert told(row) == told({"raw": json.dumps(one)})
        assert row["row_hash"] == hashlib.sha256(row["raw"].encode()).hexdigest()
        assert row["header"] is None


def test_neither_the_order_of_rows_nor_where_they_are_split_changes_a_record(tmp_path: Path) -> None:
    folder = deliver_tables(tmp_path, tables_of([A, B]))
    assert put_together(folder, 1) == put_together(folder, 2) == put_together(folder)


def test_children_stand_in_the_order_of_sort_as_numbers_then_of_their_file(tmp_path: Path) -> None:
    tables = tables_of([A])
    codes = ["B", "A", "C", "E", "D"]
    row = tables["setl_list_diag_d"][0]
    tables["setl_list_diag_d"] = [
        {**row, "diag_code": code, "sort": sort} for code, sort in zip(codes, ["10", "9", "", "x", "9"], strict=True)
    ]
    (found,) = records(tables, tmp_path)
    assert [line["diag_code"] for line in told(found)["diseinfo"]] == ["A", "D", "B", "C", "E"]


def test_bars_and_line_breaks_inside_quotes(tmp_path: Path) -> None:
    one = {**A, "setlinfo": {**A["setlinfo"], "curr_addr": "某路|1号\n2单元 |@x"}}
    (found,) = records(tables_of([one]), tmp_path)
    assert json.loads(found["raw"])["setlinfo"]["curr_addr"] == "某路|1号\n2单元 |@x"


def test_names_in_upper_case_or_of_the_interface(tmp_path: Path) -> None:
    tables = tables_of([A])
    (plain,) = records(tables, tmp_path / "plain")
    folder = deliver_tables(tmp_path / "other", tables)
    path = folder / "setl_list_chrgitm_d.txt"
    header, _, rest = text_of("setl_list_chrgitm_d", tables["setl_list_chrgitm_d"]).partition("\r\n")
    path.write_text(header.replace("item_sumamt", "AMT").upper() + "\r\n" + rest, encoding="utf-8", newline="")
    declare(path, "csv", 3, table="setl_list_chrgitm_d")
    assert told(put_together(folder)[0]) == told(plain)


def test_gb18030_may_be_declared_for_a_table(tmp_path: Path) -> None:
    folder = deliver_tables(tmp_path, tables_of([A]))
    path = folder / "setl_list_d.txt"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    declare(path, "csv", 1, table="setl_list_d", encoding="gb18030")
    (found,) = put_together(folder)
    assert json.loads(found["raw"])["setlinfo"]["psn_name"] == "张三丰"


def refused(rows: list[Row]) -> list[tuple[str, int, str]]:
    return [(r["file_name"], r["line_number"], r["unreadable_reason"]) for r in rows if r["unreadable_reason"]]


def test_rows_without_a_list_are_refused_one_by_one(tmp_path: Path) -> None:
    tables = tables_of([A, B])
    del tables["setl_list_d"][0]
    found = records(tables, tmp_path)
    faults = refused(found)
    # A: its settlement, 2 diagnoses, 2 procedures, 3 items, 1 stay in intensive care, 5 payments.
    assert len(faults) == 1 + 2 + 2 + 3 + 1 + 5
    assert faults[0] == (
        "setl_d.txt", 1, "setl_d中的结算(setl_id)在setl_list_d中没有清单；请补交清单，与各表一起重新交付",
    )  # fmt: skip
    assert [row["setl_id"] for row in found if row["record_kind"] == "list"] == ["B"]
    assert json.loads(found[0]["raw"])["setl_d"]["medfee_sumamt"] == "1000.00"


def test_a_list_without_its_settlement_is_refused_whole(tmp_path: Path) -> None:
    tables = tables_of([A, B])
    del tables["setl_d"][0]
    found = records(tables, tmp_path)
    assert refused(found) == [("setl_list_d.txt", 1, NO_SETTLEMENT)]
    assert len(told(found[0])["diseinfo"]) == 2


def test_two_settlements_of_one_id_are_taken_where_they_say_the_same(tmp_path: Path) -> None:
    tables = tables_of([A])
    tables["setl_d"] *= 2
    assert refused(records(tables, tmp_path / "same")) == []
    tables["setl_d"] = [tables["setl_d"][0], {**tables["setl_d"][0], "medfee_sumamt": "999.00"}]
    assert refused(records(tables, tmp_path / "other")) == [("setl_list_d.txt", 1, TWO_SETTLEMENTS)]


def test_a_settlement_of_another_person_is_not_that_of_the_list(tmp_path: Path) -> None:
    tables = tables_of([A])
    tables["setl_d"][0]["psn_no"] = "P0009"
    ((_, _, reason),) = refused(records(tables, tmp_path))
    assert reason == OTHER_PERSON
    assert "P0009" not in reason


def test_each_header_of_a_list_is_a_record(tmp_path: Path) -> None:
    """The same header twice is the same record twice; a later version differs, and validate takes the later one."""
    tables = tables_of([A])
    later = {**tables["setl_list_d"][0], "dcla_time": "2025-01-09 08:00:00"}
    tables["setl_list_d"] = [*tables["setl_list_d"] * 2, later]
    found = records(tables, tmp_path)
    assert [row["line_number"] for row in found] == [1, 2, 3]
    assert found[0]["row_hash"] == found[1]["row_hash"] != found[2]["row_hash"]
    assert told(found[2])["diseinfo"] == told(found[0])["diseinfo"]


def test_children_marked_as_deleted_or_not_valid_are_left_out_and_counted(tmp_path: Path) -> None:
    tables = tables_of([A])
    row = tables["setl_list_diag_d"][0]
    tables["setl_list_diag_d"] += [{**row, "deleted": "1"}, {**row, "vali_flag": "0"}]
    tables["setl_list_oprn_d"].append({**tables["setl_list_oprn_d"][0], "setl_id": "GONE", "deleted": "1"})
    found = put_together(deliver_tables(tmp_path, tables))
    counted = {row["setl_id"]: (row["record_kind"], row["rows"], row["left_out"]) for row in found}
    # 15 rows of A in the message, two left out of it; one row of a list that is not there.
    assert counted == {"A": ("list", 1 + 14 + 2, 2), None: (None, 1, 1)}
    message_of = json.loads(next(row["raw"] for row in found if row["setl_id"] == "A"))
    assert message_of["left_out"] == {"setl_list_diag_d": 2}
    assert len(message_of["diseinfo"]) == 2


@pytest.mark.parametrize(
    ("table", "mark"), [(table, mark) for table in EXTRACT_TABLES[:2] for mark in ("deleted", "vali_flag")]
)
def test_a_deleted_list_or_settlement_is_a_list_that_is_not_valid(tmp_path: Path, table: str, mark: str) -> None:
    """Not dropped: it has to take the place of what an earlier delivery brought, and is then refused by ID22."""
    tables = tables_of([A])
    tables[table][0][mark] = "1" if mark == "deleted" else "0"
    (found,) = records(tables, tmp_path)
    assert (found["record_kind"], told(found)["vali_flag"]) == ("list", "0")


@pytest.mark.parametrize("mark", [{"deleted": "1"}, {"vali_flag": "0"}])
def test_what_no_longer_holds_beside_what_holds_is_history(tmp_path: Path, mark: dict[str, str]) -> None:
    tables = tables_of([A])
    tables["setl_list_d"] = [{**tables["setl_list_d"][0], **mark}, *tables["setl_list_d"]]
    tables["setl_d"] = [*tables["setl_d"], {**tables["setl_d"][0], "medfee_sumamt": "1.00", **mark}]
    (found,) = records(tables, tmp_path)
    assert (found["line_number"], told(found)["vali_flag"], found["left_out"]) == (2, "1", 2)
    assert told(found)["medfee_sumamt"] == "1000.00"


def spoiled(tmp_path: Path, change: Callable[[list[str]], object], table: str = "setl_list_diag_d") -> list[Row]:
    """Records of A and B, two diagnoses each, after a change of the lines of a table (header first)."""
    folder = deliver_tables(tmp_path, tables_of([A, B]))
    path = folder / f"{table}.txt"
    lines = path.read_bytes().decode().removesuffix("\r\n").split("\r\n")
    change(lines)
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")
    count = next(survey_file(f).rows for f in read_delivery(tmp_path, REGION, "", "2025-01").files if f.table == table)
    declare(path, "csv", count, table=table)
    return sorted(put_together(folder), key=lambda row: (row["file_name"], row["line_number"]))


def whole(found: list[Row]) -> set[str]:
    return {row["setl_id"] for row in found if row["record_kind"] == "list"}


def unnamed(found: list[Row]) -> set[int]:
    """Damages that name no list; the delivery is refused for them."""
    named = {row["damage"] for row in found if row["damage"] and not row["record_kind"]}
    return {row["damage"] for row in found if row["damage"]} - named


def test_a_row_that_cannot_be_read_is_refused_and_its_list_too(tmp_path: Path) -> None:
    found = spoiled(tmp_path, lambda lines: lines.__setitem__(1, lines[1] + "|x"))
    columns = found[-1]["raw"].count("|")
    assert refused(found) == [
        ("setl_list_d.txt", 1, "setl_list_diag_d中该清单(setl_id)有无法读取的行，清单不完整；请更正后重新交付这些表"),
        (
            "setl_list_diag_d.txt",
            1,
            f"setl_list_diag_d的该行有{columns + 1}列，表头有{columns}列；请更正后重新交付该表",
        ),
    ]
    assert (whole(found), unnamed(found)) == ({"B"}, set())


def moved(lines: list[str]) -> None:
    """A cell too many before the settlement id of A, which then stands where another column is."""
    lines[1] = "|x|" + lines[1]


def swallowed(lines: list[str]) -> None:
    """The first row of A opens a quote in its last cell, and B's last row closes one in its: no row is lost."""
    first, last = lines[1].rsplit("|", 1)[0], lines[4].rsplit("|", 1)[0]
    lines[1], lines[4] = first + "|@|open", last + "|@|closed|@"


def in_two_lines(lines: list[str]) -> None:
    """A line break that is not quoted: the second half names no list, the first names A."""
    lines[1] = lines[1].replace("A|", "A|half\r\nof a text", 1)


@pytest.mark.parametrize("change", [moved, swallowed, in_two_lines])
def test_the_list_of_an_unreadable_row_is_refused_wherever_its_id_stands(
    tmp_path: Path, change: Callable[[list[str]], object]
) -> None:
    found = spoiled(tmp_path, change)
    assert (whole(found), unnamed(found)) == ({"B"}, set())


def test_a_row_that_names_no_list_is_damage_to_the_whole_delivery(tmp_path: Path) -> None:
    without_id = spoiled(tmp_path / "empty", lambda lines: lines.__setitem__(4, lines[4].replace("B|", "|", 1)))
    assert refused(without_id) == [
        ("setl_list_diag_d.txt", 4, "setl_list_diag_d的该行没有结算ID(setl_id)；请补填后重新交付该表")
    ]
    assert (whole(without_id), unnamed(without_id)) == ({"A", "B"}, {4})
    cut = spoiled(tmp_path / "cut", lambda lines: lines.__setitem__(4, "half a row"))
    assert (whole(cut), unnamed(cut)) == ({"A", "B"}, {4})


@pytest.mark.parametrize("table", ["setl_list_d", "setl_d"])
def test_without_its_header_or_settlement_a_list_is_refused_anyway(tmp_path: Path, table: str) -> None:
    found = spoiled(tmp_path, lambda lines: lines.__setitem__(2, "half a row"), table)
    assert (whole(found), unnamed(found)) == ({"A"}, set())


def test_a_row_marked_as_deleted_belongs_to_no_list_anyway(tmp_path: Path) -> None:
    tables = tables_of([A])
    tables["setl_list_diag_d"].append({**tables["setl_list_diag_d"][0], "setl_id": "", "deleted": "1"})
    found = put_together(deliver_tables(tmp_path, tables))
    assert (whole(found), unnamed(found)) == ({"A"}, set())


def test_the_tables_of_two_extracts_are_not_mixed(tmp_path: Path) -> None:
    later = {**A, "setlinfo": {**A["setlinfo"], "dcla_time": "2025-01-09 08:00:00"}}
    deliver_tables(tmp_path, tables_of([A]), extract="20250108")
    found = records(tables_of([later]), tmp_path, extract="20250109")
    assert [(row["file_name"], len(told(row)["diseinfo"])) for row in found] == [
        ("setl_list_d_20250108.txt", 2),
        ("setl_list_d_20250109.txt", 2),
    ]


def test_a_copy_with_other_stamps_is_the_same_record(tmp_path: Path) -> None:
    hashes = set()
    for day in ("20250108", "20250109"):
        tables = tables_of([A])
        for rows in tables.values():
            for row in rows:
                row |= {"biz_date": day, "exch_updt_time": f"{day} 01:00:00", "subsys_codg": "X"}
        hashes |= {row["row_hash"] for row in records(tables, tmp_path / day)}
    assert len(hashes) == 1


def manifest_fault(folder: Path, name: str, **changed: Any) -> str:
    manifest = folder / "delivery.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["files"] = [{**one, **changed} if one["name"] == name else one for one in content["files"]]
    manifest.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DeliveryError) as caught:
        read_delivery(folder.parents[1], REGION, "成都市", folder.name)
    return str(caught.value).removeprefix("region 510100 成都市, month 2025-01: ")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"table": "fee_list_d"}, f"file setl_d.txt names table 'fee_list_d'; use one of {', '.join(EXTRACT_TABLES)}"),
        ({"format": "json"}, "file setl_d.txt holds a table as JSON; deliver tables as csv or parquet"),
        ({"extract": "a/b"}, "file setl_d.txt names extract 'a/b'; use at most 40 letters, digits, dots and dashes"),
        ({"table": None, "extract": "x"}, "file setl_d.txt names extract 'x' but no table"),
        ({"table": "setl_list_d"}, "the extract has no table setl_d; deliver all of setl_list_d, setl_d, "),
        ({"extract": "day2"}, "the extract has no table setl_d; deliver all of"),
    ],
)
def test_a_manifest_that_names_tables_wrongly(tmp_path: Path, changed: Row, sentence: str) -> None:
    assert manifest_fault(deliver_tables(tmp_path, tables_of([A])), "setl_d.txt", **changed).startswith(sentence)


def test_the_same_file_of_a_table_twice_is_refused(tmp_path: Path) -> None:
    folder = deliver_tables(tmp_path, tables_of([A]))
    again = folder / "setl_list_diag_d_2.txt"
    again.write_bytes((folder / "setl_list_diag_d.txt").read_bytes())
    declare(again, "csv", 2, table="setl_list_diag_d")
    assert manifest_fault(folder, "") == (
        "the extract holds the same file twice, setl_list_diag_d.txt and setl_list_diag_d_2.txt; take one away"
    )


def judged(folder: Path) -> str | None:
    delivery = read_delivery(folder.parents[1], REGION, "成都市", folder.name)
    fault = judge(delivery, "成都市", [survey_file(file) for file in delivery.files])
    return None if fault is None else str(fault).removeprefix("region 510100 成都市, month 2025-01: ")


@pytest.mark.parametrize("ending", ["txt", "parquet"])
def test_a_table_without_a_column_keeps_its_delivery_out(tmp_path: Path, ending: str) -> None:
    tables = tables_of([A])
    folder = deliver_tables(tmp_path, tables, ending=ending)
    assert judged(folder) is None
    path = folder / f"setl_list_scs_cutd_d.{ending}"
    if ending == "txt":
        path.write_text("setl_id|scs_cutd_ward_type\r\n", encoding="utf-8", newline="")
    else:
        pq.write_table(pa.table({"setl_id": pa.array([], pa.string()), "scs_cutd_ward_type": []}), path)
    declare(path, "csv" if ending == "txt" else ending, 0, table="setl_list_scs_cutd_d")
    assert judged(folder) == (
        f"file {path.name}, table setl_list_scs_cutd_d, lacks scs_cutd_inpool_time, scs_cutd_exit_time, "
        "scs_cutd_sum_dura; deliver it with these columns"
    )


def test_a_table_that_breaks_off_keeps_its_delivery_out(tmp_path: Path) -> None:
    folder = deliver_tables(tmp_path, tables_of([A]), ending="txt.gz")
    path = folder / "setl_list_oprn_d.txt.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), mtime=0)[:-10])
    declare(path, "csv", 2, table="setl_list_oprn_d")
    assert judged(folder) == (
        "file setl_list_oprn_d.txt.gz, table setl_list_oprn_d, breaks off; ask the region to deliver it again"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "lacks setl_id, fund_pay_type, fund_payamt; deliver it with these columns"),
        (b"\r\n\r\n", "lacks setl_id, fund_pay_type, fund_payamt; deliver it with these columns"),
        (b"setl_id,fund_pay_type,fund_payamt", "lacks setl_id, fund_pay_type, fund_payamt; deliver it"),
        (b"setl_id|fund_pay_type|fund_payamt|SETL_ID", "has setl_id twice; leave one of them"),
        (b"\xff\xfes\0", "has a header that is not UTF-8 or leaves a quote open; correct it"),
        (b"@|setl_id", "has a header that is not UTF-8 or leaves a quote open; correct it"),
    ],
)
def test_a_table_without_a_sound_header_keeps_its_delivery_out(tmp_path: Path, content: bytes, sentence: str) -> None:
    folder = deliver_tables(tmp_path, tables_of([A]))
    path = folder / "setl_list_fund_d.txt"
    path.write_bytes(content)
    declare(path, "csv", 0, table="setl_list_fund_d")
    said = judged(folder)
    assert said is not None
    assert sentence in said


def test_cells_of_other_types_stand_as_their_text_and_those_of_none_are_refused_with_their_list(tmp_path: Path) -> None:
    folder = deliver_tables(tmp_path, tables_of([A, B]), ending="parquet")
    path = folder / "setl_list_oprn_d.parquet"
    days = pa.array([20090, 2932897], pa.date32())  # 2025-01-02, and the day after 9999-12-31
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.column_names.index("oprn_oprt_date"), "oprn_oprt_date", days), path)
    declare(path, "parquet", 2, table="setl_list_oprn_d")
    found = sorted(put_together(folder), key=lambda row: (row["file_name"], row["line_number"]))
    assert [(file, line) for file, line, _ in refused(found)] == [("setl_list_d.parquet", 1), (path.name, 2)]
    assert "列 oprn_oprt_date 无法读取" in found[-1]["unreadable_reason"]
    assert told(found[0])["oprninfo"][0]["oprn_oprt_date"] == "2025-01-02"
