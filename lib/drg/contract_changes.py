"""What changed between two contracts, and whether it breaks those who deliver by the old one or read by it.

Breaking is a column removed, of another type or unit, one that is newly required, another key or other partitions; in
a table a column that may newly be null or a rule that is gone, in a delivery a code that is no longer taken or a new
rule; in either a rule that changed. All else is not: columns added that may be null, codes added,
names, descriptions, classes and promises. A breaking change raises the major version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from drg.contract_rules import limits_said
from drg.contracts import Column, Contract, contract_in
from drg.errors import ContractError


@dataclass(frozen=True)
class Change:
    """One difference, in words."""

    what: str
    breaking: bool


@dataclass(frozen=True)
class Changed:
    """What became of one contract; `versions` are the old and the new one, None where there is none."""

    name: str
    versions: tuple[str | None, str | None]
    changes: tuple[Change, ...]

    @property
    def good(self) -> bool:
        """Whether nothing breaks, or the major version says so."""
        old, new = self.versions
        return not any(change.breaking for change in self.changes) or bool(old and new and _major(new) > _major(old))


def compare(old: Contract, new: Contract) -> tuple[Change, ...]:
    """All differences, the breaking ones first."""
    found = [*_columns(old, new), *_rules(old, new), *_arrangement(old, new), *_said(old, new)]
    return tuple(sorted(found, key=lambda change: not change.breaking))


def compare_all(old: Mapping[str, Contract], new: Mapping[str, Contract]) -> tuple[Changed, ...]:
    """The contracts that differ, by name; one that is gone breaks whoever used it."""
    found = []
    for name in sorted({*old, *new}):
        if name not in new:
            found.append(Changed(name, (old[name].version, None), (Change("contract removed", True),)))
        elif name not in old:
            found.append(Changed(name, (None, new[name].version), (Change("contract added", False),)))
        elif changes := compare(old[name], new[name]):
            found.append(Changed(name, (old[name].version, new[name].version), changes))
    return tuple(found)


def contracts_at(place: Path) -> dict[str, Contract]:
    """Table or delivery -> its contract, of one file or of all files in a folder and below; ContractError if none."""
    files = [place] if place.is_file() else sorted(place.rglob("*.yaml"))
    if not files:
        raise ContractError(f"no contract at {place}; name a contract file or a folder of them")
    read = [contract_in(file, str(file)) for file in files]
    return {contract.table: contract for contract in read}


def _columns(old: Contract, new: Contract) -> Iterator[Change]:
    before, after = old.paths(), new.paths()
    for path in before:
        if path not in after:
            yield Change(f"column {path} removed", True)
        else:
            yield from _column(path, before[path], after[path], delivered=new.form != "table")
    for path in after:
        if path not in before:
            required = after[path].required
            yield Change(f"column {path} added, {'required' if required else 'may be null'}", required)


def _column(path: str, old: Column, new: Column, *, delivered: bool) -> Iterator[Change]:
    if (old.type, old.kind) != (new.type, new.kind):
        kinds = (f"{old.kind} {old.type}", f"{new.kind} {new.type}")
        yield Change(f"column {path} was {kinds[0]}, is {kinds[1]}", True)
    if old.unit != new.unit:
        yield Change(f"column {path} was in {old.unit or 'no unit'}, is in {new.unit or 'no unit'}", bool(old.unit))
    if new.required and not old.required:
        yield Change(f"column {path} is newly required", True)
    if old.required and not new.required:
        yield Change(f"column {path} may newly be null", not delivered)
    if gone := [code for code in old.codes if new.codes and code not in new.codes]:
        yield Change(f"column {path} no longer has the codes {', '.join(gone)}", delivered)
    if come := [code for code in new.codes if code not in old.codes]:
        yield Change(f"column {path} lists the codes {', '.join(come)}", False)
    if old.codes and not new.codes:
        yield Change(f"column {path} no longer lists its codes", False)
    said = ("title", "description", "classification")
    told = [name for name in said if getattr(old, name) != getattr(new, name)]
    if told or any(old.codes[code] != new.codes[code] for code in old.codes if code in new.codes):
        yield Change(f"column {path} is told otherwise: {', '.join(told) or 'codes'}", False)


def _rules(old: Contract, new: Contract) -> Iterator[Change]:
    """Range and form of columns, and what holds between them; codes are told with their column."""
    before, after = _held(old), _held(new)
    delivered = new.form != "table"
    for name in {**before, **after}:
        if name not in after:
            yield Change(f"rule {name} removed", not delivered)
        elif name not in before:
            yield Change(f"rule {name} added: {after[name]}", delivered)
        elif before[name] != after[name]:
            yield Change(f"rule {name} was {before[name]}, is {after[name]}", True)


def _held(one: Contract) -> dict[str, str]:
    of_columns = {path: limits_said(column) for path, column in one.paths().items() if column.limits}
    return of_columns | {rule.name: rule.condition for rule in one.row_rules}


def _arrangement(old: Contract, new: Contract) -> Iterator[Change]:
    if (keys := (_placed(old, "key"), _placed(new, "key")))[0] != keys[1]:
        yield Change(f"the key was {', '.join(keys[0]) or 'none'}, is {', '.join(keys[1]) or 'none'}", True)
    if (parts := (_placed(old, "partition"), _placed(new, "partition")))[0] != parts[1]:
        yield Change(f"partitioned by {', '.join(parts[0]) or 'nothing'}, now {', '.join(parts[1]) or 'nothing'}", True)
    if old.form != new.form:
        yield Change(f"was a {old.form}, is a {new.form}", True)


def _said(old: Contract, new: Contract) -> Iterator[Change]:
    if (old.title, old.description) != (new.title, new.description):
        yield Change("named or described otherwise", False)
    if old.promises != new.promises:
        yield Change("promises otherwise (SLA)", False)
    if old.names() != new.names() and set(old.names()) == set(new.names()):
        yield Change("columns in another order", False)


def _placed(contract: Contract, what: str) -> list[str]:
    """Columns of the key or the partitions in their order."""
    placed = {path: getattr(column, what) for path, column in contract.paths().items() if getattr(column, what)}
    return sorted(placed, key=placed.__getitem__)


def _major(version: str) -> int:
    first = version.split(".")[0]
    if not first.isdecimal():
        raise ContractError(f"version {version} of a contract is not major.minor.patch; write e.g. 2.0.0")
    return int(first)
