"""What the end-to-end tests run: three regions, two months of history, one month settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from drg.doors.config import Env
from drg.runner import Outcome

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

REGIONS = ("510100", "510300", "513300")
HISTORY = ("2024-11", "2024-12")
MONTHS = ("2025-01",)
NOW = datetime.fromisoformat("2025-02-20T08:00:00+08:00")


@dataclass(frozen=True)
class Line:
    """A province that was run: its session, environment, lake and how the run ended."""

    spark: SparkSession
    env: Env
    lake: Lake
    outcome: Outcome
