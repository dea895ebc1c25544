"""The identities of versions: what is published stands as it was published, and pays the months it serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from drg.weigh.version_tables import RATED, WEIGHED, Logs, hashes, logs_of
from drg.weigh.versions import Status

if TYPE_CHECKING:
    from drg.doors.tables import Lake

Finding = tuple[str, int, list[str]]


def version_findings(lake: Lake) -> Iterator[Finding]:
    """For each identity its name, how many were looked at, and those that break it.

    Versions of every state are looked at but trials: a frozen one keeps the content it was published with, one under
    consultation that it is consulted on.
    """
    if not lake.exists("version_status"):
        return
    logs = logs_of(lake.read("version_status"))
    fixed = {
        (*key, version): one
        for key, log in logs.items()
        for version, one in log.standing.items()
        if one.status not in (Status.TRIAL, Status.WITHDRAWN)
    }
    for what, tables in (("weights", WEIGHED), ("rates", RATED)):
        texts = {key: one.weight_hash if tables is WEIGHED else one.rate_hash for key, one in fixed.items()}
        recorded = {key: text for key, text in texts.items() if text is not None}
        broken = _differing(recorded, hashes(lake, tables))
        yield f"{what} of a version = as recorded", len(recorded), broken
    if lake.exists("case_payment"):
        yield _paid_by_version_in_force(lake, logs)


def _paid_by_version_in_force(lake: Lake, logs: Logs) -> Finding:
    paid = lake.read("case_payment").where("rate_version IS NOT NULL")
    found = paid.select("settlement_month", "region_code", "rate_version").distinct().collect()
    broken = []
    for row in found:
        log = logs.get((row["region_code"], int(row["settlement_month"][:4])))
        own = log.in_force(row["settlement_month"]) if log else None
        if own is None or own.version != row["rate_version"]:
            broken.append(", ".join(row))
    return "priced by the version in force on the month", len(found), sorted(broken)


def _differing(recorded: Mapping[tuple[str, int, str], str], held: Mapping[tuple[str, int, str], str]) -> list[str]:
    return sorted(", ".join(map(str, key)) for key, value in recorded.items() if held.get(key) != value)
