"""The comparison as the province's page shows it: a price index of each region over all groups, and single
groups.

Both hold the mix constant and both keep the funds apart. Nothing under 10 cases appears.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.compare.region_comparison import IDENTICAL
from drg.money import half_up
from drg.publish.content import SMALL_CELL

LEAST_REGIONS = 3


@dataclass(frozen=True)
class Standardised:
    """A region's price of one fund beside the province's, over all DRGs and levels, its own mix held on
    both sides.

    Attributes:
        cases: cases with a price.
        index: 100 x Σ n·mean_price / Σ n·province_mean_price, 2 decimals.
        gap: mean price less what the same cases would have at the province's prices, yuan a case.
        effects: weight, rate and coefficient effect, yuan a case; they sum to the gap but for rounding.
    """

    region_code: str
    fund: str
    cases: int
    index: Decimal
    gap: Decimal
    effects: tuple[Decimal, Decimal, Decimal]


EFFECTS = ("weight_effect", "rate_effect", "coefficient_effect")


def standardised(comparison: DataFrame) -> list[Standardised]:
    """Indirect standardisation of the prices (Σ own / Σ n x province of the same DRG, level and fund), by
    fund.

    Highest index first; regions with fewer than 10 priced cases of a fund are left out. What the region
    would have at the province's prices uses the region's own cases, so that neither a sicker mix nor a
    higher level moves the index.
    """
    n = F.col("n_cases")
    totals = comparison.groupBy("region_code", "fund").agg(
        F.sum("n_cases").alias("n"),
        *(
            F.sum((n * F.col(x)).cast("decimal(28,2)")).alias(x)
            for x in ("mean_price", "province_mean_price", *EFFECTS)
        ),
    )
    found = []
    for row in totals.where(f"n >= {SMALL_CELL}").collect():
        cases = Decimal(row["n"])
        weight, rate, coefficient = (half_up(row[name] / cases, 2) for name in EFFECTS)
        index = half_up(100 * row["mean_price"] / row["province_mean_price"], 2)
        gap = half_up((row["mean_price"] - row["province_mean_price"]) / cases, 2)
        item = Standardised(row["region_code"], row["fund"], row["n"], index, gap, (weight, rate, coefficient))
        found.append(item)
    return sorted(found, key=lambda item: (item.fund, -item.index, item.region_code))


@dataclass(frozen=True)
class Panel:
    """One DRG at one level and fund across the regions that have 10 cases or more.

    `rows` are rows of drg_region_comparison, highest mean price first; `province` one of them for the
    province's columns.
    """

    drg: str
    hospital_level: str
    fund: str
    cases: int
    hidden_regions: int
    rows: list[dict[str, Any]]

    @property
    def province(self) -> dict[str, Any]:
        """A row whose province columns hold for all."""
        return self.rows[0]


def panels(comparison: DataFrame, wanted: int) -> list[Panel]:
    """The `wanted` DRGs with the most cases, each at the level and fund where it has most.

    Left out are slices with fewer than three regions to show, and slices whose hidden cells hold 1 to 9
    cases in all (the province's figures would give them away).
    """
    large = F.col("n_cases") >= SMALL_CELL
    slices = (
        comparison.groupBy(*IDENTICAL)
        .agg(
            F.sum("n_cases").alias("cases"),
            F.sum(large.cast("int")).alias("regions"),
            F.sum(F.when(large, 0).otherwise(F.col("n_cases"))).alias("hidden"),
            F.sum((~large).cast("int")).alias("hidden_regions"),
        )
        .where(f"regions >= {LEAST_REGIONS} AND (hidden = 0 OR hidden >= {SMALL_CELL})")
        .collect()
    )
    ranked = sorted(slices, key=lambda s: (-s["cases"], *(s[name] for name in IDENTICAL)))
    chosen: dict[str, Any] = {}
    for item in ranked:
        chosen.setdefault(item["drg"], item)
    picked = list(chosen.values())[:wanted]
    rows = _rows_of(comparison.where(large), picked)
    return [
        Panel(s["drg"], s["hospital_level"], s["fund"], s["cases"], s["hidden_regions"], rows[_key(s)]) for s in picked
    ]


def _rows_of(comparison: DataFrame, picked: Sequence[Any]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    if not picked:
        return {}
    schema = ", ".join(f"{name} string" for name in IDENTICAL)
    keys = comparison.sparkSession.createDataFrame([_key(item) for item in picked], schema)
    found: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in comparison.join(F.broadcast(keys), on=list(IDENTICAL), how="left_semi").collect():
        found[_key(row)].append(row.asDict())
    for rows in found.values():
        rows.sort(key=lambda row: (-row["mean_price"], row["region_code"]))
    return found


def _key(row: Any) -> tuple[str, ...]:
    return tuple(row[name] for name in IDENTICAL)
