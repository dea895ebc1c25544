"""The intake beside a plain reading of the same files: `drg bench`, figure `land + validate / plain read and write`.

The lists are drawn as the regions of a province would send them, JSON and gzip. The plain side lets Spark read the
files with their schema written out and write one Delta table; the other side is the two jobs with all their checks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drg.doors.config import Env
from drg.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

MONTH = "2025-01"


def sides(spark: SparkSession, env: Env) -> tuple[Callable[[], None], Callable[[], None]]:
    """The plain reading and writing, and the two jobs, over the same files."""
    from drg.runner import run_steps
    from drg.steps import steps_between

    def plain() -> None:
        lists = spark.read.schema(message()).json(f"{env.deliveries}/*/{MONTH}/*.jsonl.gz")
        lists.write.format("delta").mode("overwrite").save(f"{env.tables}/plain_lists")

    def intake() -> None:
        steps, now = steps_between("land", "validate"), datetime(2025, 2, 12, tzinfo=UTC)
        outcome = run_steps(spark, env, steps, list(env.province.region_codes()), [MONTH], now)
        if not outcome.ok:
            raise ConfigError(f"the benchmark's lists were not taken in: {outcome.failed[0][3]}")

    return plain, intake


def message() -> StructType:
    """A delivered list with every field written out, all of them text."""
    from pyspark.sql.types import ArrayType, StringType, StructField, StructType

    from drg.synth import fields

    def texts(names: tuple[str, ...]) -> StructType:
        return StructType([StructField(name, StringType()) for name in names])

    nodes = [StructField(node, ArrayType(texts(names))) for node, names in fields.NODES.items()]
    return StructType([StructField("setlinfo", texts(fields.SETLINFO)), *nodes])
