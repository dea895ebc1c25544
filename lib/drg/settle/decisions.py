"""What was decided of single cases, as facts of them: applications (特例单议、除外支付) and disputes (争议).

Grain: settlement list. Which exclusions count is said in `drg.settle.exclusion`. A special case counts within the
hospital's quota, which `case_payment` ranks. A dispute that was upheld reprices its case by the rule of the policy
(`dispute.pays`), or has it priced as another group; it counts where the hospital is the one that treated the case.
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
    "dispute_repriced": "boolean",
    "dispute_drg": "string",
}


def decisions(case_application: DataFrame, settlement_list: DataFrame, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """One row a case with an application decided in favour: the columns of DECIDED but those of disputes.

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
    decided = {name: F.coalesce(name, F.lit(False)) for name in ("special_case", "excluded_case")}
    return both.withColumns(decided)


def rulings(case_dispute: DataFrame, settlement_list: DataFrame) -> DataFrame:
    """One row a case with a dispute that was upheld: dispute_repriced, or the group it is priced as (dispute_drg)."""
    upheld = case_dispute.where("decision = 'upheld'").select(*CASE, "hospital_code", "ruling", "drg")
    treated = settlement_list.select(*CASE, "hospital_code")
    repriced = (F.col("ruling") == "repriced").alias("dispute_repriced")
    return treated.join(F.broadcast(upheld), [*CASE, "hospital_code"]).select(
        *CASE, repriced, F.col("drg").alias("dispute_drg")
    )


def together(applied: DataFrame | None, ruled: DataFrame | None) -> DataFrame | None:
    """Both kinds of decisions as one row a case; None where there is neither."""
    if applied is None or ruled is None:
        found = applied if ruled is None else ruled
    else:
        found = applied.join(ruled, list(CASE), "full")
    if found is None:
        return None
    absent = {name: F.lit(None).cast(kind) for name, kind in DECIDED.items() if name not in found.columns}
    return found.withColumns(absent).select(*CASE, *DECIDED)
