"""list_quality: how good the lists of each hospital were (清单质量), counted in the pass that judges them.

Grain: region x settlement month x hospital; records whose hospital code has not the form of one stand under `unknown`.

- Each received record is in exactly one of accepted, returned, replaced_versions, duplicates and taken_back.
- completeness (完整度): required items that are given / required items, over the live lists (accepted, or returned by a
  check). The items are `REQUIRED_ITEMS`; what cannot be read as its type counts as not given.
- first_pass_rate (首次合格率): settlements whose first version no check refuses / settlements with a list. The first
  version is the one declared first; copies, reversals and unreadable records are none.
- missing_items: for each required item that some live list lacks its field and how many lack it.
- unknown_codes: of the codes of live lists those that are malformed or in no dictionary, after repair and mapping.
- lateness (申报时效): days from settlement to declaration of first versions, below zero counted as 0; lists where one
  of the two times cannot be read are left out.

Shares have 4 decimals, mean days 1, half away from zero; null where there is nothing to divide by. Regions ask for
完整度 and 合格率 of lists; how they are counted nobody published, so the definitions are ours (assumed).
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.money_columns import half_up_column
from drg.validate.degrees import REJECT
from drg.validate.outputs import readable_hospital
from drg.validate.tables import REQUIRED_FIELDS, REQUIRED_ITEMS

UNKNOWN_HOSPITAL = "unknown"
# Assumed: cities ask for the list within 3 to 10 days of settlement; the longest counts here.
LATE_DAYS = 10
# The counts that rejected_list is made of, record by record.
REJECTED = ("returned", "replaced_versions", "duplicates", "taken_back")


def list_quality(lists: DataFrame, checks_version: str, mark: str) -> DataFrame:
    """Counts and shares of each hospital's month from the judged records, as in the contract of list_quality.

    `checks_version` names the catalogue the records were judged by, `mark` the key their identifiers were hashed with.
    """
    kind, is_list = F.col("reason_kind"), F.col("record_kind") == "list"
    live = is_list & F.col("verdict").isNull()
    first = is_list & F.col("first_version")
    took = F.datediff(F.to_date("declared_at"), F.col("settlement_date"))
    days = F.when(first, F.when(took < 0, 0).otherwise(took))
    given = len(REQUIRED_ITEMS) - F.bit_count("lacks")
    counted = lists.groupBy(
        F.col("record_month").alias("settlement_month"),
        "region_code",
        F.coalesce(readable_hospital(), F.lit(UNKNOWN_HOSPITAL)).alias("hospital_code"),
    ).agg(
        F.count(F.lit(1)).alias("received"),
        F.count_if(kind.isNull()).alias("accepted"),
        F.count_if(kind.isin("failed_check", "unreadable")).alias("returned"),
        F.count_if(kind.isNull() & (F.col("findings") != "")).alias("flagged"),
        F.count_if(kind == "superseded").alias("replaced_versions"),
        F.count_if(kind == "duplicate").alias("duplicates"),
        F.count_if(kind.isin("reversal", "reversed")).alias("taken_back"),
        (F.count_if(live) * len(REQUIRED_ITEMS)).alias("required_items"),
        F.coalesce(F.sum(F.when(live, given)), F.lit(0)).alias("given_items"),
        F.count_if(first).alias("first_versions"),
        F.count_if(first & ~F.col("findings").contains(f"{REJECT}:")).alias("first_passed"),
        F.count(days).alias("timed_lists"),
        F.coalesce(F.sum(days), F.lit(0)).alias("_days"),
        F.count_if(days > LATE_DAYS).alias("late_lists"),
        F.coalesce(F.sum(F.when(live, F.col("repaired_codes"))), F.lit(0)).alias("repaired_codes"),
        F.count_if(live).alias("live_lists"),
        F.coalesce(F.sum(F.when(live, F.col("codes"))), F.lit(0)).alias("codes"),
        F.coalesce(F.sum(F.when(live, F.col("unknown_codes"))), F.lit(0)).alias("unknown_codes"),
        *[
            F.count_if(live & (F.col("lacks").bitwiseAND(1 << place) != 0)).alias(f"_no_{name}")
            for place, name in enumerate(REQUIRED_ITEMS)
        ],
    )
    return counted.select(
        *("settlement_month", "region_code", "hospital_code", "received", "accepted", "returned", "flagged"),
        *("replaced_versions", "duplicates", "taken_back", "required_items", "given_items"),
        _quotient("given_items", "required_items", 4, 5).alias("completeness"),
        *("first_versions", "first_passed"),
        _quotient("first_passed", "first_versions", 4, 5).alias("first_pass_rate"),
        "timed_lists",
        _quotient("_days", "timed_lists", 1, 7).alias("mean_days"),
        "late_lists",
        _quotient("late_lists", "timed_lists", 4, 5).alias("late_share"),
        "repaired_codes",
        *("live_lists", "codes", "unknown_codes"),
        _missing_items().alias("missing_items"),
        F.lit(checks_version).alias("checks_version"),
        F.lit(mark).alias("key_mark"),
    )


def _missing_items() -> Column:
    """The fields that some list lacks, with the number of lists, in the order of `REQUIRED_ITEMS`."""
    counted = [
        F.struct(F.lit(field).alias("field"), F.col(f"_no_{name}").alias("lists"))
        for name, field in REQUIRED_FIELDS.items()
    ]
    return F.filter(F.array(*counted), lambda one: one["lists"] > 0)


def _quotient(part: str, whole: str, decimals: int, precision: int) -> Column:
    exact = F.col(part).cast("decimal(12,0)") / F.col(whole).cast("decimal(12,0)")
    return F.when(F.col(whole) > 0, half_up_column(exact, decimals, precision))
