"""Stays that are often paid otherwise than by their group: long ones by the day, TCM, day surgery, both sides at once.

They come from a stream of their own and take the place of usual stays already drawn, so that the clinical content of
all others stays as it is. Whether a region pays them otherwise is its policy's affair; they are drawn everywhere alike.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from drg.synth import assumptions as assumed
from drg.synth.assumptions import PARTICULAR, IntArray, Rates
from drg.synth.cases import NORMAL, Cases, to_the_left
from drg.synth.catalogue import KINDS, Catalogue
from drg.synth.charges import KINDS as FEE_KINDS


def particular(rng: np.random.Generator, source: Catalogue, rates: Rates, cases: Cases) -> Cases:
    """The cases with some made particular: `rates.particular` of the adults' stays without procedure, day surgery and
    second sides by the chances above.
    """
    letter = np.array([mdc[-1] for mdc in source.adrg_mdc])[cases.adrg]
    count, adult = len(cases.adrg), (cases.manner == NORMAL) & (cases.band >= 2)
    general = adult & np.isin(letter, sorted(assumed.GENERAL))
    bare = cases.procedures[:, 0] < 0
    limits = np.cumsum([kind.share for kind in PARTICULAR]) * rates.particular
    place = np.searchsorted(limits, rng.random(count), side="right")
    kind = np.where(general & bare & (place < len(PARTICULAR)), place, -1)
    principal = source.draws.draw(rng, np.where(kind >= 0, source.draws.particular[kind], -1))
    kind = np.where(principal >= 0, kind, -1)
    bounds = np.array([one.days for one in PARTICULAR])[kind]
    days = bounds[:, 0] + (rng.random(count) * (bounds[:, 1] - bounds[:, 0] + 1)).astype(np.int64)
    ventilated = source.ventilation[cases.procedures].max(axis=1) > 0
    brief = general & ~bare & ~ventilated & (rng.random(count) < assumed.DAY_SURGERY_CHANCE * (rates.particular > 0))
    return replace(
        cases,
        kind=kind,
        days=np.where(kind >= 0, days, np.where(brief, 1, 0)),
        day_surgery=brief,
        diagnoses=_with_principal(cases.diagnoses, principal),
        procedures=_procedures(rng, source, rates, cases.procedures, kind),
    )


def _with_principal(diagnoses: IntArray, principal: IntArray) -> IntArray:
    """The diagnoses with another principal one where there is one; it is not listed among the others again."""
    found = diagnoses.copy()
    rows = principal >= 0
    found[rows, 1:] = np.where(found[rows, 1:] == principal[rows, None], -1, found[rows, 1:])
    found[:, 0] = np.where(rows, principal, found[:, 0])
    return to_the_left(found)


def _procedures(
    rng: np.random.Generator, source: Catalogue, rates: Rates, procedures: IntArray, kind: IntArray
) -> IntArray:
    found = procedures.copy()
    treated = np.array([one.acts for one in PARTICULAR])[kind] & (kind >= 0)
    for column, pool in enumerate(source.draws.acts):
        act = source.draws.draw(rng, np.where(treated & (rng.random(len(kind)) < assumed.ACT_CHANCE), pool, -1))
        found[:, column] = np.where(treated, act, found[:, column])
    found = to_the_left(found)
    again = source.both_sides[found[:, 0]] & (found[:, -1] < 0) & (rng.random(len(kind)) < assumed.BOTH_SIDES_CHANCE)
    again &= (found[:, 0] >= 0) & (rates.particular > 0)
    found[:, -1] = np.where(again, found[:, 0], found[:, -1])
    return to_the_left(found)


def expected_cost(expected: IntArray, cases: Cases, price: float) -> IntArray:
    """Expected cost in fen: by the day where a kind says so, else as given."""
    daily = np.array([one.yuan_a_day for one in PARTICULAR])[cases.kind] * (cases.kind >= 0)
    return np.where(daily > 0, np.rint(daily * 100 * cases.days * price).astype(np.int64), expected)


def fee_kind(source: Catalogue, drg: IntArray, cases: Cases) -> IntArray:
    """The fee profile of each case: that of its kind of stay, else that of its kind of group."""
    own = np.array([FEE_KINDS.index(one.fees) if one.fees else -1 for one in PARTICULAR])[cases.kind]
    by_group = np.array([FEE_KINDS.index(name) for name in KINDS])[source.drg_kind[drg]]
    return np.where((cases.kind >= 0) & (own >= 0), own, by_group)


def is_particular(cases: Cases) -> npt.NDArray[np.bool_]:
    """Stays whose group is not the one they were first drawn for."""
    return np.asarray(cases.kind >= 0)
