"""Verify can fail: each table is spoiled in turn by a fen, a row or a byte, and the identity that must see it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg import verify
from drg.doors.tables import Lake
from drg.steps import TABLES
from tests.e2e.province import Line


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


@pytest.fixture
def spoiled(line: Line) -> Iterator[Callable[[str, Callable[[DataFrame], DataFrame]], Lake]]:
    """Changes a table for one test and puts it back as it was."""
    kept: list[tuple[str, int]] = []

    def write(table: str, version: int, change: Callable[[DataFrame], DataFrame]) -> None:
        names = TABLES[table].replaced_by
        frame = line.lake.read(table, version)
        partitions = [tuple(row) for row in frame.select(*names).distinct().collect()]
        line.lake.replace_partitions(table, change(frame), partitions)

    def spoil(table: str, change: Callable[[DataFrame], DataFrame]) -> Lake:
        kept.append((table, line.lake.version(table)))
        write(table, kept[-1][1], change)
        return line.lake

    yield spoil
    for table, version in kept:
        write(table, version, lambda frame: frame)


SPOILED = [
    ("rejected_list", _a_row_less("row_hash"), verify._lists, "landed = accepted + rejected"),
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
    spoiled: Callable[[str, Callable[[DataFrame], DataFrame]], Lake],
) -> None:
    found = list(check(spoiled(table, change)))
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
