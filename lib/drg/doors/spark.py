"""The door to Spark: the one place that builds a session.

Local by default; any master from `conf/env`. Jars come from a folder that was verified at set-up, so that a session
never resolves anything from a network.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from drg.doors.config import Env, project_home
from drg.doors.jars import jar_paths
from drg.doors.java import java_home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TIME_ZONE = "Asia/Shanghai"

# Every session needs these; conf/env may add to them, never replace them.
_FIXED = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": TIME_ZONE,
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "50000",
    "spark.sql.sources.partitionOverwriteMode": "static",
    "spark.ui.showConsoleProgress": "false",
    # The steps of a month make more classes than Spark keeps of itself, and one made anew is compiled anew.
    "spark.sql.codegen.cache.maxEntries": "2000",
    # Noting the line of Python beside each expression doubles the time it takes to build a settlement's columns.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    # Outside UTC Delta rebuilds a table's state after each commit, for statistics of timestamps; no key is one.
    "spark.databricks.delta.allFilesInCrc.verificationMode.forceOnNonUTC.enabled": "false",
}


# Set by spark-submit, which has started the driver before a job's first line runs.
_STARTED = "PYSPARK_GATEWAY_PORT"


def launch_conf(env: Env, master: str, extra: dict[str, str] | None = None) -> dict[str, str]:
    """What a driver must be started with; whoever submits a job hands these to spark-submit.

    Raises ConfigError when the Delta jars are missing or not what the manifest says.
    """
    conf = {**env.spark_conf, **(extra or {}), **_FIXED}
    conf["spark.jars"] = ",".join(str(path) for path in jar_paths())
    conf["spark.driver.extraJavaOptions"] = " ".join([*_quiet(), conf.get("spark.driver.extraJavaOptions", "")]).strip()
    if master.startswith("local"):
        conf.setdefault("spark.driver.host", "127.0.0.1")
        conf.setdefault("spark.driver.bindAddress", "127.0.0.1")
        conf.setdefault("spark.sql.warehouse.dir", str(env.data / "warehouse"))
    return conf


def build_session(env: Env, app: str, extra: dict[str, str] | None = None) -> SparkSession:
    """A session for this environment; the caller stops it (see `spark_session`).

    Under spark-submit master, jars and memory are those the driver was started with (`launch_conf`). Raises ConfigError
    when Java or the Delta jars are missing or not what the manifest says.
    """
    if _STARTED in os.environ:
        conf = dict(_FIXED)
    else:
        os.environ["JAVA_HOME"] = str(java_home())
        os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
        conf = launch_conf(env, env.spark_master, extra) | {"spark.master": env.spark_master}
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName(f"drg {app}")
    for name, value in conf.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("FATAL")
    return session


def _quiet() -> list[str]:
    """The logging of the driver: errors only, on standard error, so that progress stays readable."""
    return [f"-Dlog4j2.configurationFile={(project_home() / 'conf' / 'env' / 'log4j2.properties').as_uri()}"]


@contextmanager
def spark_session(env: Env, app: str, extra: dict[str, str] | None = None) -> Iterator[SparkSession]:
    """A session that is stopped at the end of the block, whatever happened in it.

    A session that is active already serves as it is and stays: whoever built it stops it.
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    session = build_session(env, app, extra)
    try:
        yield session
    finally:
        session.stop()
