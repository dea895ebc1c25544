"""A running Airflow as an operator uses it, through its REST API: trigger, wait, approve, see how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from drg.doors.airflow import LocalAirflow

PATIENCE = 1800
ENDED = ("success", "failed")
# Airflow loses an answer that comes before its scheduler has seen the task put to rest, and no person is that quick.
READING = 5


def awaited(what: Callable[[], Any]) -> Any:
    """The first answer that is one, within half an hour."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(2)
    pytest.fail("nothing came of it in half an hour")


def runs(airflow: LocalAirflow, dag_id: str) -> list[dict[str, Any]]:
    """The runs of a DAG."""
    return list(airflow.call("GET", f"dags/{dag_id}/dagRuns?limit=100")["dag_runs"])


def all_ended(airflow: LocalAirflow, dag_id: str, least: int) -> list[dict[str, Any]]:
    """The runs of a DAG, once there are enough and none of them is at work; else none."""
    found = runs(airflow, dag_id)
    done = [run for run in found if run["state"] in ENDED]
    return done if len(done) >= least and len(done) == len(found) else []


def waiting(airflow: LocalAirflow) -> list[dict[str, Any]]:
    """The approvals nobody has answered yet."""
    return list(airflow.call("GET", "dags/~/dagRuns/~/hitlDetails?response_received=false")["hitl_details"])


def approve(airflow: LocalAirflow) -> list[str]:
    """Approve what waits, after the time a person takes to read it; the runs it waited in."""
    approved = []
    asked = waiting(airflow)
    if asked:
        time.sleep(READING)
    for detail in asked:
        ti = detail["task_instance"]
        path = f"dags/{ti['dag_id']}/dagRuns/{ti['dag_run_id']}/taskInstances/{ti['task_id']}/-1/hitlDetails"
        airflow.call("PATCH", path, {"chosen_options": ["Approve"], "params_input": {"note": "ok"}})
        approved.append(str(ti["dag_run_id"]))
    return approved


def triggered(airflow: LocalAirflow, dag_id: str, **conf: Any) -> tuple[str, dict[str, list[str]]]:
    """Trigger a DAG with the values of its form, approve when asked: the run's state, and its tasks by their state."""
    run_id = airflow.call("POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]

    def ended() -> str | None:
        approve(airflow)
        state = str(airflow.call("GET", f"dags/{dag_id}/dagRuns/{run_id}")["state"])
        return state if state in ENDED else None

    state = str(awaited(ended))
    by_state: dict[str, list[str]] = {}
    for ti in airflow.call("GET", f"dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=1000")["task_instances"]:
        by_state.setdefault(str(ti["state"]), []).append(str(ti["task_id"]))
    return state, by_state
