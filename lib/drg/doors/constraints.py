"""What a Delta table itself refuses: the rules of its contract as CHECK constraints, whoever writes.

A table is created with them in its first transaction. One of an earlier release gets what it lacks before its next
write, each rule in a transaction of its own that Delta makes only if every row of the table keeps it; a rule that rows
of the table break is left out until they are gone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from drg.contract_rules import NOT_NEGATIVE, Rule, rules
from drg.contracts import Contract
from drg.errors import BusyError, ContractError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Constraints of this name are the contract's; others belong to whoever made them and stay.
_OWN = "contract_"
_KEY = f"delta.constraints.{_OWN}"
# How often a table is looked at anew when another run changes its constraints at the same time.
LOOKS = 5
_TAKEN = re.compile("DELTA_CONSTRAINT_ALREADY_EXISTS|DELTA_METADATA_CHANGED|DELTA_PROTOCOL_CHANGED|DELTA_CONCURRENT")
# Of the row's values, which Delta tells a line each, only what is null or below 0.
_BELOW = re.compile(r"^ - (\w+) : -", re.MULTILINE)
_NULL = re.compile(r"^ - (\w+) : null$", re.MULTILINE)
_BROKEN = re.compile(rf"CHECK constraint {_OWN}(\w+) \(", re.IGNORECASE)


def as_properties(one: Contract) -> dict[str, str]:
    """The rules as properties a table is created with."""
    return {f"{_KEY}{rule.name}": rule.condition for rule in rules(one)}


def bring_up(spark: SparkSession, path: str, one: Contract) -> None:
    """Give a table that is there the constraints of its contract, and take those its contract no longer has.

    Rules about columns the table does not have yet wait until a write has brought them. BusyError when other runs
    change the table again and again.
    """
    target = f"delta.`{path}`"
    columns: set[str] | None = None
    for _ in range(LOOKS):
        wanted = {rule.name: rule for rule in rules(one)}
        there = _constraints(spark, target)
        if old := [name for name, text in there.items() if name not in wanted or not _same(text, wanted[name])]:
            listed = ", ".join(f"'{_KEY}{name}'" for name in old)
            spark.sql(f"ALTER TABLE {target} UNSET TBLPROPERTIES IF EXISTS ({listed})")
        lacking = [rule for name, rule in wanted.items() if name not in there or name in old]
        if not lacking:
            return
        columns = set(spark.read.format("delta").load(path).columns) if columns is None else columns
        if not any(_taken(spark, target, rule) for rule in lacking if columns.issuperset(rule.columns)):
            return
    raise BusyError(f"table {one.table} was not written: other runs change its constraints; run it again")


def violated(one: Contract, text: str) -> ContractError | None:
    """The sentence for a row that breaks a rule, without its values; None where the text tells of none."""
    found = _BROKEN.search(text)
    if not found:
        return None
    null = next((name for name in _NULL.findall(text) if name in _required(one)), None)
    if null:
        return null_in(one.table, null)
    name = found.group(1)
    said = next((rule.said for rule in rules(one) if rule.name == name), "of an earlier release")
    where = f"{', '.join(dict.fromkeys(_BELOW.findall(text)))}: " if name == NOT_NEGATIVE else ""
    return ContractError(
        f"table {one.table} was not written: a row breaks rule {name} ({where}{said}); correct the step that wrote the "
        f"row, or the rule in the contract of {one.table}"
    )


def null_in(table: str, column: str) -> ContractError:
    """The sentence for a null where a value is required."""
    return ContractError(f"table {table} was not written: column {column} is required and holds a null")


def _required(one: Contract) -> set[str]:
    return {column.name for column in one.columns if column.required}


def _constraints(spark: SparkSession, target: str) -> Mapping[str, str]:
    rows = spark.sql(f"SHOW TBLPROPERTIES {target}").collect()
    return {row["key"].removeprefix(_KEY): row["value"] for row in rows if row["key"].startswith(_KEY)}


def _same(text: str, rule: Rule) -> bool:
    """Delta keeps a constraint that was added with blanks between its words."""
    return re.sub(r"\s", "", text) == re.sub(r"\s", "", rule.condition)


def _taken(spark: SparkSession, target: str, rule: Rule) -> bool:
    """Add a constraint where the rows of the table permit; whether another run came in between."""
    try:
        spark.sql(f"ALTER TABLE {target} ADD CONSTRAINT {_OWN}{rule.name} CHECK ({rule.condition})")
    except Exception as error:
        if _TAKEN.search(str(error)):
            return True
        if "DELTA_NEW_CHECK_CONSTRAINT_VIOLATION" not in str(error):
            raise
    return False
