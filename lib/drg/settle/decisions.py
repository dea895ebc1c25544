"""Applications decided in favour (特例单议、除外支付) as facts of their cases.

Grain: settlement list. Which exclusions count is said in `drg.settle.exclusion`. A special case counts within the
hospital's quota, which `case_payment` ranks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.settle.exclusion import CASE, EXCLUSIONS, exclusions

# What decisions say of a case; no decision is none in favour.
DECIDED = {
    "special_case": "boolean",
    "excluded_case": "boolean",
    "excluded_item_amount": "decimal(16,2)",
    "exclusions": EXCLUSIONS,
}


def decisions(case_application: DataFrame, settlement_list: DataFrame, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """One row a case with a decision in favour: the columns of DECIDED.

    `rows` are parameter rows; their `exclusion_items` say which items a region admits and for which days. Applications
    and lists may reach back into the year (`drg.settle.exclusion.counts_cases`); rows come of the months settled alone.
    """
    months = sorted({row["settlement_month"] for row in rows})
    special = (
        case_application.where("kind = 'special_case' AND decision = 'in'")
        .where(F.col("settlement_month").isin(months))
        .select(*CASE, F.lit(True).alias("special_case"))
    )
    both = special.join(exclusions(case_application, settlement_list, rows), [*CASE], "full")
    decided = {name: F.coalesce(name, F.lit(False)) for name, kind in DECIDED.items() if kind == "boolean"}
    return both.withColumns(decided).select(*CASE, *DECIDED)
