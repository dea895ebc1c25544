"""The door to Delta: every table is read and written here.

A write is checked against the table's contract and then replaces exactly the named partitions in one transaction; rows
outside them are refused, and the table itself refuses rows that break a rule of its contract. Rows are laid out by
partition and sorted by key, so that the same rows give the same files whatever the partitioning of the frame that
brought them; landed rows alone stay in the tasks that read their files.
"""

from __future__ import annotations

import functools
import itertools
import re
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drg.contracts import check, contract
from drg.doors.config import Env
from drg.doors.constraints import as_properties, bring_up, null_in, violated
from drg.errors import BusyError, ContractError, DrgError, StorageError
from drg.steps import TABLES, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Value = str | int
Partition = tuple[Value, ...]
# A table, the partition columns that count its rows, and the values they must have.
Counted = tuple[str, Sequence[str], Mapping[str, Sequence[Value]]]

# How often, and after how many seconds, a table is looked for that another run seems to be creating.
CREATION_LOOKS = 6
CREATION_WAIT = 1.0
_HALF_CREATED = re.compile("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION|DELTA_TABLE_NOT_FOUND")


@dataclass(frozen=True)
class Written:
    """What a write left: the table, its new version and the rows written."""

    table: str
    version: int
    rows: int


class Lake:
    """The Delta tables of one environment.

    All methods raise StorageError (or ContractError) with one sentence; a failed write leaves the table as it was.
    """

    def __init__(self, spark: SparkSession, env: Env):
        self._spark = spark
        self._root = env.tables
        # A table that is there stays: each look costs as much as a small read.
        self._there: set[str] = set()
        # So does what it refuses, for as long as one process is at work.
        self._ruled: set[str] = set()

    def path(self, table: str) -> str:
        """Where a table lies."""
        return f"{self._root}/{table}"

    def exists(self, table: str) -> bool:
        """Whether the table has been written at least once."""
        from delta.tables import DeltaTable

        if table not in self._there and DeltaTable.isDeltaTable(self._spark, self.path(table)):
            self._there.add(table)
        return table in self._there

    def version(self, table: str) -> int:
        """The newest version of a table."""
        from delta.tables import DeltaTable

        self._require(table)
        return int(DeltaTable.forPath(self._spark, self.path(table)).history(1).collect()[0]["version"])

    def read(self, table: str, version: int | None = None, **where: Sequence[Value]) -> DataFrame:
        """A table, or the rows whose columns have one of the given values, as of a version (default: the newest)."""
        from pyspark.sql import functions as F

        self._require(table)
        reader = self._spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        frame = reader.load(self.path(table))
        for name, values in where.items():
            frame = frame.where(F.col(name).isin(list(values)))
        return frame

    def replace(self, table: str, frame: DataFrame, **where: Sequence[Value]) -> Written:
        """Replace the partitions spanned by `where` (one list of values for each column of `replaced_by`)."""
        spec = _spec(table)
        if set(where) != set(spec.replaced_by):
            raise ContractError(f"table {table} is replaced by {', '.join(spec.replaced_by)}; name exactly these")
        return self.replace_partitions(table, frame, list(itertools.product(*(where[n] for n in spec.replaced_by))))

    def replace_partitions(self, table: str, frame: DataFrame, partitions: Sequence[Partition]) -> Written:
        """Replace exactly these partitions (values in the order of `replaced_by`) in one transaction.

        An empty list writes nothing. A named partition that the frame has no rows for becomes empty.
        """
        spec = _spec(table)
        if not partitions:
            return Written(table, self.version(table) if self.exists(table) else -1, 0)
        predicate = partition_predicate(spec, partitions)
        # The frame is as the contract says; a table of an earlier release gets the columns that came since, empty.
        return self._write(table, frame, {"replaceWhere": predicate, "mergeSchema": "true"}, "overwrite")

    def append(self, table: str, frame: DataFrame) -> Written:
        """Append rows in one transaction (only for tables that are logs)."""
        return self._write(table, frame, {}, "append")

    def count_by(self, table: str, columns: Sequence[str], **where: Sequence[Value]) -> dict[Partition, int]:
        """Rows of a table by partition columns; reads no data columns."""
        rows = self.read(table, None, **where).groupBy(*columns).count().collect()
        return {tuple(row[name] for name in columns): int(row["count"]) for row in rows}

    def counts_by(self, wanted: Iterable[Counted]) -> dict[str, dict[Partition, int]]:
        """As `count_by` for several tables in one job; the values of the columns come back as text."""
        from pyspark.sql import DataFrame
        from pyspark.sql import functions as F

        found: dict[str, dict[Partition, int]] = {}
        frames = []
        for table, columns, where in wanted:
            by = F.array(*[F.col(name).cast("string") for name in columns])
            counted = self.read(table, None, **where).groupBy(*columns).count()
            frames.append(counted.select(F.lit(table).alias("table"), by.alias("by"), "count"))
            found[table] = {}
        for row in functools.reduce(DataFrame.unionAll, frames).collect() if frames else []:
            found[row["table"]][tuple(row["by"])] = int(row["count"])
        return found

    def _write(self, table: str, frame: DataFrame, options: dict[str, str], mode: str) -> Written:
        expected = contract(table)
        check(frame.schema, expected)
        try:
            self._create(table)
            if table not in self._ruled:
                bring_up(self._spark, self.path(table), expected)
                self._ruled.add(table)
            partitions = expected.partitions()
            order = partitions + [name for name in expected.key() if name not in partitions]
            laid_out = frame.select(*expected.names())
            if partitions:
                if not TABLES[table].gathered:
                    width = int(self._spark.conf.get("spark.sql.shuffle.partitions") or 8)
                    laid_out = laid_out.repartition(width, *partitions)
                laid_out = laid_out.sortWithinPartitions(*order)
            else:
                laid_out = laid_out.coalesce(1)
            mark = uuid.uuid4().hex
            marked = laid_out.write.format("delta").mode(mode).options(**options, userMetadata=mark)
            marked.save(self.path(table))
            return self._own_commit(table, mark)
        except DrgError:
            raise
        except Exception as error:
            if broken := violated(expected, str(error)):
                # Delta's own words hold the values of the row.
                raise broken from None
            raise _explained(table, error) from error

    def _create(self, table: str) -> None:
        """Create a table that is not there; two runs may want to at once, and then one of them finds it made."""
        for look in range(CREATION_LOOKS):
            if self.exists(table):
                return
            try:
                self._build(table)
                self._ruled.add(table)
            except Exception as error:
                if _HALF_CREATED.search(str(error)):
                    time.sleep(CREATION_WAIT if look + 1 < CREATION_LOOKS else 0)
                elif not self.exists(table):
                    raise
            else:
                return
        raise StorageError(
            f"table {table} was not written: {self.path(table)} holds files but no table, as a creation that broke off "
            "leaves them; when no other run is at work, remove this folder and run the step again"
        )

    def _build(self, table: str) -> None:
        from delta.tables import DeltaTable

        expected = contract(table)
        builder = DeltaTable.createIfNotExists(self._spark).location(self.path(table)).addColumns(expected.struct())
        if expected.partitions():
            builder = builder.partitionedBy(*expected.partitions())
        within = [name for name in expected.key() if name not in expected.partitions()]
        if within:
            # Rows are looked for by key within a partition; statistics of the other columns would only slow the write.
            builder = builder.property("delta.dataSkippingStatsColumns", ",".join(within))
        for name, value in as_properties(expected).items():
            builder = builder.property(name, value)
        builder.execute()

    def _own_commit(self, table: str, mark: str) -> Written:
        """The commit that carries a mark; the newest one may be of another run, on other regions.

        No rows in place of no rows is no commit: the table stands as it did.
        """
        from delta.tables import DeltaTable

        history = DeltaTable.forPath(self._spark, self.path(table)).history
        newest = history(1).collect()
        own = newest if newest[0]["userMetadata"] == mark else history().where(f"userMetadata = '{mark}'").collect()
        if not own:
            # Delta records no commit for no rows in the place of no rows.
            return Written(table, int(newest[0]["version"]), 0)
        return Written(table, int(own[0]["version"]), int((own[0]["operationMetrics"] or {}).get("numOutputRows", 0)))

    def _require(self, table: str) -> None:
        spec = _spec(table)
        if not self.exists(table):
            step = f"run step {spec.step} first" if spec.step else "run a step first"
            raise StorageError(f"table {table} does not exist at {self.path(table)}; {step}")


def partition_predicate(spec: Table, partitions: Iterable[Partition]) -> str:
    """The SQL predicate that names exactly these partitions, short and in a fixed order.

    Partitions that agree in all but the region are written as one IN list.
    """
    last = spec.replaced_by.index("region_code") if "region_code" in spec.replaced_by else len(spec.replaced_by) - 1
    groups: dict[Partition, set[Value]] = {}
    for partition in partitions:
        rest = tuple(value for i, value in enumerate(partition) if i != last)
        groups.setdefault(rest, set()).add(partition[last])
    names = [name for i, name in enumerate(spec.replaced_by) if i != last]
    terms = []
    for rest, values in sorted(groups.items(), key=str):
        equal = [f"{name} = {_literal(value)}" for name, value in zip(names, rest, strict=True)]
        listed = ", ".join(_literal(value) for value in sorted(values, key=str))
        terms.append("(" + " AND ".join([*equal, f"{spec.replaced_by[last]} IN ({listed})"]) + ")")
    return " OR ".join(terms)


def _literal(value: Value) -> str:
    if isinstance(value, int):
        return str(value)
    if not re.fullmatch(r"[\w.\-]+", value):
        raise ContractError(f"partition value {value!r} holds characters other than letters, digits, dot and dash")
    return f"'{value}'"


def _spec(table: str) -> Table:
    if table not in TABLES:
        raise ContractError(f"table {table} is not in drg.steps; add it there and write its contract")
    return TABLES[table]


def _explained(table: str, error: Exception) -> DrgError:
    """One sentence for what storage or Delta refused; the cause stays attached for the log."""
    text = str(error)
    if "No space left on device" in text or "disk quota" in text.lower():
        return StorageError(f"table {table} was not written: the disk is full; free space and run the step again")
    null = re.search(r"NOT NULL constraint violated for column:?\s*([\w.]*\w)", text)
    if null:
        return null_in(table, null.group(1))
    if "DELTA_REPLACE_WHERE_MISMATCH" in text:
        return ContractError(f"table {table} was not written: the frame holds rows outside the partitions it replaces")
    if "ConcurrentAppendException" in text or "DELTA_CONCURRENT" in text:
        return BusyError(f"table {table} was not written: another run replaced the same partitions; run it again")
    if "DELTA_METADATA_CHANGED" in text or "DELTA_PROTOCOL_CHANGED" in text:
        return BusyError(f"table {table} was not written: another run gave it columns or rules; run it again")
    if "Permission denied" in text or "AccessDenied" in text:
        return StorageError(f"table {table} was not written: no permission below its path; grant it and run again")
    cause = drg_cause(text)
    if cause:
        return StorageError(f"table {table} was not written: {cause}")
    raise error


def drg_cause(text: str) -> str | None:
    """The sentence of a DrgError that was raised inside a Spark worker, found in the text Spark wraps it in."""
    found = re.findall(r"^drg\.errors\.\w+: (.+)$", text, flags=re.MULTILINE)
    return found[-1].strip() if found else None
