"""validate reads a list in names of the interface as it reads the same list in the centre's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake_frames import land
from intake_messages import REGION, deliver, message, procedure
from interface_names import in_interface_names

from drg.land.delivery import read_delivery
from drg.land.landing import land_files
from drg.validate.intake import headers_of
from drg.validate.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

STEP = "centre("


def plan_of(frame: DataFrame) -> str:
    return str(frame._jdf.queryExecution().toString())


def test_the_six_ways_to_send_a_list_are_read_alike(spark: SparkSession, tmp_path: Path) -> None:
    one = {**message(vent_used_days="1", bill_no="7"), "oprninfo": [procedure("51.2300", main="1")]}
    for kind in ("json", "csv", "parquet"):
        deliver(tmp_path, [one], kind=kind)
        deliver(tmp_path, [in_interface_names(one)], kind=kind, name="4101")
    landed = land_files(spark, read_delivery(tmp_path, REGION, "成都市", "2025-01").files)
    place = {"file_name", "row_hash"}
    parsed = parse(landed, headers_of(landed))
    assert STEP in plan_of(parsed)
    rows = [row.asDict(recursive=True) for row in parsed.collect()]
    told = [{name: value for name, value in row.items() if name not in place} for row in rows]
    assert len(told) == 6
    assert all(row == told[0] for row in told)
    assert (told[0]["insutype"], told[0]["vent_used_days"], told[0]["bill_no"]) == ("310", "1", "7")
    assert [item["item_sumamt"] for item in told[0]["iteminfo"]] == ["300.00", "450.00", "250.00"]


def test_where_nobody_uses_them_the_plan_has_no_step_for_them(spark: SparkSession, tmp_path: Path) -> None:
    landed = land(spark, tmp_path, [message()])
    assert STEP not in plan_of(parse(landed, headers_of(landed)))
