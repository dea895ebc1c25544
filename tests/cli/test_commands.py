"""The command line: help with an example, one sentence and the right exit status for a wrong call."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drg.doors.config import project_home
from tests.homes import drg as within

COMMANDS = (
    "demo", "synth", "run", "close", "status", "verify", "explain", "group", "policy", "policy check", "policy show",
    "policy diff", "policy vocabulary", "version list", "version propose", "version consult", "version publish",
    "version withdraw", "version diff", "contracts dictionary", "contracts diff", "price", "doctor", "bench",
)  # fmt: skip


def drg(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """The command as a person calls it, in a process of its own, without Spark starting for wrong calls."""
    env = {**os.environ, "PYTHONPATH": str(project_home() / "lib"), "DRG_DATA": str(data), "COLUMNS": "200"}
    code = "from drg.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=env, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    done = drg(*command.split(), "--help", data=tmp_path)
    assert done.returncode == 0
    assert f"drg {command}" in done.stdout.split("Example", 1)[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "--months", "2025-01", "--steps", "groop"), "step groop is not known"),
        (("run", "--months", "2025-01", "--steps", "settle..land"), "run backwards"),
        (("run", "--months", "January"), "are not YYYY-MM"),
        (("run", "--months", "0000-01"), "are not YYYY-MM"),
        (("run", "--months", "２０２５-01"), "are not YYYY-MM"),
        (("group", "cases.csv", "--scheme", "chs-drg-9", "--out", "o.csv"), "known schemes: chs-drg-1.1, chs-drg-2.0"),
        (("group", "none.csv", "--out", "o.csv"), "none.csv is not a file"),
        (("group", "cases.csv", "--out", "o.txt"), "end it in .csv or .parquet"),
        (("run", "--months", "2025-01", "--regions", "440100"), "440100 is not a pooling region of 四川省"),
        (("run", "--months", "2025-01", "--version", "2025.2"), "write --steps weigh..rate"),
        (("run", "--months", "2025-01", "--steps", "weigh", "--version", "2024.2"), "2024.2 is not one of 2025"),
        (("run", "--months", "2024-12..2025-01", "--steps", "weigh", "--version", "2025.2"), "names 2024 and 2025"),
        (("version", "list", "440100", "2025"), "440100 is not a pooling region of 四川省"),
        (("version", "propose", "510100", "2025", "--by", " ", "--reason", "r"), "--by is empty"),
        (
            ("version", "consult", "510100", "2025", "--by", "b", "--reason", "r", "--on", "1 May"),
            "--on 1 May is not a",
        ),
        (("version", "publish", "510100", "2025", "--by", "b", "--reason", "r", "--from", "2025-13"), "--from 2025-13"),
        (("close", "--year", "2025", "--regions", "440100"), "440100 is not a pooling region of 四川省"),
        (("run", "--months", "2025-01", "--env", "mars"), "environment mars has no file"),
        (("synth", "--months", "2025-01", "--lists", "10", "--format", "xml", "--out", "o"), "format xml is not known"),
        (
            ("synth", "--months", "2025-01", "--lists", "10", "--province", "atlantis", "--out", "o"),
            "province atlantis",
        ),
    ],
)
def test_a_wrong_call_is_one_sentence_and_status_2(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = drg(*arguments, data=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_data_folder_that_cannot_be_written_is_named_before_spark_starts() -> None:
    done = drg("run", "--months", "2025-01", "--steps", "validate", "--data", "/proc/nowhere", data=Path("/proc"))
    assert done.returncode == 2
    assert "the data folder /proc/nowhere cannot be written" in done.stderr


def test_a_run_without_deliveries_names_the_folder(tmp_path: Path) -> None:
    done = drg("run", "--months", "2025-01", data=tmp_path)
    assert done.returncode == 2
    assert f"no deliveries at {tmp_path}/deliveries" in done.stderr


def test_the_clock_is_checked_before_spark_starts(tmp_path: Path) -> None:
    done = drg("run", "--months", "2025-01", "--now", "yesterday", data=tmp_path)
    assert (done.returncode, "yesterday is not ISO 8601" in done.stderr) == (2, True)


def test_an_unknown_option_is_status_2(tmp_path: Path) -> None:
    assert drg("run", "--month", "2025-01", data=tmp_path).returncode == 2


def test_status_before_any_run_says_how_to_begin(tmp_path: Path) -> None:
    done = drg("status", data=tmp_path)
    assert done.returncode == 1
    assert "start with `drg demo`" in done.stdout


@pytest.mark.usefixtures("spark")
def test_a_region_without_versions_says_what_to_run(tmp_path: Path) -> None:
    done = within("version", "list", "510100", "2025", "--data", str(tmp_path))
    assert (done.exit_code, "run weigh and rate first" in done.stdout) == (1, True)
    asked = within("version", "propose", "510100", "2025", "--by", "b", "--reason", "r", "--data", str(tmp_path))
    assert asked.exit_code == 1
    assert "region 510100 has no version of 2025 to decide on; compute one with" in str(asked.exception)


def test_before_any_run_json_is_json_and_the_sentence_goes_beside_it(tmp_path: Path) -> None:
    for command, sentence in (("status", "start with `drg demo`"), ("verify", f"no table to verify at {tmp_path}")):
        done = drg(command, "--json", data=tmp_path)
        assert (done.returncode, done.stdout) == (1, "[]\n"), command
        assert sentence in done.stderr
