"""Contracts (ODCS YAML in data_contracts/) and the check of a frame against them.

A contract is the exact shape of a table or a delivery: names in order, types, units, codes, which columns may be null,
the key and the partitions. `check` reports every discrepancy of a table in one error.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drg.doors.config import load_yaml, project_home
from drg.errors import ContractError
from drg.steps import TABLES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType


LIMITS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "pattern")
# The query of a rule between columns, as any tool that knows ODCS runs it: it counts the rows that break the rule.
_BREAKING_ROWS = "SELECT count(*) FROM ${table} WHERE NOT ("


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Attributes:
        type: physical type, of tables the one at rest; `kind` is the logical type.
        key, partition: place in the key and among the partitions from 1, 0 where it is in neither.
        title: the Chinese name users know.
        unit: of the values, such as yuan or days; empty where they have none.
        codes: code -> what it stands for in English, which may be empty; empty where any value may stand.
        within: the columns of an object, or of each row of an array.
        limits: minimum, maximum, exclusiveMinimum, exclusiveMaximum and pattern of its values (logicalTypeOptions).
    """

    name: str
    type: str
    kind: str
    required: bool
    key: int
    partition: int
    classification: str
    title: str
    description: str
    unit: str
    codes: Mapping[str, str]
    within: tuple[Column, ...]
    limits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Promise:
    """One line of what may be expected (SLA), as frequency: 1 month."""

    name: str
    value: str
    unit: str
    description: str


@dataclass(frozen=True)
class RowRule:
    """What holds between the columns of each row: its name, what it says, and the condition in SQL, never null."""

    name: str
    said: str
    condition: str


@dataclass(frozen=True)
class Contract:
    """One table or delivery: its columns in order.

    Attributes:
        form: table, or for what is delivered file or message.
        title: the Chinese name.
        row_rules: what holds between columns; what holds of one column stands with it (`drg.contract_rules` has both).
    """

    table: str
    title: str
    version: str
    form: str
    description: str
    promises: tuple[Promise, ...]
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...] = ()

    def names(self) -> list[str]:
        """Column names in the order of the contract."""
        return [column.name for column in self.columns]

    def key(self) -> list[str]:
        """Columns that identify a row, in the order of the contract."""
        return [column.name for column in self.columns if column.key]

    def partitions(self) -> list[str]:
        """Columns the table is partitioned by."""
        return [column.name for column in self.columns if column.partition]

    def titles(self) -> dict[str, str]:
        """Chinese title of each column."""
        return {column.name: column.title for column in self.columns}

    def paths(self) -> dict[str, Column]:
        """Every column by its path, those within others behind them: setlinfo, setlinfo.setl_id."""
        return dict(_paths(self.columns, ""))

    def struct(self) -> StructType:
        """The Spark schema, with nullability as required."""
        from pyspark.sql.types import StructField, StructType

        return StructType([StructField(c.name, spark_type(c.type), not c.required) for c in self.columns])


@functools.cache
def contract(table: str) -> Contract:
    """The contract of a table of the hinge; ContractError when its file is missing or incomplete."""
    if table not in TABLES:
        raise ContractError(f"table {table} is not in drg.steps; add it there and write its contract")
    return read_contract(TABLES[table].contract)


def read_contract(relative: str) -> Contract:
    """The contract in `data_contracts/<relative>`; ContractError naming the file and what it lacks."""
    path = project_home() / "data_contracts" / relative
    if not path.is_file():
        raise ContractError(f"data_contracts/{relative} is missing; every table needs a contract")
    return contract_in(path, f"data_contracts/{relative}")


def contract_in(path: Path, name: str) -> Contract:
    """The first schema object of a contract file that errors call `name`; ContractError saying what it lacks."""
    raw = load_yaml(path)
    try:
        schema = raw["schema"][0]
        return Contract(
            table=str(schema["name"]),
            title=str(schema.get("businessName", "")),
            version=str(raw["version"]),
            form=str(schema["physicalType"]),
            description=str(schema["description"]),
            promises=tuple(_promise(item) for item in raw.get("slaProperties", ())),
            columns=tuple(_column(item) for item in schema["properties"]),
            row_rules=tuple(_row_rule(item) for item in schema.get("quality", ())),
        )
    except (KeyError, IndexError, TypeError) as error:
        raise ContractError(f"{name} lacks {error}; ODCS needs schema, properties, types and version") from error
    except ContractError as error:
        raise ContractError(f"{name}: {error}") from None


def _row_rule(item: dict[str, Any]) -> RowRule:
    query = item["query"]
    if item["type"] != "sql" or item.get("mustBe") != 0 or not (query.startswith(_BREAKING_ROWS) and query[-1] == ")"):
        raise ContractError(
            f"rule {item['name']} does not count the rows that break it; write type: sql, mustBe: 0 and as query "
            f"{_BREAKING_ROWS}condition)"
        )
    return RowRule(item["name"], item["description"], query.removeprefix(_BREAKING_ROWS)[:-1])


def _promise(item: dict[str, Any]) -> Promise:
    return Promise(item["property"], str(item["value"]), item.get("unit", ""), item.get("description", ""))


def _column(item: dict[str, Any]) -> Column:
    own = {custom["property"]: str(custom["value"]) for custom in item.get("customProperties", ())}
    within = item.get("properties") or item.get("items", {}).get("properties", ())
    return Column(
        name=item["name"],
        type=item["physicalType"],
        kind=item["logicalType"],
        required=bool(item.get("required", False)),
        key=item["primaryKeyPosition"] if item.get("primaryKey") else 0,
        partition=item["partitionKeyPosition"] if item.get("partitioned") else 0,
        classification=item["classification"],
        title=item["businessName"],
        description=item.get("description", ""),
        unit=own.get("unit", ""),
        codes={code["value"]: code.get("description", "") for code in item.get("enum", ())},
        within=tuple(_column(part) for part in within),
        limits=_limits(item["name"], item.get("logicalTypeOptions", {})),
    )


def _limits(name: str, options: dict[str, Any]) -> dict[str, str]:
    if unknown := sorted(set(options) - set(LIMITS)):
        raise ContractError(f"column {name} has the option {', '.join(unknown)}; write some of {', '.join(LIMITS)}")
    return {option: str(options[option]) for option in LIMITS if option in options}


def _paths(columns: tuple[Column, ...], before: str) -> Iterator[tuple[str, Column]]:
    for column in columns:
        yield before + column.name, column
        yield from _paths(column.within, f"{before}{column.name}.")


def discrepancies(actual: StructType, expected: Contract) -> list[str]:
    """All differences between a frame's schema and a contract: missing, unexpected and mistyped columns.

    The order of columns does not count (the writer selects them in the order of the contract); nullability is enforced
    by the table itself, since Spark loses it in most transformations.
    """
    have = {field.name: field.dataType.simpleString() for field in actual.fields}
    duplicated = sorted({f.name for f in actual.fields if sum(g.name == f.name for g in actual.fields) > 1})
    found = [f"column {name} occurs twice" for name in duplicated]
    for column in expected.columns:
        want = spark_type(column.type).simpleString()
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


def as_agreed(table: str, rows: DataFrame) -> DataFrame:
    """The rows with every column of the contract: a table written by an earlier release may lack the newest ones."""
    from pyspark.sql import functions as F

    missing = [column for column in contract(table).columns if column.name not in rows.columns]
    return rows.withColumns({column.name: F.lit(None).cast(column.type) for column in missing}) if missing else rows


def struct_fields(text: str) -> list[tuple[str, str]]:
    """Name and type of each field of a physical type struct<name:type,...>."""
    # A comma inside brackets belongs to a decimal, or to a struct within.
    parts = [part.partition(":") for part in re.split(r",(?![^(<]*[)>])", text[7:-1])]
    return [(name, kind) for name, _, kind in parts]


def spark_type(text: str) -> Any:
    """The Spark type of a physical type of a contract; ContractError for one that is not known."""
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
        return ArrayType(spark_type(text[6:-1]))
    if text.startswith("struct<") and text.endswith(">"):
        return StructType([StructField(name, spark_type(kind)) for name, kind in struct_fields(text)])
    raise ContractError(f"physical type {text} is not known; use one of {', '.join(simple)}, decimal, array or struct")
