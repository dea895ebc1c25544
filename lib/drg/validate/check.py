"""What a check (审核规则) is; the catalogue itself stands in `drg.validate.checks`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One check: SQL predicates that hold when a list FAILS it, and the Chinese sentences that say so."""

    id: str
    field: str
    reject: str | None = None
    reject_message: str = ""
    warn: str | None = None
    warn_message: str = ""


def among(*values: str) -> str:
    """Text values as an SQL list."""
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"
