"""One small province of three regions, run through all eight steps once for all end-to-end tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drg.doors.config import load_env, load_province
from drg.runner import Outcome, run_steps
from drg.steps import steps_between
from drg.synth import draw_province
from tests.e2e.province import HISTORY, MONTHS, NOW, REGIONS, Line

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def line(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """Draw 6,000 lists of three regions in three formats, run history and month."""
    from drg.doors.tables import Lake

    root: Path = tmp_path_factory.mktemp("line")
    env = load_env("local", root)
    (root / "secrets").mkdir()
    (root / "secrets" / "person_key").write_text("a key of the end-to-end tests\n", encoding="utf-8")
    draw_province(
        province=load_province("sichuan"),
        months=HISTORY + MONTHS,
        lists=6000,
        seed=7,
        formats=("json", "csv", "parquet"),
        out=env.deliveries,
        truth=env.truth,
        regions=REGIONS,
        processes=2,
    )
    first = run_steps(spark, env, steps_between("land", "group"), REGIONS, HISTORY + MONTHS, NOW)
    second = run_steps(spark, env, steps_between("weigh", "publish"), REGIONS, MONTHS, NOW.replace(hour=9))
    return Line(spark, env, Lake(spark, env), Outcome(first.failed + second.failed))
