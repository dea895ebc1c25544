"""version_status in Spark: the log read and appended, and the content of a version as its tables hold it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.weigh.effect import KEY, Key, Weighed, weights_by_key
from drg.weigh.versions import Change, Status, VersionLog

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake, Value

LOG = "version_status"
Logs = dict[tuple[str, int], VersionLog]

# The tables a version is made of, by the step that writes them, each with its column of the version.
WEIGHED = {"drg_weight": "weight_version", "hospital_cost_coefficient": "weight_version"}
RATED = {"region_rate": "rate_version"}


def logs_of(version_status: DataFrame) -> Logs:
    """Region and year -> its log."""
    found: dict[tuple[str, int], list[Change]] = {}
    for row in version_status.collect():
        change = Change(**{**row.asDict(), "status": Status(row["status"])})
        found.setdefault((change.region_code, change.settlement_year), []).append(change)
    return {
        key: VersionLog(*key, tuple(sorted(changes, key=lambda one: one.change_number)))
        for key, changes in found.items()
    }


def read_logs(lake: Lake, years: Sequence[int], regions: Sequence[str]) -> Logs:
    """The logs of some regions and years, an empty one where there is none."""
    found: Logs = {}
    if lake.exists(LOG):
        found = logs_of(lake.read(LOG, settlement_year=list(years), region_code=list(regions)))
    return {(region, year): found.get((region, year), VersionLog(region, year)) for region in regions for year in years}


def append(spark: SparkSession, lake: Lake, changes: Sequence[Change]) -> None:
    """Add rows to version_status in one transaction; none is no write."""
    if not changes:
        return
    expected = contract(LOG)
    rows = [asdict(change) | {"status": change.status.value} for change in changes]
    cells = [tuple(row[name] for name in expected.names()) for row in rows]
    lake.append(LOG, spark.createDataFrame(cells, expected.struct()))


def hashes(lake: Lake, tables: dict[str, str], **where: Sequence[Value]) -> dict[tuple[str, int, str], str]:
    """Region, year and version -> SHA-256 over its rows in these tables, whatever their order.

    Each row counts as the text of its table and columns; a version without rows in any of them is left out.
    """
    frames = []
    for table, version in tables.items():
        if lake.exists(table):
            whole = F.concat(F.lit(table), F.to_json(F.struct(*contract(table).names())))
            rows = lake.read(table, None, **where)
            frames.append(
                rows.select(
                    "region_code", "settlement_year", F.col(version).alias("version"), F.sha2(whole, 256).alias("row")
                )
            )
    found: dict[tuple[str, int, str], str] = {}
    if frames:
        rows = frames[0]
        for more in frames[1:]:
            rows = rows.unionAll(more)
        together = F.sha2(F.array_join(F.sort_array(F.collect_list("row")), ""), 256)
        for line in rows.groupBy("region_code", "settlement_year", "version").agg(together.alias("hash")).collect():
            found[line["region_code"], int(line["settlement_year"]), line["version"]] = line["hash"]
    return found


def weights_of_versions(
    lake: Lake, year: int, versions: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], dict[Key, Weighed]]:
    """Region and version -> its weights by group, of the versions named; empty for one without rows."""
    wanted = set(versions)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {pair: [] for pair in wanted}
    if wanted and lake.exists("drg_weight"):
        regions, names = (sorted({pair[place] for pair in wanted}) for place in (0, 1))
        rows = lake.read("drg_weight", settlement_year=[year], region_code=regions, weight_version=names)
        for row in rows.select("region_code", "weight_version", *KEY, "relative_weight", "n_cases").collect():
            pair = (row["region_code"], row["weight_version"])
            if pair in wanted:
                found[pair].append(row.asDict())
    return {pair: weights_by_key(rows) for pair, rows in found.items()}
