"""The tests of the DAGs run in the environment of Airflow (`make dags`, `make test-airflow`).

In the environment of the engine they are not collected.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.dags import resident
from tests.dags.province import CHECKOUT, Place, build

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import BundleDagBag

if importlib.util.find_spec("airflow") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The province of three regions, nothing run yet."""
    return build(tmp_path_factory.mktemp("province"))


@pytest.fixture(scope="session")
def settings(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of this Airflow: a database of its own, jobs in this machine's processors, by one driver."""
    jobs = place.environment()
    folder = tmp_path_factory.mktemp("driver") / "bin"
    yield {
        **jobs,
        "PATH": resident.install(folder, Path(jobs["PYSPARK_PYTHON"]), jobs["PATH"]),
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW_CONN_SPARK_DEFAULT": '{"conn_type": "spark", "host": "local[2]"}',
    }
    resident.stop(folder)


@pytest.fixture(scope="session")
def bag(settings: dict[str, str]) -> Iterator[BundleDagBag]:
    """The DAGs, with a migrated database behind them."""
    before = dict(os.environ)
    os.environ.update(settings)
    binary = Path(sys.executable).parent / "airflow"
    for command in (["db", "migrate"], ["pools", "set", "tables", "1", "one writer"]):
        subprocess.run([binary, *command], check=True, capture_output=True)
    from airflow.dag_processing.dagbag import BundleDagBag

    folder = CHECKOUT / "dags"
    yield BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags-folder")
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def run(bag: BundleDagBag) -> Any:
    """Executes a DAG in this process; see `tests.dags.running`."""
    from tests.dags.running import Runner

    return Runner(bag)
