"""Every defect the checks know is drawn, and the reports name exactly the drawn ones."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drg.doors.config import load_env
from drg.runner import run_steps
from drg.steps import steps_between
from drg.synth.defects_across import PAIRS
from drg.synth.each_defect import Expected, all_defects, draw_each_defect, score
from drg.validate.checks import CHECKS
from drg.validate.told import findings_by_line

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REGION, MONTH = "510100", "2025-01"
NOW = datetime.fromisoformat("2025-02-12T08:00:00+08:00")


def expected(*findings: str, also: tuple[str, ...] = ()) -> Expected:
    return Expected("A", "x", frozenset(findings), frozenset(also))


def test_precision_and_recall_by_hand() -> None:
    drawn = {1: expected("R:DT02", also=("R:DT05",)), 2: expected("W:DX03"), 3: expected()}
    whole = score(drawn, {1: ["R:DT02", "R:DT05"], 2: ["W:DX03"]})
    assert (whole.drawn, whole.found, whole.recall, whole.precision) == (2, 3, 1.0, 1.0)
    part = score(drawn, {1: ["R:DT05"], 3: ["W:MN03"]})  # both missed; one of two not drawn
    assert (part.recall, part.precision) == (0.0, 0.5)
    assert part.missed == ((1, "R:DT02"), (2, "W:DX03"))
    assert part.unasked == ((3, "W:MN03"),)


def test_each_degree_of_each_check_has_a_defect() -> None:
    drawn = {defect.finding for defect in all_defects().values()}
    drawn |= {finding for pair in PAIRS.values() for finding in pair.first | pair.second}
    # What only some provinces ask for is not applied to the draw.
    applied = [check for check in CHECKS if check.default_on]
    known = {f"R:{check.id}" for check in applied if check.reject} | {
        f"W:{check.id}" for check in applied if check.warn
    }
    # A hospital that the register of the draw adds, and two versions of one list.
    assert known - drawn == {"W:ID07", "W:ID04"}


def test_the_reports_name_exactly_what_was_drawn(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drg.doors.tables import Lake

    monkeypatch.setenv("DRG_PERSON_KEY", "synthetic-persons-only")
    env = load_env("local", tmp_path)
    drawn = draw_each_defect(env.province, REGION, MONTH, 1, 7, env.deliveries, env.truth)
    assert run_steps(spark, env, steps_between("land", "validate"), (REGION,), (MONTH,), NOW).failed == []
    result = score(drawn, findings_by_line(Lake(spark, env), REGION, MONTH))
    assert result.drawn > 140
    assert (result.missed, result.unasked) == ((), ())


@pytest.mark.parametrize(("code", "drawn"), [("Z51.800x952", False), ("Z49.100", False), ("Z50.100", True)])
def test_a_round_of_a_treatment_makes_no_pair(code: str, drawn: bool) -> None:
    """To come back soon for the next one is no finding."""
    times = dict.fromkeys(("setl_begndate", "setl_enddate", "setl_time", "dcla_time"), "2025-01-02 08:00:00")
    one = {"setl_id": "S1", "mdtrt_id": "V1", "age": "40", "age_days": "", "oprninfo": [], "icuinfo": [], **times}
    one |= {"adm_time": "2025-01-01 08:00:00", "dscg_time": "2025-01-02 08:00:00", "diseinfo": [{"diag_code": code}]}
    assert (PAIRS["soon_here"].drawn(one, "H51010000002", "2025-01-31") is not None) == drawn
