"""A Spark standalone cluster of processes on this machine: a master and two workers of one core each."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
MASTER, WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def cluster(settings: dict[str, str], folder: Path) -> Iterator[str]:
    """The address of the master while the block runs; every process is ended with it."""
    environment = os.environ | settings | {"SPARK_LOCAL_IP": HOST, "SPARK_WORKER_DIR": str(folder / "work")}
    port, started = free_port(), []

    def start(*arguments: str) -> None:
        log = (folder / f"{len(started)}.log").open("wb")
        command = ["spark-class", *arguments]
        started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True))

    folder.mkdir(parents=True, exist_ok=True)
    address = f"spark://{HOST}:{port}"
    try:
        start(MASTER, "--host", HOST, "--port", str(port), "--webui-port", "0")
        _await(port)
        for _ in range(2):
            start(WORKER, "--cores", "1", "--memory", "1g", "--webui-port", "0", "--host", HOST, address)
        yield address
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _await(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"no Spark master on port {port}")
