"""Small frames in the shape of a contract: a test names the columns it is about, the others hold a plain default.

A default keeps the rules of the contract: the first code, the least amount, and sums of what the test names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drg.contracts import Column, contract
from drg.doors.constraints import as_properties

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from drg.doors.tables import Lake

_PLAIN: dict[str, Any] = {
    "string": "x",
    "int": 1,
    "bigint": 1,
    "boolean": True,
    "date": date(2025, 1, 15),
    "timestamp": datetime(2025, 1, 31, tzinfo=UTC),
}
_OF_A_FORM = ("2025-01", "510100", "H51010000001")
_RECEIVED = ("accepted", "returned", "replaced_versions", "duplicates", "taken_back")
_PARTS = ("major_illness_payment", "assistance_payment", "other_fund_payment")


def _nothing(row: Mapping[str, Any]) -> int:
    """No case of a kind."""
    return 0


# What follows from other columns where a test does not name it, in this order.
_SUMS: dict[str, dict[str, Callable[[dict[str, Any]], Any]]] = {
    "settlement_list": {
        "fund_payment_total": lambda row: row["basic_fund_payment"] + sum(row[name] for name in _PARTS),
        "patient_payment": lambda row: row["total_cost"] - row["fund_payment_total"],
    },
    "case_payment": {
        "patient_payment": lambda row: row["patient_and_other_paid"] - sum(row[name] for name in _PARTS),
        "gain_loss": lambda row: row["standard"] - row["total_cost"],
    },
    "hospital_settlement": {
        "patient_payment": lambda row: row["patient_and_other_paid"] - sum(row[name] for name in _PARTS),
        "gain_loss": lambda row: row["standard"] - row["total_cost"],
        "payable": lambda row: row["fund_payment"] - row["withheld"] + row["adjustment"],
        "n_normal": lambda row: row["n_cases"],
        **dict.fromkeys(("n_low_outlier", "n_high_outlier", "n_not_grouped", "n_unstable", "n_outside_drg"), _nothing),
    },
    "hospital_performance": {"score": lambda row: Decimal(1)},
    "list_quality": {"received": lambda row: sum(row[name] for name in _RECEIVED)},
    "warning_notice": {"reply_due": lambda row: row["sent_on"]},
    "payment_adjustment": {"amount": lambda row: row["fund_payment"] - row["paid_before"]},
    "drg_weight": {"n_history": lambda row: row["n_cases"] + row["n_trimmed"]},
    "region_rate": {
        "method": lambda row: "rate" if row["point_value"] is None else "points",
        "base_rate": lambda row: Decimal(1) if row["method"] == "rate" else None,
        "point_value": lambda row: Decimal(1) if row["method"] == "points" else None,
    },
}


def drawn(spark: SparkSession, table: str, rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """Rows of a table; KeyError for a column the contract does not know."""
    agreed = contract(table)
    filled = []
    for row in rows:
        unknown = set(row) - set(agreed.names())
        if unknown:
            raise KeyError(f"{table} has no column {sorted(unknown)}")
        filled.append(tuple(completed(table, row)[name] for name in agreed.names()))
    return spark.createDataFrame(filled, agreed.struct())


def completed(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with every column of its table, what it does not name so that the rules between columns hold."""
    full = {column.name: plain(column) if column.required else None for column in contract(table).columns} | row
    for name, of in _SUMS.get(table, {}).items():
        if name not in row:
            full[name] = of(full)
    return full


def without_rules(spark: SparkSession, lake: Lake, *tables: str) -> None:
    """The tables as a program that knows no rules makes them, for tests of what finds wrong rows later."""
    for table in tables:
        lake.append(table, drawn(spark, table, []))
        names = ", ".join(f"'{name}'" for name in as_properties(contract(table)))
        spark.sql(f"ALTER TABLE delta.`{lake.path(table)}` UNSET TBLPROPERTIES ({names})")


def publish_version(spark: SparkSession, lake: Lake, *regions: str, version: str = "2025.1", start: str = "01") -> None:
    """Log a version as published for these regions, from a month of its year on."""
    from drg.weigh.version_tables import append, read_logs
    from drg.weigh.versions import Change, Status

    year = int(version[:4])
    day, clock = date(year, 1, 1), datetime(year, 1, 1, tzinfo=UTC)
    numbers = {region: len(log.changes) + 1 for (region, _), log in read_logs(lake, [year], regions).items()}
    changes = [
        Change(year, region, number, version, Status.PUBLISHED, day, "", clock, effective_from=f"{year}-{start}")
        for region, number in numbers.items()
    ]
    append(spark, lake, changes)


def plain(column: Column) -> Any:
    """A value that the rules of a column permit."""
    if column.codes:
        return next(iter(column.codes))
    if form := column.limits.get("pattern"):
        return next(value for value in _OF_A_FORM if re.fullmatch(form, value))
    if column.type.startswith("decimal"):
        return Decimal("exclusiveMinimum" in column.limits)
    if column.kind == "integer":
        return max(1, int(column.limits.get("minimum", 1)))
    return [] if column.type.startswith("array") else _PLAIN[column.type]
