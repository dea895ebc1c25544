"""The rules of a contract that each row keeps, as SQL: codes, range and form of a column, what holds between columns.

The one source of what a table refuses (`drg.doors.constraints`), of its DDL (`drg.ddl`) and of the words in errors and
in the dictionary; datacontract-cli tests the same from the contract itself. A condition is never null: a column that
may be null says so in it, since Delta refuses a row of which a condition is null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drg.contracts import Column, Contract
from drg.errors import ContractError

NOT_NEGATIVE = "not_negative"
_TEXT = re.compile(r"'[^']*'")
_COMPARED = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
_BOUNDS = {
    "minimum": "{} or more",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}


@dataclass(frozen=True)
class Rule:
    """One rule: its name within the table, the columns it looks at, the condition, and what it says in words."""

    name: str
    columns: tuple[str, ...]
    condition: str
    said: str


def rules(one: Contract) -> tuple[Rule, ...]:
    """All rules of a table in the order of its columns, those between columns last.

    ContractError for a pattern that engines would read in different ways.
    """
    least = [column.name for column in one.columns if _is_amount(column)]
    of_columns = [rule for column in one.columns if not _is_amount(column) for rule in _of_column(column)]
    return (*of_columns, *_not_negative(least), *_between(one))


def limits_said(column: Column) -> str:
    """Range and form of a column in words, empty without any: 0 or more, at most 1."""
    bounds = [_BOUNDS[name].format(value) for name, value in column.limits.items() if name in _BOUNDS]
    form = column.limits.get("pattern")
    return ", ".join([*bounds, *([f"of the form {form}"] if form else [])])


def _is_amount(column: Column) -> bool:
    """Whether a column may hold 0 or more and is always given: tables have dozens of those, which are one rule."""
    return dict(column.limits) == {"minimum": "0"} and column.required and not column.codes


def _not_negative(columns: list[str]) -> Iterator[Rule]:
    """One look at the least of the amounts and counts, since each rule of a table costs its writes something."""
    if columns:
        least = columns[0] if len(columns) == 1 else f"least({', '.join(columns)})"
        yield Rule(NOT_NEGATIVE, tuple(columns), f"{least} >= 0", "no amount or count is below 0")


def _of_column(column: Column) -> Iterator[Rule]:
    if column.codes:
        listed = ", ".join(f"'{code}'" for code in column.codes)
        yield _rule(column, "codes", f"{column.name} IN ({listed})", f"is one of {', '.join(column.codes)}")
    bounds = [
        f"{column.name} {sign} {column.limits[name]}" for name, sign in _COMPARED.items() if name in column.limits
    ]
    if bounds:
        said = ", ".join(_BOUNDS[name].format(column.limits[name]) for name in _COMPARED if name in column.limits)
        yield _rule(column, "range", " AND ".join(bounds), f"is {said}")
    if form := column.limits.get("pattern"):
        if "\\" in form or "'" in form or not (form.startswith("^") and form.endswith("$")):
            raise ContractError(
                f"the pattern {form} of column {column.name} is read differently by engines; write it from ^ to $, "
                "without backslash and quote"
            )
        yield _rule(column, "form", f"regexp_like({column.name}, '{form}')", f"is of the form {form}")


def _rule(column: Column, kind: str, condition: str, said: str) -> Rule:
    if not column.required:
        condition, said = f"{column.name} IS NULL OR ({condition})", f"{said}, or null"
    return Rule(f"{column.name}_{kind}", (column.name,), condition, f"{column.name} {said}")


def _between(one: Contract) -> Iterator[Rule]:
    known = set(one.names())
    for rule in one.row_rules:
        words = re.findall(r"\w+", _TEXT.sub("", rule.condition))
        looked_at = tuple(dict.fromkeys(word for word in words if word in known))
        if not looked_at:
            raise ContractError(f"rule {rule.name} of {one.table} names no column; name those it is about")
        yield Rule(rule.name, looked_at, rule.condition, rule.said)
