"""Exclusion from DRG on application (除外支付): which decisions count, for which cases, and as which case of the year.

An application decided in favour counts where the region's list (`exclusion.items`) holds the item on the day of
discharge, up to the `max_cases` of the item in the settlement year: cases take their places in the order of settlement
month, day of the decision and setl_id, so that a later month changes nothing of an earlier one. An item that pays the
case takes it out of DRG, one that pays the item adds its cost to the standard. What does not count is kept with the
reason. Sources: 四川省医疗保障局2025-06-30答复 一（三）; 北京市2022年新药新技术除外支付办法, each as far as
the policy files quote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

CASE = ("settlement_month", "region_code", "setl_id")
ADMITTED, NOT_LISTED, OVER_LIMIT = "admitted", "not_listed", "over_limit"
# One application for an item: its place among the year's cases, and whether it counts (`standing`).
EXCLUSIONS = "array<struct<item_code:string,pays:string,amount:decimal(16,2),place:int,max_cases:int,standing:string>>"
_ENTRIES = (
    "settlement_month string, region_code string, item_code string, pays string, first date, last date, max_cases int, "
    "valid_from date, valid_to date"
)
# The days of a list that holds for the whole month.
_EVER = (date(1900, 1, 1), date(9999, 12, 31))


def counts_cases(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some region of the parameter rows limits the cases of an item, so that the year so far is needed."""
    return any(item["max_cases"] is not None for row in rows for item in row["exclusion_items"] or ())


def exclusions(case_application: DataFrame, settlement_list: DataFrame, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """One row a case with an exclusion decided in favour: excluded_case, excluded_item_amount, exclusions.

    Args:
        case_application: applications of the months settled and, where `counts_cases`, of the year before them.
        settlement_list: the lists of the same months; an application for a case that has none counts for nothing.
        rows: parameter rows of the months settled; cases of other months only take their places.
    """
    spark = case_application.sparkSession
    settled = sorted(
        {(row["settlement_month"], row["region_code"]) for row in rows if row["exclusion_rule"] == "on_application"}
    )
    favoured = case_application.where("kind = 'exclusion' AND decision = 'in'").select(
        *CASE, "item_code", "amount", "decided_on"
    )
    dated = settlement_list.select(*CASE, "discharge_date").join(F.broadcast(favoured), [*CASE])
    units = spark.createDataFrame(settled, "settlement_month string, region_code string")
    own = dated.join(F.broadcast(units), ["settlement_month", "region_code"], "semi")
    placed = _placed(dated, spark.createDataFrame(_entries(rows), _ENTRIES))
    keys = [*CASE, "item_code"]
    over = F.col("place") > F.col("max_cases")
    standing = F.when(F.col("place").isNull(), NOT_LISTED).when(over, OVER_LIMIT).otherwise(ADMITTED)
    judged = own.join(placed, keys, "left").withColumn("standing", standing)
    counts = F.col("standing") == ADMITTED
    each = F.struct("item_code", "pays", "amount", "place", "max_cases", "standing")
    return judged.groupBy(*CASE).agg(
        F.max(counts & (F.col("pays") == "case")).alias("excluded_case"),
        F.sum(F.when(counts & (F.col("pays") == "item"), F.col("amount")))
        .cast("decimal(16,2)")
        .alias("excluded_item_amount"),
        F.sort_array(F.collect_list(each)).cast(EXCLUSIONS).alias("exclusions"),
    )


def _placed(dated: DataFrame, entries: DataFrame) -> DataFrame:
    """Each application that the list of its month holds, with its place among the year's cases of that entry."""
    listed = F.broadcast(entries.withColumnRenamed("settlement_month", "of_month"))
    so_far = (F.col("settlement_month") <= F.col("of_month")) & (
        F.substring("settlement_month", 1, 4) == F.substring("of_month", 1, 4)
    )
    on_its_days = F.col("discharge_date").between(F.col("first"), F.col("last"))
    # A list that changes within a month serves the cases of its own days; those of earlier months take their places.
    of_its_span = (F.col("settlement_month") < F.col("of_month")) | F.col("discharge_date").between(
        F.col("valid_from"), F.col("valid_to")
    )
    found = dated.join(listed, ["region_code", "item_code"]).where(so_far & on_its_days & of_its_span)
    entry = Window.partitionBy("of_month", "region_code", "item_code", "pays", "first", "last", "max_cases")
    order = entry.orderBy("settlement_month", "decided_on", "setl_id")
    ranked = found.withColumn("place", F.row_number().over(order)).where("settlement_month = of_month")
    return ranked.select(*CASE, "item_code", "pays", "place", "max_cases")


def _entries(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """The entries of the lists in force by settlement month and region, each with the days its list holds.

    A list that holds for the whole month (also where the month's first day selects it) serves every day; an entry that
    stands in several lists of the month serves from the first to the last of their days.
    """
    spans: dict[tuple[str, str], set[tuple[date, date]]] = {}
    found: dict[tuple[Any, ...], set[tuple[date, date]]] = {}
    for row in rows:
        unit, span = (row["settlement_month"], row["region_code"]), (row["valid_from"], row["valid_to"])
        spans.setdefault(unit, set()).add(span)
        for item in row["exclusion_items"] or ():
            entry = (*unit, *(item[name] for name in ("code", "pays", "first", "last", "max_cases")))
            found.setdefault(entry, set()).add(span)
    entries = []
    for entry, own in found.items():
        whole = own == spans[entry[0], entry[1]]
        entries.append((*entry, *(_EVER if whole else (min(first for first, _ in own), max(last for _, last in own)))))
    return sorted(entries, key=str)
