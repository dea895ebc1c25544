"""land with disputes, as a job: cases are known, months wait to be landed, a fault writes nothing of the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from intake_messages import HOSPITAL, REGION, deliver, message, register

from drg.doors.config import Env, Province, load_env
from drg.doors.tables import Lake
from drg.land.workflows import DISPUTE_COLUMNS, NOTICE_COLUMNS
from drg.runner import run_steps
from drg.steps import steps_between

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HEAD = ",".join(DISPUTE_COLUMNS)
FILED = f"{REGION},2025-01,D1,{HOSPITAL},payment,2025-02-12,filed,,,,,,"
UPHELD = f"{REGION},2025-01,D1,{HOSPITAL},payment,2025-02-12,decided,2025-02-13,upheld,2025-02-28,repriced,,"
DISMISSED = f"{REGION},2025-01,D1,{HOSPITAL},payment,2025-02-12,decided,2025-02-13,dismissed,2025-02-28,,,"
LATER = f"{REGION},2025-02,F1,{HOSPITAL},payment,2025-03-12,filed,,,,,,"
NOBODY = f"{REGION},2025-01,D9,{HOSPITAL},payment,2025-02-12,filed,,,,,,"
NOTICE = f"{REGION},2025-1,{HOSPITAL},次均费用偏高,次均费用,,yuan,9000,8000,2025-02-10,2025-02-25,,"
FEBRUARY = {
    "adm_time": "2025-02-03 09:00:00",
    "dscg_time": "2025-02-06 10:00:00",
    "setl_time": "2025-02-06 11:00:00",
    "dcla_time": "2025-02-08 08:00:00",
}


class Place:
    def __init__(self, spark: SparkSession, env: Env):
        self.spark, self.env, self.lake, self.said = spark, env, Lake(spark, env), list[str]()

    def land(self, month: str, *disputes: str) -> list[str]:
        """Land a month with these disputes in the file; the sentences of what failed."""
        folder = self.env.deliveries / REGION
        (folder / "case_dispute.csv").write_text("\n".join([HEAD, *disputes, ""]), encoding="utf-8")
        now = datetime(2025, 3, 20, tzinfo=UTC)
        steps = steps_between("land", "land")
        outcome = run_steps(self.spark, self.env, steps, (REGION,), (month,), now, self.said.append)
        return [reason for _, _, _, reason in outcome.failed]

    def disputes(self) -> dict[str, str]:
        return {row["setl_id"]: row["state"] for row in self.lake.read("case_dispute").collect()}

    def touched(self, month: str) -> list[list[str]]:
        log = self.lake.read("run_log").where(f"step = 'land' AND status = 'done' AND period = '{month}'")
        return [row["touches"] for row in log.orderBy("run_id", "finished_at").collect()]


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    env = load_env("local", tmp_path_factory.mktemp("disputes"))
    regions = tuple(region for region in env.province.regions if region.code == REGION)
    env = replace(env, province=Province(env.province.code, env.province.name, regions))
    root: Path = env.deliveries
    register(root)
    deliver(root, [message(setl_id="D1"), message(setl_id="D2")], REGION, "2025-01")
    deliver(root, [message(setl_id="F1", **FEBRUARY)], REGION, "2025-02")
    (root / REGION / "warning_notice.csv").write_text(f"{','.join(NOTICE_COLUMNS)}\n{NOTICE}\n", encoding="utf-8")
    return Place(spark, env)


def test_disputes_are_landed_with_their_month_and_move_forward(place: Place) -> None:
    assert place.land("2025-01", FILED, LATER) == []
    assert place.disputes() == {"D1": "filed"}
    assert f"region {REGION}: 1 disputes wait for their month to be landed" in place.said
    assert [row["notice_number"] for row in place.lake.read("warning_notice").collect()] == ["2025-1"]
    # Upheld: its month counts as touched by the delivery that brought the decision.
    assert place.land("2025-02", UPHELD, LATER) == []
    assert place.disputes() == {"D1": "decided", "F1": "filed"}
    assert place.touched("2025-02") == [["2025-01", "2025-02"]]


def test_a_case_nobody_sent_and_a_second_decision_are_refused_and_nothing_of_the_file_is_written(place: Place) -> None:
    before = sorted(map(str, place.lake.read("case_dispute").collect()))
    (sentence,) = place.land("2025-02", UPHELD, LATER, NOBODY)
    assert sentence == (
        f"region {REGION}: case_dispute.csv names case D9 of 2025-01, of which no list has been landed; "
        "correct the file and deliver it again"
    )
    (sentence,) = place.land("2025-02", DISMISSED, LATER)
    assert sentence.startswith(f"region {REGION}: case_dispute.csv: decides the dispute of case D1 a second time")
    (sentence,) = place.land("2025-02", UPHELD, LATER.replace(HOSPITAL, "H99999999999"))
    assert "line 3, field hospital_code: H99999999999 does not stand in hospital_register.csv" in sentence
    assert sorted(map(str, place.lake.read("case_dispute").collect())) == before
