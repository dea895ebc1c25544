"""Which received records are live: one version of each settlement, less what was taken back.

Decided from a few columns of landed_list, never from the record itself, so that choosing costs little however many
versions a month gathers. Within one region and settlement month:

- records of one setl_id with the same row hash are copies: the first received stays, the others are `duplicate` (ID03);
- of the versions of one setl_id the one declared last is live, the others are `superseded` (ID04);
- a live reversal (冲销) whose original is there cancels it: the original is `reversed`, itself is `reversal` (ID22);
- a reversal whose original is not there fails check XL07;
- a re-settlement of the same visit has a setl_id of its own and is an ordinary list.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

POSITION = ("region_code", "delivery_month", "file_name", "line_number")
COLUMNS = (*POSITION, "record_month", "record_kind", "setl_id", "init_setl_id", "dcla_time", "row_hash")
_INSTANT = r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$"


def verdicts(landed: DataFrame) -> DataFrame:
    """What keeps readable records of landed_list from being live.

    Args:
        landed: rows of landed_list, at least `COLUMNS`.

    Returns: one row for each record that is not live or replaced another version, by `POSITION`:
        verdict: duplicate, superseded, reversed, reversal or orphan_reversal; null for a live list.
        replaced: whether the record is live and stands for earlier versions of itself.
        first_version: whether no version of the same settlement was declared before it; a copy is none.
            A version without a time counts as declared before the others.
        replaced_at: for a superseded record, when the version that stands now was declared.
    """
    records = landed.where("record_kind <> 'unreadable'").select(*COLUMNS)
    # A record without setl_id has no versions: it stands for itself and fails ID01.
    settlement = F.coalesce("setl_id", F.concat_ws("|", *POSITION))
    same = ("region_code", "record_month", "_settlement")
    copies = Window.partitionBy(*same, "row_hash").orderBy("delivery_month", "file_name", "line_number")
    newest = Window.partitionBy(*same, "_copy").orderBy(
        F.col("_declared").desc_nulls_last(),
        F.col("delivery_month").desc(),
        F.col("file_name").desc(),
        F.col("line_number").desc(),
    )
    ranked = (
        records.withColumn("_settlement", settlement)
        .withColumn("_declared", declared_at(F.col("dcla_time")))
        .withColumn("_copy", F.row_number().over(copies) > 1)
        .withColumn("_rank", F.row_number().over(newest))
        .withColumn("_versions", F.count(F.lit(1)).over(Window.partitionBy(*same, "_copy")))
        .withColumn("_declared_last", F.max("_declared").over(Window.partitionBy(*same, "_copy")))
    )
    marked = _with_reversals(ranked)
    reversal, original_here = F.col("record_kind") == "reversal", F.col("_original_here")
    verdict = (
        F.when(F.col("_copy"), "duplicate")
        .when(F.col("_rank") > 1, "superseded")
        .when(reversal & original_here, "reversal")
        .when(reversal, "orphan_reversal")
        .when(F.col("_taken_back"), "reversed")
    )
    replaced = verdict.isNull() & (F.col("_versions") > 1)
    return (
        marked.withColumn("verdict", verdict)
        .withColumn("replaced", replaced)
        .withColumn("first_version", ~F.col("_copy") & (F.col("_rank") == F.col("_versions")))
        .withColumn("replaced_at", F.when(F.col("verdict") == "superseded", F.col("_declared_last")))
        .where("verdict IS NOT NULL OR replaced")
        .select(*POSITION, "verdict", "replaced", "first_version", "replaced_at")
    )


def declared_at(text: Column) -> Column:
    """A declaration time as timestamp, null where it is none; Chinese clock time."""
    return F.when(text.rlike(_INSTANT), text.try_cast("timestamp"))


def _with_reversals(ranked: DataFrame) -> DataFrame:
    """Adds whether a live reversal takes the row's settlement back, and whether a reversal's original is there.

    Both from one window over the settlement at stake: a reversal stands under its original's id, a list under its own.
    """
    reversal = (F.col("record_kind") == "reversal") & (F.col("_rank") == 1) & ~F.col("_copy")
    at_stake = F.when(reversal, F.coalesce("init_setl_id", "_settlement")).otherwise(F.col("_settlement"))
    same = Window.partitionBy("region_code", "record_month", "_at_stake")
    original = (F.col("record_kind") == "list") & (F.col("_rank") == 1) & ~F.col("_copy")
    return (
        ranked.withColumn("_at_stake", at_stake)
        .withColumn("_taken_back", F.max(reversal).over(same))
        .withColumn("_original_here", F.max(original).over(same))
    )
