"""The topology of the compose file as processes: Airflow, a Spark master, two workers; three months by backfill."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drg.doors.airflow import LocalAirflow, airflow_settings
from tests.cluster.standalone import cluster, free_port
from tests.dags.province import CHECKOUT, HISTORY, MONTHS, REGIONS, Place, build

PATIENCE = 1800

pytestmark = pytest.mark.lane


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, LocalAirflow]]:
    """The province with its history and weights, the cluster, and Airflow submitting to it."""
    root = tmp_path_factory.mktemp("cluster")
    place = build(root)
    place.drg("run", "--steps", "land..group", "--months", f"{HISTORY[0]}..{HISTORY[-1]}")
    place.drg("run", "--steps", "weigh..rate", "--months", MONTHS[0])
    jobs = place.environment() | {"SPARK_LOCAL_IP": "127.0.0.1"}
    with cluster(jobs, root / "spark") as master:
        settings = jobs | airflow_settings(root / "airflow", CHECKOUT / "dags", master, free_port())
        with LocalAirflow(settings, root / "airflow.log") as airflow:
            for dag_id in ("intake", "province_month"):
                airflow.call("PATCH", f"dags/{dag_id}", {"is_paused": False})
            yield place, airflow


def awaited(what: Callable[[], Any]) -> Any:
    """The first answer that is one, within half an hour."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(2)
    pytest.fail("nothing came of it in half an hour")


def runs(airflow: LocalAirflow, dag_id: str) -> list[dict[str, Any]]:
    return list(airflow.call("GET", f"dags/{dag_id}/dagRuns?limit=100")["dag_runs"])


def test_three_months_are_backfilled_and_each_waits_for_its_approval(running: tuple[Place, LocalAirflow]) -> None:
    place, airflow = running
    # Run dates are the days after the cut-off; the key of each is the month before.
    airflow.command(
        "backfill", "create", "--dag-id", "intake", "--from-date", "2025-02-11", "--to-date", "2025-04-11T12:00:00",
        "--max-active-runs", "1",
    )  # fmt: skip
    intakes = awaited(lambda: _ended(runs(airflow, "intake"), 3))
    assert {run["state"] for run in intakes} == {"success"}
    assert sorted(run["partition_key"] for run in intakes) == list(MONTHS)

    def waiting() -> list[dict[str, Any]]:
        answer = airflow.call("GET", "dags/~/dagRuns/~/hitlDetails?response_received=false")
        return list(answer["hitl_details"])

    approved: set[str] = set()

    def all_published() -> bool:
        for detail in waiting():
            ti = detail["task_instance"]
            path = f"dags/{ti['dag_id']}/dagRuns/{ti['dag_run_id']}/taskInstances/{ti['task_id']}/-1/hitlDetails"
            airflow.call("PATCH", path, {"chosen_options": ["Approve"], "params_input": {"note": "ok"}})
            approved.add(ti["dag_run_id"])
        return all((place.data / "releases" / m / r / "manifest.json").is_file() for m in MONTHS for r in REGIONS)

    awaited(all_published)
    months = awaited(lambda: _ended(runs(airflow, "province_month"), 3))
    assert {run["state"] for run in months} == {"success"}
    assert len(approved) >= len(MONTHS)
    for month in MONTHS:
        for region in REGIONS:
            assert place.manifest(region, month)["standing"] == "final"


def test_the_graph_is_seen_in_a_browser(running: tuple[Place, LocalAirflow], tmp_path: Path) -> None:
    _, airflow = running
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium on this machine")
    picture = tmp_path / "province_month.png"
    view = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1600,1000", "--virtual-time-budget=20000"]
    page = f"{airflow.url}/dags/province_month"
    subprocess.run([browser, *view, f"--screenshot={picture}", page], check=True, capture_output=True, timeout=180)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000


def _ended(found: list[dict[str, Any]], least: int) -> list[dict[str, Any]]:
    """The runs, once there are enough and none of them is at work."""
    done = [run for run in found if run["state"] in ("success", "failed")]
    return done if len(done) >= least and len(done) == len(found) else []
