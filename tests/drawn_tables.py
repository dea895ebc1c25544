"""Small frames in the shape of a contract: a test names the columns it is about, the others hold a plain default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drg.contracts import contract

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


def drawn(spark: SparkSession, table: str, rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """Rows of a table; KeyError for a column the contract does not know."""
    agreed = contract(table)
    filled = []
    for row in rows:
        unknown = set(row) - set(agreed.names())
        if unknown:
            raise KeyError(f"{table} has no column {sorted(unknown)}")
        filled.append(tuple(row.get(c.name, _default(c.type) if c.required else None) for c in agreed.columns))
    return spark.createDataFrame(filled, agreed.struct())


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


def _default(kind: str) -> Any:
    if kind.startswith("decimal"):
        return Decimal(0)
    return [] if kind.startswith("array") else _PLAIN[kind]
