"""Does a delivery hold what its manifest says? Decided before anything is written.

Each file is read once for its checksum and its number of records, without looking into the records. Workers do it; the
driver sees one line a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from drg.errors import DeliveryError
from drg.land.delivery import DeliveredFile, Delivery
from drg.land.records import count_records
from drg.land.tables import survey_table


@dataclass(frozen=True)
class Survey:
    """One file as found: its checksum, the rows it holds, whether it breaks off, what is wrong with a table."""

    path: str
    sha256: str
    rows: int
    broken: bool
    fault: str | None = None


def survey_file(file: DeliveredFile) -> Survey:
    """Checksum and count of one file; a file that breaks off is no error here."""
    with Path(file.path).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    rows, broken, fault = survey_table(file) if file.table else (*count_records(file), None)
    return Survey(file.path, digest, rows, broken, fault)


def judge(delivery: Delivery, region_name: str, surveys: Iterable[Survey]) -> DeliveryError | None:
    """The error that keeps a delivery out as a whole: a checksum or a number of records that is not the manifest's.

    The number is not held against a file that breaks off: what could be read is landed, and one unreadable record
    stands for the rest. A table of the centre has to be whole: lists would silently lack what it no longer holds.
    """
    found = {survey.path: survey for survey in surveys}
    label = f"region {delivery.region_code} {region_name}, month {delivery.delivery_month}"
    for file in delivery.files:
        survey = found[file.path]
        if survey.sha256 != file.sha256:
            return DeliveryError(
                f"{label}: file {file.name} does not have the sha256 of delivery.json; "
                "it changed on the way, ask the region to deliver it again"
            )
        if survey.fault:
            return DeliveryError(f"{label}: file {file.name}, table {file.table}, {survey.fault}")
        if survey.broken and file.table:
            return DeliveryError(
                f"{label}: file {file.name}, table {file.table}, breaks off; ask the region to deliver it again"
            )
        if survey.rows != file.records and not survey.broken:
            return DeliveryError(
                f"{label}: file {file.name} holds {survey.rows} records, delivery.json says {file.records}; "
                "ask the region which is right and to deliver again"
            )
    return None
