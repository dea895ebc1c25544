"""Parquet files of a release: the same rows give the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from drawn_payments import MONTH, A, B, frame, month_of_two_regions, with_exclusion

from drg.publish.content import of_region, published
from drg.publish.parquet_files import ROW_GROUP, RegionFile, staging_folder, write_region_files

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CASES = published()[0]


def numbers(start: int, end: int) -> pa.Table:
    return pa.table({"n": pa.array(range(start, end), pa.int64())})


def test_the_cut_of_the_batches_does_not_change_the_file(tmp_path: Path) -> None:
    """ROW_GROUP + 5 rows in one piece, and in three pieces: two row groups, the same bytes."""
    rows = ROW_GROUP + 5
    whole, pieces = tmp_path / "whole.parquet", tmp_path / "pieces.parquet"
    with RegionFile(whole, numbers(0, 1).schema, "0") as file:
        file.add(numbers(0, rows))
    with RegionFile(pieces, numbers(0, 1).schema, "1") as file:
        for start, end in ((0, 7), (7, 40_000), (40_000, rows)):
            file.add(numbers(start, end))
    assert whole.read_bytes() == pieces.read_bytes()
    assert pq.ParquetFile(whole).num_row_groups == 2
    assert pq.read_table(whole)["n"].to_pylist() == list(range(rows))


def test_a_broken_off_file_leaves_the_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "n.parquet"
    with RegionFile(path, numbers(0, 1).schema, "0") as file:
        file.add(numbers(0, 3))
    before = path.read_bytes()
    try:
        with RegionFile(path, numbers(0, 1).schema, "1") as file:
            file.add(numbers(0, 9))
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["n.parquet"]


def test_shuffled_rows_give_the_same_files_one_a_region(spark: SparkSession, tmp_path: Path) -> None:
    rows = month_of_two_regions()
    rows[0] = with_exclusion(rows[0])
    written = []
    for attempt, (order, parts) in enumerate(((rows, 1), (rows[::-1], 5))):
        releases = tmp_path / str(attempt)
        for region in (A, B):
            staging_folder(releases, MONTH, region).mkdir(parents=True)
        counts = write_region_files(of_region(frame(spark, "case_payment", order).repartition(parts)), CASES, releases)
        assert counts == {(MONTH, A): 17, (MONTH, B): 15}
        written.append([(staging_folder(releases, MONTH, r) / CASES.file_name).read_bytes() for r in (A, B)])
    assert written[0] == written[1]
    told = pq.read_table(staging_folder(tmp_path / "1", MONTH, A) / CASES.file_name)["exclusions"].to_pylist()
    assert told == [rows[0]["exclusions"], *[None] * 16]


def test_what_could_point_at_a_person_is_not_published() -> None:
    names = {column.name for item in published() for column in item.columns()}
    assert names.isdisjoint({"person_key", "mdtrt_key", "discharge_date", "raw"})
    assert CASES.withheld() == ["discharge_date"]
