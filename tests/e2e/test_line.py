"""From deliveries to releases: three regions, all eight steps, real rules, real tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg import verify
from drg.doors.config import person_key_secret
from drg.doors.tables import Lake, Value
from drg.runner import run_steps
from drg.status import State, read_log, states
from drg.steps import STEPS, TABLES
from drg.summary import summarise
from tests.e2e.province import MONTHS, NOW, REGIONS, Line
from tests.fingerprints import fingerprints


def test_nothing_failed_and_every_identity_holds(line: Line) -> None:
    assert line.outcome.failed == []
    found = verify.verify(line.lake, line.env)
    assert len(found) >= 25
    assert [identity for identity in found if not identity.holds] == []


def test_status_shows_every_region_done(line: Line) -> None:
    first = dict.fromkeys(REGIONS, "2025-01")
    cells = states(read_log(line.lake), REGIONS, MONTHS, line.env.province.code, first, first)
    assert len(cells) == len(STEPS) * len(REGIONS)
    assert {cell.state for cell in cells} == {State.DONE}


def test_all_kinds_of_cases_and_payments_occur(line: Line) -> None:
    status = {r[0] for r in line.lake.read("grouped_case").select("grouping_status").distinct().collect()}
    assert status == {"grouped", "ambiguous", "ungrouped"}
    kinds = {r[0] for r in line.lake.read("case_payment").select("payment_kind").distinct().collect()}
    beside = {"special_case", "excluded_case"}
    assert kinds == {"normal", "low_outlier", "high_outlier", "ambiguous", "ungrouped"} | beside
    reasons = {r[0] for r in line.lake.read("rejected_list").select("reason_kind").distinct().collect()}
    assert reasons >= {"unreadable", "superseded", "reversal", "reversed", "failed_check"}


def test_the_summary_ends_with_the_province(line: Line) -> None:
    rows = summarise(line.lake, line.env.province, MONTHS)
    assert [row.code for row in rows] == [*REGIONS, "510000"]
    province = rows[-1]
    assert province.landed == sum(row.landed for row in rows[:-1]) > province.accepted > province.grouped > 0
    for fund, amount in province.fund_payment.items():
        assert amount == sum(row.fund_payment[fund] for row in rows[:-1])
    assert province.cmi is not None
    assert 0 < province.cmi < 5


def _files(line: Line, table: str, outside: str) -> set[str]:
    """Data files of a table that hold nothing of the given region."""
    return {file for file in line.lake.read(table).inputFiles() if f"region_code={outside}" not in file}


@pytest.mark.lane
def test_a_second_run_laid_out_otherwise_leaves_the_rows_identical_and_touches_no_other_partition(line: Line) -> None:
    region, width = REGIONS[1], "spark.sql.shuffle.partitions"
    before, monthly = fingerprints(line.lake), ("settlement_list", "rejected_list", "grouped_case", "case_payment")
    files, usual = {table: _files(line, table, region) for table in monthly}, line.spark.conf.get(width)
    line.spark.conf.set(width, "5")
    try:
        outcome = run_steps(line.spark, line.env, STEPS, [region], MONTHS, NOW.replace(hour=10))
    finally:
        line.spark.conf.set(width, usual)
    assert outcome.failed == []
    assert fingerprints(line.lake) == before
    assert {table: _files(line, table, region) for table in monthly} == files


def test_identifiers_stop_at_the_door(line: Line) -> None:
    """Id numbers, phones, addresses and person numbers of the deliveries are in no other table."""
    raw = [row["raw"] for row in line.lake.read("landed_list").where("file_format = 'json'").limit(300).collect()]
    planted = set()
    for text in raw:
        try:
            header = json.loads(text)["setlinfo"]
        except (ValueError, KeyError):
            continue
        planted |= {
            header[f] for f in ("psn_name", "certno", "coner_tel", "psn_no", "curr_addr") if len(header.get(f, "")) > 3
        }
    assert len(planted) > 300
    secret = person_key_secret(line.env).decode()
    others = [name for name in TABLES if name != "landed_list" and line.lake.exists(name)]
    assert {"settlement_list", "rejected_list", "run_log", "hospital_register"} <= set(others)
    for name in others:
        rows = "\n".join(r[0] for r in line.lake.read(name).select(F.to_json(F.struct("*"))).collect())
        assert [value for value in sorted(planted) if value in rows] == [], name
        assert secret not in rows, name


# Verify can fail: each table is spoiled in turn by a fen, a row or a byte, and the identity that must see it does.


def _first_row(frame: DataFrame, key: str) -> str:
    return str(frame.agg(F.min(key)).collect()[0][0])


def _a_fen_more(column: str, key: str) -> Callable[[DataFrame], DataFrame]:
    def spoil(frame: DataFrame) -> DataFrame:
        own = frame.schema[column].dataType
        changed = (F.col(column) + F.lit("0.01").cast("decimal(16,2)")).cast(own)
        return frame.withColumn(column, F.when(F.col(key) == _first_row(frame, key), changed).otherwise(F.col(column)))

    return spoil


def _a_row_less(key: str) -> Callable[[DataFrame], DataFrame]:
    return lambda frame: frame.where(F.col(key) != _first_row(frame, key))


def _a_row_twice(key: str) -> Callable[[DataFrame], DataFrame]:
    return lambda frame: frame.unionAll(frame.where(F.col(key) == _first_row(frame, key)))


class Spoiled(Lake):
    """The tables of the line, one of them read as if somebody had written it otherwise."""

    def __init__(self, line: Line, table: str, change: Callable[[DataFrame], DataFrame]):
        super().__init__(line.spark, line.env)
        self._table, self._frame = table, change(line.lake.read(table))

    def read(self, table: str, version: int | None = None, **where: Sequence[Value]) -> DataFrame:
        if table != self._table:
            return super().read(table, version, **where)
        frame = self._frame
        for name, values in where.items():
            frame = frame.where(F.col(name).isin(list(values)))
        return frame


SPOILED = [
    ("rejected_list", _a_row_less("row_hash"), verify._lists, "landed = accepted + rejected"),
    ("list_quality", _a_row_less("hospital_code"), verify._quality, "landed = received of the hospitals"),
    ("list_quality", _a_row_less("hospital_code"), verify._quality, "accepted lists of a hospital"),
    ("rejected_list", _a_row_less("row_hash"), verify._quality, "rejected records of a hospital"),
    ("settlement_list", _a_row_twice("setl_id"), verify._keys, "settlement_list: rows = distinct keys"),
    ("grouped_case", _a_row_less("setl_id"), verify._groups, "fit lists = cases grouped under chs-drg-2.0"),
    ("case_payment", _a_fen_more("fund_payment", "setl_id"), verify._payments, "fund_payment of cases = of hospital"),
    ("case_payment", _a_fen_more("standard", "setl_id"), verify._payments, "gain or loss = standard - total cost"),
    ("fund_account", _a_fen_more("fund_payment", "insured_region_code"), verify._payments, "of fund accounts"),
    (
        "drg_weight",
        _a_fen_more("relative_weight", "drg"),
        verify._provenance,
        "every paid weight stands in its version",
    ),
    ("region_rate", _a_fen_more("base_rate", "fund"), verify._provenance, "every paid rate stands in its version"),
    ("drg_region_comparison", _a_fen_more("rate_effect", "drg"), verify._comparison, "price gap = weight + rate"),
]


@pytest.mark.parametrize(
    ("table", "change", "check", "identity"), SPOILED, ids=[f"{s[0]}-{s[3][:24]}" for s in SPOILED]
)
def test_a_spoiled_table_is_seen(
    table: str,
    change: Callable[[DataFrame], DataFrame],
    check: Callable[[Lake], Iterator[verify.Identity]],
    identity: str,
    line: Line,
) -> None:
    found = list(check(Spoiled(line, table, change)))
    assert any(identity in one.name and not one.holds for one in found), [one for one in found if not one.holds]


def test_a_changed_release_file_is_seen(line: Line) -> None:
    file = sorted(line.env.releases.glob("*/*/*.parquet"))[0]
    before = file.read_bytes()
    file.write_bytes(before + b"x")
    try:
        [identity] = verify._releases(line.env)
        assert not identity.holds
        assert file.name in identity.where
    finally:
        file.write_bytes(before)
