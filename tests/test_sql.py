"""SQL within the process: answers about the tables it is handed, and reaches nothing else."""

from __future__ import annotations

import traceback
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from drg.sql import answer

LISTS = pa.table({"line": [1, 2, 3], "cost": ["10.00", None, "一"]})


def test_rows_of_one_table_stay_in_their_order() -> None:
    assert answer("SELECT line, amount(cost) AS yuan FROM lists", lists=LISTS).column_names == ["line", "yuan"]
    assert answer("SELECT line FROM lists", lists=LISTS)["line"].to_pylist() == [1, 2, 3]


def test_a_table_is_there_for_one_question_only() -> None:
    answer("SELECT 1 FROM lists", lists=LISTS)
    with pytest.raises(duckdb.Error):
        answer("SELECT 1 FROM lists")


def test_a_table_is_gone_after_a_question_that_failed() -> None:
    with pytest.raises(duckdb.Error):
        answer("SELECT nothing FROM lists", lists=LISTS)
    with pytest.raises(duckdb.Error):
        answer("SELECT 1 FROM lists")


def test_what_fails_on_a_value_does_not_tell_the_value() -> None:
    with pytest.raises(RuntimeError, match="lists failed on a value") as failed:
        answer("SELECT CAST(cost AS INTEGER) FROM lists", lists=LISTS)
    assert "一" not in "".join(traceback.format_exception(failed.value))


def test_no_file_is_reached(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    for question in (f"SELECT * FROM read_csv('{path}')", f"SELECT * FROM '{path}'"):
        with pytest.raises((duckdb.Error, RuntimeError)):
            answer(question)


@pytest.mark.parametrize(
    ("word", "text", "value"),
    [
        ("whole", "12", 12),
        ("whole", "12.9", 12),
        ("whole", "99999", 99999),
        ("whole", "100000", None),
        ("whole", "-1", None),
        ("whole", " 1", None),
        ("whole_or_blank", None, 0),
        ("whole_or_blank", "x", None),
        ("weight", "3.2", "3.200"),
        ("weight", "1234567", None),
        ("amount", "-0.005", "-0.01"),
        ("amount", "0.004", "0.00"),
        ("amount", "1234567890123", None),
    ],
)
def test_a_word_is_null_where_a_text_is_not_what_it_asks_for(word: str, text: str | None, value: object) -> None:
    found = answer(f"SELECT {word}(x) AS found FROM t", t=pa.table({"x": pa.array([text], pa.string())}))
    told = found["found"][0].as_py()
    assert (str(told) if isinstance(value, str) else told) == value
