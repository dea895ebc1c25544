"""Landing on Spark: a few tasks a processor, each streaming its files from the delivery folder one after the other.

Workers open the files themselves (the delivery folder is mounted where workers run), so that no file has to fit into
memory, neither the driver's nor a worker's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, LongType, StringType, StructField, StructType, TimestampType

from drg.land.assembly import ASSEMBLED, GROUP, ORDER, assembled_batches
from drg.land.delivery import DeliveredFile
from drg.land.records import SCHEMA, landed_batches
from drg.land.survey import Survey, survey_file
from drg.land.tables import ROWS, table_rows

TASKS_A_CORE = 4
# Records up to which the files of a delivery are landed together.
LARGE = 20_000
_SPARK_TYPES = {pa.string(): StringType(), pa.int64(): LongType(), pa.bool_(): BooleanType()}
_SURVEY = pa.schema(
    [
        ("path", pa.string()),
        ("sha256", pa.string()),
        ("rows", pa.int64()),
        ("broken", pa.bool_()),
        ("fault", pa.string()),
    ]
)


def _struct(schema: pa.Schema) -> StructType:
    return StructType([StructField(f.name, _SPARK_TYPES.get(f.type, TimestampType())) for f in schema])


LANDED = _struct(SCHEMA)


def land_files(spark: SparkSession, files: Sequence[DeliveredFile]) -> DataFrame:
    """All records of these files as rows of landed_list (one row a received record)."""
    groups = _groups(files)

    def land(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column("id").to_pylist():
                for file in groups[number]:
                    yield from landed_batches(file)

    return _dealt(spark, len(groups)).mapInArrow(land, LANDED)


def survey_files(spark: SparkSession, files: Sequence[DeliveredFile]) -> list[Survey]:
    """Checksum and number of records of each file, found by the workers; one small row a file comes to the driver."""
    files = _spread(files)

    def survey(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            found = [survey_file(files[index]) for index in batch.column("id").to_pylist()]
            columns = {name: [getattr(s, name) for s in found] for name in _SURVEY.names}
            yield pa.RecordBatch.from_pydict(columns, schema=_SURVEY)

    frame = _dealt(spark, len(files)).mapInArrow(survey, _struct(_SURVEY))
    return [Survey(**row.asDict()) for row in frame.collect()]


def land_tables(spark: SparkSession, files: Sequence[DeliveredFile]) -> DataFrame:
    """The lists in these tables of the centre: rows of landed_list with `rows` and `left_out`, see `assembly`.

    The rows of one list meet in one task, in their order; a task holds the rows of one list at a time.
    """
    files = _spread(files)

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for index in batch.column("id").to_pylist():
                yield from table_rows(files[index])

    rows = _dealt(spark, len(files)).mapInArrow(read, _struct(ROWS)).repartition(*GROUP)
    in_order = [F.col(name).asc_nulls_last() for name in (*GROUP, *ORDER)]
    return rows.sortWithinPartitions(*in_order).mapInArrow(assembled_batches, _struct(ASSEMBLED))


def _spread(files: Sequence[DeliveredFile]) -> tuple[DeliveredFile, ...]:
    """Files with the most records first, so that dealing them out in turn gives every task about the same."""
    return tuple(sorted(files, key=lambda file: (-file.records, file.path)))


def _groups(files: Sequence[DeliveredFile]) -> tuple[tuple[DeliveredFile, ...], ...]:
    """Files of one delivery together up to `LARGE` records or one file, the groups with the most records first.

    The rows of a table's partition are written by the tasks that read them: a daily increment a task would leave a file
    a day.
    """
    groups: list[list[DeliveredFile]] = []
    for file in sorted(files, key=lambda file: file.path):
        last = groups[-1] if groups else []
        same = last and (last[0].region_code, last[0].delivery_month) == (file.region_code, file.delivery_month)
        if same and _records(last) + file.records <= LARGE:
            last.append(file)
        else:
            groups.append([file])
    return tuple(tuple(group) for group in sorted(groups, key=lambda group: (-_records(group), group[0].path)))


def _records(files: Iterable[DeliveredFile]) -> int:
    return sum(file.records for file in files)


def _dealt(spark: SparkSession, number: int) -> DataFrame:
    """Numbers of files or groups, dealt to tasks in turn; most are small, and a task of its own costs more than one."""
    tasks = max(1, min(number, TASKS_A_CORE * spark.sparkContext.defaultParallelism))
    dealt = spark.sparkContext.parallelize([list(range(task, number, tasks)) for task in range(tasks)], tasks)
    return dealt.flatMap(lambda numbers: [(number,) for number in numbers]).toDF("id bigint")
