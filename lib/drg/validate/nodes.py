"""Rows of a node of many lists as Arrow arrays: whose they are, their texts, and lists and flags made of them again.

Pure functions of arrays, no Spark: what takes Spark one interpreted call a row takes here one call a batch.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drg.validate.operations import MAIN

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
DAY = "datetime64[D]"
NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Rows:
    """The rows of a node, list after list.

    Attributes:
        lists: how many lists there are.
        parent: of each row the number of its list, ascending.
        flat: the rows as structs of texts.
    """

    lists: int
    parent: Whole
    flat: pa.StructArray

    @classmethod
    def of(cls, node: pa.ListArray) -> Rows:
        """The rows of these lists; no list (null) has none."""
        lengths = pc.fill_null(pc.list_value_length(node), 0).to_numpy(zero_copy_only=False)
        return cls(len(node), np.repeat(np.arange(len(node), dtype=np.int64), lengths), node.flatten())

    def text(self, name: str) -> pa.StringArray:
        """A field without blanks around it, one value a row; null stays null."""
        return pc.utf8_trim(self.field(name), " ")

    def field(self, name: str) -> pa.StringArray:
        """A field as delivered, one value a row; of a row that is null it is null."""
        return pc.struct_field(self.flat, name)

    def where(self, keep: Flags) -> Rows:
        """The rows to keep, in their order."""
        return self if keep.all() else Rows(self.lists, self.parent[keep], self.flat.filter(pa.array(keep)))

    def first_those(self, wanted: Flags) -> Rows:
        """The same rows, in each list those that are wanted first."""
        order = np.lexsort((~wanted, self.parent))
        return Rows(self.lists, self.parent[order], self.flat.take(pa.array(order)))

    def count(self, flags: Flags | None = None) -> Whole:
        """Rows a list, or flagged rows."""
        parent = self.parent if flags is None else self.parent[flags]
        return np.bincount(parent, minlength=self.lists)

    def any(self, flags: Flags) -> Flags:
        """Whether any row of a list is flagged."""
        return self.count(flags) > 0

    def total(self, values: Whole) -> Whole:
        """The values of a list added up; exact."""
        found = np.zeros(self.lists, dtype=np.int64)
        np.add.at(found, self.parent, values)
        return found

    def heads(self) -> tuple[Whole, Whole]:
        """The lists that have rows, and the place of the first row of each."""
        return np.unique(self.parent, return_index=True)

    def extreme(self, values: npt.NDArray[Any], which: np.ufunc, none: Any) -> npt.NDArray[Any]:
        """The smallest (np.minimum) or largest value of each list, `none` without rows."""
        found = np.full(self.lists, none, dtype=values.dtype)
        lists, at = self.heads()
        if len(lists):
            found[lists] = which.reduceat(values, at)
        return found

    def listed(self, values: pa.Array) -> pa.ListArray:
        """One value a row as one array a list."""
        offsets = np.concatenate([[0], np.cumsum(self.count())]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), values)

    def repeated(self, values: pa.Array) -> Flags:
        """Whether a value stands twice in a list; nulls are alike."""
        code = values.dictionary_encode(null_encoding="encode").indices.to_numpy(zero_copy_only=False)
        order = np.lexsort((code, self.parent))
        parent, code = self.parent[order], code[order]
        twice = (np.diff(parent) == 0) & (np.diff(code) == 0)
        return np.bincount(parent[1:][twice], minlength=self.lists) > 0


def is_main(flag: pa.StringArray) -> Flags:
    """Whether a flag of a row says that it is the principal one; nothing says no."""
    return yes(pc.is_in(pc.utf8_upper(flag), pa.array(MAIN)))


def is_blank(text: pa.StringArray) -> Flags:
    """Whether there is no text."""
    return yes(pc.equal(pc.fill_null(text, ""), ""))


def is_among(text: pa.StringArray, values: Collection[str]) -> Flags:
    """Whether a text is one of these; null is none."""
    return yes(pc.is_in(text, pa.array(list(values), pa.string())))


def digits(text: pa.StringArray) -> Whole:
    """Whole numbers of texts of ASCII digits; nothing is 0."""
    given = pc.fill_null(text, "")
    return np.array(pc.if_else(pc.equal(given, ""), "0", given).cast(pa.int64()).to_numpy(), dtype=np.int64)


def yes(flags: pa.BooleanArray) -> Flags:
    """Null as no."""
    return np.array(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), dtype=bool)
