"""list_quality: counts and shares of drawn judged records, the arithmetic in plain sight."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from drg.contracts import contract
from drg.land.assembly import NO_LIST
from drg.validate.batch import Delivery, Hospital, Month
from drg.validate.codes import MALFORMED, REPAIRED, UNKNOWN
from drg.validate.intake_findings import deliveries_of, hospitals_of, months_of
from drg.validate.quality import LATE_DAYS, REJECTED, list_quality
from drg.validate.tables import REQUIRED_ITEMS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

D = Decimal
CHINA = ZoneInfo("Asia/Shanghai")
SETTLED = date(2025, 1, 10)
COLUMNS = (
    "record_month string, region_code string, record_kind string, verdict string, reason_kind string, findings string, "
    "first_version boolean, codes int, repaired_codes int, unknown_codes int, lacks int, "
    "hospital_code string, settlement_date date, declared_at timestamp"
)


def record(
    hospital: str, days: int = 3, kind: str | None = None, verdict: str | None = None, **more: Any
) -> tuple[Any, ...]:
    """A record that was declared `days` after its settlement, with every required item unless told otherwise."""
    items = dict.fromkeys(REQUIRED_ITEMS, "x") | {
        "hospital_code": hospital,
        "settlement_date": SETTLED,
        "declared_at": datetime(2025, 1, 10, 23, 59, tzinfo=CHINA) + timedelta(days=days),
    }
    of_record = {"record_kind": "list", "findings": "", "first_version": True, "states": [0]} | more
    states = of_record["states"] * 2  # of the diagnoses, and the same of the procedures
    codes = (len(states), states.count(REPAIRED), states.count(UNKNOWN) + states.count(MALFORMED))
    items |= {name: value for name, value in more.items() if name in items}
    lacks = sum(1 << place for place, name in enumerate(REQUIRED_ITEMS) if items[name] is None)
    told = (of_record["findings"], of_record["first_version"], *codes, lacks)
    kept = (items[name] for name in ("hospital_code", "settlement_date", "declared_at"))
    return ("2025-01", "510100", of_record["record_kind"], verdict, kind, *told, *kept)


FULL, EMPTY, LATE, BACK, OTHER = (f"H5101000000{number}" for number in range(1, 6))
RECORDS = [
    # Two accepted lists, one of them flagged with two codes repaired in each node; a third was sent three times.
    record(FULL),
    record(FULL, findings="W:ID13 W:DX05", states=[1, 0, 1, 2]),
    record(FULL, first_version=False, findings="W:ID04"),
    record(FULL, kind="superseded", verdict="superseded", first_version=False),
    record(FULL, kind="superseded", verdict="superseded", findings="R:ID09 W:ID13"),
    record(FULL, kind="duplicate", verdict="duplicate", first_version=False),
    # Returned by a check, 2 of 24 items not given.
    record(EMPTY, kind="failed_check", findings="R:ID09", sex=None, bill_no=None),
    # 10 days are in time, 11 late; before the settlement counts as on the day; without a time it does not count.
    *(record(LATE, days) for days in (-2, LATE_DAYS, LATE_DAYS + 1)),
    record(LATE, declared_at=None),
    # A settlement and its reversal.
    record(BACK, kind="reversed", verdict="reversed"),
    record(BACK, kind="reversal", verdict="reversal", record_kind="reversal"),
    # Nothing that looks like a hospital: a line that cannot be read, and a person's number in its place.
    record("510101200001011234", kind="failed_check", findings="R:ID06"),
    record(OTHER, kind="unreadable", record_kind="unreadable", hospital_code=None),
]  # fmt: skip


@pytest.fixture(scope="module")
def quality(spark: SparkSession) -> DataFrame:
    return list_quality(spark.createDataFrame(RECORDS, COLUMNS).repartition(3), "v1", "0a1b2c3d").cache()


@pytest.fixture(scope="module")
def found(quality: DataFrame) -> dict[str, Row]:
    return {row["hospital_code"]: row for row in quality.collect()}


def counts(row: Row, *names: str) -> list[int]:
    return [row[name] for name in names]


def test_each_record_is_counted_once(found: dict[str, Row]) -> None:
    assert sorted(found) == sorted([FULL, EMPTY, LATE, BACK, "unknown"])
    for row in found.values():
        assert row["received"] == row["accepted"] + sum(row[name] for name in REJECTED)
    own = found[FULL]
    assert counts(own, "received", "accepted", "flagged", *REJECTED) == [6, 3, 2, 0, 2, 1, 0]
    assert counts(found[BACK], "received", "accepted", *REJECTED) == [2, 0, 0, 0, 0, 2]
    assert counts(found["unknown"], "received", "returned") == [2, 2]
    assert sum(row["received"] for row in found.values()) == len(RECORDS)


def test_completeness_is_items_given_over_items_asked_for(found: dict[str, Row]) -> None:
    """22 of 24: 0.91666... = 0.9167. Versions that were replaced do not count."""
    assert counts(found[EMPTY], "given_items", "required_items") == [22, 24]
    assert found[EMPTY]["completeness"] == D("0.9167")
    assert counts(found[FULL], "given_items", "required_items") == [3 * 24, 3 * 24]
    assert found[BACK]["completeness"] is None


def test_the_first_version_decides_the_pass_rate(found: dict[str, Row]) -> None:
    """Two lists pass at once, the third only as its third version: 2 / 3 = 0.6667. A reversal is no list."""
    assert counts(found[FULL], "first_versions", "first_passed") == [3, 2]
    assert found[FULL]["first_pass_rate"] == D("0.6667")
    assert counts(found[BACK], "first_versions", "first_passed") == [1, 1]
    assert counts(found["unknown"], "first_versions", "first_passed") == [1, 0]


def test_lateness_in_days_and_the_share_beyond_the_limit(found: dict[str, Row]) -> None:
    """0 + 10 + 11 = 21 days of 3 lists = 7.0; one of three is late."""
    row = found[LATE]
    assert (row["timed_lists"], row["mean_days"], row["late_lists"], row["late_share"]) == (
        3,
        D("7.0"),
        1,
        D("0.3333"),
    )
    assert found["unknown"]["late_share"] == D("0.0000")


def test_repaired_codes_are_those_of_live_lists(found: dict[str, Row]) -> None:
    assert found[FULL]["repaired_codes"] == 2 + 2
    assert found[EMPTY]["repaired_codes"] == 0


def test_items_and_codes_of_live_lists_are_counted_by_hospital(found: dict[str, Row]) -> None:
    assert [tuple(one) for one in found[EMPTY]["missing_items"]] == [("bill_no", 1), ("gend", 1)]
    assert [tuple(one) for one in found[LATE]["missing_items"]] == [("dcla_time", 1)]
    assert (found[FULL]["live_lists"], found[FULL]["missing_items"]) == (3, [])
    # Two nodes a list: one code known in each of two, and known, two repaired and one unknown in each of the third.
    assert counts(found[FULL], "codes", "unknown_codes") == [2 + 8 + 2, 0 + 2 + 0]
    assert counts(found[BACK], "live_lists", "codes", "unknown_codes") == [0, 0, 0]


def test_the_counts_of_a_month_are_those_of_its_hospitals(quality: DataFrame) -> None:
    """Live: 3 + 1 + 4 + 0 + 2, the two of no hospital among them; one settlement was taken back by its reversal."""
    unit = ("510100", "2025-01")
    missing = {"bill_no": 1, "gend": 1, "dcla_time": 1}
    assert months_of(quality) == {unit: Month(10, 3 + 1 + 4 + 1, 9, missing)}
    assert hospitals_of(quality) == {
        unit: {FULL: Hospital(3, 0, 12, 2), EMPTY: Hospital(1, 1, 2, 0), LATE: Hospital(4, 0, 8, 0),
               BACK: Hospital(0, 0, 0, 0)}
    }  # fmt: skip
    # A table of an earlier release does not know of items.
    older = quality.selectExpr("* EXCEPT (live_lists, missing_items)", "CAST(NULL AS bigint) AS live_lists",
                               "CAST(NULL AS array<struct<field:string,lists:bigint>>) AS missing_items")  # fmt: skip
    assert months_of(older) == {unit: Month(10, 9, None, {})}


def test_the_contract_names_the_limit_that_is_assumed() -> None:
    late = {column.name: column for column in contract("list_quality").columns}["late_share"]
    assert f"{LATE_DAYS} days is assumed" in late.description
    assert "假定" in late.title


def test_settlements_that_no_list_of_the_delivery_has(spark: SparkSession) -> None:
    """Three rows of two settlements without a list are two settlements; other unreadable records are none."""
    columns = "region_code string, delivery_month string, record_month string, record_kind string, setl_id string, "
    missing = f"setl_list_diag_d中的该行{NO_LIST}"
    rows = [
        ("510100", "2025-01", "2025-01", "list", "S1", None),
        ("510100", "2025-01", "2024-12", "list", "S2", None),
        ("510100", "2025-01", "2025-01", "unreadable", "S3", missing),
        ("510100", "2025-01", "2025-01", "unreadable", "S3", missing),
        ("510100", "2025-01", "2025-01", "unreadable", "S4", f"setl_d中的结算{NO_LIST}"),
        ("510100", "2025-01", "2025-01", "unreadable", "S5", "该行有3列，表头有4列；请重新交付该清单"),
        ("510300", "2025-01", "2025-01", "list", "S1", None),
    ]
    landed = spark.createDataFrame(rows, columns + "unreadable_reason string")
    found = deliveries_of(landed)
    assert found == {("510100", "2025-01"): Delivery(2, 1, 2), ("510300", "2025-01"): Delivery(1, 1)}
    assert deliveries_of(landed.where("region_code = '510300'")) == {("510300", "2025-01"): Delivery(1, 1)}
