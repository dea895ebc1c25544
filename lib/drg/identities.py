"""Identities: two figures computed from tables that must be equal, and where they differ first.

Money is compared to the fen, never within a tolerance, and never over two funds together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drg.doors.tables import Lake

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

UNIT = ("settlement_month", "region_code")


@dataclass(frozen=True)
class Identity:
    """One identity: what must equal what, the two figures, and where it fails first."""

    name: str
    holds: bool
    left: str
    right: str
    where: str = ""


def has(lake: Lake, *tables: str) -> bool:
    """Whether all these tables are there."""
    return all(lake.exists(table) for table in tables)


def count_rows() -> Column:
    """The rows of a unit."""
    from pyspark.sql import functions as F

    return F.count(F.lit(1)).cast("decimal(38,2)")


def sum_of(name: str) -> Column:
    """The sum of a column over a unit."""
    from pyspark.sql import functions as F

    return F.sum(F.col(name)).cast("decimal(38,2)")


def same(name: str, left: int, right: int) -> Identity:
    """Two figures that are equal."""
    return Identity(name, left == right, str(left), str(right))


def none_breaks(name: str, offending: DataFrame, *show: str) -> Identity:
    """An identity stated as 'no row breaks it': left is the number of rows that do."""
    count = offending.count()
    first = offending.select(*show).orderBy(*show).head() if count else None
    where = ", ".join(str(value) for value in first) if first else ""
    return Identity(name, count == 0, str(count), "0", where)


def per_unit(
    name: str,
    left: DataFrame,
    right: DataFrame,
    of_left: Column,
    of_right: Column | None = None,
    by: tuple[str, ...] = UNIT,
) -> Identity:
    """Two counts equal in each unit; shown are the totals, and the first unit that differs."""
    found = _compared(left, right, of_left, of_right, by, ())
    return _identity(name, found[0])


def per_fund(
    name: str,
    left: DataFrame,
    right: DataFrame,
    of_left: Column,
    of_right: Column | None = None,
    by: tuple[str, ...] = (*UNIT, "fund"),
) -> Iterator[Identity]:
    """Two amounts equal in each unit: an identity a fund, since money of two funds is never added up."""
    found = _compared(left, right, of_left, of_right, by, ("fund",))
    for row in sorted(found, key=lambda row: str(row["fund"])):
        yield _identity(f"{name}, fund {row['fund']}", row)


def _compared(
    left: DataFrame,
    right: DataFrame,
    of_left: Column,
    of_right: Column | None,
    by: tuple[str, ...],
    shown_by: tuple[str, ...],
) -> list[Row]:
    """Totals l and r of both sides, and the smallest unit d in which they differ; a row each of `shown_by`."""
    from pyspark.sql import functions as F

    a = left.groupBy(*by).agg(of_left.alias("_left"))
    b = right.groupBy(*by).agg((of_left if of_right is None else of_right).alias("_right"))
    zero = F.lit(0).cast("decimal(38,2)")
    both = a.join(b, list(by), "full").select(
        *by, F.coalesce("_left", zero).alias("_left"), F.coalesce("_right", zero).alias("_right")
    )
    differs = F.when(F.col("_left") != F.col("_right"), F.struct(*[F.col(c).cast("string") for c in by]))
    totals = both.groupBy(*shown_by).agg(
        F.sum("_left").alias("l"), F.sum("_right").alias("r"), F.min(differs).alias("d")
    )
    return totals.collect()


def _identity(name: str, row: Row) -> Identity:
    where = ", ".join(row["d"]) if row["d"] else ""
    return Identity(name, row["d"] is None, str(row["l"] or 0), str(row["r"] or 0), where)
