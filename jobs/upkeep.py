"""upkeep: puts small files together and removes those that no version in use needs (OPTIMIZE, VACUUM)."""

from __future__ import annotations

import argparse
from typing import Any

from drg.desk import Desk, desk_main
from drg.doors.upkeep import held_files, held_versions, optimize, vacuum
from drg.steps import TABLES


def run(desk: Desk) -> dict[str, Any]:
    """Every table that exists; what a published release rests on stays."""
    held = held_versions(desk.lake)
    found: dict[str, Any] = {}
    for table in TABLES:
        if desk.lake.exists(table):
            kept = held_files(desk.lake, table, held)
            found[table] = optimize(desk.spark, desk.lake, table)
            found[table] |= vacuum(desk.spark, desk.lake, table, desk.options.days, kept)
    return {"tables": found}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=30, help="files that left a table within these days stay")


if __name__ == "__main__":
    desk_main("upkeep", run, options)
