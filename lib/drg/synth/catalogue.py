"""What a case can be drawn from: groups, their alternatives, pools of codes, severities, sexes.

Built once a process from a rule pack and the code lists. Codes are numbers (positions in the sorted code lists).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from drg.errors import RulePackError
from drg.group.icd import IcdLists, load_icd
from drg.group.pack import RulePack, load_pack
from drg.group.rules import set_names
from drg.synth import sexes
from drg.synth.assumptions import BOTH_SIDES, IntArray
from drg.synth.pools import Draws, Sources

SURGICAL, PROCEDURE = "ABCDEFGHIJ", "KLMNOPQ"
UNGROUPED = "0000"
_EXCLUSION_BASE = 1 << 20


@dataclass(frozen=True)
class Catalogue:
    """Arrays of codes are positions in `diagnoses` and `procedures`; a last entry stands for no code (-1)."""

    diagnoses: pa.Array
    diagnosis_names: pa.Array
    procedures: pa.Array
    procedure_names: pa.Array
    adrgs: list[str]
    adrg_mdc: list[str]
    adrg_kind: list[str]
    draws: Draws
    diagnosis_sex: IntArray
    procedure_sex: IntArray
    ventilation: IntArray
    both_sides: npt.NDArray[np.bool_]
    exclusion_set: IntArray
    excluded: IntArray
    drgs: list[str]
    drg_kind: IntArray
    drg_of: IntArray

    def is_excluded(self, comorbidity: IntArray, principal: IntArray) -> npt.NDArray[np.bool_]:
        """Whether the principal diagnosis takes the comorbidity's level (MCC or CC) away."""
        key = self.exclusion_set[comorbidity] * _EXCLUSION_BASE + principal
        place = np.minimum(np.searchsorted(self.excluded, key), len(self.excluded) - 1)
        return np.asarray((self.excluded[place] == key) & (comorbidity >= 0))


@functools.lru_cache(maxsize=2)
def catalogue(scheme: str, seed: int) -> Catalogue:
    """The catalogue of a scheme; RulePackError when the pack leaves nothing to draw from."""
    return build(load_pack(scheme), load_icd(), seed)


def build(pack: RulePack, icd: IcdLists, seed: int) -> Catalogue:
    """Groups, pools and look-ups from a rule pack and the code lists."""
    sources = Sources(pack, icd, seed)
    adrgs = [group for group in pack.adrgs if not group.ambiguous]
    rows = [sources.rows(group) for group in adrgs]
    drawable = [(group, found) for group, found in zip(adrgs, rows, strict=True) if found]
    if not drawable:
        raise RulePackError(f"no group of {pack.scheme} can be drawn; check its sets against the code lists")
    diagnoses, procedures = sources.diagnoses, sources.procedures
    mdcs = [group.parent for group, _ in drawable]
    codes = [group.code for group, _ in drawable]
    drgs = sorted({*(group.code for group in pack.drgs), UNGROUPED})
    exclusion_set, excluded = _exclusions(pack, sources.diagnosis_number)
    return Catalogue(
        diagnoses=pa.array(diagnoses),
        diagnosis_names=pa.array([icd.diagnoses[code] for code in diagnoses]),
        procedures=pa.array(procedures),
        procedure_names=pa.array([icd.procedures[code] for code in procedures]),
        adrgs=codes,
        adrg_mdc=mdcs,
        adrg_kind=[kind_of(code) for code in codes],
        draws=sources.draws([found for _, found in drawable], mdcs),
        diagnosis_sex=np.array([*map(sexes.of_diagnosis, diagnoses), 0], dtype=np.int64),
        procedure_sex=np.array([*map(sexes.of_procedure, procedures), 0], dtype=np.int64),
        ventilation=np.array([*map(_ventilation, procedures), 0], dtype=np.int64),
        both_sides=np.array([*(code.startswith(BOTH_SIDES) for code in procedures), False]),
        exclusion_set=exclusion_set,
        excluded=excluded,
        drgs=drgs,
        drg_kind=np.array([KINDS.index(kind_of(code)) for code in drgs], dtype=np.int64),
        drg_of=_drg_of(pack, codes, drgs),
    )


KINDS = ("surgical", "procedure", "medical")


def kind_of(code: str) -> str:
    """Surgical, procedure or medical by the second letter of an ADRG or DRG; the ungrouped count as medical."""
    letter = code[1:2]
    return "surgical" if letter in SURGICAL else "procedure" if letter in PROCEDURE else "medical"


def _ventilation(code: str) -> int:
    """1 for invasive ventilation under 96 hours, 2 for 96 hours and more, else 0."""
    return 2 if code.startswith("96.72") else int(code.startswith("96.71"))


def _exclusions(pack: RulePack, number: dict[str, int]) -> tuple[IntArray, IntArray]:
    """The exclusion set of each diagnosis (-1: none), and set x principal diagnosis as sorted keys."""
    names = {name: place for place, name in enumerate(sorted(pack.exclusions))}
    of_code = np.full(len(number) + 1, -1, dtype=np.int64)
    for code, entry in pack.cc.items():
        if code in number:
            of_code[number[code]] = names[entry.exclusion_set]
    pairs = [
        names[n] * _EXCLUSION_BASE + number[c] for n, codes in pack.exclusions.items() for c in codes if c in number
    ]
    return of_code, np.array(sorted(pairs) or [-1], dtype=np.int64)


def _drg_of(pack: RulePack, adrgs: list[str], drgs: list[str]) -> IntArray:
    """The DRG of each ADRG without, with CC and with MCC, by the words of the DRG rules."""
    place = {code: number for number, code in enumerate(drgs)}
    table = np.full((len(adrgs), 3), place[UNGROUPED], dtype=np.int64)
    for row, adrg in enumerate(adrgs):
        children = [group for group in pack.drgs if group.parent == adrg]
        for severity, met in enumerate(({""}, {"", "CC"}, {"", "CC", "MCC"})):
            for group in children:
                asked = {name.name for name in set_names(group.rule)} or {""}
                if asked & met:
                    table[row, severity] = place[group.code]
                    break
    return table
