"""What a job tells the program that submitted it: one line of JSON among the lines it prints for people.

A line goes through every way of submitting (local, standalone, YARN, Kubernetes) without a shared folder. It holds
counts, sums and sentences, never rows of patients.
"""

from __future__ import annotations

import json
from typing import Any

MARK = "drg-result "


def told(result: dict[str, Any]) -> str:
    """The line a job prints; amounts (exact decimals) and days become text."""
    return MARK + json.dumps(result, ensure_ascii=False, default=str)


def heard(line: str) -> dict[str, Any] | None:
    """The result in a line of output, wherever it stands in it; None for any other line."""
    _, mark, text = line.partition(MARK)
    if not mark:
        return None
    found = json.loads(text)
    return found if isinstance(found, dict) else None
