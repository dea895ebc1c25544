"""Twelve months of twenty-two regions by the DAG `backfill` in a running Airflow, twice; then the year is cleared."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

import pytest

from drg.doors.airflow import LocalAirflow, airflow_settings
from drg.doors.config import load_province
from tests.cluster.scheduled import triggered
from tests.cluster.standalone import free_port
from tests.dags.province import CHECKOUT, Place, build

HISTORY, MONTHS = "2024-12", tuple(f"2025-{month:02d}" for month in range(1, 13))
REGIONS = load_province("sichuan").region_codes()
ASKED = {"first": MONTHS[0], "last": MONTHS[-1], "order": "oldest first", "stop": "published", "environment": "whole"}

pytestmark = pytest.mark.lane


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, LocalAirflow]]:
    """A province of 22 regions with deliveries of thirteen months, the history taken in and weighed; and Airflow."""
    root = tmp_path_factory.mktemp("year")
    place = build(root, "whole", (HISTORY, MONTHS[-1]), lists=13_000)
    place.drg("run", "--steps", "land..group", "--months", HISTORY)
    place.drg("run", "--steps", "weigh..rate", "--months", MONTHS[0])
    settings = place.environment() | airflow_settings(root / "airflow", CHECKOUT / "dags", "local[2]", free_port())
    with LocalAirflow(settings, root / "airflow.log") as airflow:
        airflow.call("PATCH", "dags/backfill", {"is_paused": False})
        yield place, airflow


def rows(place: Place) -> dict[str, list[list[str]]]:
    """Number and hash of the rows of every partition of every table."""
    done = subprocess.run(
        [CHECKOUT / ".venv" / "bin" / "python", "-m", "tests.fingerprints"],
        cwd=CHECKOUT, env=os.environ | place.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, list[list[str]]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_year_is_backfilled_twice_without_a_failed_task_and_leaves_the_same_tables(
    running: tuple[Place, LocalAirflow],
) -> None:
    place, airflow = running
    seen = []
    for only in ("missing", "all"):
        state, tasks = triggered(airflow, "backfill", only=only, **ASKED)
        assert (state, sorted(tasks)) == ("success", ["skipped", "success"]), tasks
        assert tasks["skipped"] == ["failed_region"]
        seen.append(rows(place))
    first, second = seen
    assert len(first["case_payment"]) == len(MONTHS) * len(REGIONS)
    assert second == first
    for month in MONTHS:
        assert {place.manifest(region, month)["standing"] for region in REGIONS} == {"final"}


def test_once_settled_the_year_is_cleared_by_its_approval(running: tuple[Place, LocalAirflow]) -> None:
    place, airflow = running
    airflow.call("PATCH", "dags/year_clearing", {"is_paused": False})
    state, tasks = triggered(airflow, "year_clearing", year="2025", regions=list(REGIONS))
    assert (state, tasks["skipped"]) == ("success", ["failed_region"])
    assert {commit["add"][0]["settlement_year"] for commit in place.commits("hospital_clearing") if commit["add"]} == {
        "2025"
    }
