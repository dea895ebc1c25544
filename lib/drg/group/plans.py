"""What a compiled pack is made of: how the ADRG of an MDC and the DRG of an ADRG are found, and which codes decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drg.group.batch import Batch, Bools, Ints
from drg.group.conditions import Condition, Places, no_places

Ranks = npt.NDArray[np.int16]
Levels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class MdcPlan:
    """An MDC: its rule and how its ADRGs are found. `first` is the number of its first ADRG, `size` how many.

    `by_diagnosis` and `by_procedure` give the first ADRG (0..size-1, size: none) of a principal code; `default` the
    first ADRG with an empty rule; `rest` the places and conditions of the other ADRGs.
    """

    rule: Condition
    asks_diagnosis: bool
    first: int
    size: int
    by_diagnosis: Ranks | None
    by_procedure: Ranks | None
    default: int
    rest: tuple[tuple[int, Condition], ...]

    def ranks(self, batch: Batch, rows: Ints) -> Ranks:
        """The place of the ADRG that takes each row, `size` for none."""
        rank = np.full(len(rows), self.default, np.int16)
        if self.by_diagnosis is not None:
            np.minimum(rank, self.by_diagnosis[batch.principal["ZYZD"][rows]], out=rank)
        if self.by_procedure is not None:
            np.minimum(rank, self.by_procedure[batch.principal["ZYSS"][rows]], out=rank)
        for place, rule in self.rest:
            later = np.flatnonzero(rank > place)
            if len(later):
                rank[later[rule.holds(batch, rows[later])]] = place
        return rank


@dataclass(frozen=True)
class DrgRule:
    """A DRG that is found by its rule: number, condition and the levels it asks for (1 CC plus 2 MCC)."""

    drg: int
    rule: Condition
    asked: int


@dataclass(frozen=True)
class DrgPlan:
    """How DRGs are found: by ADRG and by what the case has (0 nothing, 1 CC, 2 MCC, 3 both), else by rules in order.

    `drg` and `level` have a row for each ADRG; -1 is no DRG. `rules` holds the ADRGs whose DRGs ask for more.
    """

    drg: Ints
    level: Levels
    rules: tuple[tuple[int, tuple[DrgRule, ...]], ...]

    def find(self, batch: Batch, adrg: Ints) -> tuple[Ints, Levels]:
        """The number of the DRG of each case (-1 for none) and the level that decided it (0, 1 CC, 2 MCC)."""
        key = batch.cc.key
        drg = np.where(adrg >= 0, self.drg[adrg, key], -1)
        level: Levels = np.where(adrg >= 0, self.level[adrg, key], np.uint8(0))
        for number, rules in self.rules:
            left = np.flatnonzero(adrg == number)
            for candidate in rules:
                held = candidate.rule.holds(batch, left)
                rows = left[held]
                drg[rows] = candidate.drg
                level[rows] = deciding_level(key[rows] & np.uint8(candidate.asked))
                left = left[~held]
        return drg, level


def deciding_level(levels: Levels) -> Levels:
    """The highest of the levels (1 CC plus 2 MCC) that a rule asked for and the case has."""
    result: Levels = np.where(levels & 2, 2, levels & 1).astype(np.uint8)
    return result


@dataclass(frozen=True)
class Witnesses:
    """Which codes make the rules of some groups hold: flags where that is the same for every case, else the rule.

    `principal` has a row (principal diagnosis, principal procedure) for each group and one more for no group.
    """

    principal: Bools
    rules: dict[int, Condition]

    @staticmethod
    def of(rules: Sequence[Condition]) -> Witnesses:
        """The witnesses of the rules of groups 0, 1, ..."""
        static = [rule.static() for rule in rules]
        flags = np.array([flag or (False, False) for flag in [*static, None]], np.bool_)
        return Witnesses(flags, {n: rule for n, (rule, s) in enumerate(zip(rules, static, strict=True)) if s is None})

    def places(self, batch: Batch, group: Ints) -> Places:
        """The places (see `Batch`) of the first diagnosis and procedure that decided, for the group of each case."""
        diagnosis, procedure = no_places(batch.size)
        for places, flag in ((diagnosis, self.principal[:, 0]), (procedure, self.principal[:, 1])):
            rows = np.flatnonzero(flag[group])
            places[rows] = rows
        dynamic = np.zeros(len(self.principal), np.bool_)
        dynamic[list(self.rules)] = True
        rows = np.flatnonzero(dynamic[group])
        rows = rows[np.argsort(group[rows], kind="stable")]
        numbers, first = np.unique(group[rows], return_index=True)
        for number, part in zip(numbers, np.split(rows, first[1:]), strict=False):
            diagnosis[part], procedure[part] = self.rules[int(number)].witness(batch, part)
        return diagnosis, procedure
