"""Clinical content of drawn cases: diagnoses, procedures, sex, age band, newborn weight.

A case is drawn from the alternatives of its intended group; what group it really has, the kernel says afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drg.synth import assumptions as assumed
from drg.synth.assumptions import FloatArray, IntArray, Rates
from drg.synth.catalogue import Catalogue
from drg.synth.truth import Truth

MAX_OTHERS = 8
MEAN_OTHERS = 3.0
NORMAL, AMBIGUOUS, UNGROUPED = 0, 1, 2
# Chance of the bands 1-17, 18-29, 30-44, 45-54, 55-64, 65-74, 75-89 by category; the rest as DEFAULT_AGES.
DEFAULT_AGES = (0.05, 0.06, 0.12, 0.15, 0.21, 0.24, 0.17)
AGES = {
    "E": (0.28, 0.05, 0.08, 0.09, 0.15, 0.19, 0.16), "S": (0.30, 0.10, 0.13, 0.12, 0.13, 0.12, 0.10),
    "D": (0.14, 0.14, 0.18, 0.17, 0.16, 0.13, 0.08), "O": (0.0, 0.48, 0.52, 0.0, 0.0, 0.0, 0.0),
    "N": (0.01, 0.14, 0.34, 0.30, 0.13, 0.06, 0.02), "C": (0.03, 0.04, 0.07, 0.12, 0.22, 0.30, 0.22),
}  # fmt: skip
INFANT_SHARE = {"E": 0.05, "G": 0.02, "S": 0.04}


@dataclass(frozen=True)
class Cases:
    """Drawn cases; codes are positions in the catalogue, -1 for none; weight 0 and age in days -1 where not drawn.

    `kind` is the place of a particular stay in `assumptions.PARTICULAR`, -1 for a usual one; `days` is 0 where the
    length of stay follows from the group.
    """

    adrg: IntArray
    severity: IntArray
    manner: IntArray
    diagnoses: IntArray
    procedures: IntArray
    sex: IntArray
    band: IntArray
    age_days: IntArray
    weight_g: IntArray
    kind: IntArray
    days: IntArray
    day_surgery: npt.NDArray[np.bool_]

    def intended(self, source: Catalogue) -> list[str]:
        """The DRG each case was drawn for, its MDC's QY group, or 0000."""
        codes = np.array(source.drgs, dtype=object)[source.drg_of[self.adrg, self.severity]]
        ambiguous = np.array([f"{mdc[-1]}QY" for mdc in source.adrg_mdc], dtype=object)[self.adrg]
        chosen = np.where(self.manner == AMBIGUOUS, ambiguous, np.where(self.manner == UNGROUPED, "0000", codes))
        return [str(code) for code in chosen]


def draw_cases(rng: np.random.Generator, truth: Truth, rates: Rates, level: IntArray) -> Cases:
    """One case for each entry of `level` (level of its hospital)."""
    source, count = truth.catalogue(), len(level)
    draws = source.draws
    adrg = _pick_adrg(rng, truth.popularity, level)
    chance = rng.random(count)
    severity = np.where(chance < assumed.MCC_SHARE, 2, np.where(chance < assumed.MCC_SHARE + assumed.CC_SHARE, 1, 0))
    chance = rng.random(count)
    manner = np.where(chance < rates.ungrouped, UNGROUPED, NORMAL)
    misfit = (chance >= rates.ungrouped) & (chance < rates.ungrouped + rates.ambiguous) & (draws.misfit[adrg] >= 0)
    manner = np.where(misfit, AMBIGUOUS, manner)
    chosen = draws.first[adrg] + (rng.random(count) * draws.count[adrg]).astype(np.int64)
    place = {name: column[chosen] for name, column in draws.alternative.items()}
    normal = manner == NORMAL
    principal_pool = np.where(manner == UNGROUPED, draws.ungroupable, place["principal"])
    procedure_pool = np.where(normal, place["procedure"], np.where(misfit, draws.misfit[adrg], -1))
    letter = np.array([mdc[-1] for mdc in source.adrg_mdc])[adrg]
    principal, procedure, sex = _agree(rng, source, principal_pool, procedure_pool, letter)
    newborn = (place["newborn"] == 1) & normal
    infant = ((place["infant"] == 1) & normal) | (
        (procedure < 0) & (rng.random(count) < _by_letter(letter, INFANT_SHARE)) & normal & ~newborn
    )
    band = np.where(newborn | infant, 0, _bands(rng, letter))
    days = np.where(
        newborn, np.minimum(rng.geometric(0.25, count) - 1, 28), np.where(infant, rng.integers(29, 360, count), -1)
    )
    others = _others(rng, source, principal, np.where(normal, place["other"], -1), severity, band)
    procedures = _procedures(rng, source, procedure, place, normal)
    weight = np.where(newborn, _weights(rng, place["weight_from"], place["weight_below"]), 0)
    diagnoses = np.concatenate([principal[:, None], others], axis=1)
    usual = np.zeros(count, dtype=np.int64)
    return Cases(
        adrg, severity, manner, diagnoses, procedures, sex, band, days, weight,
        kind=usual - 1, days=usual, day_surgery=usual > 0,
    )  # fmt: skip


def _pick_adrg(rng: np.random.Generator, popularity: dict[int, FloatArray], level: IntArray) -> IntArray:
    chance = rng.random(len(level))
    found = np.zeros(len(level), dtype=np.int64)
    for one, cumulated in popularity.items():
        rows = level == one
        found[rows] = np.minimum(np.searchsorted(cumulated, chance[rows], side="right"), len(cumulated) - 1)
    return found


def _agree(
    rng: np.random.Generator, source: Catalogue, diagnosis_pool: IntArray, procedure_pool: IntArray, letter: np.ndarray
) -> tuple[IntArray, IntArray, IntArray]:
    """Principal diagnosis and procedure that are possible for one sex, and that sex."""
    principal = source.draws.draw(rng, diagnosis_pool)
    procedure = source.draws.draw(rng, procedure_pool)
    forced = np.where(letter == "M", 1, np.where((letter == "N") | (letter == "O"), 2, 0))
    for _ in range(6):
        need, other = source.diagnosis_sex[principal], source.procedure_sex[procedure]
        need = np.where(need == 0, forced, need)
        clash = np.flatnonzero((need > 0) & (other > 0) & (need != other))
        if not len(clash):
            break
        principal[clash] = source.draws.draw(rng, diagnosis_pool[clash])
        procedure[clash] = source.draws.draw(rng, procedure_pool[clash])
    need, other = source.diagnosis_sex[principal], source.procedure_sex[procedure]
    need = np.where(need == 0, forced, need)
    procedure = np.where((need > 0) & (other > 0) & (need != other), -1, procedure)
    need = np.where(need == 0, source.procedure_sex[procedure], need)
    return principal, procedure, np.where(need == 0, rng.integers(1, 3, len(need)), need)


def _bands(rng: np.random.Generator, letter: np.ndarray) -> IntArray:
    band = np.zeros(len(letter), dtype=np.int64)
    chance = rng.random(len(letter))
    for one in np.unique(letter):
        rows = letter == one
        cumulated = np.cumsum(AGES.get(str(one), DEFAULT_AGES))
        band[rows] = 1 + np.minimum(np.searchsorted(cumulated / cumulated[-1], chance[rows], side="right"), 6)
    return band


def _others(
    rng: np.random.Generator,
    source: Catalogue,
    principal: IntArray,
    required: IntArray,
    severity: IntArray,
    band: IntArray,
) -> IntArray:
    """Up to eight other diagnoses: what the group asks for, one that makes the severity, plain ones; no repeats."""
    count, draws = len(principal), source.draws
    wanted = np.minimum(rng.poisson(MEAN_OTHERS, count), MAX_OTHERS - 2)
    found = np.full((count, MAX_OTHERS), -1, dtype=np.int64)
    found[:, 0] = draws.draw(rng, required)
    pool = np.where(severity > 0, draws.severity[np.maximum(severity, 1) - 1], -1)
    heavy = draws.draw(rng, pool)
    for _ in range(3):
        again = np.flatnonzero(source.is_excluded(heavy, principal))
        heavy[again] = draws.draw(rng, pool[again])
    found[:, 1] = heavy
    for column in range(2, MAX_OTHERS):
        drawn = draws.draw(rng, np.full(count, draws.plain))
        found[:, column] = np.where(wanted > column - 2, drawn, -1)
    # Children and pregnant women have few of the usual comorbidities of the old.
    found[band <= 1, 3:] = -1
    for column in range(MAX_OTHERS):
        before = np.concatenate([principal[:, None], found[:, :column]], axis=1)
        found[(before == found[:, column : column + 1]).any(axis=1), column] = -1
    return to_the_left(found)


def _procedures(
    rng: np.random.Generator, source: Catalogue, first: IntArray, place: dict[str, IntArray], normal: np.ndarray
) -> IntArray:
    """Principal procedure, what else the group asks for, and at times a minor one that plays no part in grouping."""
    count, draws = len(first), source.draws
    keep = normal & (first >= 0)
    second = draws.draw(rng, np.where(keep, place["second"], -1))
    third = draws.draw(rng, np.where(keep, place["third"], -1))
    minor = draws.draw(rng, np.where(rng.random(count) < 0.28, draws.minor_procedure, -1))
    found = np.stack([first, second, third, minor], axis=1)
    for column in range(1, found.shape[1]):
        found[(found[:, :column] == found[:, column : column + 1]).any(axis=1), column] = -1
    return to_the_left(found)


def _weights(rng: np.random.Generator, low: IntArray, below: IntArray) -> IntArray:
    """Admission weight in grams, to 10 g, inside the bounds of the group (0: none)."""
    start = np.where(low > 0, low, np.where(below > 0, 700, 2_500))
    stop = np.where(below > 0, below, np.where(low > 0, low + 1_200, 4_100))
    return np.asarray((start + rng.random(len(low)) * (stop - start)).astype(np.int64) // 10 * 10)


def _by_letter(letter: np.ndarray, values: dict[str, float]) -> FloatArray:
    found = np.zeros(len(letter))
    for one, value in values.items():
        found[letter == one] = value
    return found


def to_the_left(codes: IntArray) -> IntArray:
    """The codes of each row without gaps, in their order."""
    order = np.argsort(codes < 0, axis=1, kind="stable")
    return np.take_along_axis(codes, order, axis=1)
