"""The Parquet files of releases, written where the rows are.

One Spark job a table: rows are brought together by month and region, sorted by key, and each task streams
them into one file a region. Nothing passes through the driver, and no task holds more than one row group.

Same rows, same bytes: the order is total, row groups are cut at fixed counts whatever the Arrow batches,
and a file carries neither a time nor a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql.types import StructField, StructType

from drg.publish.content import RELEASE, Published

ROW_GROUP = 65_536
Folder = Callable[[str, str], Path]


def staging_folder(releases: Path, month: str, region: str) -> Path:
    """Where a release is put together: a hidden sibling of its final folder."""
    return releases / month / f".{region}.new"


def arrow_schema(published: Published) -> pa.Schema:
    """The Arrow schema of a published file; every column may be null, since small cells are; times in UTC."""
    from pyspark.sql.pandas.types import to_arrow_schema

    from drg.contracts import contract

    types = {field.name: field.dataType for field in contract(published.table).struct().fields}
    fields = [StructField(c.name, types[c.name]) for c in published.columns()]
    return to_arrow_schema(StructType(fields), timezone="UTC")


def write_region_files(frame: DataFrame, published: Published, releases: Path) -> dict[tuple[str, str], int]:
    """Write `<staging folder>/<table>.parquet` of every month and region in the frame; rows written by
    both.

    The frame carries `release_month` and `release_region` beside the columns of the table; the staging
    folders exist.
    """
    schema = arrow_schema(published)
    columns = [column for column in RELEASE if column not in schema.names] + schema.names
    width = int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions") or 8)
    laid_out = frame.select(*columns).repartition(width, *RELEASE).sortWithinPartitions(*RELEASE, *published.order)

    def write(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from _write_partition(batches, schema, published.file_name, releases)

    written = laid_out.mapInArrow(write, "month string, region string, rows bigint").collect()
    return {(row["month"], row["region"]): row["rows"] for row in written}


def write_empty(folder: Path, published: Published) -> None:
    """The file of a table that has no row for a region."""
    with RegionFile(folder / published.file_name, arrow_schema(published), "empty"):
        pass


class RegionFile:
    """One Parquet file under a name of its own until it is complete; row groups of ROW_GROUP rows."""

    def __init__(self, path: Path, schema: pa.Schema, attempt: str):
        self._path, self._schema = path, schema
        # Two attempts of a task may run at once; each has its file, and the last complete one stands.
        self._part = path.with_name(f"{path.name}.{attempt}")
        self._writer = pq.ParquetWriter(self._part, schema, compression="zstd", version="2.6")
        self._waiting: list[pa.Table] = []
        self.rows = 0

    def __enter__(self) -> RegionFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush(1)
        self._writer.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)

    def add(self, rows: pa.Table) -> None:
        """Append rows in their order."""
        self._waiting.append(rows.cast(self._schema))
        self.rows += rows.num_rows
        self._flush(ROW_GROUP)

    def _flush(self, least: int) -> None:
        if sum(table.num_rows for table in self._waiting) < least:
            return
        table = pa.concat_tables(self._waiting)
        whole = table.num_rows - table.num_rows % ROW_GROUP if least > 1 else table.num_rows
        if whole:
            self._writer.write_table(table.slice(0, whole).combine_chunks(), row_group_size=ROW_GROUP)
        self._waiting = [table.slice(whole)] if whole < table.num_rows else []


def _write_partition(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, file_name: str, releases: Path
) -> Iterator[pa.RecordBatch]:
    context = TaskContext.get()
    attempt = str(context.taskAttemptId()) if context else "0"
    done: list[tuple[str, str, int]] = []
    current: tuple[str, str] | None = None
    file: RegionFile | None = None
    try:
        for batch in batches:
            table = pa.Table.from_batches([batch])
            for unit, rows in _runs(table):
                if unit != current:
                    if file is not None and current is not None:
                        file.__exit__(None)
                        done.append((*current, file.rows))
                    current = unit
                    file = RegionFile(staging_folder(releases, *unit) / file_name, schema, attempt)
                assert file is not None
                file.add(rows.select(schema.names))
    except BaseException as error:
        if file is not None:
            file.__exit__(type(error))
        raise
    if file is not None and current is not None:
        file.__exit__(None)
        done.append((*current, file.rows))
    yield from _counts(done)


def _runs(table: pa.Table) -> Iterator[tuple[tuple[str, str], pa.Table]]:
    """Consecutive rows of one month and region; the table is sorted by both."""
    start = 0
    while start < table.num_rows:
        unit = (table[RELEASE[0]][start].as_py(), table[RELEASE[1]][start].as_py())
        rest = table.slice(start)
        same = pc.and_(pc.equal(rest[RELEASE[0]], unit[0]), pc.equal(rest[RELEASE[1]], unit[1]))
        length = pc.index(same, False).as_py()
        length = rest.num_rows if length < 0 else length
        yield unit, rest.slice(0, length)
        start += length


def _counts(done: list[tuple[str, str, int]]) -> Iterator[pa.RecordBatch]:
    if done:
        months, regions, rows = zip(*done, strict=True)
        yield pa.RecordBatch.from_pydict({"month": months, "region": regions, "rows": pa.array(rows, pa.int64())})
