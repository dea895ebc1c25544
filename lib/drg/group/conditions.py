"""Compiled conditions: a rule as whole-array operations over a batch.

`holds(batch, rows)` is a boolean per row. `witness(batch, rows)`, asked only for rows where the condition holds, names
the codes that made it hold: the smallest place (see `Batch`) of a diagnosis and of a procedure, NONE without one. Of
an "or" the first branch that holds is the witness, of an "and" all parts, of a negation nothing.
`static` is the witness where it does not depend on the case: (principal diagnosis, principal procedure) or None.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from drg.group.batch import NONE, Batch, Bools, Ints, Words, first_by_owner
from drg.group.rules import DIAGNOSIS_FIELDS

Static = tuple[bool, bool] | None
Places = tuple[Ints, Ints]
COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}


class Condition(Protocol):
    """A compiled rule or part of one."""

    @property
    def static(self) -> Static: ...  # noqa: D102

    def holds(self, batch: Batch, rows: Ints) -> Bools: ...  # noqa: D102

    def witness(self, batch: Batch, rows: Ints) -> Places: ...  # noqa: D102


def no_places(size: int) -> Places:
    """The witness of nothing."""
    return np.full(size, NONE), np.full(size, NONE)


@dataclass(frozen=True)
class Constant:
    """Always true or always false."""

    value: bool
    static: Static = (False, False)

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: ARG002, D102
        return np.full(len(rows), self.value)

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: ARG002, D102
        return no_places(len(rows))


@dataclass(frozen=True)
class Compared:
    """A scalar against a number; NaN (absent) is false."""

    scalar: str
    comparator: str
    number: float
    static: Static = (False, False)

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        if self.scalar in batch.relaxed:
            return np.ones(len(rows), np.bool_)
        result: Bools = COMPARE[self.comparator](batch.scalars[self.scalar][rows], self.number)
        return result

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: ARG002, D102
        return no_places(len(rows))


@dataclass(frozen=True)
class PrincipalIn:
    """The principal diagnosis (ZYZD) or procedure (ZYSS) stands in a set; `table` is true for its code numbers."""

    field: str
    table: Bools

    @property
    def static(self) -> Static:  # noqa: D102
        return (True, False) if self.field in DIAGNOSIS_FIELDS else (False, True)

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        return self.table[batch.principal[self.field][rows]]

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: ARG002, D102
        none = np.full(len(rows), NONE)
        return (rows, none) if self.field in DIAGNOSIS_FIELDS else (none, rows)


@dataclass(frozen=True)
class OthersIn:
    """An other diagnosis (QTZD) or procedure (QTSS) stands in a set: bit `mask` of word `word` of its code."""

    field: str
    word: int
    mask: np.uint64
    static: Static = None

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        return (batch.words(self.field, self.word)[rows] & self.mask) != 0

    def hits(self, batch: Batch, rows: Ints) -> tuple[Ints, Ints]:
        """Positions of the elements in the set, and which of `rows` each belongs to."""
        table: Words = batch.word_tables[self.field][self.word]
        elements, owner = batch.others[self.field].of(rows)
        hit = (table[batch.others[self.field].ids[elements]] & self.mask) != 0
        return elements[hit], owner[hit]

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: D102
        elements, owner = self.hits(batch, rows)
        first = first_by_owner(elements + batch.size, owner, len(rows))
        none = np.full(len(rows), NONE)
        return (first, none) if self.field in DIAGNOSIS_FIELDS else (none, first)


@dataclass(frozen=True)
class OthersHaveLevel:
    """An other diagnosis counts as one of the levels (1 CC, 2 MCC; `mask` is their sum): the virtual sets MCC and CC."""

    mask: int
    field: str = "QTZD"
    static: Static = None

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        return (batch.cc.key[rows] & np.uint8(self.mask)) != 0

    def hits(self, batch: Batch, rows: Ints) -> tuple[Ints, Ints]:
        """Positions of the elements that count, and which of `rows` each belongs to."""
        elements, owner = batch.others[self.field].of(rows)
        # a level is 1 or 2, which are also the bits of the mask
        hit = (batch.cc.active[elements] & np.uint8(self.mask)) != 0
        return elements[hit], owner[hit]

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: D102
        elements, owner = self.hits(batch, rows)
        return first_by_owner(elements + batch.size, owner, len(rows)), np.full(len(rows), NONE)


@dataclass(frozen=True)
class CountOf:
    """The number of distinct codes that satisfy any of the parts, against a number."""

    parts: tuple[PrincipalIn | OthersIn | OthersHaveLevel, ...]
    comparator: str
    number: float
    static: Static = None

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        codes, owners = [], []
        for part in self.parts:
            if isinstance(part, PrincipalIn):
                owner = np.flatnonzero(part.holds(batch, rows))
                code = batch.principal[part.field][rows[owner]]
            else:
                elements, owner = part.hits(batch, rows)
                code = batch.others[part.field].ids[elements]
            codes.append(code)
            owners.append(owner)
        pairs = np.unique(np.stack([np.concatenate(owners), np.concatenate(codes).astype(np.int64)]), axis=1)
        count = np.bincount(pairs[0], minlength=len(rows))
        result: Bools = COMPARE[self.comparator](count, self.number)
        return result

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: D102
        diagnosis, procedure = no_places(len(rows))
        for part in self.parts:
            held = np.flatnonzero(part.holds(batch, rows))
            found = part.witness(batch, rows[held])
            diagnosis[held] = np.minimum(diagnosis[held], found[0])
            procedure[held] = np.minimum(procedure[held], found[1])
        return diagnosis, procedure


@dataclass(frozen=True)
class Negated:
    """True where the child is false."""

    child: Condition
    static: Static = (False, False)

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        return ~self.child.holds(batch, rows)

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: ARG002, D102
        return no_places(len(rows))


@dataclass(frozen=True)
class AllOf:
    """True where all children are; a child is asked only about the rows that are left."""

    children: tuple[Condition, ...]

    @property
    def static(self) -> Static:  # noqa: D102
        parts = [child.static for child in self.children]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return any(part[0] for part in known), any(part[1] for part in known)

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        left = np.flatnonzero(self.children[0].holds(batch, rows))
        for child in self.children[1:]:
            if len(left) == 0:
                break
            left = left[child.holds(batch, rows[left])]
        result = np.zeros(len(rows), np.bool_)
        result[left] = True
        return result

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: D102
        diagnosis, procedure = no_places(len(rows))
        for child in self.children:
            found = child.witness(batch, rows)
            diagnosis, procedure = np.minimum(diagnosis, found[0]), np.minimum(procedure, found[1])
        return diagnosis, procedure


@dataclass(frozen=True)
class AnyOf:
    """True where a child is; a child is asked only about the rows where none before it holds."""

    children: tuple[Condition, ...]
    static: Static = None

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        result = np.zeros(len(rows), np.bool_)
        for child in self.children:
            left = np.flatnonzero(~result)
            if len(left) == 0:
                break
            result[left] = child.holds(batch, rows[left])
        return result

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: D102
        diagnosis, procedure = no_places(len(rows))
        left = np.arange(len(rows))
        for child in self.children:
            held = child.holds(batch, rows[left])
            taken = left[held]
            found = child.witness(batch, rows[taken])
            diagnosis[taken], procedure[taken] = found
            left = left[~held]
        return diagnosis, procedure
