"""The history window in Spark: fences, trimmed cases and exact sums per group.

Costs are counted in whole fen and quartiles in quarters of a fen, so that every figure here is an integer or a decimal
without rounding; nothing depends on the order or partitioning of the cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.money_columns import round_fence_column
from drg.weigh.weights import ByYear, Sums

# A quarter of a fen is the unit of quartiles; yuan = units / 400.
_UNITS_A_YUAN = 400
_GROUP = ("region_code", "drg")


@dataclass(frozen=True)
class Window:
    """What a region's history is: scheme, years with their weights, and the multiplier of the interquartile range."""

    region: str
    scheme: str
    years: Mapping[int, int]
    multiplier: Decimal
    min_cases: int
    policy_version: str


def history_cases(grouped_case: DataFrame, windows: Sequence[Window], *more: str) -> DataFrame:
    """The grouped cases of each region's window: region, scheme, group, fund, month, cost, pack, year, fen and `more`.

    Ambiguous and ungrouped cases have no group to weigh and are left out (they stay in grouped_case).
    """
    spark = grouped_case.sparkSession
    rows = [(w.region, w.scheme, year) for w in windows for year in sorted(w.years)]
    wanted = spark.createDataFrame(rows, "region_code string, scheme string, year int")
    return (
        grouped_case.where("grouping_status = 'grouped'")
        .select(
            "region_code",
            "scheme",
            "drg",
            "fund",
            "setl_id",
            "settlement_month",
            "total_cost",
            "rule_pack",
            F.substring("settlement_month", 1, 4).cast("int").alias("year"),
            (F.col("total_cost") * 100).cast("bigint").alias("fen"),
            *more,
        )
        .join(F.broadcast(wanted), ["region_code", "scheme", "year"], "left_semi")
    )


def fences(cases: DataFrame, windows: Sequence[Window]) -> DataFrame:
    """Q1 - m x IQR and Q3 + m x IQR of each group of a region, over its whole window, in quarters of a fen, exact.

    Quartiles by linear interpolation (type 7): position (n - 1) p in the sorted costs. Four times a quartile is whole,
    since the position is a multiple of a quarter.
    """
    spark = cases.sparkSession
    rows = [(w.region, w.multiplier) for w in windows]
    multipliers = spark.createDataFrame(rows, "region_code string, multiplier decimal(6,2)")
    sorted_cost = F.sort_array(F.collect_list("fen"))
    groups = cases.groupBy(*_GROUP).agg(sorted_cost.alias("costs"))
    quartiles = groups.select(*_GROUP, _quartile(1).alias("q1"), _quartile(3).alias("q3"))
    spread = F.col("multiplier") * (F.col("q3") - F.col("q1")).cast("decimal(19,0)")
    return quartiles.join(F.broadcast(multipliers), "region_code").select(
        *_GROUP,
        (F.col("q1").cast("decimal(19,0)") - spread).alias("lower"),
        (F.col("q3").cast("decimal(19,0)") + spread).alias("upper"),
    )


def _quartile(which: int) -> Column:
    """Four times the quartile: 4 x[k] + r (x[k + 1] - x[k]), where (n - 1) which = 4 k + r."""
    steps = (F.size("costs") - 1) * which
    below = F.shiftright(steps, 2)
    quarters = (steps % 4).cast("bigint")
    low = F.get("costs", below)
    high = F.coalesce(F.get("costs", below + 1), low)
    return low * 4 + quarters * (high - low)


def with_fences(cases: DataFrame, limits: DataFrame) -> DataFrame:
    """Each case with its group's fences and `side`: low, high, or null when kept; a cost on a fence is kept."""
    units = (F.col("fen") * 4).cast("decimal(19,0)")
    side = F.when(units < F.col("lower"), "low").when(units > F.col("upper"), "high")
    return cases.join(F.broadcast(limits), list(_GROUP)).withColumn("side", side)


def trimmed_cases(judged: DataFrame) -> DataFrame:
    """The cases outside the fences: scheme, region_code, drg, setl_id, settlement_month, total_cost, fences in yuan."""
    return judged.where("side IS NOT NULL").select(
        "region_code",
        "scheme",
        "drg",
        "setl_id",
        "settlement_month",
        "total_cost",
        round_fence_column(F.col("lower") / _UNITS_A_YUAN).alias("lower_fence"),
        round_fence_column(F.col("upper") / _UNITS_A_YUAN).alias("upper_fence"),
        "side",
    )


@dataclass(frozen=True)
class Gathered:
    """The history of one region: exact sums by group and year, and the rule packs that grouped it, sorted."""

    groups: dict[str, ByYear]
    rule_packs: tuple[str, ...]


def group_sums(judged: DataFrame) -> dict[str, Gathered]:
    """The history of each region, brought to the driver: some hundred groups a region, never cases."""
    kept = F.col("side").isNull()
    fen = F.col("fen").cast("decimal(13,0)")
    rows = (
        judged.groupBy(*_GROUP, "year")
        .agg(
            F.count(F.lit(1)).alias("history"),
            F.count(F.when(kept, 1)).alias("kept"),
            F.coalesce(F.sum(F.when(kept, F.col("fen"))), F.lit(0)).alias("cost"),
            F.sum(F.when(kept, fen * fen)).alias("square"),
            F.collect_set("rule_pack").alias("packs"),
        )
        .collect()
    )
    groups: dict[str, dict[str, ByYear]] = {}
    packs: dict[str, set[str]] = {}
    for row in rows:
        sums = Sums(int(row["history"]), int(row["kept"]), int(row["cost"]), int(row["square"] or 0))
        region = row["region_code"]
        groups.setdefault(region, {}).setdefault(row["drg"], {})[int(row["year"])] = sums
        packs.setdefault(region, set()).update(row["packs"])
    return {region: Gathered(found, tuple(sorted(packs[region]))) for region, found in groups.items()}


def small_frame(spark: SparkSession, frame: DataFrame) -> DataFrame:
    """The same rows held by the driver, so that what follows does not compute them again; only for group figures."""
    return spark.createDataFrame(frame.toArrow())
