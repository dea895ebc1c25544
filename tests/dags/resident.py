"""A `spark-submit` for the tests that keeps one driver: the jobs are the real ones, only their start is paid once.

Submitting starts the driver with the real `spark-submit` and the settings of the first job, then hands it script and
arguments over a socket; output and exit status come back as they would. A job named by `DRG_TESTS_COLD` is submitted
for real.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import shutil
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

START_SECONDS = 120
COLD = "DRG_TESTS_COLD"


def install(folder: Path, python: Path, path: str) -> str:
    """Put the command into a folder; the `PATH` by which it is found before the real one."""
    folder.mkdir(parents=True)
    command = folder / "spark-submit"
    command.write_text(f'#!/bin/sh\nexec {python} -I {__file__} submit {folder} "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return f"{folder}{os.pathsep}{path}"


def stop(folder: Path) -> None:
    """End the driver, if one was started, and wait for it."""
    if (folder / "socket").exists():
        with _connected(folder, time.monotonic()) as line:
            _send(line, {"stop": True})
            line.recv(1)


def submit(folder: Path, arguments: list[str]) -> int:
    """What the command does: `arguments` are spark-submit's; the exit status is the job's."""
    at = next(index for index, text in enumerate(arguments) if text.endswith(".py"))
    settings, script, options = arguments[:at], arguments[at], arguments[at + 1 :]
    if os.environ.get(COLD) == Path(script).stem:
        os.execv(_real(folder), ["spark-submit", *arguments])
    if not (folder / "socket").exists():
        with (folder / "driver.log").open("wb") as log:
            command = [_real(folder), *settings, __file__, "serve", str(folder)]
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    with _connected(folder, time.monotonic() + START_SECONDS) as line:
        own = {name: value for name, value in os.environ.items() if name.startswith("DRG_")}
        _send(line, {"script": script, "options": options, "environment": own})
        status = 1
        for text in line.makefile("r", encoding="utf-8"):
            if text.startswith("\0"):
                status = int(text[1:])
            else:
                sys.stdout.write(text)
        return status


def serve(folder: Path) -> None:
    """The driver: one job after the other in one session, until it is told to stop."""
    from drg.doors.config import load_env
    from drg.doors.spark import build_session

    session = build_session(load_env(), "tests")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "opening"))
        door.listen()
        (folder / "opening").rename(folder / "socket")
        while True:
            line, _ = door.accept()
            with line:
                asked = json.loads(line.makefile("r", encoding="utf-8").readline())
                if asked.get("stop"):
                    (folder / "socket").unlink()
                    session.stop()
                    return
                status = _run(line, asked)
                with contextlib.suppress(BrokenPipeError):
                    line.sendall(f"\0{status}\n".encode())


def _run(line: socket.socket, asked: dict[str, Any]) -> int:
    """One job, with its output to the one who asked; the status as Python would end with."""
    sys.argv = [asked["script"], *asked["options"]]
    os.environ.update(asked["environment"])
    with (
        line.makefile("w", encoding="utf-8", buffering=1) as out,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        try:
            runpy.run_path(asked["script"], run_name="__main__")
        except SystemExit as end:
            return int(end.code or 0)
        except Exception:  # noqa: BLE001 - a job's defect is told by its status, and the driver goes on
            traceback.print_exc()
            return 1
    return 0


def _connected(folder: Path, until: float) -> socket.socket:
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(str(folder / "socket"))
        except OSError:
            line.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return line


def _send(line: socket.socket, message: dict[str, Any]) -> None:
    line.sendall((json.dumps(message) + "\n").encode())


def _real(folder: Path) -> str:
    """The `spark-submit` that would be found without this one."""
    others = [part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != folder]
    found = shutil.which("spark-submit", path=os.pathsep.join(others))
    assert found, "no spark-submit beside this one"
    return found


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(Path(sys.argv[2]))
    else:
        sys.exit(submit(Path(sys.argv[2]), sys.argv[3:]))
