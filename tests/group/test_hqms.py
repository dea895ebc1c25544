"""Front pages of HQMS as cases: which columns are read, clinical codes mapped once, one sentence for what is wrong."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from drg.errors import ConfigError, DrgError
from drg.group.file import group_file
from drg.group.hqms import front_pages
from tests.homes import drg

COLUMNS = ("A11", "A12C", "A14", "A16", "A17", "A20", "A48", "A49", "C03C", "C06X01C", "C06x02C", "C14x01C", "C35x01C")
NAME, ID_NUMBER = "张三", "510102196501011234"
STROKE = {"A11": NAME, "A12C": "1", "A14": "60", "A20": ID_NUMBER, "A48": "Z001", "A49": "2", "C03C": "I63.900"}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file of front pages; a row names the columns it is about."""

    def pages(*rows: dict[str, str], encoding: str = "utf-8-sig", columns: tuple[str, ...] = COLUMNS) -> Path:
        file = tmp_path / "hqms.csv"
        with file.open("w", encoding=encoding, newline="") as stream:
            made = csv.DictWriter(stream, columns, restval="-", extrasaction="ignore")
            made.writeheader()
            made.writerows(rows)
        return file

    return pages


def cases(file: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    return [row for batch in front_pages(file, encoding) for row in batch.to_pylist()]


def test_a_front_page_is_a_case_and_names_nobody(write: Write) -> None:
    (case,) = cases(write(STROKE | {"C06X01C": "E11.900", "C14x01C": "-", "C35x01C": "00.6400x007"}))
    assert case == {
        "case_id": "Z001-2", "sex": "1", "age_years": "60", "age_days": "", "newborn_weight_g": "",
        "diagnoses": "I63.900|E11.900", "procedures": "|00.6500x014",
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_both_encodings_are_read_as_declared(write: Write, encoding: str) -> None:
    file = write(STROKE | {"C06X01C": "—", "C06x02C": "无"}, encoding=encoding)
    assert [case["diagnoses"] for case in cases(file, encoding)] == ["I63.900"]


def test_clinical_codes_are_mapped_once(write: Write) -> None:
    """00.6400x007 is 00.6500x014 in the insurance edition, which as a clinical code is 00.6501."""
    one, two = cases(write(STROKE | {"C14x01C": "00.6400x007"}, STROKE | {"C14x01C": "00.6500x014"}))
    assert (one["procedures"], two["procedures"]) == ("00.6500x014", "00.6501")
    (repaired,) = cases(write(STROKE | {"C03C": " a02.100X004 "}))
    assert repaired["diagnoses"] == "A02.100"


def test_what_is_no_code_is_not_told(write: Write) -> None:
    assert cases(write(STROKE | {"C06X01C": NAME}))[0]["diagnoses"] == "I63.900|?"


@pytest.mark.parametrize(
    ("given", "years", "days"),
    [
        ({"A14": "0", "A16": "28"}, "0", "28"),
        ({"A14": "", "A16": "364"}, "0", "364"),
        ({"A14": "1", "A16": "20"}, "1", ""),
        ({"A14": "60.0"}, "60", ""),
    ],
)
def test_days_count_under_one_year(write: Write, given: dict[str, str], years: str, days: str) -> None:
    (case,) = cases(write(STROKE | given | {"A17": "3250"}))
    assert (case["age_years"], case["age_days"], case["newborn_weight_g"]) == (years, days, "3250")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"A48": ""}, "line 3, A48: the record number is blank"),
        ({"A12C": "男"}, "line 3, A12C: is none of 0, 1, 2, 9"),
        ({"A14": "", "A16": ""}, "line 3, A14: the age is blank; write years, or days under one year in A16"),
        ({"A14": "60.5"}, "line 3, A14: is not a whole number"),
        ({"A17": NAME}, "line 3, A17: is not a whole number"),
    ],
)
def test_what_cannot_be_grouped_is_one_sentence_without_the_value(
    write: Write, given: dict[str, str], said: str
) -> None:
    with pytest.raises(DrgError) as refused:
        cases(write(STROKE, STROKE | given))
    assert said in str(refused.value)
    assert not any(value in str(refused.value) for value in (NAME, ID_NUMBER, "男"))


def test_another_file_is_named_with_the_remedy(write: Write, tmp_path: Path) -> None:
    with pytest.raises(DrgError, match="has no column A48, C03C; its first line holds the HQMS field codes"):
        cases(write(STROKE, columns=("A12C", "A14")))
    with pytest.raises(DrgError, match="has the column C06x01C twice"):
        cases(write(STROKE, columns=(*COLUMNS, "C06x01C")))
    with pytest.raises(DrgError, match="cannot be read as CSV in utf-8 .*declare its encoding by --encoding"):
        cases(write(STROKE, encoding="gb18030"))
    short = write(STROKE)
    short.write_text(short.read_text("utf-8") + "Z002,1\n", encoding="utf-8")
    with pytest.raises(DrgError, match="line 3: 2 fields instead of 13"):
        cases(short)
    with pytest.raises(ConfigError, match="encoding gbk is not known; use utf-8 or gb18030"):
        group_file(short, "chs-drg-2.0", tmp_path / "out.csv", "gbk")


def test_the_command_groups_it(write: Write, tmp_path: Path) -> None:
    out = tmp_path / "groups.csv"
    pages = write(STROKE, STROKE | {"A48": "Z002", "C06X01C": NAME}, encoding="gb18030")
    done = drg("group", str(pages), "--hqms", "--encoding", "GB18030", "--out", str(out))
    assert done.exit_code == 0, done.output
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["case_id"], row["drg"], row["unknown_codes"]) for row in rows] == [
        ("Z001-2", "BR25", ""),
        ("Z002-2", "BR25", "?"),
    ]
