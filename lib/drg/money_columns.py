"""The named roundings of `drg.money` for Spark columns: the same decimals, the same half away from zero.

Spark's `round` on decimals is HALF_UP; each function also fixes the type the amount has at rest, and under ANSI an
amount that does not fit is an error, never a null.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from drg import money


def half_up_column(value: Column, decimals: int, precision: int) -> Column:
    """`value` as decimal(precision, decimals), half away from zero."""
    return F.round(value, decimals).cast(f"decimal({precision},{decimals})")


def round_fen_column(value: Column, precision: int = 16) -> Column:
    """An amount in yuan to the fen; decimal(16,2) for an amount, 18 for a sum. Twin of `money.round_fen`."""
    return half_up_column(value, money.FEN_DECIMALS, precision)


def round_weight_column(value: Column) -> Column:
    """A relative weight, decimal(10,4). Twin of `money.round_weight`."""
    return half_up_column(value, money.WEIGHT_DECIMALS, 10)


def round_rate_column(value: Column, decimals: int) -> Column:
    """A base rate, decimal(16,decimals). Twin of `money.round_rate`."""
    return half_up_column(value, decimals, 16)


def round_fence_column(value: Column) -> Column:
    """A trimming fence, decimal(18,4). Twin of `money.round_fence`."""
    return half_up_column(value, money.FENCE_DECIMALS, 18)
