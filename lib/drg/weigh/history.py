"""The history window in Spark: fences, trimmed cases and exact sums per group.

Costs are counted in whole fen and fences are whole fen too, so that every figure here is an integer; nothing depends on
the order or partitioning of the cases. Group figures go to the driver, cases never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.policy.values import HOSPITAL_LEVELS
from drg.weigh.hospitals import HospitalGroup
from drg.weigh.parts import part_sums
from drg.weigh.sums import ByYear, Group, Sums
from drg.weigh.trimming import SHARE_UNITS, Costs, fence_of
from drg.weigh.window import Window

_GROUP = ("region_code", "level_class", "drg")


def history_cases(grouped_case: DataFrame, windows: Sequence[Window]) -> DataFrame:
    """The grouped cases of each region's window: region, scheme, group, fund, month, hospital, level, cost, pack,
    year and fen.

    The group is the region's local one (本地细分组) where the case has one. Ambiguous and ungrouped cases have no group
    to weigh and are left out (they stay in grouped_case), and so are cases of hospitals whose level the region's
    history leaves out (`weight.history_levels`).
    """
    spark = grouped_case.sparkSession
    rows = [(w.region, w.scheme, year) for w in windows for year in sorted(w.years)]
    wanted = spark.createDataFrame(rows, "region_code string, scheme string, year int")
    of_levels = F.lit(True)
    for w in windows:
        if set(w.history_levels) != set(HOSPITAL_LEVELS):
            others = F.col("region_code") != w.region
            of_levels = of_levels & (others | F.col("hospital_level").isin(list(w.history_levels)))
    return (
        grouped_case.where("grouping_status = 'grouped'")
        .where(of_levels)
        .select(
            "region_code",
            "scheme",
            F.coalesce("local_group", "drg").alias("drg"),
            "fund",
            "setl_id",
            "settlement_month",
            "hospital_code",
            "hospital_level",
            "total_cost",
            "rule_pack",
            F.substring("settlement_month", 1, 4).cast("int").alias("year"),
            (F.col("total_cost") * 100).cast("bigint").alias("fen"),
        )
        .join(F.broadcast(wanted), ["region_code", "scheme", "year"], "left_semi")
    )


def fences(cases: DataFrame, windows: Sequence[Window]) -> DataFrame:
    """The fences of each group of a region and level class, over its whole window, by the region's method.

    Exact: Spark counts, adds up whole fen and looks up the sorted costs; `drg.weigh.trimming` does the rest. Columns:
    region_code, level_class, drg; least and most (fen, the outermost costs kept); lower_fence, upper_fence (yuan).
    """
    spark = cases.sparkSession
    trimming = {window.region: window.trimming for window in windows}
    shares = [(region, *(one.positions() or (None, None))) for region, one in trimming.items()]
    positions = spark.createDataFrame(shares, "region_code string, low_share bigint, high_share bigint")
    fen = F.col("fen").cast("decimal(13,0)")
    ordered = F.collect_list(F.when(F.col("low_share").isNotNull(), F.col("fen")))
    found = (
        classed(cases, windows)
        .join(F.broadcast(positions), "region_code")
        .groupBy(*_GROUP, "low_share", "high_share")
        .agg(
            F.count(F.lit(1)).alias("n"),
            F.sum("fen").alias("total"),
            F.sum(fen * fen).alias("square"),
            F.sort_array(ordered).alias("costs"),
        )
        .select(*_GROUP, "n", "total", "square", *_neighbours("low_share"), *_neighbours("high_share"))
        .collect()
    )
    limits = []
    for row in found:
        region, label, drg, n, total, square, *sorted_costs = row
        low, above_low, high, above_high = (int(cost or 0) for cost in sorted_costs)
        fence = fence_of(trimming[region], Costs(n, total, int(square), (low, above_low), (high, above_high)))
        if fence:
            limits.append((region, label, drg, fence.least, fence.most, fence.lower, fence.upper))
    return spark.createDataFrame(
        limits,
        "region_code string, level_class string, drg string, least bigint, most bigint, "
        "lower_fence decimal(18,4), upper_fence decimal(18,4)",
    )


def _neighbours(share: str) -> list[Column]:
    """The sorted costs at and above the position (n - 1) x share; at the last one the same cost twice."""
    below = F.expr(f"cast(((size(costs) - 1) * {share}) div {SHARE_UNITS} as int)")
    low = F.get("costs", below)
    return [low.alias(f"{share}_at"), F.coalesce(F.get("costs", below + 1), low).alias(f"{share}_above")]


def classed(cases: DataFrame, windows: Sequence[Window]) -> DataFrame:
    """Each case with the level class of its hospital's level; null for a level the policy does not know."""
    labels = [(w.region, level, label) for w in windows for level, label in sorted(w.classes.items())]
    single = [(w.region, w.class_of("")) for w in windows]
    spark = cases.sparkSession
    by_level = spark.createDataFrame(labels, "region_code string, hospital_level string, of_level string")
    by_region = spark.createDataFrame(single, "region_code string, of_all string")
    return (
        cases.join(F.broadcast(by_region), "region_code")
        .join(F.broadcast(by_level), ["region_code", "hospital_level"], "left")
        .withColumn("level_class", F.coalesce("of_all", "of_level"))
        .drop("of_all", "of_level")
    )


def with_fences(cases: DataFrame, limits: DataFrame, windows: Sequence[Window]) -> DataFrame:
    """Each case with its group's fences and `side`: low, high, or null when kept; a cost on a fence is kept."""
    side = F.when(F.col("fen") < F.col("least"), "low").when(F.col("fen") > F.col("most"), "high")
    return classed(cases, windows).join(F.broadcast(limits), list(_GROUP), "left").withColumn("side", side)


def trimmed_cases(judged: DataFrame) -> DataFrame:
    """The cases outside the fences: scheme, region_code, drg, setl_id, settlement_month, total_cost, fences in yuan."""
    return judged.where("side IS NOT NULL").select(
        "region_code",
        "scheme",
        "drg",
        "setl_id",
        "settlement_month",
        "total_cost",
        "lower_fence",
        "upper_fence",
        "side",
    )


@dataclass(frozen=True)
class Gathered:
    """The history of one region.

    Attributes:
        levels: exact sums by hospital level (empty where no region's weights go by level) and DRG, by year; a
            province's basis is put together from these.
        rule_packs: the rule packs that grouped the history, sorted.
        hospitals: exact sums by hospital and DRG, by year, where the region wants cost coefficients.
    """

    levels: dict[Group, ByYear]
    rule_packs: tuple[str, ...]
    hospitals: dict[HospitalGroup, ByYear] = field(default_factory=dict)


def gather(judged: DataFrame, windows: Sequence[Window]) -> dict[str, Gathered]:
    """The history of each region, brought to the driver: some thousand group figures a region, never cases."""
    kept = F.col("side").isNull()
    # Levels are kept apart only where some region's weights tell them apart.
    apart = any(window.class_of("") is None for window in windows)
    level = F.col("hospital_level") if apart else F.lit("")
    rows = (
        judged.groupBy("region_code", level.alias("level"), "drg", "year")
        .agg(*_measures(), *part_sums(judged, kept), F.collect_set("rule_pack").alias("packs"))
        .collect()
    )
    levels: dict[str, dict[Group, ByYear]] = {}
    packs: dict[str, set[str]] = {}
    for row in rows:
        region = row["region_code"]
        group = (row["level"], row["drg"])
        levels.setdefault(region, {}).setdefault(group, {})[int(row["year"])] = _sums(row.asDict())
        packs.setdefault(region, set()).update(row["packs"])
    hospitals = _hospital_sums(judged, [window.region for window in windows if window.cost_ratio])
    return {
        region: Gathered(found, tuple(sorted(packs[region])), hospitals.get(region, {}))
        for region, found in levels.items()
    }


def _hospital_sums(judged: DataFrame, regions: Sequence[str]) -> dict[str, dict[HospitalGroup, ByYear]]:
    found: dict[str, dict[HospitalGroup, ByYear]] = {}
    if not regions:
        return found
    own = judged.where(F.col("region_code").isin(list(regions)))
    for row in own.groupBy("region_code", "hospital_code", "drg", "year").agg(*_measures()).collect():
        key = (row["hospital_code"], row["drg"])
        found.setdefault(row["region_code"], {}).setdefault(key, {})[int(row["year"])] = _sums(row.asDict())
    return found


def _measures() -> list[Column]:
    """Cases before and after trimming, Σ cost and Σ cost² of those kept."""
    kept = F.col("side").isNull()
    fen = F.col("fen").cast("decimal(13,0)")
    return [
        F.count(F.lit(1)).alias("history"),
        F.count(F.when(kept, 1)).alias("kept"),
        F.coalesce(F.sum(F.when(kept, F.col("fen"))), F.lit(0)).alias("cost"),
        F.sum(F.when(kept, fen * fen)).alias("square"),
    ]


def _sums(row: dict[str, object]) -> Sums:
    parts = row.get("parts")
    return Sums(
        history=int(str(row["history"])),
        kept=int(str(row["kept"])),
        cost=int(str(row["cost"])),
        square=int(str(row["square"] or 0)),
        parts=tuple(int(part or 0) for part in parts) if isinstance(parts, list | tuple) else (),
    )
