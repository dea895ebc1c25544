"""The exact DAGs, their tasks and edges; how long they take to read, and that they bring in neither Spark nor a job."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.dags.province import CHECKOUT, REGIONS

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import BundleDagBag

SIGN_OFF = {"figures": {"approval"}, "approval": {"record"}, "record": {"approved"}}
ENDING = {"failures": {"failed_region"}, "failed_region": set(), "done": set()}
AFTER = {"failures", "done"}
DAGS: dict[str, dict[str, set[str]]] = {
    "intake": {
        "the_month": {"status", "due", "land"},
        "status": {"due", "touched"},
        "due": {"land"},
        "land": {"touched"},
        "touched": {"validate"},
        "validate": {"validated"},
        "validated": {"group"},
        "group": {"taken_in", *AFTER},
        "taken_in": set(),
        **ENDING,
    },
    "province_month": {
        "the_month": {"status", "due", "settle", "compare", "figures", "record", "publish"},
        "status": {"due"},
        "due": {"settle", "settled"},
        "settle": {"settled", "compare"},
        "settled": {"figures", "record", "publish"},
        "compare": {"figures"},
        **SIGN_OFF,
        "approved": {"publish"},
        "publish": AFTER,
        **ENDING,
    },
    "resubmission": {
        "land": {"validate"},
        "validate": {"group"},
        "group": {"settle"},
        "settle": {"compare"},
        "compare": {"figures"},
        **SIGN_OFF,
        "approved": {"publish"},
        "publish": AFTER,
        **ENDING,
    },
    "year_weights": {
        "the_year": {"status", "not_frozen", "figures", "record"},
        "status": {"not_frozen", "go_on"},
        "not_frozen": {"weigh"},
        "weigh": {"rate"},
        "rate": {"figures"},
        **SIGN_OFF,
        "approved": {"freeze"},
        "freeze": {"go_on", *AFTER},
        "go_on": set(),
        **ENDING,
    },
    "year_clearing": {
        "the_year": {"registers", "figures", "record"},
        "registers": {"figures"},
        **SIGN_OFF,
        "approved": {"close"},
        "close": AFTER,
        **ENDING,
    },
    "maintenance": {"upkeep": set()},
    "daily_check": {
        "months": {"status", "verify"},
        "status": {"verify", "deliveries", "late_intakes", "provisional_months"},
        "verify": {"contracts"},
        "policies": set(),
        "deliveries": set(),
        "contracts": set(),
        "late_intakes": {"intake"},
        "intake": set(),
        "provisional_months": {"province_month"},
        "province_month": set(),
    },
    "backfill": {
        "status": {"plan_intake", "landed", "plan_settle", "plan_publish"},
        "plan_intake": {"land"},
        "land": {"landed"},
        "landed": {"validate"},
        "validate": {"validated"},
        "validated": {"group"},
        "group": {"plan_settle"},
        "plan_settle": {"settle", "compare"},
        "settle": {"compare"},
        "compare": {"plan_publish"},
        "plan_publish": {"figures", "publish"},
        **SIGN_OFF,
        "approved": {"publish"},
        "publish": AFTER,
        **ENDING,
    },
}


def test_these_dags_and_no_other(bag: BundleDagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == set(DAGS)


@pytest.mark.parametrize("dag_id", sorted(DAGS))
def test_exactly_these_tasks_and_edges(bag: BundleDagBag, dag_id: str) -> None:
    assert {task.task_id: set(task.downstream_task_ids) for task in bag.dags[dag_id].tasks} == DAGS[dag_id]


WRITES = {
    "land",
    "validate",
    "group",
    "weigh",
    "rate",
    "settle",
    "compare",
    "publish",
    "close",
    "upkeep",
    "record",
    "freeze",
    "registers",
}


@pytest.mark.parametrize("dag_id", sorted(DAGS))
def test_what_writes_takes_a_slot_and_every_task_tells_a_person(bag: BundleDagBag, dag_id: str) -> None:
    for task in bag.dags[dag_id].tasks:
        assert (task.pool == "tables") == (task.task_id in WRITES), task.task_id
        assert task.on_failure_callback, task.task_id
        submits = hasattr(task, "job") or "job" in getattr(task, "partial_kwargs", {})
        assert task.retries == (2 if submits or task.task_id in ("approval", "done") else 0), task.task_id


def test_regions_and_days_come_from_conf(bag: BundleDagBag) -> None:
    assert bag.dags["resubmission"].params.get_param("region").schema["enum"] == list(REGIONS)
    assert "0 6 11 * *" in str(bag.dags["intake"].schedule)


def test_the_dags_are_read_within_a_second_without_spark_or_jobs(settings: dict[str, str], bag: BundleDagBag) -> None:
    code = (
        "import resource, sys, time\n"
        "import airflow.sdk, pendulum\n"
        "from airflow.dag_processing.dagbag import BundleDagBag\n"
        "from airflow.providers.apache.spark.operators import spark_submit\n"
        "from airflow.providers.standard.operators import hitl, trigger_dagrun\n"
        f"folder = {str(CHECKOUT / 'dags')!r}\n"
        "before = time.process_time()\n"
        "bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name='dags-folder')\n"
        "spent = time.process_time() - before\n"
        "assert not bag.import_errors and len(bag.dags) > 1, bag.import_errors\n"
        "assert 'pyspark' not in sys.modules\n"
        "assert not [name for name in sys.modules if name.startswith('drg_job')]\n"
        "print(spent)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # Processor time, since other work on the machine is none of the DAGs'.
    assert float(done.stdout.strip().splitlines()[-1]) < 1.0
