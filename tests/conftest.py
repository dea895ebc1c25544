"""What all tests share: one Spark session for the whole run, and a lake in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drg.doors.config import Env, load_env

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake


# What takes longest begins first, so that no worker is left with it alone at the end.
LONGEST = (
    *("test_line", "test_explain", "test_publish_job", "test_booking_job", "test_corrections", "test_each_defect"),
    *("test_versions_in_force", "test_settle_jobs", "test_clearing_job", "test_land_job", "test_tables", "test_lake"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order of `LONGEST`, the others as they are collected; a file stays together."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One local session; few shuffle partitions, since the tables of the tests are small."""
    from drg.doors.spark import build_session

    env = load_env("local", tmp_path_factory.mktemp("spark"))
    session = build_session(
        env,
        "tests",
        {
            "spark.sql.shuffle.partitions": "2",
            "spark.databricks.delta.snapshotPartitions": "1",
            "spark.sql.adaptive.enabled": "false",
            # Compiling an expression costs more than it saves on some rows.
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC",
            "spark.sql.warehouse.dir": str(env.data / "warehouse"),
        },
    )
    yield session
    session.stop()


@pytest.fixture
def env(tmp_path: Path) -> Env:
    """The local environment with its data below the test's own folder."""
    return load_env("local", tmp_path)


@pytest.fixture
def lake(spark: SparkSession, env: Env) -> Lake:
    """An empty lake of its own for one test."""
    from drg.doors.tables import Lake

    return Lake(spark, env)
