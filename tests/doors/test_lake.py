"""The door to Delta: a write replaces exactly its partitions, or nothing at all."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from drawn_tables import drawn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.doors import tables
from drg.doors.tables import Lake, Written, drg_cause, partition_predicate
from drg.errors import ContractError, StorageError
from drg.steps import TABLES

A, B = "510100", "510300"
ROWS = [
    ("2025-01", A, A, "310", "local_stays", 2, Decimal("10.00"), "p"),
    ("2025-01", A, B, "310", "cross_region_stays", 1, Decimal("3.50"), "p"),
    ("2025-01", B, B, "390", "local_stays", 1, Decimal("7.25"), "p"),
    ("2025-02", B, B, "390", "local_stays", 4, Decimal("1.00"), "p"),
]


def frame(spark: SparkSession, rows: list[tuple[object, ...]]) -> DataFrame:
    return spark.createDataFrame(rows, schema=contract("fund_account").struct())


def rows_of(lake: Lake) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in lake.read("fund_account").collect())


def fill(lake: Lake, spark: SparkSession) -> None:
    lake.replace("fund_account", frame(spark, ROWS), settlement_month=["2025-01", "2025-02"], region_code=[A, B])


def test_a_replace_touches_its_partitions_only(lake: Lake, spark: SparkSession) -> None:
    fill(lake, spark)
    new = [("2025-01", B, B, "390", "local_stays", 9, Decimal("9.99"), "p")]
    written = lake.replace("fund_account", frame(spark, new), settlement_month=["2025-01"], region_code=[B])
    assert written.rows == 1
    assert rows_of(lake) == sorted([ROWS[0], ROWS[1], new[0], ROWS[3]])


def test_a_table_of_an_earlier_release_gets_the_columns_that_came_since(lake: Lake, spark: SparkSession) -> None:
    """Two regions were written without replaced_at; A is written again, B has none."""
    rows = [{"settlement_month": "2025-01", "region_code": region, "setl_id": region} for region in (A, B)]
    new = drawn(spark, "rejected_list", rows)
    old = new.drop("returned_for", "replaced_at").write.format("delta")
    old.partitionBy("settlement_month", "region_code").save(lake.path("rejected_list"))
    again = drawn(spark, "rejected_list", [rows[0] | {"returned_for": ["ID09"]}])
    assert lake.replace("rejected_list", again, settlement_month=["2025-01"], region_code=[A]).rows == 1
    found = {row["region_code"]: row["returned_for"] for row in lake.read("rejected_list").collect()}
    assert found == {A: ["ID09"], B: None}


def test_a_write_tells_its_own_rows_though_another_run_wrote_since(
    lake: Lake, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(lake, spark)
    before, own_commit = lake.version("fund_account"), lake._own_commit

    def overtaken(table: str, mark: str) -> Written:
        monkeypatch.undo()
        lake.replace("fund_account", frame(spark, ROWS[:2]), settlement_month=["2025-01"], region_code=[A])
        return own_commit(table, mark)

    monkeypatch.setattr(lake, "_own_commit", overtaken)
    written = lake.replace("fund_account", frame(spark, ROWS[3:]), settlement_month=["2025-02"], region_code=[B])
    assert written == Written("fund_account", before + 1, 1)
    assert lake.version("fund_account") == before + 2


def test_runs_that_create_a_table_at_once_both_write(lake: Lake, spark: SparkSession) -> None:
    def write(region: str) -> Written:
        own = [row for row in ROWS if row[1] == region]
        return lake.replace("fund_account", frame(spark, own), settlement_month=["2025-01", "2025-02"],
                            region_code=[region])  # fmt: skip

    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(write, (A, B)))
    assert [one.rows for one in written] == [2, 2]
    assert rows_of(lake) == sorted(ROWS)


def test_a_folder_left_by_a_broken_creation_is_named(
    lake: Lake, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "CREATION_WAIT", 0)
    left = Path(lake.path("fund_account")) / "_delta_log"
    left.mkdir(parents=True)
    (left / ".00000000000000000000.json.tmp").write_text("half", encoding="utf-8")
    with pytest.raises(StorageError, match=r"holds files but no table.*remove this folder"):
        fill(lake, spark)


def test_rows_outside_the_named_partitions_are_refused_and_nothing_changes(lake: Lake, spark: SparkSession) -> None:
    fill(lake, spark)
    stray = [("2025-02", B, B, "390", "local_stays", 9, Decimal("9.99"), "p")]
    with pytest.raises(ContractError, match="outside the partitions"):
        lake.replace("fund_account", frame(spark, stray), settlement_month=["2025-01"], region_code=[B])
    assert rows_of(lake) == sorted(ROWS)


def test_a_partition_without_rows_becomes_empty(lake: Lake, spark: SparkSession) -> None:
    fill(lake, spark)
    lake.replace("fund_account", frame(spark, []), settlement_month=["2025-01"], region_code=[A])
    assert rows_of(lake) == sorted(ROWS[2:])


def test_nothing_written_over_nothing_is_no_rows(lake: Lake, spark: SparkSession) -> None:
    for _ in range(2):
        written = lake.replace("fund_account", frame(spark, []), settlement_month=["2025-01"], region_code=[A])
        assert written.rows == 0


def test_all_discrepancies_stand_in_one_error(lake: Lake, spark: SparkSession) -> None:
    wrong = frame(spark, ROWS).drop("line").withColumn("fund", F.lit(310)).withColumn("extra", F.lit("x"))
    with pytest.raises(ContractError) as refused:
        lake.replace("fund_account", wrong, settlement_month=["2025-01"], region_code=[A])
    assert "column line (string) is missing" in str(refused.value)
    assert "column fund is int, not string" in str(refused.value)
    assert "column extra is not in the contract" in str(refused.value)
    assert not lake.exists("fund_account")


def test_a_null_in_a_required_column_names_the_column(lake: Lake, spark: SparkSession) -> None:
    nulls = frame(spark, ROWS).withColumn("n_cases", F.when(F.lit(False), F.lit(1)).cast("bigint"))
    with pytest.raises(ContractError, match="n_cases is required"):
        lake.replace("fund_account", nulls, settlement_month=["2025-01", "2025-02"], region_code=[A, B])


def test_same_rows_give_the_same_bytes_whatever_their_partitioning(lake: Lake, spark: SparkSession) -> None:
    def digests() -> list[str]:
        files = lake.read("fund_account").inputFiles()
        return sorted(hashlib.sha256(Path(f.removeprefix("file:")).read_bytes()).hexdigest() for f in files)

    fill(lake, spark)
    before = digests()
    shuffled = frame(spark, ROWS[::-1]).repartition(7)
    lake.replace("fund_account", shuffled, settlement_month=["2025-01", "2025-02"], region_code=[A, B])
    assert digests() == before
    assert len(before) == 3  # one file a partition


def test_a_version_can_be_read_again(lake: Lake, spark: SparkSession) -> None:
    fill(lake, spark)
    version = lake.version("fund_account")
    lake.replace("fund_account", frame(spark, []), settlement_month=["2025-01"], region_code=[A, B])
    assert lake.read("fund_account", version).count() == len(ROWS)


def test_a_missing_table_names_the_step_that_writes_it(lake: Lake) -> None:
    with pytest.raises(StorageError, match="run step settle first"):
        lake.read("fund_account")


def test_the_predicate_names_exactly_the_given_pairs() -> None:
    text = partition_predicate(TABLES["case_payment"], [("2025-02", A), ("2025-01", B), ("2025-01", A)])
    assert text == (
        "(settlement_month = '2025-01' AND region_code IN ('510100', '510300')) OR "
        "(settlement_month = '2025-02' AND region_code IN ('510100'))"
    )
    assert partition_predicate(TABLES["drg_weight"], [(2025, A, "2025.1")]) == (
        "(settlement_year = 2025 AND weight_version = '2025.1' AND region_code IN ('510100'))"
    )


def test_a_partition_value_cannot_carry_sql() -> None:
    with pytest.raises(ContractError, match="characters other than"):
        partition_predicate(TABLES["case_payment"], [("2025-01' OR '1'='1", A)])


def test_the_sentence_of_a_worker_error_is_found() -> None:
    assert drg_cause("java stack\ndrg.errors.DeliveryError: file x is broken\n at y") == "file x is broken"
    assert drg_cause("nothing here") is None
