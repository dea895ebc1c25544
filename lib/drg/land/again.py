"""Files that were delivered before, recognised by their checksum: said aloud, since each of their lists counts once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from drg.land.delivery import MANIFEST, DeliveredFile, Delivery


def delivered_again(root: Path, delivery: Delivery) -> list[str]:
    """One sentence a file of the delivery whose content an earlier month of the region, or a file before it, had."""
    known = dict(_before(root / delivery.region_code, delivery.delivery_month))
    told = []
    for file in delivery.files:
        if not file.records:
            continue
        if file.sha256 in known:
            told.append(_sentence(file, known[file.sha256]))
        known.setdefault(file.sha256, f"{file.name} of the same delivery")
    return told


def _before(folder: Path, month: str) -> Iterator[tuple[str, str]]:
    """Checksums the manifests of earlier months state, the latest month first to be overwritten by the earliest."""
    for path in sorted(folder.glob(f"*/{MANIFEST}"), reverse=True):
        if path.parent.name >= month:
            continue
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))["files"]
            stated = [(str(entry["sha256"]), str(entry["name"])) for entry in entries]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue  # what is wrong with that month is said where that month is landed
        yield from ((digest, f"{name} of month {path.parent.name}") for digest, name in stated)


def _sentence(file: DeliveredFile, known: str) -> str:
    return (
        f"region {file.region_code}, month {file.delivery_month}: file {file.name} has the content of {known}; "
        "its lists come back as duplicates (ID03) and none counts twice"
    )
