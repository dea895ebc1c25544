"""`make airflow` as a newcomer sees it: a month runs to its approval, then to the release; then all is stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drg.doors.airflow import HOST, MONTH, LocalAirflow, airflow_settings
from tests.cluster import browser
from tests.cluster.scheduled import ENDED, approve, awaited, runs, waiting
from tests.cluster.standalone import free_port
from tests.dags.province import CHECKOUT

pytestmark = pytest.mark.lane


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[bytes], LocalAirflow, Path]]:
    """The program of `make airflow` with a small province, and a client of what it started."""
    root, port = tmp_path_factory.mktemp("local"), free_port()
    command = [sys.executable, "-m", "drg.doors.airflow", "--port", str(port), "--data", str(root), "--lists", "4000"]
    with (root / "shown.txt").open("wb") as shown:
        process = subprocess.Popen(command, cwd=CHECKOUT, stdout=shown, stderr=shown, start_new_session=True)
    client = LocalAirflow(airflow_settings(root / "home", CHECKOUT / "dags", "local[*]", port), root / "client.log")
    try:
        yield process, client, root
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_the_month_runs_to_its_approval_and_then_to_the_release_and_all_is_stopped(
    started: tuple[subprocess.Popen[bytes], LocalAirflow, Path],
) -> None:
    process, airflow, root = started

    def asked() -> Any:
        assert process.poll() is None, (root / "shown.txt").read_text("utf-8")
        try:
            return waiting(airflow)
        except OSError:
            return None

    (question,) = awaited(asked)
    assert question["subject"] == f"Approve month {MONTH}?"
    run_id = question["task_instance"]["dag_run_id"]
    page = f"{airflow.url}/dags/province_month/runs/{run_id}"
    releases = root / "releases" / MONTH
    assert not releases.exists()
    if browser.BROWSER:
        assert "Required Actions" in browser.text(page)
        shown = browser.text(f"{page}/tasks/approval/required_actions")
        assert f"Approve month {MONTH}?" in shown
        assert "成都市" in shown
        assert browser.picture(f"{page}/tasks/approval/required_actions", root / "approval.png").stat().st_size > 20_000

    def over() -> list[dict[str, Any]]:
        # An answer within the second of its question finds Airflow still putting the task to rest; it asks again.
        approve(airflow)
        return [run for run in runs(airflow, "province_month") if _is_over(run, run_id)]

    # The history's months came in as well and woke runs that had nothing to do.
    ended = awaited(over)
    assert [run["state"] for run in ended] == ["success"]
    assert len(list(releases.glob("*/manifest.json"))) == 22
    if browser.BROWSER:
        assert "Success" in browser.text(page)
        assert browser.picture(page, root / "release.png").stat().st_size > 20_000

    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, int(airflow.url.rsplit(":", 1)[1]))) != 0
    assert "stopped" in (root / "shown.txt").read_text("utf-8")


def _is_over(run: dict[str, Any], run_id: str) -> bool:
    return run["dag_run_id"] == run_id and run["state"] in ENDED
