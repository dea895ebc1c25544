"""manifest.json of a release: its files with checksums, its sums of money, and what the figures rest on.

Before it is written the release is checked: cases, hospitals and fund account must agree in number and to
the fen, fund by fund. A release that does not tie is not published.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from drg.errors import ContractError
from drg.publish.content import SMALL_CELL, Published
from drg.settle.accounts import ADJUSTMENTS

MANIFEST = "manifest.json"
AMOUNTS = ("total_cost", "standard", "patient_and_other_paid", "fund_payment", "gain_loss")
_VERSIONS = ("scheme", "rule_pack", "policy_version", "weight_version", "rate_version")


@dataclass(frozen=True)
class AssumedParameter:
    """A parameter nobody published, as it held on the last day of the month."""

    name: str
    title: str
    value: str
    unit: str
    source: str


@dataclass(frozen=True)
class FundSums:
    """Cases and money of one fund in one file; yuan."""

    cases: int
    amounts: dict[str, Decimal]


def fund_sums(path: Path, only_region: str | None = None) -> dict[str, FundSums]:
    """Cases and amounts by fund of a published file that holds them; streamed by row group.

    Cases are `n_cases` where the file has it, else rows. `only_region` restricts to lines priced by that
    region. Differences of cleared years are none of the month's cases and left out, as is a fund that has
    nothing else.
    """
    file = pq.ParquetFile(path)
    names = set(file.schema_arrow.names)
    amounts = [name for name in AMOUNTS if name in names]
    counted = "n_cases" in names
    wanted = ["fund", "region_code", *amounts, *(name for name in ("n_cases", "line") if name in names)]
    total: dict[str, FundSums] = {}
    for batch in file.iter_batches(columns=wanted):
        rows = pa.Table.from_batches([batch])
        if only_region is not None:
            rows = rows.filter(pc.equal(rows["region_code"], only_region))
        if "line" in names:
            rows = rows.filter(pc.not_equal(rows["line"], ADJUSTMENTS))
        if counted:
            rows = rows.filter(pc.greater(rows["n_cases"], 0))
        for fund in sorted(set(rows["fund"].to_pylist())):
            part = rows.filter(pc.equal(rows["fund"], fund))
            before = total.get(fund, FundSums(0, dict.fromkeys(amounts, Decimal("0.00"))))
            cases = pc.sum(part["n_cases"]).as_py() if counted else part.num_rows
            sums = {name: before.amounts[name] + _sum(part[name]) for name in amounts}
            total[fund] = FundSums(before.cases + cases, sums)
    return total


def check_ties(folder: Path, region: str, month: str) -> dict[str, FundSums]:
    """The sums of case_payment by fund, after the other two files were found to say the same.

    Raises ContractError naming region, month, fund and both figures.
    """
    cases = fund_sums(folder / "case_payment.parquet")
    for table in ("hospital_settlement", "fund_account"):
        beside = fund_sums(folder / f"{table}.parquet", region)
        for fund in sorted(cases.keys() | beside.keys()):
            left, right = cases.get(fund), beside.get(fund)
            if left is None or right is None:
                raise ContractError(
                    f"release of region {region} {month} does not tie: fund {fund} is in only one of case_payment "
                    f"and {table}; run settle for the region and month again"
                )
            pairs = [("n_cases", Decimal(left.cases), Decimal(right.cases))]
            pairs += [(name, left.amounts[name], value) for name, value in right.amounts.items()]
            for name, mine, theirs in pairs:
                if mine != theirs:
                    raise ContractError(
                        f"release of region {region} {month} does not tie: {name} of fund {fund} is {mine} in "
                        f"case_payment and {theirs} in {table}; run settle for the region and month again"
                    )
    return cases


def distinct_values(path: Path, names: tuple[str, ...]) -> dict[str, list[str]]:
    """The distinct values of string (or list) columns of a file, sorted, nulls left out."""
    found: dict[str, set[str]] = {name: set() for name in names}
    file = pq.ParquetFile(path)
    for batch in file.iter_batches(columns=list(names)):
        for name in names:
            column = batch.column(batch.schema.get_field_index(name))
            flat = pc.list_flatten(column) if pa.types.is_list(column.type) else column
            found[name].update(value for value in pc.unique(flat).to_pylist() if value is not None)
    return {name: sorted(values) for name, values in found.items()}


def build_manifest(
    folder: Path,
    month: str,
    region: tuple[str, str],
    files: tuple[Published, ...],
    sums: dict[str, FundSums],
    assumed: list[AssumedParameter],
    synthetic: bool = False,
    lacking: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The content of manifest.json; every file of the folder is listed with its size and sha256.

    The month is provisional while regions of the province lack, and its comparison rests on the others.
    """
    listed = [_parquet_entry(folder, item) for item in files]
    listed += [_entry(path) for path in sorted(folder.glob("*.xlsx"))]
    # What stands in a folder is named with it.
    listed += [_entry(path) | {"name": f"{path.parent.name}/{path.name}"} for path in sorted(folder.glob("*/*"))]
    money = {
        fund: {"cases": part.cases} | {name: str(value) for name, value in part.amounts.items()}
        for fund, part in sums.items()
    }
    return {
        "settlement_month": month,
        "region_code": region[0],
        "region_name": region[1],
        "synthetic": synthetic,
        "standing": "provisional" if lacking else "final",
        "lacking_regions": list(lacking),
        **distinct_values(folder / "case_payment.parquet", _VERSIONS),
        "sums_by_fund": money,
        "assumed_parameters": [asdict(parameter) for parameter in assumed],
        "small_cells": f"cells of other regions under {SMALL_CELL} cases are suppressed",
        "files": listed,
    }


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write manifest.json; the last file of a release."""
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parquet_entry(folder: Path, item: Published) -> dict[str, Any]:
    path = folder / item.file_name
    columns = [column.name for column in item.columns()]
    rows = pq.ParquetFile(path).metadata.num_rows
    return _entry(path) | {"table": item.table, "rows": rows, "columns": columns, "withheld": item.withheld()}


def _entry(path: Path) -> dict[str, Any]:
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}


def _sum(column: pa.ChunkedArray) -> Decimal:
    value = pc.sum(column.cast(pa.decimal128(38, 2))).as_py()
    return value if value is not None else Decimal("0.00")
