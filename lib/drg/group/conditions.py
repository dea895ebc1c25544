"""Compiled conditions: a rule as whole-array operations over a batch of cases."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drg.group.batch import NONE, Batch, Bools, Ints, first_by_owner
from drg.group.rules import DIAGNOSIS_FIELDS

Places = tuple[Ints, Ints]
COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}


def no_places(size: int) -> Places:
    """The witness of nothing."""
    return np.full(size, NONE), np.full(size, NONE)


class Condition(ABC):
    """A compiled rule or part of one. `rows` are row numbers of the batch, ascending or not."""

    @abstractmethod
    def holds(self, batch: Batch, rows: Ints) -> Bools:
        """Whether it holds, per row."""

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: ARG002
        """The codes that made it hold, for rows where it does: the smallest place (see `Batch`) of a diagnosis and of
        a procedure, NONE without one. All parts of an "and", the first part that holds of an "or", nothing of a "not".
        """
        return no_places(len(rows))

    def static(self) -> tuple[bool, bool] | None:
        """The witness where it is the same for every case (principal diagnosis, principal procedure), else None."""
        return False, False


@dataclass(frozen=True)
class Constant(Condition):
    """Always true or always false."""

    value: bool

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: ARG002, D102
        return np.full(len(rows), self.value)


@dataclass(frozen=True)
class Compared(Condition):
    """A scalar against a number; NaN (absent) is false."""

    scalar: str
    comparator: str
    number: float

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        if self.scalar in batch.relaxed:
            return np.ones(len(rows), np.bool_)
        result: Bools = COMPARE[self.comparator](batch.scalars[self.scalar][rows], self.number)
        return result


@dataclass(frozen=True)
class PrincipalIn(Condition):
    """The principal diagnosis (ZYZD) or procedure (ZYSS) stands in a set; `table` is true for its code numbers."""

    field: str
    table: Bools

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        result: Bools = self.table[batch.principal[self.field][rows]]
        return result

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: ARG002, D102
        none = np.full(len(rows), NONE)
        return (rows, none) if self.field in DIAGNOSIS_FIELDS else (none, rows)

    def static(self) -> tuple[bool, bool]:  # noqa: D102
        return (True, False) if self.field in DIAGNOSIS_FIELDS else (False, True)


class Elements(Condition):
    """A condition on the elements of a multi-valued field."""

    field: str

    @abstractmethod
    def hit(self, batch: Batch, elements: Ints) -> Bools:
        """Whether it holds, per element (positions in the flat field)."""

    def hits(self, batch: Batch, rows: Ints) -> tuple[Ints, Ints]:
        """The elements that satisfy it, and which of `rows` each belongs to."""
        elements, owner = batch.others[self.field].of(rows)
        hit = self.hit(batch, elements)
        return elements[hit], owner[hit]

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: D102
        elements, owner = self.hits(batch, rows)
        first = first_by_owner(elements + batch.size, owner, len(rows))
        none = np.full(len(rows), NONE)
        return (first, none) if self.field in DIAGNOSIS_FIELDS else (none, first)

    def static(self) -> None:  # noqa: D102
        return None


@dataclass(frozen=True)
class OthersIn(Elements):
    """An other diagnosis (QTZD) or procedure (QTSS) stands in a set: bit `mask` of word `word` of its code."""

    field: str
    word: int
    mask: np.uint64

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        result: Bools = (batch.words(self.field, self.word)[rows] & self.mask) != 0
        return result

    def hit(self, batch: Batch, elements: Ints) -> Bools:  # noqa: D102
        codes = batch.others[self.field].ids[elements]
        result: Bools = (batch.word_tables[self.field][self.word][codes] & self.mask) != 0
        return result


@dataclass(frozen=True)
class OthersHaveLevel(Elements):
    """An other diagnosis counts as one of the levels (mask: 1 CC plus 2 MCC): the virtual sets MCC and CC."""

    mask: int
    field: str = "QTZD"

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        result: Bools = (batch.cc.key[rows] & np.uint8(self.mask)) != 0
        return result

    def hit(self, batch: Batch, elements: Ints) -> Bools:  # noqa: D102
        # a level is 1 or 2, which are also the bits of the mask
        result: Bools = (batch.cc.active[elements] & np.uint8(self.mask)) != 0
        return result


class Parts(Condition):
    """A condition on the codes of several fields; its witness is the first code, principal first, of any of them."""

    parts: tuple[PrincipalIn | Elements, ...]

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: D102
        diagnosis, procedure = no_places(len(rows))
        for part in self.parts:
            held = np.flatnonzero(part.holds(batch, rows))
            found = part.witness(batch, rows[held])
            diagnosis[held] = np.minimum(diagnosis[held], found[0])
            procedure[held] = np.minimum(procedure[held], found[1])
        return diagnosis, procedure

    def static(self) -> None:  # noqa: D102
        return None


@dataclass(frozen=True)
class AnyPart(Parts):
    """A code of any of the parts is there: a membership of several fields."""

    parts: tuple[PrincipalIn | Elements, ...]

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        return _any_holds(self.parts, batch, rows)


@dataclass(frozen=True)
class CountOf(Parts):
    """The number of distinct codes that satisfy any of the parts, against a number."""

    parts: tuple[PrincipalIn | Elements, ...]
    comparator: str
    number: float

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


@dataclass(frozen=True)
class Negated(Condition):
    """True where the child is false."""

    child: Condition

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        return ~self.child.holds(batch, rows)


@dataclass(frozen=True)
class AllOf(Condition):
    """True where all children are; a child is asked only about the rows that are left."""

    children: tuple[Condition, ...]

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

    def static(self) -> tuple[bool, bool] | None:  # noqa: D102
        known = [part for child in self.children if (part := child.static()) is not None]
        if len(known) < len(self.children):
            return None
        return any(part[0] for part in known), any(part[1] for part in known)


@dataclass(frozen=True)
class AnyOf(Condition):
    """True where a child is; a child is asked only about the rows where none before it holds."""

    children: tuple[Condition, ...]

    def holds(self, batch: Batch, rows: Ints) -> Bools:  # noqa: D102
        return _any_holds(self.children, batch, rows)

    def witness(self, batch: Batch, rows: Ints) -> Places:  # noqa: D102
        diagnosis, procedure = no_places(len(rows))
        left = np.arange(len(rows))
        for child in self.children:
            held = child.holds(batch, rows[left])
            taken = left[held]
            diagnosis[taken], procedure[taken] = child.witness(batch, rows[taken])
            left = left[~held]
        return diagnosis, procedure

    def static(self) -> None:  # noqa: D102
        return None


def _any_holds(conditions: Sequence[Condition], batch: Batch, rows: Ints) -> Bools:
    result = np.zeros(len(rows), np.bool_)
    for condition in conditions:
        left = np.flatnonzero(~result)
        if len(left) == 0:
            break
        result[left] = condition.holds(batch, rows[left])
    return result
