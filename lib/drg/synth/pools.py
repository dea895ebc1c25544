"""Pools of codes to draw from, with a long tail, and the alternatives of each group over these pools.

A pool is a slice of one long array, in an order drawn from the seed and the pool's content alone, so that a popular
code of a pool is the same in every region and month.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from drg.group.icd import IcdLists
from drg.group.pack import Group, RulePack
from drg.synth import sexes
from drg.synth.assumptions import ACTS, PARTICULAR, IntArray
from drg.synth.recipes import Alternative, Sets, alternatives, codes, together

# Frequent comorbidities come first in their pool, as in any ward: hypertension, diabetes, coronary disease, anaemia …
FREQUENT = (
    "I10.x00x002", "E11.900", "I25.103", "E78.500", "K29.500", "D64.900", "E87.600", "J18.900", "K76.000", "I50.900",
    "J44.100", "E11.200", "I48.x00", "N18.900", "E77.801", "J96.900", "N39.000", "M81.900", "I70.203", "K74.100",
)  # fmt: skip
# Chapters whose diagnoses may accompany any case.
COMORBID_CHAPTERS = "ABDEFGHIJKLMN"
# Categories whose diagnoses stand in for a pre-grouped case (先期分组), which has no diagnosis condition of its own.
DONORS = ("MDCE", "MDCF", "MDCH", "MDCL", "MDCQ", "MDCR")
NO_POOL = -1
COLUMNS = ("principal", "other", "procedure", "second", "third", "weight_from", "weight_below", "newborn", "infant")


@dataclass
class Pools:
    """Pools of code numbers laid end to end; equal pools are kept once."""

    seed: int
    flat: list[npt.NDArray[np.int32]] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    known: dict[frozenset[int], int] = field(default_factory=dict)

    def add(self, numbers: Iterable[int], first: Iterable[int] = ()) -> int:
        """The number of the pool of these codes, NO_POOL when there are none."""
        wanted = frozenset(numbers)
        if wanted and wanted not in self.known:
            ordered = np.array(sorted(wanted), dtype=np.int32)
            key = np.random.SeedSequence([self.seed, 11, zlib.crc32(ordered.tobytes())])
            ahead = np.array([code for code in first if code in wanted], dtype=np.int32)
            rest = np.random.default_rng(key).permutation(ordered[~np.isin(ordered, ahead)])
            self.known[wanted] = len(self.flat)
            self.start.append(self.start[-1] + len(self.flat[-1]) if self.flat else 0)
            self.flat.append(np.concatenate([ahead, rest]))
        return self.known[wanted] if wanted else NO_POOL


@dataclass(frozen=True)
class Draws:
    """Pools and, for each ADRG, where its alternatives stand in `alternative` (one column for each of COLUMNS)."""

    pool_codes: npt.NDArray[np.int32]
    pool_start: IntArray
    pool_size: IntArray
    first: IntArray
    count: IntArray
    alternative: dict[str, IntArray]
    misfit: IntArray
    ungroupable: int
    severity: IntArray
    plain: int
    minor_procedure: int
    particular: IntArray
    acts: IntArray

    def draw(self, rng: np.random.Generator, pool: IntArray) -> IntArray:
        """One code of each row's pool (the r-th about 1/r as likely as the first); -1 where there is no pool."""
        size = self.pool_size[pool]
        rank = np.minimum((size + 1.0) ** rng.random(len(pool)), size).astype(np.int64) - 1
        return np.where(pool >= 0, self.pool_codes[self.pool_start[pool] + rank], -1).astype(np.int64)


class Sources:
    """A rule pack and code lists as numbers and pools."""

    def __init__(self, pack: RulePack, icd: IcdLists, seed: int) -> None:
        self.pack = pack
        self.diagnoses, self.procedures = sorted(icd.diagnoses), sorted(icd.procedures)
        self.diagnosis_number = {code: number for number, code in enumerate(self.diagnoses)}
        self.procedure_number = {code: number for number, code in enumerate(self.procedures)}
        self.sets = {name: frozenset(members) for name, members in pack.sets.items()}
        self.pools = Pools(seed)
        self._principals: dict[tuple[tuple[Sets, ...], str], int] = {}
        self.outer = {group.code: alternatives(group.rule) for group in pack.mdcs}

    def rows(self, group: Group) -> list[list[int]]:
        """The alternatives of an ADRG as rows of COLUMNS; empty when no code of the lists can meet its rule."""
        letter = group.parent[-1]
        outer = self.outer[group.parent]
        if letter == "A":
            outer = [self.outer[mdc][0] for mdc in DONORS if mdc in self.outer] or outer
        elif letter == "P":
            outer = outer[:1]
        pairs = [together(context, own) for own in alternatives(group.rule) for context in outer]
        return [row for wanted in pairs if (row := self._row(wanted, letter))]

    def _row(self, wanted: Alternative, letter: str) -> list[int] | None:
        number = self.diagnosis_number
        diagnosis = self._principal(wanted.principal, letter)
        found = [self._procedures(union) for union in wanted.procedures[:3]]
        if diagnosis == NO_POOL or NO_POOL in found:
            return None
        other = self.pools.add(number[c] for c in codes(wanted.other, self.sets) if c in number)
        found += [NO_POOL] * (3 - len(found))
        newborn = int(letter == "P" and wanted.days_from == 0)
        return [diagnosis, other, *found, wanted.weight_from, wanted.weight_below, newborn, int(wanted.days_from > 0)]

    def _principal(self, conditions: tuple[Sets, ...], letter: str) -> int:
        """Pool of the principal diagnosis; where no code meets all conditions, of the group's own."""
        if (conditions, letter) not in self._principals:
            number, barred = self.diagnosis_number, self.pack.not_permitted_principal
            found = codes(conditions, self.sets) or codes(conditions[-1:], self.sets)
            self._principals[conditions, letter] = self.pools.add(
                number[code] for code in found if code in number and code not in barred and _suits(code, letter)
            )
        return self._principals[conditions, letter]

    def _procedures(self, union: Sets) -> int:
        return self.pools.add(self._numbers(codes((union,), self.sets)))

    def _numbers(self, procedures: Iterable[str]) -> list[int]:
        return [self.procedure_number[code] for code in procedures if code in self.procedure_number]

    def draws(self, rows: list[list[list[int]]], mdcs: list[str]) -> Draws:
        """All pools, for ADRGs with these alternatives in these MDCs."""
        number, cc = self.diagnosis_number, self.pack.cc
        hiv = self.sets.get("DI_MDCY", frozenset())
        common = [c for c in self.diagnoses if c[0] in COMORBID_CHAPTERS and not sexes.of_diagnosis(c) and c not in hiv]
        ahead = [number[code] for code in FREQUENT if code in number]
        severity = [
            self.pools.add((number[c] for c in common if c in cc and cc[c].level == level), ahead)
            for level in ("CC", "MCC")
        ]
        plain = self.pools.add((number[c] for c in common if c not in cc), ahead)
        barred = self.pack.not_permitted_principal
        ungroupable = self.pools.add(
            number[c] for c in barred if c in number and _suits(c, "") and not sexes.of_diagnosis(c)
        )
        minor = self.pools.add(self._numbers(c for c in self.pack.ignored_procedures if not sexes.of_procedure(c)))
        misfit = self._misfits()
        particular = np.array([self._beginning(self.diagnoses, kind.diagnoses) for kind in PARTICULAR], dtype=np.int64)
        acts = np.array([self._beginning(self.procedures, prefixes) for prefixes in ACTS], dtype=np.int64)
        table = np.array([row for found in rows for row in found], dtype=np.int64)
        count = np.array([len(found) for found in rows], dtype=np.int64)
        return Draws(
            pool_codes=np.concatenate(self.pools.flat),
            pool_start=np.array(self.pools.start, dtype=np.int64),
            pool_size=np.array([len(pool) for pool in self.pools.flat], dtype=np.int64),
            first=np.cumsum(count) - count,
            count=count,
            alternative={name: table[:, column] for column, name in enumerate(COLUMNS)},
            misfit=np.array([misfit.get(mdc, NO_POOL) for mdc in mdcs], dtype=np.int64),
            ungroupable=ungroupable,
            severity=np.array(severity, dtype=np.int64),
            plain=plain,
            minor_procedure=minor,
            particular=particular,
            acts=acts,
        )

    def _beginning(self, codes: list[str], prefixes: tuple[str, ...]) -> int:
        """Pool of the codes that begin with a prefix, less what no principal diagnosis may be."""
        barred = self.pack.not_permitted_principal
        return self.pools.add(n for n, code in enumerate(codes) if code.startswith(prefixes) and code not in barred)

    def _misfits(self) -> dict[str, int]:
        """For each MDC with an ambiguous group: procedures that count but fit no group of it and no pre-grouped one."""
        fitting: dict[str, set[str]] = {}
        for group in self.pack.adrgs:
            for one in alternatives(group.rule):
                unions = [union for union in one.procedures if "OP_ALL" not in union]
                fitting.setdefault(group.parent, set()).update(*(codes((union,), self.sets) for union in unions))
        counting = self.sets["OP_ALL"] - fitting.get("MDCA", set())
        ambiguous = [g.parent for g in self.pack.adrgs if g.ambiguous and g.parent[-1] not in "PYZ"]
        return {mdc: self.pools.add(self._numbers(counting - fitting[mdc])) for mdc in ambiguous}


def _suits(code: str, letter: str) -> bool:
    """Whether a principal diagnosis makes sense in a category: newborn and obstetric codes stay in theirs."""
    if code[0] in "VWXY" or (letter != "P" and (code[0] == "P" or code.startswith("Z38"))):
        return False
    sex = sexes.of_diagnosis(code)
    return not (letter != "O" and code[0] == "O") and sex != {"M": 2, "N": 1, "O": 1}.get(letter)
