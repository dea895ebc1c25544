"""From landed records to judged ones: the one pass of validate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.errors import ContractError
from drg.validate.checks import CHECKS
from drg.validate.clean import with_clean_codes
from drg.validate.codes import CodeList
from drg.validate.facts import Bounds, with_daily_bounds, with_facts, with_findings, with_level, with_verdict
from drg.validate.live import verdicts
from drg.validate.outputs import judged
from drg.validate.parse import parse, typed

Counts = dict[tuple[str, str], int]


@dataclass(frozen=True)
class References:
    """What lists are held against besides themselves.

    Attributes:
        diagnoses, procedures: code lists of the insurance edition.
        ungroupable: codes that may not be a principal diagnosis under the scheme in force.
        regions: codes of the province's pooling regions.
        ignored_procedures: procedures with no part in grouping under the scheme in force.
        daily_cost: least and most a day may cost by region, yuan; a region without bounds is not judged by them.
    """

    diagnoses: CodeList
    procedures: CodeList
    ungroupable: tuple[str, ...]
    regions: tuple[str, ...]
    ignored_procedures: tuple[str, ...] = ()
    daily_cost: Mapping[str, Bounds] = field(default_factory=dict)


def judge_lists(
    landed: DataFrame, register: DataFrame, references: References, secret: bytes, headers: Sequence[str]
) -> DataFrame:
    """Every landed record with its facts, findings and reason_kind (null: a live, fit list), one row each.

    Args:
        landed: rows of landed_list of the regions and settlement months judged, from every delivery.
        register: rows of hospital_register.
        references: code lists and regions.
        secret: key of the hash that replaces person numbers and visit ids.
        headers: distinct headers of pipe-separated files, see `headers_of`.
    """
    records = typed(parse(landed, headers), references.regions)
    clean = with_clean_codes(
        records,
        references.diagnoses,
        references.procedures,
        references.ungroupable,
        references.ignored_procedures,
        secret,
    )
    placed = with_level(with_verdict(clean, verdicts(landed)), register)
    facts = with_daily_bounds(with_facts(placed), references.daily_cost)
    return judged(with_findings(facts, [check for check in CHECKS if check.default_on]))


def headers_of(landed: DataFrame) -> list[str]:
    """The distinct header lines among landed records; a region's files share one, so there are few."""
    rows = landed.where("file_format = 'csv' AND header IS NOT NULL").select("header").distinct().collect()
    return sorted(row["header"] for row in rows)


def counts(frame: DataFrame) -> Counts:
    """Rows by region and settlement month (column record_month)."""
    rows = frame.groupBy("region_code", "record_month").agg(F.count(F.lit(1)).alias("n")).collect()
    return {(row["region_code"], row["record_month"]): int(row["n"]) for row in rows}


def assert_partition(landed: Counts, lists: DataFrame) -> None:
    """Accepted + rejected = landed, for every region and month; ContractError naming the first that differs."""
    rows = (
        lists.groupBy("region_code", "record_month")
        .agg(F.count_if(F.col("reason_kind").isNull()).alias("fit"), F.count("reason_kind").alias("refused"))
        .collect()
    )
    found = {(row["region_code"], row["record_month"]): (int(row["fit"]), int(row["refused"])) for row in rows}
    for unit in sorted(landed.keys() | found.keys()):
        fit, refused = found.get(unit, (0, 0))
        if fit + refused != landed.get(unit, 0):
            raise ContractError(
                f"region {unit[0]}, month {unit[1]}: {fit} accepted + {refused} rejected are not the "
                f"{landed.get(unit, 0)} records landed; nothing was written, report this as a defect of validate"
            )
