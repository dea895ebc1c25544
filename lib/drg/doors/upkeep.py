"""The door to Delta's upkeep: small files are put together, files no version needs any more are removed.

A file that a version of a published release holds for that release's partitions is never removed, however old the
release is: what was published can be read again as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drg.doors.tables import Lake
from drg.errors import ConfigError
from drg.steps import TABLES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Delta's own floor: a reader or writer that takes longer than a week would lose its files.
LEAST_DAYS = 7
# A version can be read only as long as its log is there.
_LOG_KEPT = {"delta.logRetentionDuration": "interval 3650 days"}

# (table, version) -> the values by column of each partition a release rests on
Held = Mapping[tuple[str, int], Iterable[Mapping[str, str | int]]]


def held_versions(lake: Lake) -> dict[tuple[str, int], list[dict[str, str | int]]]:
    """What the published releases rest on: of each table the version read and the partitions of region and period.

    Every publication counts, the newest of a region and month and those before it: a region may hold either.
    """
    held: dict[tuple[str, int], list[dict[str, str | int]]] = {}
    if not lake.exists("run_log"):
        return held
    rows = lake.read("run_log").where("step = 'publish' AND status = 'done'")
    for row in rows.select("region_code", "period", "tables_read").collect():
        known: dict[str, str | int] = {
            "settlement_month": row["period"],
            "settlement_year": int(row["period"][:4]),
            "region_code": row["region_code"],
        }
        for read in row["tables_read"]:
            names = [name for name in TABLES[read["table"]].replaced_by if name in known]
            # The comparison and the accounts of a release hold rows of other regions as well.
            if read["table"] == "fund_account":
                names.remove("region_code")
            held.setdefault((read["table"], read["version"]), []).append({name: known[name] for name in names})
    return held


def held_files(lake: Lake, table: str, held: Held) -> set[str]:
    """The data files of a table that a release rests on."""
    found: set[str] = set()
    for (name, version), partitions in sorted(held.items()):
        if name != table:
            continue
        for where in sorted({tuple(sorted(values.items())) for values in partitions}):
            frame = lake.read(table, version, **{column: [value] for column, value in where})
            found.update(frame.inputFiles())
    return found


def optimize(spark: SparkSession, lake: Lake, table: str) -> dict[str, int]:
    """Put the small files of each partition together; no row changes. Files added and removed."""
    from delta.tables import DeltaTable

    metrics = DeltaTable.forPath(spark, lake.path(table)).optimize().executeCompaction().collect()[0]["metrics"]
    return {"added": metrics["numFilesAdded"], "removed": metrics["numFilesRemoved"]}


def vacuum(spark: SparkSession, lake: Lake, table: str, days: int, kept: set[str]) -> dict[str, Any]:
    """Remove files that left the table more than `days` days ago and are not among `kept`; how many went.

    ConfigError for fewer than 7 days.
    """
    if days < LEAST_DAYS:
        raise ConfigError(
            f"{days} days of retention are too few; a running job may need the files of {LEAST_DAYS} days"
        )
    return remove_unneeded(spark, lake, table, days * 24, kept)


def remove_unneeded(spark: SparkSession, lake: Lake, table: str, hours: int, kept: set[str]) -> dict[str, Any]:
    """The removal itself, by the hour and without the floor of a week."""
    from pyspark.sql import functions as F

    path = lake.path(table)
    for name, value in _LOG_KEPT.items():
        if spark.sql(f"SHOW TBLPROPERTIES delta.`{path}`").where(f"key = '{name}' AND value = '{value}'").isEmpty():
            spark.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('{name}' = '{value}')")
    files = _files(spark, path)
    # Delta asks for columns that may be null.
    no_folder = F.when(F.col("length") >= 0, F.lit(False))
    listed = files.select(
        "path", "length", no_folder.alias("isDir"), F.unix_millis("modificationTime").alias("modificationTime")
    )
    removable = listed.where(~F.col("path").isin(_spellings(kept))) if kept else listed
    before = listed.count()
    removable.createOrReplaceTempView("drg_inventory")
    inventory = "SELECT path, length, isDir, modificationTime FROM drg_inventory"
    spark.sql(f"VACUUM delta.`{path}` USING INVENTORY ({inventory}) RETAIN {hours} HOURS")
    return {"files": before, "held": len(kept), "removed": before - _files(spark, path).count()}


def _files(spark: SparkSession, path: str) -> DataFrame:
    """The data files below a path, as they are now; the log of the table is not among them."""
    return spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(path).drop("content")


def _spellings(paths: Iterable[str]) -> Sequence[str]:
    """A local path as Spark writes it in either place: file:/a and file:///a."""
    plain = {path.replace("file:///", "file:/") for path in paths}
    return sorted(plain | {path.replace("file:/", "file:///") for path in plain})
