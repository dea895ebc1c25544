"""Grouping a file: what comes out, in which order, and one sentence for each thing wrong with the input."""

from __future__ import annotations

import csv
import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drg.errors import DrgError, RulePackError
from drg.group import casefile
from drg.group.file import OUTPUT_SCHEMA, group_file

SCHEME = "chs-drg-2.0"
HEADER = "case_id,sex,age_years,age_days,newborn_weight_g,los_days,discharge_way,diagnoses,procedures"
STROKE = "1,60,,,7,1,I63.900,"


@pytest.fixture
def run(tmp_path):
    """Groups lines of CSV and returns the counts and the rows of the output."""

    def group(*lines: str, header: str = HEADER):
        source, out = tmp_path / "cases.csv", tmp_path / "groups.csv"
        source.write_bytes("\n".join([header, *lines]).encode() + b"\n")
        counts = group_file(source, SCHEME, out)
        with out.open(encoding="utf-8", newline="") as stream:
            return counts, list(csv.DictReader(stream))

    return group


def test_rows_keep_the_order_of_the_input(run):
    counts, rows = run(f"b,{STROKE}", "a,1,60,,,7,1,T31.600,", "c,2,60,,,7,1,I63.900,72.0x00")
    assert [(row["case_id"], row["mdc"], row["adrg"], row["drg"], row["status"]) for row in rows] == [
        ("b", "MDCB", "BR2", "BR25", "grouped"),
        ("a", "", "", "0000", "ungrouped"),
        ("c", "MDCB", "BQY", "BQY", "ambiguous"),
    ]
    assert list(rows[0]) == OUTPUT_SCHEMA.names
    assert counts == {"grouped": 1, "ambiguous": 1, "ungrouped": 1}


def test_reasons_and_excluded_diagnoses_are_written_as_text(run):
    # B20 to B24 of HIV share an exclusion set; T61.000 is a CC of another
    row = run("1,1,60,,,7,1,B23.800|B22.001+F02.4*|T61.000,")[1][0]
    assert row["reason_code"] == "grouped_by_diagnosis"
    assert (row["deciding_diagnosis"], row["deciding_procedure"]) == ("B23.800", "")
    assert (row["drg"], row["cc_level"], row["cc_diagnosis"]) == ("YR13", "CC", "T61.000")
    assert row["excluded_diagnoses"] == "B22.001+F02.4*:MCC:EX_13"


def test_codes_are_taken_as_written_and_unknown_ones_are_named(run):
    rows = run("1,1,60,,,7,1,i63.900,", "2,1,60,,,7,1,I63.900 ,", "3,1,60,,,7,1,I63.900| J96.000,00.0001|x")[1]
    assert [row["reason_code"] for row in rows[:2]] == ["principal_diagnosis_unknown"] * 2
    assert [row["unknown_codes"] for row in rows] == ["i63.900", "I63.900 ", " J96.000|00.0001|x"]
    assert rows[2]["drg"] == "BR25"


def test_an_empty_part_is_no_code_and_an_empty_first_part_no_principal(run):
    rows = run("1,1,60,,,7,1,I63.900||J96.000|,", "2,1,60,,,7,1,|I63.900,", "3,1,60,,,7,1,,")[1]
    assert rows[0]["cc_diagnosis"] == "J96.000"
    assert [row["reason_code"] for row in rows[1:]] == ["principal_diagnosis_missing"] * 2
    assert all(row["unknown_codes"] == "" for row in rows)


def test_values_that_need_quotes_are_quoted(run):
    rows = run(f'"a,""1""",{STROKE}', f'"b\nc",{STROKE}'.replace("\n", " "))[1]
    assert [row["case_id"] for row in rows] == ['a,"1"', "b c"]


def test_columns_may_stand_in_another_order_and_others_are_ignored(run):
    header = "note,diagnoses,procedures,newborn_weight_g,age_days,age_years,sex,case_id"
    assert run("x,I63.900,,,,60,1,7", header=header)[1][0]["drg"] == "BR25"


def test_a_header_alone_gives_a_header_alone(run):
    assert run() == ({"grouped": 0, "ambiguous": 0, "ungrouped": 0}, [])


def test_blocks_of_a_large_file_keep_the_order(run, monkeypatch):
    monkeypatch.setattr(casefile, "BLOCK_BYTES", 512)
    rows = run(*(f"{number},{STROKE}" for number in range(200)))[1]
    assert [row["case_id"] for row in rows] == [str(number) for number in range(200)]


def test_parquet_and_gzip_give_what_csv_gives(tmp_path, run):
    lines = [f"1,{STROKE}", "2,2,0,3,1499,7,1,P07.200x011|P22.000,", "3,1,60,,,7,1,T31.600|A01.000,72.0x00|10.0000"]
    counts, rows = run(*lines)
    zipped = tmp_path / "cases.csv.gz"
    zipped.write_bytes(gzip.compress((tmp_path / "cases.csv").read_bytes()))
    assert group_file(zipped, SCHEME, tmp_path / "zipped.csv") == counts
    assert (tmp_path / "zipped.csv").read_bytes() == (tmp_path / "groups.csv").read_bytes()
    cases = {
        "case_id": [1, 2, 3],
        "sex": [1, 2, 1],
        "age_years": [60, 0, 60],
        "age_days": [None, 3.0, None],
        "newborn_weight_g": [float("nan"), 1499.0, float("nan")],
        "diagnoses": ["I63.900", "P07.200x011|P22.000", "T31.600|A01.000"],
        "procedures": [[], None, ["72.0x00", "10.0000"]],
    }
    pq.write_table(pa.table(cases), tmp_path / "cases.parquet")
    assert group_file(tmp_path / "cases.parquet", SCHEME, tmp_path / "groups.parquet") == counts
    found = pq.read_table(tmp_path / "groups.parquet")
    assert found.schema.equals(OUTPUT_SCHEMA)
    assert [row["drg"] for row in found.to_pylist()] == [row["drg"] for row in rows]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,1,sixty,,,7,1,I63.900,", "line 4, age_years: 'sixty' is not a whole number of 0 or more; write 0 or more"),
        ("1,1,,,,7,1,I63.900,", "line 4, age_years: '' is not a whole number"),
        ("1,1,-1,,,7,1,I63.900,", "line 4, age_years: '-1' is not a whole number"),
        ("1,1,0,2.5,,7,1,I63.900,", "line 4, age_days: '2.5' is not a whole number"),
        ("1,1,0,2, 900,7,1,I63.900,", "line 4, newborn_weight_g: ' 900' is not a whole number"),
        ("1,男,60,,,7,1,I63.900,", "line 4, sex: '男' is none of 1 (male), 2 (female)"),
        ("1,1,60", "line 4: 3 fields instead of 9"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(run, tmp_path, line, words):
    with pytest.raises(DrgError) as caught:
        run(f"a,{STROKE}", "", line)
    assert str(tmp_path / "cases.csv") in str(caught.value)
    assert words in str(caught.value)
    assert not (tmp_path / "groups.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["cases.csv"]


def test_a_failed_run_leaves_an_earlier_output_as_it_was(run, tmp_path):
    run(f"a,{STROKE}")
    before = (tmp_path / "groups.csv").read_bytes()
    with pytest.raises(DrgError):
        run(f"a,{STROKE}", "b,1,x,,,7,1,I63.900,")
    assert (tmp_path / "groups.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cases.csv", b"", "line 1 is empty; the file begins with the column names"),
        ("cases.csv", b"case_id,sex,age_years\n", "has no column age_days, newborn_weight_g, diagnoses, procedures"),
        ("cases.csv", (HEADER + ",sex\n").encode(), "has the column sex twice"),
        ("cases.csv", HEADER.encode() + b"\n1,1,60,,,7,1,I63.900\xff,\n", "cannot be read as UTF-8 CSV"),
        ("cases.csv", HEADER.encode("utf-16"), "cannot be read as UTF-8 CSV"),
        ("cases.csv.gz", gzip.compress(HEADER.encode() + b"\n" * 99, mtime=0)[:-9], "cannot be read as UTF-8 CSV"),
        ("cases.csv.gz", b"plain text", "cannot be read as UTF-8 CSV"),
        ("cases.parquet", b"plain text", "cannot be read as Parquet"),
        ("cases.xlsx", b"", "it ends in .csv or .csv.gz or .parquet"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DrgError) as caught:
        group_file(tmp_path / name, SCHEME, tmp_path / "out.csv")
    assert str(tmp_path / name) in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("case_id", [["a"]], "column case_id holds no text; write plain text or numbers"),
        ("case_id", [b"\xff"], "column case_id holds no text"),
        ("sex", [{"code": "1"}], "column sex holds no text"),
        ("age_years", [[60]], "column age_years holds no text"),
        ("diagnoses", [[["I63.900"]]], "column diagnoses holds no text; join the codes by |"),
    ],
)
def test_a_parquet_column_that_is_no_text_is_named(tmp_path, column, values, words):
    case = {"case_id": ["a"], "sex": ["1"], "age_years": [60], "age_days": [None], "newborn_weight_g": [None]}
    cases = {**case, "diagnoses": ["I63.900"], "procedures": [""], column: values}
    pq.write_table(pa.table(cases), tmp_path / "cases.parquet")
    with pytest.raises(DrgError) as caught:
        group_file(tmp_path / "cases.parquet", SCHEME, tmp_path / "out.csv")
    assert words in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["cases.parquet"]


def test_a_gzip_cut_off_in_the_middle_is_named_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(casefile, "BLOCK_BYTES", 4096)
    lines = [HEADER, *(f"{number * 7919 % 10007},{STROKE}" for number in range(5000))]
    whole = gzip.compress("\n".join(lines).encode())
    source = tmp_path / "cases.csv.gz"
    source.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DrgError, match=r"cases.csv.gz cannot be read as UTF-8 CSV"):
        group_file(source, SCHEME, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["cases.csv.gz"]


def test_wrong_paths_and_schemes_are_named(tmp_path, run):
    run(f"a,{STROKE}")
    source = tmp_path / "cases.csv"
    for arguments, words in (
        ((tmp_path / "none.csv", SCHEME, tmp_path / "out.csv"), "none.csv is not a file"),
        ((source, SCHEME, tmp_path / "out.txt"), "end it in .csv or .parquet"),
        ((source, SCHEME, tmp_path / "none" / "out.csv"), "none is not a folder"),
        ((source, SCHEME, source), "is the input too"),
    ):
        with pytest.raises(DrgError, match=words):
            group_file(*arguments)
    long = "n" * 250
    with pytest.raises(DrgError, match=r"nnn.csv cannot be written"):
        group_file(source, SCHEME, tmp_path / f"{long}.csv")
    with pytest.raises(DrgError, match=r"n.csv cannot be reached \(File name too long\); name another path"):
        group_file(tmp_path / f"{long}nnn.csv", SCHEME, tmp_path / "out.csv")
    with pytest.raises(RulePackError, match="chs-drg-9 has no rule pack"):
        group_file(source, "chs-drg-9", tmp_path / "out.csv")
    blocked = tmp_path / "taken.csv"
    blocked.mkdir()
    with pytest.raises(DrgError, match=r"taken.csv cannot be written"):
        group_file(source, SCHEME, blocked)
