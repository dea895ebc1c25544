"""The lake as it stood at a moment (某日口径): each table at the version the runs finished by then had left.

What counts is the clock of the runs (`run_log`), not that of the disk, so that a backfilled or copied lake answers the
same. A table no run of a step writes (approvals, the log itself) is read as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.doors.config import Env
from drg.doors.tables import Lake, Value
from drg.errors import StorageError
from drg.steps import STEPS

_BY_STEPS = frozenset(table.name for step in STEPS for table in step.writes)


class LakeAsOf(Lake):
    """A lake that reads only what runs finished by a moment wrote; it is not written.

    Raises StorageError where the files of a version that old have been removed by upkeep.
    """

    def __init__(self, spark: SparkSession, env: Env, moment: datetime):
        super().__init__(spark, env)
        self.moment = moment
        self._versions: dict[str, int] = {}
        now = Lake(spark, env)
        if now.exists("run_log"):
            done = now.read("run_log").where((F.col("status") == "done") & (F.col("finished_at") <= F.lit(moment)))
            written = done.select(F.explode("tables_written").alias("w")).select("w.table", "w.version")
            newest = written.groupBy("table").agg(F.max("version").alias("version")).collect()
            self._versions = {row["table"]: int(row["version"]) for row in newest}

    def exists(self, table: str) -> bool:
        """Whether a run had written the table by then."""
        return super().exists(table) and (table in self._versions or table not in _BY_STEPS)

    def version(self, table: str) -> int:
        """The version of a table at the moment."""
        return self._versions[table] if table in self._versions else super().version(table)

    def read(self, table: str, version: int | None = None, **where: Sequence[Value]) -> DataFrame:
        """As `Lake.read`, at the version of the moment where none is named."""
        wanted = self._versions.get(table) if version is None else version
        try:
            return super().read(table, wanted, **where)
        except StorageError:
            raise
        except Exception as error:
            if "DELTA_" not in str(error) and "VersionNotFound" not in type(error).__name__:
                raise
            raise StorageError(
                f"table {table} cannot be read as of {self.moment.isoformat()}: version {wanted} is no longer kept; "
                "name a later day"
            ) from error
