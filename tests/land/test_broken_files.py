"""land: whatever a file is, its delivery is refused in one sentence, or every record of it is kept, with a reason.

Nothing crashes. Read as the workers read, without Spark; what Spark makes of strange values is held by the fuzz test of
validate.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from broken_files import EVERY, REFUSED, TWO, Broken
from intake_messages import REGION, deliver

from drg.errors import DeliveryError
from drg.land.delivery import read_delivery
from drg.land.records import landed_batches
from drg.land.survey import judge, survey_file

KINDS = {"list": "L", "unreadable": "U", "reversal": "R"}


def outcome(root: Path) -> tuple[str, str]:
    """The kinds of the records landed and the first reason, or REFUSED and the sentence."""
    try:
        delivery = read_delivery(root, REGION, "成都市", "2025-01")
        surveys = [survey_file(file) for file in delivery.files]
        if fault := judge(delivery, "成都市", surveys):
            raise fault
    except DeliveryError as error:
        return REFUSED, str(error)
    rows = [row for file in delivery.files for batch in landed_batches(file) for row in batch.to_pylist()]
    assert len(rows) == sum(survey.rows for survey in surveys)
    reasons = [row["unreadable_reason"] for row in rows]
    assert all(
        (reason is None) == (row["record_kind"] != "unreadable") for reason, row in zip(reasons, rows, strict=True)
    )
    assert all("；请" in reason or "；或" in reason for reason in reasons if reason)
    return "".join(KINDS[row["record_kind"]] for row in rows), next((reason for reason in reasons if reason), "")


@pytest.mark.parametrize("broken", EVERY, ids=lambda broken: f"{broken.kind}: {broken.name}")
def test_a_broken_file_is_refused_or_kept_whole(tmp_path: Path, broken: Broken) -> None:
    broken.made(deliver(tmp_path, TWO, kind=broken.kind))
    found, said = outcome(tmp_path)
    assert (found, broken.says in said) == (broken.outcome, True), said
    if found == REFUSED:
        assert said.startswith(f"region {REGION} 成都市, month 2025-01: ")
        assert "\n" not in said
        assert ";" in said


def test_the_sound_delivery_they_are_made_from_is_sound(tmp_path: Path) -> None:
    for kind in ("json", "csv", "parquet"):
        deliver(tmp_path, TWO, kind=kind)
    assert outcome(tmp_path) == ("LLLLLL", "")
