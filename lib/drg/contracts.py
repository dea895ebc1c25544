"""Table contracts (ODCS YAML in data_contracts/) and the check of a frame against them.

A contract is the exact shape of a table: names in order, physical types, which columns may be null, the key and the
partitions. `check` reports every discrepancy in one error.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drg.doors.config import load_yaml, project_home
from drg.errors import ContractError
from drg.steps import TABLES

if TYPE_CHECKING:
    from pyspark.sql.types import StructType


@dataclass(frozen=True)
class Column:
    """One column of a contract; `title` is the Chinese name users know."""

    name: str
    type: str
    required: bool
    key: bool
    partition: bool
    classification: str
    title: str
    description: str


@dataclass(frozen=True)
class Contract:
    """One table: its columns in order."""

    table: str
    description: str
    columns: tuple[Column, ...]

    def names(self) -> list[str]:
        """Column names in the order of the contract."""
        return [column.name for column in self.columns]

    def key(self) -> list[str]:
        """Columns that identify a row."""
        return [column.name for column in self.columns if column.key]

    def partitions(self) -> list[str]:
        """Columns the table is partitioned by."""
        return [column.name for column in self.columns if column.partition]

    def titles(self) -> dict[str, str]:
        """Chinese title of each column."""
        return {column.name: column.title for column in self.columns}

    def struct(self) -> StructType:
        """The Spark schema, with nullability as required."""
        from pyspark.sql.types import StructField, StructType

        return StructType([StructField(c.name, _spark_type(c.type), not c.required) for c in self.columns])


@functools.cache
def contract(table: str) -> Contract:
    """The contract of a table of the hinge; ContractError when its file is missing or incomplete."""
    if table not in TABLES:
        raise ContractError(f"table {table} is not in drg.steps; add it there and write its contract")
    return read_contract(TABLES[table].contract)


def read_contract(relative: str) -> Contract:
    """The first schema object of `data_contracts/<relative>`; ContractError naming the file and what it lacks."""
    path = project_home() / "data_contracts" / relative
    if not path.is_file():
        raise ContractError(f"data_contracts/{relative} is missing; every table needs a contract")
    raw = load_yaml(path)
    try:
        schema = raw["schema"][0]
        columns = tuple(_column(item) for item in schema["properties"])
        return Contract(str(schema["name"]), str(schema["description"]), columns)
    except (KeyError, IndexError, TypeError) as error:
        raise ContractError(
            f"data_contracts/{relative} lacks {error}; ODCS needs schema, properties and types"
        ) from error


def _column(item: dict[str, Any]) -> Column:
    return Column(
        name=item["name"],
        type=item["physicalType"],
        required=bool(item.get("required", False)),
        key=bool(item.get("primaryKey", False)),
        partition=bool(item.get("partitioned", False)),
        classification=item["classification"],
        title=item["businessName"],
        description=item.get("description", ""),
    )


def discrepancies(actual: StructType, expected: Contract) -> list[str]:
    """All differences between a frame's schema and a contract: missing, unexpected and mistyped columns.

    The order of columns does not count (the writer selects them in the order of the contract); nullability is enforced
    by the table itself, since Spark loses it in most transformations.
    """
    have = {field.name: field.dataType.simpleString() for field in actual.fields}
    duplicated = sorted({f.name for f in actual.fields if sum(g.name == f.name for g in actual.fields) > 1})
    found = [f"column {name} occurs twice" for name in duplicated]
    for column in expected.columns:
        want = _spark_type(column.type).simpleString()
        if column.name not in have:
            found.append(f"column {column.name} ({want}) is missing")
        elif have[column.name] != want:
            found.append(f"column {column.name} is {have[column.name]}, not {want}")
    found += [f"column {name} is not in the contract" for name in have if name not in expected.names()]
    return found


def check(actual: StructType, expected: Contract) -> None:
    """Raise one ContractError with every discrepancy; silent when the schema fits."""
    found = discrepancies(actual, expected)
    if found:
        raise ContractError(
            f"table {expected.table} breaks its contract: {'; '.join(found)}; change the step or the contract"
        )


def _spark_type(text: str) -> Any:
    from pyspark.sql.types import (
        ArrayType,
        BooleanType,
        DataType,
        DateType,
        DecimalType,
        IntegerType,
        LongType,
        StringType,
        StructField,
        StructType,
        TimestampType,
    )

    simple: dict[str, DataType] = {
        "string": StringType(),
        "int": IntegerType(),
        "bigint": LongType(),
        "date": DateType(),
        "timestamp": TimestampType(),
        "boolean": BooleanType(),
    }
    text = text.strip()
    if text in simple:
        return simple[text]
    if text.startswith("decimal(") and text.endswith(")"):
        precision, scale = text[8:-1].split(",")
        return DecimalType(int(precision), int(scale))
    if text.startswith("array<") and text.endswith(">"):
        return ArrayType(_spark_type(text[6:-1]))
    if text.startswith("struct<") and text.endswith(">"):
        # A comma inside brackets belongs to a decimal, or to a struct within.
        parts = [part.partition(":") for part in re.split(r",(?![^(<]*[)>])", text[7:-1])]
        return StructType([StructField(name, _spark_type(kind)) for name, _, kind in parts])
    raise ContractError(f"physical type {text} is not known; use one of {', '.join(simple)}, decimal, array or struct")
