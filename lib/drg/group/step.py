"""The group step (分组) on Spark: settlement lists to grouped cases, one row a list in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.group.batch import INPUT_COLUMNS
from drg.group.kernel import OUTPUT_SCHEMA, VERSION, CompiledPack
from drg.group.local import FACTS, LocalGroups, local_groups

CARRIED = (
    "settlement_month",
    "region_code",
    "setl_id",
    "hospital_code",
    "hospital_level",
    "insured_region_code",
    "fund",
    "los_days",
    "discharge_way",
    "total_cost",
)
"""Columns of a list that a grouped case keeps, so that weights and payments need not join the lists again."""

# The kernel is fastest on batches of some ten thousand cases; small batches of a scan are joined up to this many.
BATCH_ROWS = 50_000


LOCAL = "local_group"
HASH = "input_hash"


def group_lists(lists: DataFrame, pack: CompiledPack, local: LocalGroups | None = None) -> DataFrame:
    """The grouped cases of settlement lists under a scheme, in the shape of contract group/grouped_case.

    Grain: one row a list, none lost or added. `rule_pack` is the pack's identity (scheme and content hash), so that the
    same lists give the same rows whatever the run. `local` holds the sub-groups of regions that have some; where none
    has, nothing is computed for them. Reads only the columns it needs; the pack travels to each worker once. Lazy:
    nothing runs before an action.
    """
    session = lists.sparkSession
    shipped = session.sparkContext.broadcast(pack)
    expected = contract("grouped_case").struct()
    found = [*CARRIED, *OUTPUT_SCHEMA.names, HASH, *([LOCAL] if local else [])]
    schema = type(expected)([field for name in found for field in expected if field.name == name])
    read = [*CARRIED, *INPUT_COLUMNS, *(name for name in FACTS if local and name not in INPUT_COLUMNS)]
    grouped = lists.select(*read, input_hash()).mapInArrow(
        _grouping(lambda: shipped.value, local or {}, schema.names), schema
    )
    constants = {"scheme": F.lit(pack.scheme), "rule_pack": F.lit(pack.identity)}
    if not local:
        constants[LOCAL] = F.lit(None).cast("string")
    return grouped.withColumns(constants).select(*expected.names)


def input_hash() -> Column:
    """xxHash64 of the grouper's version and all it looks at; a mark between two columns keeps their values apart."""
    parts = [part for name in INPUT_COLUMNS for part in (F.col(name), F.lit("|"))]
    return F.xxhash64(F.lit(VERSION), *parts).alias(HASH)


Batches = Iterator[pa.RecordBatch]


def _grouping(pack: Callable[[], CompiledPack], local: LocalGroups, names: list[str]) -> Callable[[Batches], Batches]:
    def run(batches: Batches) -> Batches:
        for cases in _joined(batches):
            groups = pack().group(cases)
            columns = {name: cases.column(name) for name in (*CARRIED, HASH)}
            columns |= dict(zip(OUTPUT_SCHEMA.names, groups.columns, strict=True))
            if local:
                columns[LOCAL] = local_groups(cases, groups, local)
            yield from pa.table(columns).select(names).to_batches()

    return run


def _joined(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches, joined while they are small."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if waiting and rows + batch.num_rows > BATCH_ROWS:
            yield pa.Table.from_batches(waiting)
            waiting, rows = [], 0
        waiting.append(batch)
        rows += batch.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting)
