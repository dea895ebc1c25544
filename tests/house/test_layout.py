"""The house: layout, names and contracts are what the hinge says."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import drg
from drg.contracts import contract
from drg.doors.config import load_yaml, project_home
from drg.steps import CLOSE, STEP_NAMES, STEPS, TABLES

HOME = project_home()
TOP = {
    "jobs", "dags", "lib", "conf", "data_contracts", "tests", "docker", "docs", "setup.py", "pyproject.toml",
    "Makefile", "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "requirements.txt",
    "requirements-java.txt", "requirements-airflow.txt", "requirements-contracts.txt", ".ci",
    ".gitignore", ".gitattributes",
}  # fmt: skip


def tracked() -> list[str]:
    listed = subprocess.run(["git", "-C", str(HOME), "ls-files"], capture_output=True, text=True, check=False)
    if listed.returncode or not listed.stdout:
        pytest.fail("the checkout is not a git work tree; the layout is checked on tracked files")
    return listed.stdout.splitlines()


def test_nothing_else_stands_at_the_top() -> None:
    assert {path.split("/")[0] for path in tracked()} <= TOP


def test_the_eight_words_in_order() -> None:
    assert STEP_NAMES == ("land", "validate", "group", "weigh", "rate", "settle", "compare", "publish")


@pytest.mark.parametrize("step", STEP_NAMES)
def test_each_step_has_job_package_contracts_and_tests(step: str) -> None:
    assert (HOME / "jobs" / f"{step}.py").is_file()
    assert (HOME / "lib" / "drg" / step / "__init__.py").is_file()
    assert list((HOME / "tests" / step).glob("test_*.py"))


@pytest.mark.parametrize("step", [*STEP_NAMES, CLOSE.name])
def test_a_job_is_a_screen(step: str) -> None:
    text = (HOME / "jobs" / f"{step}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 90
    assert re.search(r"^def run\(ctx: StepContext\) -> None:", text, re.MULTILINE)
    assert f'job_main("{step}", run)' in text


@pytest.mark.parametrize("name", sorted(TABLES))
def test_each_table_has_a_contract_with_key_partitions_and_titles(name: str) -> None:
    agreed = contract(name)
    assert agreed.table == name
    assert set(TABLES[name].replaced_by) <= set(agreed.names())
    if TABLES[name].replaced_by:
        assert agreed.partitions(), f"{name} is replaced by partition but has none"
        assert set(agreed.partitions()) <= set(TABLES[name].replaced_by)
        assert agreed.key(), f"{name} has no key"
    for column in agreed.columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert re.search(r"[\u4e00-\u9fff]|CMI", column.title), f"{name}.{column.name} has no Chinese title"
        assert column.classification in {"public", "internal", "sensitive", "personal"}


def test_no_contract_stands_without_a_table_of_the_hinge() -> None:
    on_disk = {p.stem for p in (HOME / "data_contracts").rglob("*.yaml") if p.parent.name != "delivery"}
    assert on_disk == set(TABLES)


def test_money_is_decimal_in_every_contract() -> None:
    for path in (HOME / "data_contracts").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"physicalType: \"?(double|float)", text), path


def test_identifiers_stop_at_the_door() -> None:
    """Only landed_list may hold columns of class personal."""
    holding = {n for n in TABLES for c in contract(n).columns if c.classification == "personal"}
    assert holding == {"landed_list"}


def test_steps_read_only_tables_that_they_or_an_earlier_step_write() -> None:
    written: set[str] = set()
    for step in STEPS:
        written |= {table.name for table in step.writes}
        assert set(step.reads) <= written, step.name
        assert set(step.after) <= set(STEP_NAMES[: STEP_NAMES.index(step.name)])


def test_each_job_reads_and_writes_what_the_hinge_says() -> None:
    for step in (*STEPS, CLOSE):
        text = (HOME / "jobs" / f"{step.name}.py").read_text(encoding="utf-8")
        # The clearing lives in the package of settle, in files of its own.
        files = [p for p in (HOME / "lib" / "drg").glob("*/*.py") if _works_for(p) == step.name]
        own = "\n".join(p.read_text(encoding="utf-8") for p in files)
        assert set(re.findall(r"ctx\.read\(\s*\"(\w+)\"", text + own)) <= set(step.reads), step.name
        assert set(re.findall(r"ctx\.write\(\s*\"(\w+)\"", text + own)) <= {t.name for t in step.writes}, step.name
        for table in [*step.reads, *(t.name for t in step.writes)]:
            assert f'"{table}"' in text + own, f"{step.name} never names {table}"


def _works_for(path: Path) -> str:
    return CLOSE.name if path.name.startswith("clearing") else path.parent.name


def test_the_clearing_reads_what_the_line_writes_and_stands_beside_it() -> None:
    assert CLOSE not in STEPS
    assert set(CLOSE.reads) <= {table.name for step in STEPS for table in step.writes}


def modules() -> list[str]:
    return sorted(m.name for m in pkgutil.walk_packages(drg.__path__, "drg."))


@pytest.mark.parametrize("name", modules())
def test_every_module_imports_and_says_what_it_is(name: str) -> None:
    assert (importlib.import_module(name).__doc__ or "").strip(), f"{name} has no docstring"


def test_importing_every_module_starts_no_spark_and_the_kernel_needs_none() -> None:
    """A fresh interpreter, since this one may hold a session already."""
    code = (
        "import importlib, sys\n"
        "import drg.group, drg.group.kernel, drg.policy, drg.steps, drg.contracts, drg.runner, drg.cli.work\n"
        "assert 'pyspark' not in sys.modules, 'pyspark is imported by a module that needs none'\n"
        f"for name in {modules()!r}:\n    importlib.import_module(name)\n"
        "from pyspark import SparkContext\n"
        "assert SparkContext._active_spark_context is None\n"
    )
    env = {**os.environ, "PYTHONPATH": str(HOME / "lib")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr


def test_no_step_reads_the_truth() -> None:
    for path in [*HOME.glob("jobs/*.py"), *(HOME / "lib" / "drg").rglob("*.py")]:
        relative = path.relative_to(HOME).as_posix()
        if relative.startswith(("lib/drg/synth/", "lib/drg/cli/", "lib/drg/doors/config.py")):
            continue
        assert not re.search(r"\btruth\b", path.read_text(encoding="utf-8")), f"{relative} names the truth"


def test_files_are_a_few_screens_long() -> None:
    for path in tracked():
        if path.endswith(".py"):
            length = len((HOME / path).read_text(encoding="utf-8").splitlines())
            assert length <= 400, f"{path} has {length} lines; split it"


def test_yaml_files_load() -> None:
    for path in tracked():
        if path.endswith((".yaml", ".yml")):
            assert load_yaml(Path(HOME / path)) is not None
