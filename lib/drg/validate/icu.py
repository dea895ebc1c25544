"""Intensive care of a list (重症监护, node icuinfo): its minutes, and what is odd about its rows.

A row is one stay in a ward, from entry to exit; several rows add up, and time that two of them both claim counts once.
A row counts by its two times, not by the duration it states (`days/hours/minutes` as text). A row whose times are
missing, or whose exit lies before its entry, counts for nothing and is flagged; a filler row, as some systems send it
for a patient who was in no such ward, says nothing at all.

Ids of the checks that read these columns: settlement list quality rules (医疗保障基金结算清单质控规则) IC01 to IC06.
"""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

# What stands for the ward in a filler row, whose two times are then equal or empty.
_NO_WARD = ("", "*", "-")
MOST_MINUTES = 2**31 - 1
_DURATION = r"^\d{1,3}/\d{1,2}/\d{1,2}$"


def icu_rows(node: Column, instant: Callable[[Column], Column]) -> Column:
    """The rows of icuinfo as structs (entered, left: seconds; stated: minutes; ward), fillers left out, in their order.

    `instant` reads a time; a time or duration that cannot be read is null.
    """
    stays = F.filter(node, lambda row: ~_is_filler(row))
    return F.transform(
        stays,
        lambda row: F.struct(
            F.unix_timestamp(instant(F.trim(row["scs_cutd_inpool_time"]))).alias("entered"),
            F.unix_timestamp(instant(F.trim(row["scs_cutd_exit_time"]))).alias("left"),
            _minutes(F.trim(row["scs_cutd_sum_dura"])).alias("stated"),
            F.trim(row["scs_cutd_ward_type"]).alias("ward"),
        ),
    )


def counted(rows: Column) -> Column:
    """The rows that count, the earliest entry first."""
    return F.array_sort(F.filter(rows, lambda row: row["left"] >= row["entered"]))


def covered(stays: Column) -> Column:
    """Struct of what the counted rows cover: `seconds`, time claimed twice taken once, and `until`, the last exit."""
    none = F.struct(F.lit(0).cast("bigint").alias("seconds"), F.lit(0).cast("bigint").alias("until"))

    def add(done: Column, row: Column) -> Column:
        more = row["left"] - F.greatest(row["entered"], done["until"])
        return F.struct(
            (done["seconds"] + F.greatest(more, F.lit(0).cast("bigint"))).alias("seconds"),
            F.greatest(done["until"], row["left"]).alias("until"),
        )

    return F.aggregate(stays, none, add)


def icu_columns(rows: str, stays: str, cover: str) -> list[Column]:
    """What settlement_list and the checks take from the rows, the counted ones and what these cover.

    icu_minutes: whole minutes, rounded down; 0 without intensive care. icu_from, icu_to: first and last day, null
    without. The others are yes or no.
    """
    claimed = F.aggregate(stays, F.lit(0).cast("bigint"), lambda total, row: total + row["left"] - row["entered"])
    some = F.size(stays) > 0
    return [
        # A year 9999 typed into a list that is refused for it must not stop the others.
        F.least(F.floor(F.col(f"{cover}.seconds") / 60), F.lit(MOST_MINUTES)).cast("int").alias("icu_minutes"),
        F.when(some, F.to_date(F.timestamp_seconds(F.get(stays, F.lit(0))["entered"]))).alias("icu_from"),
        F.when(some, F.to_date(F.timestamp_seconds(F.col(f"{cover}.until")))).alias("icu_to"),
        (F.size(stays) < F.size(rows)).alias("icu_without_times"),
        (claimed > F.col(f"{cover}.seconds")).alias("icu_overlaps"),
        F.exists(stays, lambda row: F.abs(row["left"] - row["entered"] - row["stated"] * 60) > 3600).alias(
            "icu_duration_differs"
        ),
        F.exists(rows, lambda row: row["stated"].isNull()).alias("icu_duration_unread"),
        F.transform(rows, lambda row: row["ward"]).alias("icu_wards"),
    ]


def _is_filler(row: Column) -> Column:
    entry, exit_ = (F.coalesce(F.trim(row[f"scs_cutd_{name}_time"]), F.lit("")) for name in ("inpool", "exit"))
    return F.coalesce(F.trim(row["scs_cutd_ward_type"]), F.lit("")).isin(*_NO_WARD) & (entry == exit_)


def _minutes(text: Column) -> Column:
    """A duration `days/hours/minutes` in minutes, with up to 24 hours and 60 minutes as some systems write them."""
    days, hours, minutes = (F.try_element_at(F.split(text, "/"), F.lit(i)).try_cast("int") for i in (1, 2, 3))
    readable = text.rlike(_DURATION) & (hours <= 24) & (minutes <= 60)
    return F.when(readable, days * 1440 + hours * 60 + minutes)
