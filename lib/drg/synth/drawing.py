"""One chunk of lists of a region and month, drawn from the truth: cases, stays, persons, group, cost, payments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from drg.synth import assumptions as assumed
from drg.synth import persons
from drg.synth.assumptions import FloatArray, IntArray, Rates
from drg.synth.cases import draw_cases
from drg.synth.charges import charge
from drg.synth.grouping import group
from drg.synth.message import Drawn, age_years, assemble
from drg.synth.particular import expected_cost, fee_kind, is_particular, particular
from drg.synth.stays import draw_stays, month_days
from drg.synth.truth import Truth

KEY_UNIT = 31


@dataclass(frozen=True)
class Chunk:
    """Drawn lists, their group by the kernel, expected cost in fen, and their messages in the same order."""

    drawn: Drawn
    drg: IntArray
    intended: list[str]
    expected: IntArray
    messages: pa.Table


def streams(
    truth: Truth, region: str, month: str, chunk: int, names: tuple[str, ...]
) -> dict[str, np.random.Generator]:
    """Independent generators of one chunk by purpose; they depend on seed, region, month and chunk alone."""
    key = np.random.SeedSequence([truth.seed, KEY_UNIT, int(region), int(month.replace("-", "")), chunk])
    return {name: np.random.default_rng(child) for name, child in zip(names, key.spawn(len(names)), strict=True)}


PURPOSES = (
    "hospital", "case", "stay", "person", "cost", "charge", "message", "event", "defect", "particular", "application",
)  # fmt: skip


def draw_chunk(
    truth: Truth, rates: Rates, unit: persons.Unit, month: str, first_day: np.datetime64, count: int,
    rng: dict[str, np.random.Generator],
) -> Chunk:  # fmt: skip
    """`count` lists settled in `month`; `first_day` is the first day of the whole draw (ages refer to it)."""
    source, hospitals = truth.catalogue(), truth.hospitals[unit.region]
    day, _ = month_days(month)
    cumulated = np.cumsum(hospitals.share)
    hospital = np.minimum(np.searchsorted(cumulated, rng["hospital"].random(count), side="right"), len(cumulated) - 1)
    cases = draw_cases(rng["case"], truth, rates, hospitals.level_on(hospital, np.full(count, day)))
    cases = particular(rng["particular"], source, rates, cases)
    likely = truth.weight[source.drg_of[cases.adrg, cases.severity]]
    stays = draw_stays(rng["stay"], source, month, cases, likely)
    person = persons.choose(rng["person"], truth, unit, cases.sex, cases.band, stays.half)
    born = persons.birth(truth, person, cases.band, first_day)
    born = np.where(cases.age_days >= 0, stays.admission_date() - cases.age_days.astype("timedelta64[D]"), born)
    level = hospitals.level_on(hospital, stays.discharged.astype("datetime64[D]"))
    employee = persons.employee(truth, person, cases.band)
    insured = persons.insured_region(truth, unit, person)
    number = unit.chunk * assumed.CHUNK + np.arange(count)
    stem = f"{unit.region}{month[2:4]}{month[5:]}"
    drg = group(truth.scheme, source, cases, age_years(born, stays.admission_date()))
    base = assumed.BASE_COST_YUAN * 100 * truth.price[unit.region]
    expected = np.rint(base * truth.weight[drg] * hospitals.effect[hospital]).astype(np.int64)
    expected = expected_cost(expected, cases, truth.price[unit.region])
    total = np.maximum(np.rint(expected * noise(rng["cost"], count)).astype(np.int64), assumed.MIN_COST_FEN)
    operated = cases.procedures[:, 0] >= 0
    charges = charge(rng["charge"], total, fee_kind(source, drg, cases), operated, employee, level)
    drawn = Drawn(stem, number, number, hospital, level, person, insured, born, employee, cases, stays, charges)
    messages = assemble(rng["message"], truth, hospitals, drawn)
    # A particular stay was drawn for the group it has; the others may have missed theirs.
    intended = np.where(is_particular(cases), np.array(source.drgs, dtype=object)[drg], cases.intended(source))
    return Chunk(drawn, drg, [str(code) for code in intended], expected, messages)


def noise(rng: np.random.Generator, count: int) -> FloatArray:
    """Lognormal with mean 1 and the same spread for every group; a few cases far below or above (real outliers)."""
    factor = rng.lognormal(-(assumed.NOISE_SIGMA**2) / 2, assumed.NOISE_SIGMA, count)
    chance = rng.random(count)
    low = rng.uniform(*assumed.LOW_OUTLIER_FACTOR, count)
    high = rng.uniform(*assumed.HIGH_OUTLIER_FACTOR, count)
    factor = np.where(chance < assumed.LOW_OUTLIER_SHARE, low, factor)
    return np.where(chance > 1 - assumed.HIGH_OUTLIER_SHARE, high, factor)
