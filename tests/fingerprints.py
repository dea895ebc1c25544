"""Whether two runs left the same rows: number and hash of the rows of each partition of each table.

`python -m tests.fingerprints` prints them for the environment of `DRG_ENV`, for tests that have no Spark themselves.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from pyspark.sql import functions as F

from drg.contracts import contract
from drg.doors.tables import Lake
from drg.steps import TABLES

# A log tells when something was done; a second run does it at another time.
LOGS = ("run_log", "approval")


def fingerprints(lake: Lake) -> Mapping[str, dict[tuple[object, ...], tuple[int, int]]]:
    """For each table but the logs and each partition: number of rows and an order-free hash of all of them."""
    prints = {}
    for name, table in TABLES.items():
        if name in LOGS or not lake.exists(name):
            continue
        frame = lake.read(name)
        keys = contract(name).partitions()
        whole = F.xxhash64(F.to_json(F.struct(*[F.col(c) for c in frame.columns])))
        rows = frame.groupBy(*keys).agg(F.count(F.lit(1)), F.sum(whole.cast("decimal(38,0)"))).collect()
        prints[table.name] = {tuple(row[: len(keys)]): tuple(row[len(keys) :]) for row in rows}
    return prints


def main() -> None:
    """Print the fingerprints as one line of JSON."""
    from drg.doors.config import load_env
    from drg.doors.spark import spark_session

    env = load_env()
    with spark_session(env, "fingerprints") as spark:
        found = fingerprints(Lake(spark, env))
    text = {
        name: sorted([*map(str, part), *map(str, what)] for part, what in own.items()) for name, own in found.items()
    }
    sys.stdout.write(json.dumps(text) + "\n")


if __name__ == "__main__":
    main()
