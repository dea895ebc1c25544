"""What sound deliveries bring as rows of landed_list, and how many rows that must be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.errors import ContractError
from drg.land.intake import Sound
from drg.land.landing import land_files, land_tables
from drg.runner import StepContext


@contextmanager
def received(ctx: StepContext, sound: Sequence[Sound]) -> Iterator[tuple[DataFrame, int]]:
    """Rows of landed_list (one a received record) and their number, while the lists put together from tables are held.

    Raises ContractError where rows of tables do not all end in a list, a record of their own or what is left out.
    """
    files = [file for one in sound for file in one.delivery.files]
    lists, tables = [file for file in files if not file.table], [file for file in files if file.table]
    expected = sum(one.records for one in sound)
    if not tables:
        yield land_files(ctx.spark, lists), expected
        return
    assembled = land_tables(ctx.spark, tables).persist(StorageLevel.DISK_ONLY)
    try:
        expected += _accounted_for(ctx, sound, assembled)
        records = assembled.where("record_kind IS NOT NULL").drop("rows", "left_out")
        yield (land_files(ctx.spark, lists).unionByName(records) if lists else records), expected
    finally:
        assembled.unpersist()


def _accounted_for(ctx: StepContext, sound: Sequence[Sound], assembled: DataFrame) -> int:
    """How many records the tables give, once every row of theirs is accounted for; what is left out is said."""
    sums = (F.count("record_kind"), F.sum("rows"), F.sum("left_out"))
    found = {
        (region, month): (records, rows, left_out)
        for region, month, records, rows, left_out in assembled.groupBy("region_code", "delivery_month")
        .agg(*sums)
        .collect()
    }
    for one in sound:
        region, month = one.delivery.region_code, one.delivery.delivery_month
        _, rows, left_out = found.get((region, month), (0, 0, 0))
        if rows != one.table_rows:
            raise ContractError(
                f"region {region}, month {month}: {rows} of {one.table_rows} rows of its tables are accounted for; "
                "run land again"
            )
        if left_out:
            ctx.say(
                f"region {region}, month {month}: rows of its tables left out of the lists, as they are marked as "
                f"deleted or not valid: {left_out}"
            )
    return sum(records for records, _, _ in found.values())
