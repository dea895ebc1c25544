"""The data dictionary of docs/data-dictionary.md: every delivery and table with its columns, as the contracts say.

Both languages stand side by side: Chinese names and, where `drg.words` has one, the Chinese word of a code; English
descriptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from drg.contract_rules import limits_said
from drg.contracts import Column, Contract, Promise, RowRule, contract, contract_in
from drg.doors.config import project_home
from drg.marked_page import rewritten
from drg.steps import TABLES
from drg.words import word

BEGIN = "<!-- from here on written by `drg contracts dictionary --into docs/data-dictionary.md` -->"
END = "<!-- to here -->"

_HEADINGS = ("column", "名称", "type", "unit", "null", "class", "meaning, codes")


def sections() -> str:
    """A section a delivery, by name, then a section a table, in the order of the steps, as Markdown."""
    deliveries = "\n\n".join(_section(one) for one in _deliveries())
    tables = "\n\n".join(_section(contract(name)) for name in TABLES)
    return f"## Deliveries 上报数据\n\n{deliveries}\n\n## Tables 数据表\n\n{tables}"


def renewed(page: str) -> str:
    """The page with its sections as the contracts say; ConfigError where the marks are missing."""
    return rewritten(page, BEGIN, END, sections())


def _deliveries() -> Iterator[Contract]:
    folder: Path = project_home() / "data_contracts" / "delivery"
    for file in sorted(folder.glob("*.yaml")):
        yield contract_in(file, f"data_contracts/delivery/{file.name}")


def _section(one: Contract) -> str:
    lines = [f"### {one.table} {one.title}", "", f"{one.description}.", ""]
    lines += [f"Version {one.version}; {'; '.join(_promised(promise) for promise in one.promises)}.", ""]
    lines += [f"| {' | '.join(_HEADINGS)} |", "|---" * len(_HEADINGS) + "|"]
    lines += [_row(path, column, one.form) for path, column in one.paths().items()]
    if one.row_rules:
        lines += ["", "Holds in every row 每行须满足:", ""]
        lines += [f"- `{rule.name}`: {_held(rule)}" for rule in one.row_rules]
    return "\n".join(lines)


def _promised(promise: Promise) -> str:
    said = f" ({promise.description})" if promise.description else ""
    return f"{promise.name} {promise.value} {promise.unit}".rstrip() + said


def _row(path: str, column: Column, form: str) -> str:
    kind = column.type if form == "table" else column.kind
    null = f"no, key {column.key}" if column.key else ("no" if column.required else "yes")
    meaning = "; ".join(part for part in (column.description, limits_said(column), _codes(column)) if part)
    cells = (f"`{path}`", column.title, f"`{kind}`", column.unit, null, column.classification, meaning)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _held(rule: RowRule) -> str:
    return rule.said if rule.said == rule.condition else f"{rule.said}: `{rule.condition}`"


def _codes(column: Column) -> str:
    told = []
    for code, english in column.codes.items():
        chinese = word(column.name, code)
        told.append(" ".join(part for part in (f"`{code}`", english, chinese if chinese != code else "") if part))
    return ", ".join(told)
