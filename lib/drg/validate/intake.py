"""From landed records to judged ones: the one pass of validate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.errors import ContractError
from drg.validate.checks import ROW_CHECKS
from drg.validate.clean import with_clean_lists
from drg.validate.codes import CodeList
from drg.validate.degrees import Settings, Unit
from drg.validate.facts import with_facts, with_findings, with_level, with_verdict
from drg.validate.live import POSITION, verdicts
from drg.validate.outputs import SUMS, judged
from drg.validate.parse import parse, typed
from drg.validate.quality import REJECTED, REQUIRED_ITEMS

Counts = dict[tuple[str, str], int]
# Columns of judged records that are in no row of settlement_list.
_OF_JUDGING = (
    *("record_month", "record_kind", "unreadable_reason", "verdict", "replaced_at", "first_version", "findings"),
    *("reason_kind", "diagnosis_states", "procedure_states"),
)


@dataclass(frozen=True)
class References:
    """What lists are held against besides themselves.

    Attributes:
        diagnoses, procedures: code lists of the insurance edition.
        ungroupable: codes that may not be a principal diagnosis under the scheme in force.
        regions: codes of the province's pooling regions.
        ignored_procedures: procedures with no part in grouping under the scheme in force.
    """

    diagnoses: CodeList
    procedures: CodeList
    ungroupable: tuple[str, ...]
    regions: tuple[str, ...]
    ignored_procedures: tuple[str, ...] = ()


def judge_lists(
    landed: DataFrame,
    register: DataFrame,
    references: References,
    secret: bytes,
    headers: Sequence[str],
    settings: Mapping[Unit, Settings] | None = None,
) -> DataFrame:
    """Every landed record with its facts, findings and reason_kind (null: a live, fit list), one row each.

    The checks across lists come afterwards, see `drg.validate.across`.

    Args:
        landed: rows of landed_list of the regions and settlement months judged, from every delivery.
        register: rows of hospital_register.
        references: code lists and regions.
        secret: key of the hash that replaces person numbers and visit ids.
        headers: distinct headers, see `headers_of`.
        settings: what regions set for the checks, see `drg.validate.degrees`.
    """
    records = typed(parse(landed, headers), references.regions)
    clean = with_clean_lists(
        records,
        references.diagnoses,
        references.procedures,
        references.ungroupable,
        references.ignored_procedures,
        secret,
    )
    placed = with_level(with_verdict(clean, verdicts(landed)), register)
    return judged(with_findings(with_facts(placed), ROW_CHECKS, settings))


def looked_at(lists: DataFrame) -> DataFrame:
    """The judged lists with the columns that the tables, the counts and the checks across lists are made of.

    What only the checks of one list look at ends here, before the rows are kept and read once for each table.
    """
    given = [name for name in contract("settlement_list").names() if name not in SUMS]
    return lists.select(*dict.fromkeys((*POSITION, *_OF_JUDGING, *REQUIRED_ITEMS, *given)))


def headers_of(landed: DataFrame) -> list[str]:
    """The distinct headers among landed records; a region's files share one, so there are few."""
    rows = landed.where("header IS NOT NULL").select("header").distinct().collect()
    return sorted(row["header"] for row in rows)


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
