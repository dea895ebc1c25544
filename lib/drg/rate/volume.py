"""The weight of the history (历史CMI) of each fund, or of each fund and hospital level, in Spark."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@dataclass(frozen=True)
class Volume:
    """Grouped history cases of one region and fund, and the sum of their weights."""

    cases: int
    weight: Decimal

    @property
    def cmi(self) -> Fraction:
        """Mean weight of a case."""
        return Fraction(self.weight) / self.cases


BY_FUND = ("region_code", "fund")
BY_FUND_AND_LEVEL = ("region_code", "fund", "hospital_level")


def history_volumes(
    cases: DataFrame, drg_weight: DataFrame, by: tuple[str, ...] = BY_FUND
) -> dict[tuple[str, ...], Volume]:
    """Volume by region and fund, or by what `by` names.

    `cases` are the grouped cases of each region's window with their level class (`drg.weigh.history`), trimmed ones
    included: they were treated all the same. `drg_weight` is one version. Exact: a sum of 4-decimal weights.
    """
    weights = drg_weight.select("region_code", "scheme", "level_class", "drg", "relative_weight")
    rows = (
        cases.join(F.broadcast(weights), ["region_code", "scheme", "level_class", "drg"])
        .groupBy(*by)
        .agg(F.count(F.lit(1)).alias("cases"), F.sum("relative_weight").alias("weight"))
        .collect()
    )
    return {tuple(row[name] for name in by): Volume(int(row["cases"]), row["weight"]) for row in rows}
