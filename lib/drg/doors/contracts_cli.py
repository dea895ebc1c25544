"""The door to datacontract-cli: every contract is held against ODCS, and every table of an environment against its own.

Runs in an environment of its own (`make contracts`). DuckDB, by which datacontract-cli reads, knows Delta only by an
extension fetched from the net; so the files of a table's newest version, as its log lists them, stand as a view in a
DuckDB file of a temporary folder, beside a copy of the contract that names it. The tables are only read.
"""

from __future__ import annotations

import argparse
import copy
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from drg.contracts import struct_fields
from drg.doors.config import load_env, load_yaml, project_home
from drg.errors import ConfigError, ContractError, DrgError
from drg.steps import TABLES

# Counts a column when it has a type. Files of Spark do not say that their timestamps are of UTC.
_TYPED = (
    "SELECT count(*) FROM information_schema.columns WHERE table_name = '{table}' AND column_name = '{column}' "
    "AND replace(data_type, ' WITH TIME ZONE', '') = typeof(NULL::{type})"
)
# DuckDB's names of the types a column of partitions may have.
_PARTITION_TYPES = {"string": "VARCHAR", "integer": "INTEGER", "long": "BIGINT", "date": "DATE"}


def derived(raw: dict[str, Any], database: Path) -> dict[str, Any]:
    """A copy of a contract with the DuckDB file of its table as its only server, and a rule a column for its type.

    datacontract-cli compares types of a DuckDB file by their kind alone: a number is a number.
    """
    copied = copy.deepcopy(raw) | {"servers": [{"server": "tables", "type": "duckdb", "database": str(database)}]}
    for schema in copied["schema"]:
        for column in schema["properties"]:
            name, kind = column["name"], column["physicalType"]
            query = _TYPED.format(table=schema["name"], column=name, type=duckdb_type(kind))
            column["quality"] = [{"description": f"{name} is {kind}", "type": "sql", "query": query, "mustBe": 1}]
    return copied


def duckdb_type(text: str) -> str:
    """A physical type of a contract as DuckDB spells it."""
    if text.startswith("array<"):
        return f"{duckdb_type(text[6:-1])}[]"
    if text.startswith("struct<"):
        fields = [f'"{name}" {duckdb_type(kind)}' for name, kind in struct_fields(text)]
        return f"STRUCT({', '.join(fields)})"
    return {"string": "VARCHAR", "timestamp": "TIMESTAMP"}.get(text, text.upper())


def sentence(name: str, faults: Sequence[tuple[str, str]]) -> str:
    """One sentence for a contract that is wrong or a table that breaks it, from pairs of check and reason."""
    said = "; ".join(f"{check}: {reason}" if reason else check for check, reason in faults)
    return f"{name} breaks its contract: {said}; change the step or the contract"


def lint(files: Sequence[Path]) -> None:
    """ContractError with every contract that is not valid ODCS."""
    found = []
    for file in files:
        if faults := _faults(_contract(file).lint()):
            name = file.relative_to(project_home()).as_posix()
            found.append(f"{name} ({'; '.join(reason or check for check, reason in faults)})")
    if found:
        raise ContractError(f"no valid ODCS: {', '.join(found)}; correct the contract")


def tested(table: str, location: Path, folder: Path) -> str | None:
    """The sentence why a table breaks its contract, None where it keeps it; `folder` takes what is derived."""
    database, file = folder / f"{table}.duckdb", folder / f"{table}.yaml"
    _show(table, location, database)
    contract = derived(load_yaml(project_home() / "data_contracts" / TABLES[table].contract), database)
    file.write_text(yaml.safe_dump(contract, allow_unicode=True, sort_keys=False), encoding="utf-8")
    faults = _faults(_contract(file).test())
    return sentence(f"table {table}", faults) if faults else None


def _contract(file: Path) -> Any:
    from datacontract.data_contract import DataContract

    # It tells every fault a second time, in lines of its own.
    logging.getLogger("datacontract").setLevel(logging.CRITICAL)
    return DataContract(data_contract_file=str(file))


def _show(table: str, location: Path, database: Path) -> None:
    """A DuckDB file with the newest version of a Delta table as a view, or as an empty table when it has no rows."""
    import duckdb
    import pyarrow as pa
    from deltalake import DeltaTable

    newest = DeltaTable(str(location))
    if "deletionVectors" in (newest.protocol().reader_features or ()):
        raise ContractError(
            f"table {table} marks rows deleted beside its files; rewrite it by REORG TABLE ... APPLY (PURGE)"
        )
    types = {field.name: field.type for field in newest.schema().fields}
    partitions = {name: _PARTITION_TYPES[types[name].type] for name in newest.metadata().partition_columns}
    with duckdb.connect(str(database)) as connection:
        if files := newest.file_uris():
            by = f", hive_partitioning=true, hive_types={partitions!r}" if partitions else ""
            connection.sql(f'CREATE VIEW "{table}" AS FROM read_parquet({files!r}{by})')
        else:
            connection.from_arrow(pa.schema(newest.schema().to_arrow()).empty_table()).create(table)


def _faults(run: Any) -> list[tuple[str, str]]:
    """Check and reason, each a line, of everything a run of datacontract-cli did not find in order, warnings too."""
    wrong = [check for check in run.checks if check.result.value != "passed"]
    return [(" ".join(check.name.split()), " ".join((check.reason or "").split()).rstrip(".")) for check in wrong]


def main(arguments: Sequence[str] | None = None) -> None:
    """Lint all contracts, then test the tables that exist; status 1 or 2 as by `drg`, with a sentence a fault."""
    parser = argparse.ArgumentParser(prog="make contracts", description=__doc__)
    parser.add_argument("--env", help="environment of conf/env whose tables are tested; default: local")
    parser.add_argument("--data", type=Path, help="folder of deliveries, tables and releases")
    parser.add_argument("--tables", help="comma-separated tables that have to be there; default: those that are")
    chosen = parser.parse_args(arguments)
    try:
        if not run(load_env(chosen.env, chosen.data).tables, chosen.tables.split(",") if chosen.tables else None):
            sys.exit(1)
    except DrgError as error:
        print(error, file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigError) else 1)


def run(tables: str, only: Sequence[str] | None = None) -> bool:
    """Whether all contracts are valid and each table below `tables`, or those named, keeps its own; says what it found.

    ConfigError where the tables lie in a store, or one that is named is unknown or not there.
    """
    if "://" in tables:
        raise ConfigError(
            f"the tables lie in {tables}; the contracts are tested on tables of this machine, name --data"
        )
    there = {table: Path(tables) / table for table in TABLES if (Path(tables) / table / "_delta_log").is_dir()}
    if only is not None:
        if lacking := [table for table in only if table not in there]:
            raise ConfigError(f"there is no table {', '.join(lacking)} in {tables}; name tables that are there")
        there = {table: there[table] for table in only}
    contracts = sorted((project_home() / "data_contracts").rglob("*.yaml"))
    lint(contracts)
    print(f"{len(contracts)} contracts are valid ODCS")
    broken = 0
    with tempfile.TemporaryDirectory(prefix="drg-contracts-") as folder:
        for table, location in there.items():
            why = tested(table, location, Path(folder))
            broken += why is not None
            print(why or f"table {table} keeps its contract", file=sys.stderr if why else sys.stdout)
    absent = [table for table in TABLES if table not in there] if only is None else []
    for table in absent:
        print(f"table {table} is not there and was not tested")
    print(f"{len(there) - broken} of {len(there)} tables keep their contracts, {len(absent)} are not there")
    return not broken


if __name__ == "__main__":
    main()
