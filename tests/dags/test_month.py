"""A month through its DAGs, executed with real jobs: taken in, provisional, final; resubmitted, rejected, killed.

One story in the order of the tests: each fixture goes on where the one before it ended.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import psutil
import pytest

from tests.dags.province import HISTORY, MONTHS, REGIONS, Place
from tests.dags.resident import COLD
from tests.dags.running import Ended

JANUARY, EARLY, AGAIN, LATE = MONTHS[0], "510100", "510300", "513300"
OF_REGION = {"landed_list", "settlement_list", "rejected_list", "list_flag", "list_quality", "intake_finding",
             "grouped_case", "case_payment", "hospital_settlement", "fund_account"}  # fmt: skip
# Registers are kept by region, not by month; they come with every delivery.
REGISTERS = {"hospital_register", "fund_budget", "hospital_performance", "audit_deduction", "case_application",
             "case_dispute", "warning_notice"}  # fmt: skip
LOGS = {"run_log", "approval"}


@pytest.fixture(scope="module")
def history(place: Place, run: Any) -> Ended:
    """The month before the first that is settled, taken in from all regions by the DAG."""
    ended: Ended = run("intake", month=HISTORY[0])
    return ended


@pytest.fixture(scope="module")
def weights(run: Any, history: Ended) -> Ended:
    """Weights and rates of the year, approved."""
    ended: Ended = run("year_weights", answer="Approve", year="2025", again=False)
    return ended


@pytest.fixture(scope="module")
def taken_in(place: Place, run: Any, weights: Ended) -> Ended:
    """January without one region, taken in by the DAG."""
    place.withhold(LATE, JANUARY)
    ended: Ended = run("intake", month=JANUARY)
    return ended


@pytest.fixture(scope="module")
def provisional(run: Any, taken_in: Ended) -> Ended:
    """The month settled without the late region and approved."""
    ended: Ended = run("province_month", answer="Approve", month=JANUARY)
    return ended


def test_intake_takes_in_the_regions_that_have_delivered(place: Place, history: Ended, taken_in: Ended) -> None:
    assert (history.state, taken_in.state) == ("success", "success")
    assert (history.returned("due"), taken_in.returned("due")) == ([list(REGIONS)], [[EARLY, AGAIN]])
    landed = [{tuple(values.values()) for values in commit["add"]} for commit in place.commits("landed_list")]
    assert landed[-1] == {(JANUARY, EARLY), (JANUARY, AGAIN)}
    # Late lists of December come with January's delivery: both months are validated, in one job.
    assert taken_in.returned("touched") == [[{"months": f"{HISTORY[0]}..{JANUARY}", "regions": [EARLY, AGAIN]}]]
    assert taken_in.tasks["failed_region"] == ["skipped"]


def test_a_month_that_lacks_a_region_is_published_as_provisional(place: Place, provisional: Ended) -> None:
    assert provisional.state == "success"
    assert provisional.returned("due", "standing") == ["provisional"]
    for region in (EARLY, AGAIN):
        manifest = place.manifest(region, JANUARY)
        assert (manifest["standing"], manifest["lacking_regions"]) == ("provisional", [LATE])
    assert not (place.data / "releases" / JANUARY / LATE).exists()


def test_the_approval_is_recorded_with_who_and_on_what(place: Place, provisional: Ended) -> None:
    assert provisional.returned("record", "decision") == ["approved"]
    assert provisional.returned("record", "by") == ["审批人"]
    (figures,) = provisional.returned("figures", "figures")
    assert [row["region"] for row in figures["regions"]] == [EARLY, AGAIN]
    assert "Provisional: 513300 lack" in provisional.returned("figures", "text")[0]


@pytest.fixture(scope="module")
def final(place: Place, run: Any, provisional: Ended) -> tuple[Ended, Ended, dict[str, set[tuple[str, ...]]]]:
    """The late region delivers; what that touched."""
    before = place.versions()
    place.deliver(LATE, JANUARY)
    intake = run("intake", month=JANUARY)
    month = run("province_month", answer="Approve", month=JANUARY)
    return intake, month, place.touched_since(before)


def test_the_month_becomes_final_when_the_late_region_comes(place: Place, final: tuple[Ended, Ended, Any]) -> None:
    intake, month, touched = final
    assert intake.returned("due") == [[LATE]]
    assert month.returned("due", "standing") == ["final"]
    assert month.returned("due", "to_settle") == [[LATE]]
    assert touched["case_payment"] == {(LATE, JANUARY)}
    for region in REGIONS:
        manifest = place.manifest(region, JANUARY)
        assert (manifest["standing"], manifest["lacking_regions"]) == ("final", [])


def test_a_published_month_is_not_run_again(place: Place, run: Any, final: Any) -> None:
    before = place.versions()
    again = run("province_month", month=JANUARY)
    assert (again.state, again.one("due"), again.one("publish")) == ("success", "skipped", "skipped")
    assert place.versions() == before


@pytest.fixture(scope="module")
def resubmitted(place: Place, run: Any, final: Any) -> tuple[Ended, dict[str, set[tuple[str, ...]]]]:
    """One region delivers January anew."""
    before = place.versions()
    (place.data / "deliveries" / AGAIN / JANUARY / "delivery.json").touch()
    ended = run("resubmission", answer="Approve", region=AGAIN, month=JANUARY)
    return ended, place.touched_since(before)


def test_a_resubmission_changes_that_region_the_comparison_and_nothing_else(
    place: Place, resubmitted: tuple[Ended, dict[str, set[tuple[str, ...]]]]
) -> None:
    ended, touched = resubmitted
    assert ended.state == "success"
    assert touched.keys() <= OF_REGION | REGISTERS | LOGS | {"drg_region_comparison"}
    for table in OF_REGION & touched.keys():
        assert {(JANUARY in values, AGAIN in values) for values in touched[table]} == {(True, True)}, table
    for table in REGISTERS & touched.keys():
        assert touched[table] == {(AGAIN,)}, table
    assert touched["drg_region_comparison"] == {(JANUARY,)}
    assert {"case_payment", "landed_list"} <= touched.keys()


@pytest.mark.lane
def test_rejected_nothing_is_published_and_the_rejection_is_on_record(place: Place, run: Any, resubmitted: Any) -> None:
    release = place.data / "releases" / JANUARY / AGAIN / "manifest.json"
    before = release.stat().st_mtime_ns
    ended = run("resubmission", answer="Reject", region=AGAIN, month=JANUARY)
    assert (ended.state, ended.one("approved"), ended.one("publish")) == ("success", "success", "skipped")
    assert ended.returned("record", "decision") == ["rejected"]
    assert release.stat().st_mtime_ns == before


@pytest.mark.lane
def test_a_job_that_is_killed_in_the_middle_is_repeated_and_leaves_the_same(
    place: Place, run: Any, resubmitted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COLD, "validate")
    killed = threading.Event()
    threading.Thread(target=_kill_once, args=("jobs/validate.py", killed), daemon=True).start()
    ended = run("resubmission", answer="Approve", region=AGAIN, month=JANUARY)
    assert killed.is_set()
    assert ended.state == "success"
    (tries,) = {ti.try_number for ti in ended.run.get_task_instances() if ti.task_id == "validate"}
    assert tries == 2
    assert place.manifest(AGAIN, JANUARY)["standing"] == "final"


def test_upkeep_holds_what_a_release_rests_on(run: Any, resubmitted: Any) -> None:
    ended = run("maintenance", tables=["case_payment", "run_log"])
    assert ended.state == "success"
    (found,) = ended.returned("upkeep", "tables")
    assert found.keys() == {"case_payment", "run_log"}
    assert found["case_payment"]["held"] > 0


def test_the_daily_check_names_what_waits_and_starts_it(place: Place, run: Any, final: Any) -> None:
    place.withhold(LATE, MONTHS[1])
    ended = run("daily_check", day="2025-03-20")
    place.deliver(LATE, MONTHS[1])
    assert ended.one("deliveries") == "failed"
    assert ended.one("contracts") == "success"
    (started,) = ended.returned("late_intakes")
    assert started[-1]["conf"] == {"month": MONTHS[1], "regions": [EARLY, AGAIN]}
    assert "success" in ended.tasks["intake"]


def test_weights_are_frozen_by_their_approval(run: Any, weights: Ended) -> None:
    assert (weights.state, weights.one("freeze"), weights.one("go_on")) == ("success", "success", "success")
    again = run("year_weights", answer="Approve", year="2025", again=False)
    assert (again.one("not_frozen"), again.one("weigh")) == ("skipped", "skipped")


def test_a_year_with_open_months_is_not_cleared_nor_one_that_was_rejected(run: Any, final: Any) -> None:
    rejected = run("year_clearing", answer="Reject", year="2025", regions=list(REGIONS))
    assert (rejected.state, rejected.one("close")) == ("success", "skipped")
    assert rejected.returned("record", "decision") == ["rejected"]
    cleared = run("year_clearing", answer="Approve", year="2025", regions=list(REGIONS))
    assert (cleared.state, cleared.one("close")) == ("failed", "failed")
    assert cleared.tasks["failed_region"] == ["failed"] * 3


def test_a_backfill_stops_where_it_is_told(place: Place, run: Any, final: Any) -> None:
    asked = {"first": MONTHS[1], "last": MONTHS[1], "only": "missing", "order": "newest first", "stop": "taken_in"}
    before = place.versions()
    ended = run("backfill", environment="three", **asked)
    assert (ended.state, ended.one("plan_settle"), ended.one("publish")) == ("success", "skipped", "skipped")
    touched = place.touched_since(before)
    assert {(values[0], values[2]) for values in touched["grouped_case"]} == {(code, MONTHS[1]) for code in REGIONS}
    assert "case_payment" not in touched


@pytest.mark.lane
def test_every_table_is_looked_after(place: Place, run: Any, resubmitted: Any) -> None:
    ended = run("maintenance", tables=[])
    assert ended.state == "success"
    assert set(ended.returned("upkeep", "tables")[0]) == set(place.versions())


@pytest.mark.lane
def test_a_backfill_does_what_is_missing_and_then_finds_nothing(place: Place, run: Any, final: Any) -> None:
    asked = {"first": MONTHS[1], "last": MONTHS[2], "only": "missing", "order": "oldest first", "stop": "published"}
    ended = run("backfill", answer="Approve", environment="three", **asked)
    assert ended.state == "success"
    assert ended.returned("plan_settle")[0] == [{"months": f"{MONTHS[1]}..{MONTHS[2]}", "regions": list(REGIONS)}]
    before = place.versions()
    again = run("backfill", answer="Approve", environment="three", **asked)
    assert (again.state, again.one("plan_intake"), again.one("figures")) == ("success", "skipped", "skipped")
    assert place.versions() == before


def _values(partition: dict[str, str]) -> tuple[str, ...]:
    return tuple(partition[name] for name in sorted(partition))


def _kill_once(script: str, killed: threading.Event) -> None:
    """Ends, by its id, the first driver of this process whose command line names a script; not what launches it."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        for child in psutil.Process(os.getpid()).children(recursive=True):
            try:
                words = child.cmdline() if child.name() == "java" else []
                if any(word.endswith(script) for word in words) and "org.apache.spark.launcher.Main" not in words:
                    child.kill()
                    killed.set()
                    return
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.2)
