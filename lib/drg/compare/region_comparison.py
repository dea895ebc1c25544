"""drg_region_comparison: one DRG of one region, hospital level and fund beside the province.

Grain: settlement month x scheme x DRG x region x hospital level x fund. Compared are only identical DRGs:
the same scheme, the same code, the same level and the same fund (险种). Employee and resident money never
meet in a figure (《社会保险基金财务制度》第六条), and a level-3 price is never held against a level-1
price.

Basis: cases priced by weight, before outlier rules (normal, low and high). Ambiguous and ungrouped cases have
no price and are left to the counts of hospital_settlement; a price fixed for a disease (病种定额) has no weight
and no rate to compare. A price of zero is no price. The province is the case-weighted total of all regions of
the month, the region itself included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from drg.compare.gap import PriceSums, quotient, split_gap
from drg.contracts import contract

TABLE = "drg_region_comparison"
CELL = ("settlement_month", "scheme", "drg", "region_code", "hospital_level", "fund")
IDENTICAL = tuple(name for name in CELL if name != "region_code")
_SUMS = ("n_cases", "cost", "weight", "weighted_rate", "price", "standard", "fund_payment")


def compare_regions(case_payment: DataFrame) -> DataFrame:
    """case_payment -> drg_region_comparison, all months of the frame.

    Sums are exact decimals and the logarithms are decimal, so that shuffled or repartitioned cases give the
    same rows. Means and gaps in yuan with 2 decimals, half-up; weights 4, coefficients 6, province factors
    8 decimals.
    """
    province = Window.partitionBy(*IDENTICAL)
    cells = region_cells(case_payment)
    beside = cells.select("*", *(F.sum(name).over(province).alias(f"province_{name}") for name in _SUMS))
    return beside.mapInArrow(_compared, contract(TABLE).struct())


def region_cells(case_payment: DataFrame) -> DataFrame:
    """The exact sums of every cell over its cases priced by weight.

    Yuan; `weighted_rate` is Σ relative_weight x what a unit of weight is worth (the base rate, or point value x point
    scale) and has 10 decimals.
    """
    of_points = (F.col("point_value") * F.col("point_scale")).cast("decimal(16,6)")
    worth = F.coalesce(F.col("base_rate").cast("decimal(16,6)"), of_points)
    weighted_rate = (F.col("relative_weight") * worth).cast("decimal(27,10)")
    return (
        case_payment.where("price > 0 AND relative_weight > 0")
        .groupBy(*CELL)
        .agg(
            F.count(F.lit(1)).alias("n_cases"),
            F.sum("total_cost").alias("cost"),
            F.sum("relative_weight").alias("weight"),
            F.sum(weighted_rate).cast("decimal(36,10)").alias("weighted_rate"),
            F.sum("price").alias("price"),
            F.sum("standard").alias("standard"),
            F.sum("fund_payment").alias("fund_payment"),
        )
    )


def _compared(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    schema = _arrow_schema()
    for batch in batches:
        rows = [_row(cell) for cell in batch.to_pylist()]
        if rows:
            yield pa.RecordBatch.from_pylist(rows, schema=schema)


def _row(cell: dict[str, Any]) -> dict[str, Any]:
    region, whole = _Side(cell, ""), _Side(cell, "province_")
    gap = split_gap(region.sums, whole.sums)
    return {name: cell[name] for name in CELL} | {
        "n_cases": region.sums.cases,
        "mean_cost": region.mean("cost"),
        "relative_weight": region.relative_weight(4),
        "base_rate": region.base_rate(2),
        "coefficient": region.coefficient(6),
        "mean_price": region.sums.mean_price(),
        "mean_standard": region.mean("standard"),
        "mean_fund_payment": region.mean("fund_payment"),
        "province_n_cases": whole.sums.cases,
        "province_mean_cost": whole.mean("cost"),
        "province_relative_weight": whole.relative_weight(8),
        "province_base_rate": whole.base_rate(8),
        "province_coefficient": whole.coefficient(8),
        "province_mean_price": whole.sums.mean_price(),
        "price_gap": gap.price_gap,
        "weight_effect": gap.weight_effect,
        "rate_effect": gap.rate_effect,
        "coefficient_effect": gap.coefficient_effect,
        "cost_index": _cost_index(region, whole),
    }


class _Side:
    """One side of the comparison: the sums of a cell, or of all regions of the same cell."""

    def __init__(self, cell: dict[str, Any], prefix: str):
        self._cell, self._prefix = cell, prefix
        self.sums = PriceSums(
            cases=cell[f"{prefix}n_cases"],
            weight=self.sum("weight"),
            weighted_rate=self.sum("weighted_rate"),
            price=self.sum("price"),
        )

    def sum(self, name: str) -> Decimal:
        value: Decimal = self._cell[self._prefix + name]
        return value

    def mean(self, name: str) -> Decimal:
        return quotient(self.sum(name), Decimal(self.sums.cases), 2)

    def relative_weight(self, places: int) -> Decimal:
        return quotient(self.sums.weight, Decimal(self.sums.cases), places)

    def base_rate(self, places: int) -> Decimal:
        return quotient(self.sums.weighted_rate, self.sums.weight, places)

    def coefficient(self, places: int) -> Decimal:
        return quotient(self.sums.price, self.sums.weighted_rate, places)


def _cost_index(region: _Side, whole: _Side) -> Decimal:
    """Mean cost of the region / of the province, 6 decimals; 1 where neither has any cost."""
    region_cost, whole_cost = region.sum("cost"), whole.sum("cost")
    if whole_cost == 0:
        return Decimal("1.000000")
    return quotient(region_cost * whole.sums.cases, whole_cost * region.sums.cases, 6)


def _arrow_schema() -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(contract(TABLE).struct())
