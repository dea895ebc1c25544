"""The jobs beside the line: they ask, record or tidy up, and say what they found in one line of JSON.

`jobs/status.py`, `jobs/figures.py`, `jobs/approve.py`, `jobs/freeze.py`, `jobs/registers.py` and `jobs/upkeep.py`
share the arguments of a step's job and its exit status; they leave no line in `run_log`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drg.doors.config import Env, load_env
from drg.doors.tables import Lake
from drg.errors import BusyError, ConfigError, DrgError
from drg.result import told
from drg.runner import TRY_AGAIN, chosen_regions, instant, month_range

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Desk:
    """What such a job works with: the tables, the scope asked for, the clock and its own options."""

    spark: SparkSession
    lake: Lake
    env: Env
    regions: tuple[str, ...]
    months: tuple[str, ...]
    now: datetime
    options: argparse.Namespace


def desk_main(
    name: str,
    job: Callable[[Desk], dict[str, Any]],
    options: Callable[[argparse.ArgumentParser], None] = lambda parser: None,
    argv: Sequence[str] | None = None,
) -> None:
    """The command line of a job beside the line; exit status as of a step's job (`drg.runner.job_main`)."""
    parser = argparse.ArgumentParser(prog=f"jobs/{name}.py")
    parser.add_argument("--env", default=None, help="environment of conf/env (default: local)")
    parser.add_argument("--data", type=Path, default=None, help="folder of deliveries, tables and releases")
    parser.add_argument("--months", required=True, help="2025-01 or 2025-01..2025-03")
    parser.add_argument("--regions", default="", help="comma-separated region codes (default: all)")
    parser.add_argument("--now", required=True, help="the clock, ISO 8601 with offset, e.g. 2025-02-10T08:00:00+08:00")
    options(parser)
    args = parser.parse_args(argv)
    from drg.doors.spark import spark_session

    try:
        env = load_env(args.env, args.data)
        now = instant(args.now, "--now")
        regions, months = chosen_regions(env, args.regions), month_range(args.months)
        with spark_session(env, name) as spark:
            found = job(Desk(spark, Lake(spark, env), env, regions, months, now, args))
    except BusyError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(TRY_AGAIN) from None
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    except DrgError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    for region, period, reason in found.get("failed", []):
        sys.stderr.write(f"{name} failed for {region} {period}: {reason}\n")
    sys.stdout.write(told({"job": name, **found}) + "\n")
    raise SystemExit(1 if found.get("failed") else 0)
