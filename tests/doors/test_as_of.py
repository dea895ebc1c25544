"""The lake as it stood: what runs finished by a moment had written, by the clock of the runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from drawn_tables import drawn

from drg.doors.as_of import LakeAsOf
from drg.errors import StorageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.config import Env
    from drg.doors.tables import Lake

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
WHERE = {"settlement_month": ["2025-01"], "region_code": ["510100"]}


def test_each_moment_has_the_rows_of_the_runs_finished_by_then(spark: SparkSession, lake: Lake, env: Env) -> None:
    for hour, (status, ids) in enumerate((("done", ["A"]), ("failed", ["A", "B"]), ("done", ["B", "C", "D"]))):
        rows = [{"settlement_month": "2025-01", "region_code": "510100", "setl_id": one} for one in ids]
        written = lake.replace("settlement_list", drawn(spark, "settlement_list", rows), **WHERE)
        tables = [(written.table, written.version, written.rows)] if status == "done" else []
        log = {"step": "validate", "status": status, "tables_written": tables}
        log["finished_at"] = NOON + timedelta(hours=hour)
        lake.append("run_log", drawn(spark, "run_log", [log]))

    def ids(**after: int) -> list[str]:
        rows = LakeAsOf(spark, env, NOON + timedelta(**after)).read("settlement_list", **WHERE).collect()
        return sorted(row["setl_id"] for row in rows)

    assert ids(hours=0) == ["A"]
    assert ids(hours=1) == ["A"]  # a run that failed left nothing to rely on
    assert ids(hours=2, seconds=-1) == ["A"]
    assert ids(hours=2) == ["B", "C", "D"]
    before = LakeAsOf(spark, env, NOON - timedelta(seconds=1))
    assert not before.exists("settlement_list")
    assert before.exists("run_log")
    with pytest.raises(StorageError, match="settlement_list does not exist"):
        before.read("settlement_list")
