"""CREATE TABLE of a contract, with its rules: as the door to Delta makes the table, or for PostgreSQL and its kin.

For whoever keeps the tables in an engine of their own (openGauss, KingbaseES and the like read PostgreSQL's): what the
contract refuses is refused there too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from drg.contract_rules import rules
from drg.contracts import Column, Contract
from drg.doors.constraints import as_properties

_POSTGRES = {
    "string": "text",
    "int": "integer",
    "bigint": "bigint",
    "date": "date",
    "timestamp": "timestamp with time zone",
    "boolean": "boolean",
    "array<string>": "text[]",
}


def delta(one: Contract) -> str:
    """As the engine creates it: partitions and constraints, comments in Chinese."""
    columns = [f"{_typed(column, column.type.upper())} COMMENT {_quoted(column.title)}" for column in one.columns]
    parts = [f"CREATE TABLE {one.table} (\n{_listed(columns)}\n) USING DELTA"]
    if one.partitions():
        parts.append(f"PARTITIONED BY ({', '.join(one.partitions())})")
    parts.append(f"COMMENT {_quoted(one.title)}")
    if properties := [f"{_quoted(name)} = {_quoted(value)}" for name, value in as_properties(one).items()]:
        parts.append(f"TBLPROPERTIES (\n{_listed(properties)}\n)")
    return "\n".join(parts) + ";"


def postgres(one: Contract) -> str:
    """For PostgreSQL 15 or newer: the key as primary key, rows within a row as jsonb."""
    lines = [_typed(column, _postgres_type(column.type)) for column in one.columns]
    if key := one.key():
        lines.append(f"PRIMARY KEY ({', '.join(key)})")
    lines += [f"CONSTRAINT {rule.name} CHECK ({rule.condition})" for rule in rules(one)]
    named = [(f"TABLE {one.table}", one.title), *((f"COLUMN {one.table}.{c.name}", c.title) for c in one.columns)]
    comments = ["COMMENT ON {} IS '{}';".format(what, title.replace("'", "''")) for what, title in named]
    return "\n".join([f"CREATE TABLE {one.table} (\n{_listed(lines)}\n);", *comments])


DIALECTS: dict[str, Callable[[Contract], str]] = {"delta": delta, "postgres": postgres}


def _postgres_type(text: str) -> str:
    if text.startswith("array<struct"):
        return "jsonb"
    return _POSTGRES.get(text) or re.sub(r"^decimal", "numeric", text)


def _typed(column: Column, kind: str) -> str:
    return f"{column.name} {kind}{' NOT NULL' if column.required else ''}"


def _listed(lines: list[str]) -> str:
    return ",\n".join(f"    {line}" for line in lines)


def _quoted(text: str) -> str:
    """A string of Spark's SQL, in which a quote is written with a backslash."""
    return "'" + text.replace("'", "\\'") + "'"
