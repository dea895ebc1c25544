"""approve: records a person's decision with the figures it was made on; the record is appended and never rewritten."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from drg.approval import DECISIONS, SUBJECTS, Decision, record
from drg.desk import Desk, desk_main
from drg.errors import ConfigError


def run(desk: Desk) -> dict[str, Any]:
    """Append one row to `approval`."""
    asked = desk.options
    decided_at = datetime.fromisoformat(asked.at)
    if decided_at.tzinfo is None:
        raise ConfigError(f"--at {asked.at} has no offset; write e.g. 2025-02-10T08:00:00+08:00")
    lacking = tuple(code for code in asked.lacking.split(",") if code)
    decision = Decision(
        asked.subject,
        asked.period,
        desk.regions,
        lacking,
        asked.decision,
        asked.by,
        decided_at,
        asked.note,
        asked.figures,
    )
    written = record(desk.spark, desk.lake, decision, desk.now)
    return {"decision": asked.decision, "by": asked.by, "version": written.version}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subject", choices=SUBJECTS, required=True)
    parser.add_argument("--period", required=True, help="YYYY-MM or YYYY")
    parser.add_argument("--decision", choices=DECISIONS, required=True)
    parser.add_argument("--by", required=True, help="name of the account that decided")
    parser.add_argument("--at", required=True, help="when, ISO 8601 with offset")
    parser.add_argument("--note", default=None)
    parser.add_argument("--lacking", default="", help="regions a provisional month does without")
    parser.add_argument("--figures", required=True, help="the figures shown, JSON")


if __name__ == "__main__":
    desk_main("approve", run, options)
