"""The door to Spark: who builds a session stops it, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drg.doors.spark import spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.config import Env


def test_a_session_that_is_there_serves_and_stays(spark: SparkSession, env: Env) -> None:
    with spark_session(env, "again") as session:
        assert session is spark
    assert spark.range(3).count() == 3
