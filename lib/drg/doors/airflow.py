"""The door to Airflow: the variables it and its jobs need, and a local one that is started and stopped as one.

Runs in Airflow's own environment and hands every job to the engine's: `make airflow` starts it on a drawn province, for
this machine only.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drg.doors.config import project_home
from drg.errors import ConfigError

HOST = "127.0.0.1"
PORT = 8080
POOL = "tables"
HISTORY, MONTH = "2024-11..2024-12", "2025-01"
LISTS = 20_000
START_SECONDS = 180
STOP_SECONDS = 60


def job_settings(engine: Path) -> dict[str, str]:
    """What a job finds in its environment when Airflow submits it: the engine's Spark, Python, Java and jars.

    `engine` is the environment of the engine (.venv). Raises ConfigError when it is not set up.
    """
    python = engine / "bin" / "python"
    asked = [str(python), "-c", "from drg.doors.java import java_home; print(java_home())"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False) if python.exists() else None
    if done is None or done.returncode:
        raise ConfigError(f"the engine is not set up in {engine}; run `make setup`")
    return {
        "JAVA_HOME": done.stdout.strip(),
        "PYSPARK_PYTHON": str(python),
        "DRG_JARS": os.environ.get("DRG_JARS") or str(engine / "jars"),
        # spark-submit is the engine's; what Airflow calls of its own lies beside this Python.
        "PATH": os.pathsep.join(
            [str(engine / "bin"), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        ),
    }


def airflow_settings(home: Path, dags: Path, master: str, port: int) -> dict[str, str]:
    """A local Airflow: loopback only, one database file, no login since nobody else reaches it."""
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps({"conn_type": "spark", "host": master}),
    }


class LocalAirflow:
    """`airflow standalone` in a process group of its own; used as a context, it is stopped whatever happens."""

    def __init__(self, settings: dict[str, str], log: Path):
        self.settings = settings
        self.url = settings["AIRFLOW__API__BASE_URL"]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._binary = str(Path(sys.executable).parent / "airflow")

    def __enter__(self) -> LocalAirflow:
        Path(self.settings["AIRFLOW_HOME"]).mkdir(parents=True, exist_ok=True)
        self.command("db", "migrate")
        self.command("pools", "set", POOL, "1", "jobs that write tables")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._binary, "standalone"], env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._await()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the whole group: first asked, then, after a minute, ended; done when nobody answers at its port."""
        if self._process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, sign)
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break
        # Who began the group is gone before those it began.
        end = time.monotonic() + STOP_SECONDS
        while self._answers() and time.monotonic() < end:
            time.sleep(0.1)
        self._process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, int(self.settings["AIRFLOW__API__PORT"]))) == 0

    def command(self, *arguments: str) -> None:
        """One command of Airflow's own command line; ConfigError with its last line when it fails."""
        done = subprocess.run(
            [self._binary, *arguments], env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise ConfigError(f"airflow {' '.join(arguments)} failed: {' '.join(last)}; see {self._log}")

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the REST API; the answer as JSON. ConfigError with status and text when it is refused."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v2/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")[:500]
            raise ConfigError(f"{method} {path}: {error.code} {text}; see {self._log}") from error

    def _environment(self) -> dict[str, str]:
        return os.environ | self.settings

    def _await(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                raise ConfigError(f"Airflow ended while it started; see {self._log}")
            try:
                health = self.call("GET", "monitor/health")
                listed = self.call("GET", "dags")["total_entries"]
                if health["scheduler"]["status"] == "healthy" and listed:
                    return
            except (ConfigError, OSError, KeyError):
                pass
            time.sleep(1)
        raise ConfigError(f"Airflow was not ready after {START_SECONDS} s; see {self._log}")


def prepare(drg: Path, data: Path, settings: dict[str, str], lists: int) -> None:
    """Draw a small province once and take in its history, so that the month in the browser has weights to go by."""
    marker = data / "airflow.txt"
    if marker.is_file():
        return
    key = data / "secrets" / "person_key"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text("synthetic-province-only\n", encoding="utf-8")
    first = HISTORY.split("..", maxsplit=1)[0]
    span = ["--months", f"{first}..{MONTH}", "--lists", str(lists), "--out", str(data / "deliveries")]
    steps = [
        ["synth", *span],
        ["run", "--steps", "land..group", "--months", HISTORY],
        ["run", "--steps", "weigh..rate", "--months", MONTH],
    ]
    for arguments in steps:
        print("drg", *arguments)
        subprocess.run([drg, *arguments], env=os.environ | settings, check=True)
    marker.write_text("drawn\n", encoding="utf-8")


def show_questions(airflow: LocalAirflow) -> None:
    """Print where each approval waits as it comes up, until a signal ends it."""
    shown: set[str] = set()
    while True:
        for detail in airflow.call("GET", "dags/~/dagRuns/~/hitlDetails?response_received=false")["hitl_details"]:
            ti = detail["task_instance"]
            if ti["id"] not in shown:
                shown.add(ti["id"])
                page = (
                    f"{airflow.url}/dags/{ti['dag_id']}/runs/{ti['dag_run_id']}/tasks/{ti['task_id']}/required_actions"
                )
                print(f"{detail['subject']} {page}", flush=True)
        time.sleep(5)


def main(argv: Sequence[str] | None = None) -> int:
    """`make airflow`: prepares, starts, shows the month run, and stops on Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="make airflow", description="a local Airflow on a drawn province")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--data", type=Path, default=None, help="default: data/airflow below the checkout")
    parser.add_argument("--lists", type=int, default=LISTS, help="lists to draw, the first time")
    parser.add_argument("--engine", type=Path, default=None, help="environment of the engine, default .venv")
    args = parser.parse_args(argv)
    home = project_home()
    data = (args.data or home / "data" / "airflow").resolve()
    data.mkdir(parents=True, exist_ok=True)
    # Ended by a signal it stops what it started, as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        engine = (args.engine or home / ".venv").resolve()
        settings = job_settings(engine) | {"DRG_DATA": str(data), "DRG_HOME": str(home)}
        prepare(engine / "bin" / "drg", data, settings, args.lists)
        settings |= airflow_settings(data / "home", home / "dags", "local[*]", args.port)
        with LocalAirflow(settings, data / "airflow.log") as airflow:
            # Those of a year stay paused: Airflow would at once run the newest year, which was not drawn.
            for dag in ("intake", "province_month", "resubmission", "backfill"):
                airflow.call("PATCH", f"dags/{dag}", {"is_paused": False})
            body: dict[str, Any] = {"logical_date": None, "partition_key": MONTH, "conf": {}}
            airflow.call("POST", "dags/intake/dagRuns", body)
            print(f"{airflow.url}/dags/intake takes in {MONTH}; then {airflow.url}/dags/province_month settles it")
            print(f"log: {data / 'airflow.log'}; Ctrl-C stops it", flush=True)
            show_questions(airflow)
    except KeyboardInterrupt:
        print("stopped")
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
