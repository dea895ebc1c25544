"""The five parts of a case's cost (医疗、护理、医技、药耗、管理) from the 14 charge categories of its list."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.policy.values import COST_PARTS

# Charge category -> part. Assumed: the CHS-DRG specification names the five parts, but its text, which would say what
# counts as which, was not seen. What pays the work of physicians is medical, tests are technical; beds, registration
# and what has no category of its own are management.
PART_OF_FEE = {
    "consultation_fee": "medical",
    "treatment_fee": "medical",
    "surgery_fee": "medical",
    "general_visit_fee": "medical",
    "nursing_fee": "nursing",
    "examination_fee": "technical",
    "laboratory_fee": "technical",
    "consumables_fee": "drug_consumable",
    "western_drug_fee": "drug_consumable",
    "herbal_fee": "drug_consumable",
    "patent_drug_fee": "drug_consumable",
    "bed_fee": "management",
    "registration_fee": "management",
    "other_fee": "management",
}
_KEY = ("settlement_month", "region_code", "setl_id")
# The part that takes what the listed charges leave of the total cost.
_REST = "management"


def with_cost_parts(cases: DataFrame, settlement_list: DataFrame) -> DataFrame:
    """History cases with one column a part, whole fen; null where the list of a case is not there.

    Management is the total cost less the four other parts, so that the five always add up to the total, also where the
    charges of a list do not.
    """
    listed = {part: [fee for fee, own in PART_OF_FEE.items() if own == part] for part in COST_PARTS if part != _REST}
    parts = {part: sum((_fen(fee) for fee in fees), F.lit(0).cast("bigint")) for part, fees in listed.items()}
    # Neither side is small: merge, so that no lists are sent to the driver.
    lists = settlement_list.select(*_KEY, *(own.alias(part) for part, own in parts.items())).hint("merge")
    joined = cases.join(lists, list(_KEY), "left")
    return joined.withColumn(_REST, F.col("fen") - sum((F.col(part) for part in parts), F.lit(0).cast("bigint")))


def part_sums(cases: DataFrame, kept: Column) -> list[Column]:
    """Σ of each part of the kept cases as one array `parts`; nothing where the cases have no parts."""
    if not set(COST_PARTS) <= set(cases.columns):
        return []
    sums = [F.coalesce(F.sum(F.when(kept, F.col(part))), F.lit(0)) for part in COST_PARTS]
    return [F.array(*sums).alias("parts")]


def _fen(fee: str) -> Column:
    return (F.col(fee) * 100).cast("bigint")
