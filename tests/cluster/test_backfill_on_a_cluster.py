"""The topology of the compose file as processes: Airflow, a Spark master, two workers; three months by backfill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drg.doors.airflow import LocalAirflow, airflow_settings
from tests.cluster import browser
from tests.cluster.scheduled import all_ended, approve, awaited
from tests.cluster.standalone import cluster, free_port
from tests.dags.province import CHECKOUT, HISTORY, MONTHS, REGIONS, Place, build

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


def test_three_months_are_backfilled_and_each_waits_for_its_approval(running: tuple[Place, LocalAirflow]) -> None:
    place, airflow = running
    # The dates are those of the partitions: of each month of delivery the day of the schedule.
    airflow.command(
        "backfill", "create", "--dag-id", "intake", "--from-date", "2025-01-01", "--to-date", "2025-03-31",
        "--max-active-runs", "1",
    )  # fmt: skip
    # The newest month of the schedule itself may have run as well, since the DAG was unpaused.
    ended = awaited(lambda: all_ended(airflow, "intake", 3))
    intakes = [run for run in ended if run["dag_run_id"].startswith("backfill")]
    assert {run["state"] for run in intakes} == {"success"}
    assert sorted(run["partition_key"] for run in intakes) == list(MONTHS)

    approved: set[str] = set()

    def all_published() -> bool:
        approved.update(approve(airflow))
        return all((place.data / "releases" / m / r / "manifest.json").is_file() for m in MONTHS for r in REGIONS)

    awaited(all_published)
    months = awaited(lambda: all_ended(airflow, "province_month", 3))
    # Lists of a month that came with the next one settle it again: who approved the figures before that is told so.
    last = {run["partition_key"]: run for run in sorted(months, key=lambda run: str(run["start_date"]))}
    assert {last[month]["state"] for month in MONTHS} == {"success"}
    overtaken = [run for run in months if run["state"] != "success"]
    assert all(run["dag_run_id"] != last[run["partition_key"]]["dag_run_id"] for run in overtaken)
    assert len(approved) >= len(MONTHS)
    for month in MONTHS:
        for region in REGIONS:
            assert place.manifest(region, month)["standing"] == "final"


@pytest.mark.skipif(browser.BROWSER is None, reason="no Chromium on this machine")
def test_the_graph_is_seen_in_a_browser(running: tuple[Place, LocalAirflow], tmp_path: Path) -> None:
    _, airflow = running
    picture = browser.picture(f"{airflow.url}/dags/province_month", tmp_path / "province_month.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000
