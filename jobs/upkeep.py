"""upkeep: puts small files together and removes those that no version in use needs (OPTIMIZE, VACUUM)."""

from __future__ import annotations

import argparse
from typing import Any

from drg.desk import Desk, desk_main
from drg.doors.upkeep import held_files, held_versions, optimize, vacuum
from drg.errors import ConfigError
from drg.steps import TABLES


def run(desk: Desk) -> dict[str, Any]:
    """Every table that exists, or those asked for; what a published release rests on stays."""
    held = held_versions(desk.lake)
    found: dict[str, Any] = {}
    for table in asked_tables(desk.options.tables):
        if desk.lake.exists(table):
            kept = held_files(desk.lake, table, held)
            found[table] = optimize(desk.spark, desk.lake, table)
            found[table] |= vacuum(desk.spark, desk.lake, table, desk.options.days, kept)
    return {"tables": found}


def asked_tables(text: str) -> list[str]:
    """Names of tables from comma-separated text, all when empty; ConfigError for an unknown one."""
    asked = [name.strip() for name in text.split(",") if name.strip()]
    for name in asked:
        if name not in TABLES:
            raise ConfigError(f"{name} is no table; the tables are {', '.join(sorted(TABLES))}")
    return asked or list(TABLES)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=30, help="files that left a table within these days stay")
    parser.add_argument("--tables", default="", help="comma-separated names of tables (default: all)")


if __name__ == "__main__":
    desk_main("upkeep", run, options)
