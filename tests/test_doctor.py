"""Each finding says what there is, and each fault is found with its remedy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drg.doctor import Finding, diagnose, packages, storage
from drg.doors.config import Env

NAMES = [
    "Python", "packages", "Java", "Spark", "Delta jars", "configuration", "contracts", "rule packs", "policy",
    "storage", "person key",
]  # fmt: skip


def named(findings: list[Finding], name: str) -> Finding:
    return next(finding for finding in findings if finding.name == name)


def test_every_finding_is_there_once_and_only_faults_have_a_remedy(env: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRG_PERSON_KEY", "a key of at least 16 bytes")
    findings = diagnose(env)
    assert [finding.name for finding in findings] == NAMES
    assert all(finding.found for finding in findings)
    assert all(bool(finding.remedy) is not finding.ok for finding in findings)
    for name in ("Python", "Java", "Spark", "Delta jars", "configuration", "contracts", "rule packs", "policy"):
        assert named(findings, name).ok, named(findings, name)
    assert named(findings, "person key").ok


def test_faults_outside_are_found_and_do_not_hide_the_others(env: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRG_PERSON_KEY", raising=False)
    monkeypatch.setenv("DRG_JARS", str(env.data / "no jars"))
    monkeypatch.setenv("SPARK_HOME", str(env.data))
    findings = diagnose(env)
    assert [finding.name for finding in findings] == NAMES
    assert named(findings, "Delta jars").remedy.startswith("run `make jars`")
    assert named(findings, "Spark") == Finding(
        "Spark", False, f"SPARK_HOME names another Spark, {env.data}", "unset SPARK_HOME"
    )
    assert "DRG_PERSON_KEY" in named(findings, "person key").remedy
    assert named(findings, "contracts").ok


def test_a_key_too_short_is_found_without_being_shown(env: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRG_PERSON_KEY", "fifteen-bytes-x")
    finding = named(diagnose(env), "person key")
    assert not finding.ok
    assert "fifteen-bytes-x" not in finding.found + finding.remedy


def test_a_package_of_another_version_than_the_lock_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("pytest==0.1 \\\n    --hash=sha256:00\nno-such-package==1 ; sys_platform == 'win32'\n", "utf-8")
    finding = packages(lock)
    assert not finding.ok
    assert f"pytest {pytest.__version__} instead of 0.1" in finding.found
    assert "no-such-package" not in finding.found
    assert finding.remedy == "run `make setup`"


def test_a_package_locked_twice_may_be_either(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"pytest==0.1 ; python_version < '3'\npytest=={pytest.__version__}\n", "utf-8")
    assert "pytest" not in packages(lock).found


def test_no_lock_is_a_fault(tmp_path: Path) -> None:
    assert packages(tmp_path / "requirements.txt").found == f"no requirements.txt in {tmp_path}"


def test_storage_needs_a_folder_that_can_be_written(env: Env) -> None:
    assert storage(env, min_free_bytes=0).ok
    assert storage(replace(env, data=env.data / "not" / "made yet"), min_free_bytes=0).ok
    blocked = env.data / "a file"
    blocked.write_text("", "utf-8")
    finding = storage(replace(env, data=blocked), min_free_bytes=0)
    assert (finding.ok, finding.remedy) == (False, "make it writable or set DRG_DATA")
    assert not list((env.data / "not").glob("*"))


def test_storage_needs_room(env: Env) -> None:
    finding = storage(env, min_free_bytes=1024**6)
    assert not finding.ok
    assert "GiB free" in finding.found
    assert finding.remedy.startswith("free ")


def test_tables_elsewhere_are_named(env: Env) -> None:
    assert "hdfs://lake/drg" in storage(replace(env, tables="hdfs://lake/drg"), min_free_bytes=0).found
