"""From landed records to judged ones: the one pass of validate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructField, StructType, TimestampNTZType

from drg.contracts import contract, spark_type
from drg.errors import ContractError
from drg.validate.checks import ROW_CHECKS
from drg.validate.degrees import Settings, Unit
from drg.validate.facts import REGISTER
from drg.validate.judge import References, judge_of
from drg.validate.live import POSITION, verdicts
from drg.validate.outputs import MONTH, judged
from drg.validate.quality import REJECTED

Counts = dict[tuple[str, str], int]
# What is judged or goes on, of landed records with their verdicts; the instants come with it as clock time.
_LANDED = (
    *(*POSITION, "record_month", "setl_id", "record_kind", "unreadable_reason", "row_hash", "header", "raw"),
    *("verdict", "replaced", "first_version"),
)
_INSTANTS = ("declared_at", "replaced_at")
# Columns of judged lists that are in no row of settlement_list: what they are told of and counted by.
_OF_JUDGING = {
    **dict.fromkeys(("record_month", "record_kind", "unreadable_reason", "verdict", "findings"), "string"),
    "replaced_at": "timestamp",
    "first_version": "boolean",
    **dict.fromkeys(("lacks", "codes", "repaired_codes", "unknown_codes"), "int"),
}
# Columns of settlement_list that others look at before it is written; the rest goes to it in one piece, `settled`.
_LOOKED_AT = (
    *(*POSITION, "setl_id", "row_hash", "person_key", "mdtrt_key", "cert_key", "hospital_code", "principal_diagnosis"),
    *("admission_date", "discharge_date", "settlement_date", "declared_at", "discharge_way", "sex", "age_years"),
    *("interim", "return_planned"),
)
# So many lists are read at once: a question takes a tenth of a second to be understood, however many lists it is about.
_AT_ONCE = 16_384


def judge_lists(
    landed: DataFrame,
    register: DataFrame,
    references: References,
    secret: bytes,
    settings: Mapping[Unit, Settings] | None = None,
) -> DataFrame:
    """Every landed record as far as the tables, the counts and the checks across lists look at it, one row each.

    `findings` are those of the checks of one list, reason_kind is null for a live, fit list. The checks across lists
    come afterwards, see `drg.validate.across`.

    Args:
        landed: rows of landed_list of the regions and settlement months judged, from every delivery.
        register: rows of hospital_register; there are few of them.
        references: code lists and regions.
        secret: key of the hash that replaces person numbers and visit ids; it travels inside the serialized function
            to the workers and is in no plan, configuration or log.
        settings: what regions set for the checks, see `drg.validate.degrees`.
    """
    schema = judged_lists()
    arrow = to_arrow_schema(schema)
    judge = judge_of(register.select(*REGISTER).toArrow(), references, secret, ROW_CHECKS, settings, arrow)

    def judging(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for first in range(0, batch.num_rows, _AT_ONCE):
                yield from judge(pa.Table.from_batches([batch.slice(first, _AT_ONCE)])).to_batches()

    placed = with_verdict(landed, verdicts(landed)).select(*_LANDED, *map(_clock, ("arrived_at", "replaced_at")))
    lists = placed.mapInArrow(judging, schema)
    return judged(lists.withColumns({name: F.col(name).cast("timestamp") for name in _INSTANTS}))


def judged_lists() -> StructType:
    """The columns of judged lists as their function gives them: instants as Chinese clock time without a zone."""
    of_table = {one.name: spark_type(one.type) for one in contract("settlement_list").columns if one.name != MONTH}
    types = {name: of_table.pop(name) for name in _LOOKED_AT}
    types |= {name: spark_type(kind) for name, kind in _OF_JUDGING.items()} | dict.fromkeys(
        _INSTANTS, TimestampNTZType()
    )
    settled = StructType([StructField(name, kind) for name, kind in of_table.items()])
    return StructType([StructField(name, kind) for name, kind in (types | {"settled": settled}).items()])


def _clock(name: str) -> Column:
    return F.col(name).cast("timestamp_ntz").alias(name)


def with_verdict(landed: DataFrame, found: DataFrame) -> DataFrame:
    """Adds the columns of `drg.validate.live.verdicts`; those concern few records, so they are broadcast."""
    joined = landed.join(F.broadcast(found), list(POSITION), "left")
    unsaid = {"replaced": F.lit(False), "first_version": F.lit(True)}
    return joined.withColumns({name: F.coalesce(name, value) for name, value in unsaid.items()})


def counts(frame: DataFrame) -> Counts:
    """Rows by region and settlement month (column record_month)."""
    rows = frame.groupBy("region_code", "record_month").agg(F.count(F.lit(1)).alias("n")).collect()
    return {(row["region_code"], row["record_month"]): int(row["n"]) for row in rows}


def assert_partition(landed: Counts, quality: DataFrame) -> None:
    """Accepted + rejected = landed, for every region and month; ContractError naming the first that differs.

    Args:
        landed: rows of landed_list by region and month.
        quality: rows of list_quality, counted from the judged records.
    """
    by_unit = quality.groupBy("region_code", "settlement_month")
    rejected = F.sum(F.expr(" + ".join(REJECTED)))
    rows = by_unit.agg(F.sum("accepted").alias("fit"), rejected.alias("refused")).collect()
    found = {(row["region_code"], row["settlement_month"]): (int(row["fit"]), int(row["refused"])) for row in rows}
    for unit in sorted(landed.keys() | found.keys()):
        fit, refused = found.get(unit, (0, 0))
        if fit + refused != landed.get(unit, 0):
            raise ContractError(
                f"region {unit[0]}, month {unit[1]}: {fit} accepted + {refused} rejected are not the "
                f"{landed.get(unit, 0)} records landed; nothing was written, report this as a defect of validate"
            )


def returned(quality: DataFrame) -> Counts:
    """Records a check returned or nobody could read, by region and settlement month, from list_quality."""
    rows = quality.groupBy("region_code", "settlement_month").agg(F.sum("returned").alias("n")).collect()
    return {(row["region_code"], row["settlement_month"]): int(row["n"]) for row in rows}
