"""What an installation has, what it lacks and what to do about it: the findings of `drg doctor`.

Each check looks at one thing and never changes it; no check needs a Spark session. A check that cannot look says why,
so that one broken part does not hide the others.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from drg.contracts import contract
from drg.doors.config import SECRET_VARIABLE, Env, load_env, load_province, load_yaml, person_key_secret, project_home
from drg.doors.jars import faults, jars_folder, manifest_path, read_manifest
from drg.doors.java import MIN_VERSION, find_java
from drg.errors import ConfigError, DrgError
from drg.group import available_schemes, load_pack
from drg.policy import PolicyBook
from drg.steps import TABLES

DISTRIBUTION = "drg-province"
MIN_PYTHON = (3, 11)
# Tables, deliveries and releases of one demo take below 1 GB; Spark spills beside them. Assumed, see docs/operator.md.
MIN_FREE_BYTES = 4 * 1024**3
_SETUP = "run `make setup`"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is fit, what was found, and the remedy (empty when it is fit)."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def diagnose(env: Env) -> list[Finding]:
    """All findings for one environment, always the same ones in the same order."""
    looks: list[tuple[str, Callable[[], Finding]]] = [
        ("Python", _python),
        ("packages", lambda: packages(project_home() / "requirements.txt")),
        ("Java", _java),
        ("Spark", _spark),
        ("Delta jars", _jars),
        ("configuration", _configuration),
        ("contracts", _contracts),
        ("rule packs", _rule_packs),
        ("policy", _policy),
        ("storage", lambda: storage(env)),
        ("person key", lambda: _person_key(env)),
    ]
    return [_look(name, look) for name, look in looks]


def packages(lock: Path) -> Finding:
    """Whether the installed packages are those of the lock, and none that the distribution needs is missing."""
    if not lock.is_file():
        return Finding("packages", False, f"no {lock.name} in {lock.parent}", "restore it from the repository")
    pinned: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", lock.read_text(encoding="utf-8"), re.MULTILINE):
        pinned.setdefault(_normal(name), set()).add(version)
    wrong = []
    for name in sorted(pinned):
        installed = _version(name)
        if installed is not None and installed not in pinned[name]:
            wrong.append(f"{name} {installed} instead of {' or '.join(sorted(pinned[name]))}")
    if _version(DISTRIBUTION) is None:
        wrong.append(f"{DISTRIBUTION} is not installed")
    else:
        for requirement in metadata.requires(DISTRIBUTION) or []:
            needed = re.match(r"[A-Za-z0-9._-]+", requirement)
            if needed and "extra ==" not in requirement and _version(needed.group()) is None:
                wrong.append(f"{_normal(needed.group())} is missing")
    if wrong:
        return Finding("packages", False, "; ".join(wrong), _SETUP)
    return Finding("packages", True, f"{len(pinned)} in the lock, none of another version")


def storage(env: Env, min_free_bytes: int = MIN_FREE_BYTES) -> Finding:
    """Whether the data folder can be written and has room; tables in a remote store are named, not tried."""
    folder = env.data
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        why = error.strerror or type(error).__name__
        return Finding("storage", False, f"{folder} cannot be written: {why}", "make it writable or set DRG_DATA")
    remote = f"; tables in {env.tables}, tried when a step writes" if "://" in env.tables else ""
    found = f"{env.data}, {free / 1024**3:.1f} GiB free{remote}"
    if free < min_free_bytes:
        needed = f"free {min_free_bytes / 1024**3:.0f} GiB or set DRG_DATA to another disk"
        return Finding("storage", False, found, needed)
    return Finding("storage", True, found)


def _look(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except DrgError as error:
        # The sentence of an error ends with its remedy, after the last semicolon.
        found, _, remedy = str(error).rpartition("; ")
        return Finding(name, False, found or remedy, remedy if found else _SETUP)


def _python() -> Finding:
    found = f"{'.'.join(map(str, sys.version_info[:3]))} in {sys.prefix}"
    if sys.version_info[:2] < MIN_PYTHON:
        return Finding("Python", False, found, f"install Python {'.'.join(map(str, MIN_PYTHON))} and {_SETUP}")
    return Finding("Python", True, found)


def _java() -> Finding:
    java = find_java()
    where = f"found by {java.origin}" if java.origin in ("JAVA_HOME", "PATH") else f"from {java.origin}"
    return Finding("Java", java.version >= MIN_VERSION, f"{java.version} in {java.home}, {where}")


def _spark() -> Finding:
    spec = find_spec("pyspark")
    if spec is None or not spec.submodule_search_locations:
        return Finding("Spark", False, "pyspark is not installed", _SETUP)
    home, named = Path(spec.submodule_search_locations[0]), os.environ.get("SPARK_HOME")
    if named and Path(named).resolve() != home.resolve():
        return Finding("Spark", False, f"SPARK_HOME names another Spark, {named}", "unset SPARK_HOME")
    return Finding("Spark", True, f"{_version('pyspark')} with delta-spark {_version('delta-spark')}")


def _jars() -> Finding:
    sums = read_manifest(manifest_path())
    wrong = faults(jars_folder(), sums)
    if wrong:
        remedy = "run `make jars`, or copy the folder from a site that has it and name it in DRG_JARS"
        return Finding("Delta jars", False, "; ".join(wrong), remedy)
    return Finding("Delta jars", True, f"{len(sums)} verified in {jars_folder()}")


def _configuration() -> Finding:
    folder = project_home() / "conf" / "env"
    environments, provinces = [], []
    for path in sorted(folder.glob("*.yaml")):
        content = load_yaml(path)
        if isinstance(content, dict) and "regions" in content:
            provinces.append(f"{path.stem} ({len(load_province(path.stem).regions)} regions)")
        else:
            environments.append(path.stem)
    used = load_env()
    found = f"environments {', '.join(environments)}; provinces {', '.join(provinces)}; in use {used.name}"
    return Finding("configuration", True, found)


def _contracts() -> Finding:
    columns = sum(len(contract(table).columns) for table in TABLES)
    return Finding("contracts", True, f"{len(TABLES)} tables, {columns} columns")


def _rule_packs() -> Finding:
    packs = [load_pack(scheme) for scheme in available_schemes()]
    if not packs:
        return Finding("rule packs", False, "none in conf/rule_packs", "restore the folder from the repository")
    return Finding("rule packs", True, ", ".join(pack.scheme for pack in packs))


def _policy() -> Finding:
    PolicyBook.load_default()
    folders = sum(1 for path in (project_home() / "conf" / "policy").iterdir() if path.is_dir())
    return Finding("policy", True, f"{folders} folders read, national to region")


def _person_key(env: Env) -> Finding:
    try:
        person_key_secret(env)
    except ConfigError as error:
        found = str(error).rpartition("; ")[0]
        remedy = f"set {SECRET_VARIABLE} to a secret of the site; `drg demo` makes one for its own data"
        return Finding("person key", False, found, remedy)
    return Finding("person key", True, SECRET_VARIABLE if SECRET_VARIABLE in os.environ else "in the data folder")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
