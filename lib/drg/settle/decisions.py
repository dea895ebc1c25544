"""What was decided of single cases, as facts of them: applications (特例单议、除外支付) and disputes (争议).

Grain: settlement list. An exclusion counts where the region's list (`exclusion.items`) holds the item on the day of
discharge; an item that pays the case as a whole takes it out of DRG, one that pays the item adds its cost to the
standard. A special case counts within the hospital's quota, which `case_payment` ranks. A dispute that was upheld
reprices its case by the rule of the policy (`dispute.pays`), or has it priced as another group; it counts where the
hospital is the one that treated the case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_CASE = ("settlement_month", "region_code", "setl_id")
# What decisions say of a case; no decision is none in favour.
DECIDED = {
    "special_case": "boolean",
    "excluded_case": "boolean",
    "excluded_item_amount": "decimal(16,2)",
    "dispute_repriced": "boolean",
    "dispute_drg": "string",
}
_ITEMS = "region_code string, item_code string, pays string, first date, last date"


def decisions(case_application: DataFrame, settlement_list: DataFrame, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """One row a case with a decision in favour: special_case, excluded_case, excluded_item_amount.

    `rows` are parameter rows; their `exclusion_items` say which items a region admits and for which days.
    """
    spark = case_application.sparkSession
    admitted = sorted(
        {
            (row["region_code"], item["code"], item["pays"], item["first"], item["last"])
            for row in rows
            for item in row["exclusion_items"] or ()
        }
    )
    items = F.broadcast(spark.createDataFrame(admitted, _ITEMS))
    favoured = case_application.where("decision = 'in'")
    special = favoured.where("kind = 'special_case'").select(*_CASE, F.lit("special").alias("pays"), "amount")
    days = settlement_list.select(*_CASE, "discharge_date")
    excluded = (
        favoured.where("kind = 'exclusion'")
        .join(items, ["region_code", "item_code"])
        .join(days, list(_CASE))
        .where(F.col("discharge_date").between(F.col("first"), F.col("last")))
        .select(*_CASE, "pays", "amount")
    )
    both = special.unionByName(excluded)
    return both.groupBy(*_CASE).agg(
        F.max(F.col("pays") == "special").alias("special_case"),
        F.max(F.col("pays") == "case").alias("excluded_case"),
        F.sum(F.when(F.col("pays") == "item", F.col("amount"))).cast("decimal(16,2)").alias("excluded_item_amount"),
    )


def rulings(case_dispute: DataFrame, settlement_list: DataFrame) -> DataFrame:
    """One row a case with a dispute that was upheld: dispute_repriced, or the group it is priced as (dispute_drg)."""
    upheld = case_dispute.where("decision = 'upheld'").select(*_CASE, "hospital_code", "ruling", "drg")
    treated = settlement_list.select(*_CASE, "hospital_code")
    repriced = (F.col("ruling") == "repriced").alias("dispute_repriced")
    return treated.join(F.broadcast(upheld), [*_CASE, "hospital_code"]).select(
        *_CASE, repriced, F.col("drg").alias("dispute_drg")
    )


def together(applied: DataFrame | None, ruled: DataFrame | None) -> DataFrame | None:
    """Both kinds of decisions as one row a case; None where there is neither."""
    if applied is None or ruled is None:
        found = applied if ruled is None else ruled
    else:
        found = applied.join(ruled, list(_CASE), "full")
    if found is None:
        return None
    absent = {name: F.lit(None).cast(kind) for name, kind in DECIDED.items() if name not in found.columns}
    return found.withColumns(absent).select(*_CASE, *DECIDED)
