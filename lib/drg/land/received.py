"""What sound deliveries bring as rows of landed_list, and how many rows that must be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.errors import ContractError, DeliveryError
from drg.land.assembly import BESIDE
from drg.land.delivery import DeliveredFile
from drg.land.intake import Sound
from drg.land.landing import land_files, land_tables
from drg.runner import StepContext


@dataclass(frozen=True)
class Received:
    """Rows of landed_list (one a received record), their number, and the deliveries they are of."""

    records: DataFrame
    count: int
    sound: Sequence[Sound]


@contextmanager
def received(ctx: StepContext, sound: Sequence[Sound]) -> Iterator[Received]:
    """What sound deliveries bring, while the lists put together from tables are held.

    A delivery of tables with an unreadable row that names none of its lists is failed: one of them lacks that row, and
    which one is not to be known. Raises ContractError where rows of tables do not all end in a list, a record of their
    own or what is left out.
    """
    tables = [file for one in sound for file in one.delivery.files if file.table]
    if not tables:
        yield Received(land_files(ctx.spark, _lists(sound)), sum(one.records for one in sound), sound)
        return
    assembled = land_tables(ctx.spark, tables).persist(StorageLevel.DISK_ONLY)
    try:
        damages = _damages(assembled)
        whole = [one for one in sound if not _not_whole(ctx, one, damages)]
        count = sum(one.records for one in whole) + _accounted_for(ctx, whole, assembled)
        records = assembled.where("record_kind IS NOT NULL").drop(*BESIDE.names)
        # Lists of tables lie by their settlement; landed_list is written where its rows lie.
        records = records.repartition("delivery_month", "region_code")
        lists = _lists(whole)
        yield Received(land_files(ctx.spark, lists).unionByName(records) if lists else records, count, whole)
    finally:
        assembled.unpersist()


def _lists(sound: Sequence[Sound]) -> list[DeliveredFile]:
    return [file for one in sound for file in one.delivery.files if not file.table]


def _damages(assembled: DataFrame) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """File and row of damages that name no list, by region and delivery month."""
    by = ("region_code", "delivery_month", "file_name", "damage")
    named = F.max(F.col("record_kind").isNull()).alias("named")
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for region, month, name, row in (
        assembled.where("damage IS NOT NULL").groupBy(*by).agg(named).where("NOT named").select(*by).collect()
    ):
        found.setdefault((region, month), []).append((name, row))
    return found


def _not_whole(ctx: StepContext, one: Sound, damages: dict[tuple[str, str], list[tuple[str, int]]]) -> bool:
    region, month = one.delivery.region_code, one.delivery.delivery_month
    if (region, month) not in damages:
        return False
    name, row = min(damages[region, month])
    error = DeliveryError(
        f"region {region}, month {month}: file {name}, row {row}, cannot be read and names no list of the delivery, so "
        "that one of its lists would lack it; correct the row and deliver again"
    )
    ctx.fail(region, month, error)
    return True


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
    whole = {(one.delivery.region_code, one.delivery.delivery_month) for one in sound}
    return sum(records for unit, (records, _, _) in found.items() if unit in whole)
