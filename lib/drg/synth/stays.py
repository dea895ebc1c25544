"""Times and resources of drawn stays: admission, discharge, settlement, declaration, ventilation, intensive care."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drg.synth.assumptions import FloatArray, IntArray
from drg.synth.cases import Cases
from drg.synth.catalogue import Catalogue

Times = npt.NDArray[np.datetime64]
HOUR = 3_600
DISCHARGE_WAYS = (1, 2, 3, 4, 9)
DISCHARGE_SHARES = (0.905, 0.02, 0.015, 0.05, 0.01)
DEATH_SHARE = 0.012
DECLARED_WITHIN_DAYS = 7


@dataclass(frozen=True)
class Stays:
    """Moments to the second; `days` is discharge date minus admission date, at least 1; `half` as in persons.choose."""

    admitted: Times
    discharged: Times
    settled: Times
    declared: Times
    days: IntArray
    half: IntArray
    way: IntArray
    ventilation_minutes: IntArray
    icu_from: Times
    icu_minutes: IntArray
    procedure_day: IntArray

    def admission_date(self) -> Times:
        """Date of admission."""
        return self.admitted.astype("datetime64[D]")


def month_days(month: str) -> tuple[np.datetime64, int]:
    """First day of a month YYYY-MM and its number of days."""
    first = np.datetime64(month, "D")
    following = (np.datetime64(month, "M") + 1).astype("datetime64[D]")
    return first, int((following - first).astype(np.int64))


def draw_stays(rng: np.random.Generator, source: Catalogue, month: str, cases: Cases, weight: FloatArray) -> Stays:
    """One stay for each case: settled in the month, discharged that day or up to three days before."""
    count = len(weight)
    first, length = month_days(month)
    ventilation = source.ventilation[cases.procedures].max(axis=1)
    days = np.clip(np.rint(rng.lognormal(np.log(3.2 + 3.3 * np.sqrt(weight)), 0.5)), 1, 75).astype(np.int64)
    days = np.where(ventilation == 2, np.maximum(days, 8), np.where(ventilation == 1, np.maximum(days, 3), days))
    days = np.where(cases.days > 0, cases.days, days)
    settled_day = rng.integers(0, length, count)
    lag = np.where(rng.random(count) < 0.12, rng.integers(1, 4, count), 0)
    discharge = first + (settled_day - lag).astype("timedelta64[D]")
    admission = discharge - days.astype("timedelta64[D]")
    # One stay in fifty ends on the day it began; it counts as one day all the same.
    same_day = (days == 1) & (rng.random(count) < 0.5)
    admission = np.where(same_day, discharge, admission)
    admitted = _at(admission, rng.integers(0, 9 * HOUR, count) + np.where(same_day, 0, 9 * HOUR))
    discharged = _at(discharge, 14 * HOUR + rng.integers(0, 4 * HOUR, count))
    settled = np.where(
        lag == 0,
        discharged + rng.integers(60, 2 * HOUR, count).astype("timedelta64[s]"),
        _at(first + settled_day.astype("timedelta64[D]"), 8 * HOUR + rng.integers(0, 9 * HOUR, count)),
    )
    wait = rng.integers(12 * HOUR, DECLARED_WITHIN_DAYS * 24 * HOUR, count)
    minutes = (discharged - admitted).astype(np.int64) // 60
    way = np.array(DISCHARGE_WAYS)[np.searchsorted(np.cumsum(DISCHARGE_SHARES)[:-1], rng.random(count), side="right")]
    half = _half(admission, settled, first)
    half = np.where(cases.band > 0, half, -1)
    way = np.where((half < 0) & (rng.random(count) < DEATH_SHARE), 5, way)
    stay_hours = minutes // 60
    breathing = np.where(ventilation == 2, 96 + rng.integers(0, np.maximum(stay_hours - 110, 1)), 0)
    breathing = np.where(ventilation == 1, 2 + rng.integers(0, np.clip(stay_hours - 8, 1, 90)), breathing)
    icu = ((rng.random(count) < np.clip(weight * 0.03, 0, 0.3)) | (ventilation > 0)) & (minutes > 30 * 60)
    offset = rng.integers(60, 6 * 60, count)
    icu_minutes = np.where(icu, rng.integers(8 * 60, np.maximum(minutes - offset - 12 * 60, 8 * 60 + 1)), 0)
    span = np.maximum((discharge - admission).astype(np.int64), 0)
    return Stays(
        admitted=admitted,
        discharged=discharged,
        settled=settled,
        declared=settled + wait.astype("timedelta64[s]"),
        days=days,
        half=half,
        way=way,
        ventilation_minutes=breathing * 60 + np.where(breathing > 0, rng.integers(0, 60, count), 0),
        icu_from=admitted + (offset * 60).astype("timedelta64[s]"),
        icu_minutes=icu_minutes,
        procedure_day=np.minimum(rng.integers(0, 4, count), span),
    )


def _at(day: Times, seconds: IntArray) -> Times:
    return np.asarray(day.astype("datetime64[s]") + seconds.astype("timedelta64[s]"))


def _half(admission: Times, settled: Times, first: np.datetime64) -> IntArray:
    """0 or 1 when the stay and its settlement lie inside the first or second half of the month, else -1."""
    middle = first + np.timedelta64(15, "D")
    ended = settled.astype("datetime64[D]")
    inside = np.where((admission >= first) & (ended < middle), 0, -1)
    return np.where(admission >= middle, 1, inside).astype(np.int64)
