"""validate: which records are live, drawn as tables of what arrived and what becomes of it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from drg.validate.live import verdicts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = (
    "region_code string, delivery_month string, file_name string, line_number bigint, record_month string, "
    "record_kind string, setl_id string, init_setl_id string, dcla_time string, row_hash string"
)
MONTH = "2025-01"
EARLY, LATE = "2025-01-08 08:00:00", "2025-01-20 08:00:00"

# line | delivery | kind     | setl_id | takes back | declared | hash | verdict
SCENARIOS = {
    "an ordinary list is live": """
        1 | 2025-01 | list     | A       | -          | early    | a    | -""",
    "a correction in the same delivery replaces, wherever it stands": """
        1 | 2025-01 | list     | A       | -          | late     | a2   | replaced
        2 | 2025-01 | list     | A       | -          | early    | a1   | superseded""",
    "a correction of the next delivery replaces": """
        1 | 2025-01 | list     | A       | -          | early    | a1   | superseded
        1 | 2025-02 | list     | A       | -          | late     | a2   | replaced""",
    "declared at the same instant: the later delivery, then the later line": """
        1 | 2025-02 | list     | A       | -          | early    | a1   | superseded
        2 | 2025-02 | list     | A       | -          | early    | a2   | replaced
        3 | 2025-01 | list     | A       | -          | early    | a3   | superseded""",
    "a version without a declaration time never replaces one that has it": """
        1 | 2025-01 | list     | A       | -          | early    | a1   | replaced
        1 | 2025-02 | list     | A       | -          | none     | a2   | superseded""",
    "a copy is a duplicate, the first received stays": """
        1 | 2025-01 | list     | A       | -          | early    | a    | -
        2 | 2025-01 | list     | A       | -          | early    | a    | duplicate
        1 | 2025-02 | list     | A       | -          | early    | a    | duplicate""",
    "a reversal cancels its original and pays nothing itself": """
        1 | 2025-01 | list     | A       | -          | early    | a    | reversed
        1 | 2025-02 | reversal | R       | A          | late     | r    | reversal""",
    "a reversal cancels the live version, the earlier stays superseded": """
        1 | 2025-01 | list     | A       | -          | early    | a1   | superseded
        2 | 2025-01 | list     | A       | -          | late     | a2   | reversed
        1 | 2025-02 | reversal | R       | A          | late     | r    | reversal""",
    "a re-settlement after a reversal is an ordinary list": """
        1 | 2025-01 | list     | A       | -          | early    | a    | reversed
        1 | 2025-02 | reversal | R       | A          | late     | r    | reversal
        2 | 2025-02 | list     | B       | -          | late     | b    | -""",
    "a reversal without its original": """
        1 | 2025-02 | reversal | R       | A          | late     | r    | orphan_reversal""",
    "a reversal that names no original": """
        1 | 2025-02 | reversal | R       | -          | late     | r    | orphan_reversal""",
    "a reversal sent twice": """
        1 | 2025-01 | list     | A       | -          | early    | a    | reversed
        1 | 2025-02 | reversal | R       | A          | late     | r    | reversal
        2 | 2025-02 | reversal | R       | A          | late     | r    | duplicate""",
    "a settlement that came back as refunded under its own id": """
        1 | 2025-01 | list     | A       | -          | early    | a1   | superseded
        2 | 2025-01 | reversal | A       | -          | late     | a2   | orphan_reversal""",
    "lists without setl_id stand for themselves": """
        1 | 2025-01 | list     | -       | -          | early    | a    | -
        2 | 2025-01 | list     | -       | -          | early    | b    | -""",
}
DECLARED = {"early": EARLY, "late": LATE, "none": None}


def rows(scenario: str, region: str) -> tuple[list[tuple[object, ...]], dict[tuple[str, int], str]]:
    drawn, expected = [], {}
    for line in scenario.strip().splitlines():
        number, delivery, kind, setl_id, back, declared, digest, verdict = (cell.strip() for cell in line.split("|"))
        place = (region, delivery, "f", int(number))
        who = (None if setl_id == "-" else setl_id, None if back == "-" else back)
        drawn.append((*place, MONTH, kind, *who, DECLARED[declared], digest))
        expected[(delivery, int(number))] = verdict
    return drawn, expected


@pytest.fixture(scope="module")
def judged(spark: SparkSession) -> dict[str, dict[tuple[str, int], str]]:
    """All scenarios in one run, each in a region of its own, since nothing may cross regions."""
    drawn = [row for index, text in enumerate(SCENARIOS.values()) for row in rows(text, f"{index:06d}")[0]]
    random.Random(7).shuffle(drawn)
    found: dict[str, dict[tuple[str, int], str]] = {name: {} for name in SCENARIOS}
    names = list(SCENARIOS)
    frame = spark.createDataFrame(drawn, COLUMNS).repartition(3)
    for row in verdicts(frame).collect():
        what = row["verdict"] or ("replaced" if row["replaced"] else "?")
        found[names[int(row["region_code"])]][(row["delivery_month"], row["line_number"])] = what
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(judged: dict[str, dict[tuple[str, int], str]], name: str) -> None:
    expected = {place: verdict for place, verdict in rows(SCENARIOS[name], "0")[1].items() if verdict != "-"}
    assert judged[name] == expected


def test_the_version_declared_first_is_marked_and_an_earlier_one_says_when_it_was_replaced(spark: SparkSession) -> None:
    """Three versions of A and a copy of the first: 1 is first, 3 stands; of B there is one, taken back."""
    drawn = [
        ("000001", MONTH, "f", line, MONTH, kind, setl_id, back, declared, digest)
        for line, kind, setl_id, back, declared, digest in (
            (1, "list", "A", None, EARLY, "a1"),
            (2, "list", "A", None, "2025-01-10 08:00:00", "a2"),
            (3, "list", "A", None, LATE, "a3"),
            (4, "list", "A", None, EARLY, "a1"),
            (5, "list", "B", None, EARLY, "b"),
            (6, "reversal", "R", "B", LATE, "r"),
        )
    ]
    found = verdicts(spark.createDataFrame(drawn, COLUMNS).repartition(3))
    rows = found.withColumn("replaced_at", F.date_format("replaced_at", "yyyy-MM-dd HH:mm:ss")).collect()
    assert sorted(row["line_number"] for row in rows if row["first_version"]) == [1, 5, 6]
    replaced = {row["line_number"]: row["replaced_at"] for row in rows if row["replaced_at"]}
    assert replaced == {1: LATE, 2: LATE}


def test_an_original_of_another_region_or_month_is_none(spark: SparkSession) -> None:
    original = ("000001", MONTH, "f", 1, MONTH, "list", "A", None, EARLY, "a")
    elsewhere = ("000002", MONTH, "f", 2, MONTH, "reversal", "R", "A", LATE, "r")
    earlier = ("000001", MONTH, "f", 3, "2024-12", "reversal", "R", "A", LATE, "r")
    found = verdicts(spark.createDataFrame([original, elsewhere, earlier], COLUMNS)).collect()
    assert {row["line_number"]: row["verdict"] for row in found} == {2: "orphan_reversal", 3: "orphan_reversal"}
