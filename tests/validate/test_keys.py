"""Months are held against each other only where their identifiers were hashed with the same key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from drawn_tables import drawn

from drg.runner import StepContext
from drg.steps import step_named
from drg.validate.keys import key_mark, report_other_keys, under_another

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.config import Env
    from drg.doors.tables import Lake

A, B = "510100", "510300"
DECEMBER, JANUARY = "2024-12", "2025-01"
NOW = datetime(2025, 2, 12, tzinfo=UTC)


def test_a_mark_tells_keys_apart_and_holds_nothing_of_them() -> None:
    one, other = key_mark(b"0123456789abcdef"), key_mark(b"0123456789abcdeg")
    assert (one, len(one)) == (key_mark(b"0123456789abcdef"), 8)
    assert one != other


def test_a_month_is_judged_where_the_four_before_it_bear_its_mark() -> None:
    # Four months before counts, five does not; another region's month says nothing.
    assert under_another([(A, "2025-05")], {(A, "2025-01")}) == {(A, "2025-05"): "2025-01"}
    assert under_another([(A, "2025-05")], {(A, "2024-12"), (B, "2025-04"), (A, "2025-05"), (A, "2025-06")}) == {}
    # The newest is named; a year begins anew in the middle of the look back.
    assert under_another([(A, "2025-02")], {(A, "2024-11"), (A, "2025-01")}) == {(A, "2025-02"): "2025-01"}


def test_months_of_one_run_count_as_judged_anew_unless_they_failed_themselves() -> None:
    others = {(A, "2024-12"), (A, "2025-01")}
    assert under_another([(A, "2024-12"), (A, "2025-01"), (A, "2025-02")], others) == {}
    assert under_another([(A, "2025-01"), (A, "2025-02")], others) == {
        (A, "2025-01"): "2024-12",
        (A, "2025-02"): "2025-01",
    }


def test_a_run_under_another_key_is_refused_until_it_judges_from_the_first_month_on(
    spark: SparkSession, lake: Lake, env: Env
) -> None:
    rows = [quality(DECEMBER, "0a1b2c3d"), quality("2024-11", None), quality(DECEMBER, "0a1b2c3d", B)]
    where = {"settlement_month": ["2024-11", DECEMBER], "region_code": [A, B]}
    lake.replace("list_quality", drawn(spark, "list_quality", rows), **where)

    def refused(mark: str, *months: str) -> dict[tuple[str, str], str]:
        ctx = StepContext(step_named("validate"), spark, lake, env, (A,), months, NOW, "run")
        report_other_keys(ctx, mark)
        return ctx.failed

    assert refused("0a1b2c3d", JANUARY) == {}
    assert refused("ffffffff", DECEMBER, JANUARY) == {}
    ((unit, why),) = refused("ffffffff", JANUARY).items()
    assert unit == (A, JANUARY)
    assert f"the lists of {DECEMBER} were judged under another person key" in why


def quality(month: str, mark: str | None, region: str = A) -> dict[str, Any]:
    counted = ("received", "accepted", "returned", "flagged", "replaced_versions", "duplicates", "taken_back")
    first = ("required_items", "given_items", "first_versions", "first_passed", "timed_lists", "late_lists")
    of = {"settlement_month": month, "region_code": region, "hospital_code": f"H{region}00001", "key_mark": mark}
    return {**of, **dict.fromkeys((*counted, *first, "repaired_codes"), 0), "checks_version": "c0ffee"}
