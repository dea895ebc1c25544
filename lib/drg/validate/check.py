"""What a check (审核规则) is; the catalogue itself stands in `drg.validate.checks`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One check: SQL predicates that hold when a list FAILS it, and the Chinese sentences that say so.

    `default_on`: whether it is applied where nobody says otherwise; some are for provinces that ask for them.
    """

    id: str
    field: str
    reject: str | None = None
    reject_message: str = ""
    warn: str | None = None
    warn_message: str = ""
    default_on: bool = True


def among(*values: str) -> str:
    """Text values as an SQL list."""
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"
