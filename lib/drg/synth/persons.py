"""Synthetic persons (虚构人员): who lies in a bed, stable over stays and months without any shared state.

A person is a number; sex, birth date, fund, insured region and every identifier follow from it and the seed. Persons
with several stays come from a pool of the region; so that stays of one person never overlap, a pooled person has at
most one stay in each half month, and that stay begins and ends inside it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from drg.synth import hashing, text
from drg.synth.assumptions import CROSS_REGION, EMPLOYEE_SHARE, OTHER_CROSS_REGION, IntArray
from drg.synth.truth import Truth

# Age bands in whole years on the first day of the draw; 0 stands for children under one year.
BANDS = ((0, 0), (1, 17), (18, 29), (30, 44), (45, 54), (55, 64), (65, 74), (75, 89))
STAYS_PER_PERSON = 5
POOL_SPAN = 100_000
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒"
CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
CHECK_DIGITS = "10X98765432"
_BAND, _BIRTH, _FUND, _TRAVEL, _REGION, _AREA, _SERIAL, _NAME, _PHONE, _STREET, _PEOPLE = range(11)


@dataclass(frozen=True)
class Unit:
    """Where and when lists are drawn: region, number of the month in the draw, number of the chunk."""

    region: str
    month: int
    chunk: int


def choose(
    rng: np.random.Generator, truth: Truth, unit: Unit, sex: IntArray, band: IntArray, half: IntArray
) -> IntArray:
    """A person for each stay; `half` is 0 or 1 for a stay inside that half month, -1 for one that is not.

    Stays of pooled persons are drawn without replacement inside sex, age band and half month. All others, newborns and
    infants among them, get a person of their own.
    """
    region = truth.province.region_codes().index(unit.region)
    base = (region * 1_000 * 100_000 + unit.chunk) * 10_000_000
    single = base + (unit.month + 1) * 100_000 * 10_000_000 + np.arange(len(sex))
    person = single.astype(np.int64)
    for one_sex in (1, 2):
        for one_band in range(1, len(BANDS)):
            for one_half in (0, 1):
                rows = np.flatnonzero((sex == one_sex) & (band == one_band) & (half == one_half))
                pool = rng.permutation(STAYS_PER_PERSON * len(rows) + 1)[: len(rows)]
                person[rows] = base + (one_sex * 10 + one_band) * POOL_SPAN + pool
    return person


def birth(truth: Truth, person: IntArray, band: IntArray, first_day: np.datetime64) -> npt.NDArray[np.datetime64]:
    """Birth date of persons of one year and more, such that they are in their band on the first day of the draw."""
    low = np.array([a for a, _ in BANDS])[band]
    high = np.array([b for _, b in BANDS])[band]
    days = (low * 365.25).astype(np.int64) + 1
    span = ((high - low + 1) * 365.25).astype(np.int64) - 2
    return first_day - (days + hashing.below(person, truth.seed, _BIRTH, np.maximum(span, 1))).astype("timedelta64[D]")


def employee(truth: Truth, person: IntArray, band: IntArray) -> npt.NDArray[np.bool_]:
    """Whether the person is in the employee fund (310); children are in the resident fund (390)."""
    return np.asarray((hashing.unit(person, truth.seed, _FUND) < EMPLOYEE_SHARE * 1.15) & (band >= 2))


def insured_region(truth: Truth, unit: Unit, person: IntArray) -> IntArray:
    """Position of the insured region of each person: mostly the hospital's, else another by size (异地就医)."""
    codes = truth.province.region_codes()
    home = codes.index(unit.region)
    travels = hashing.unit(person, truth.seed, _TRAVEL) < CROSS_REGION.get(unit.region, OTHER_CROSS_REGION)
    sizes = np.array([0.0 if number == home else truth.size[code] for number, code in enumerate(codes)])
    other = np.searchsorted(np.cumsum(sizes / sizes.sum()), hashing.unit(person, truth.seed, _REGION), side="right")
    return np.where(travels, np.minimum(other, len(codes) - 1), home).astype(np.int64)


def identifiers(
    truth: Truth, person: IntArray, insured: IntArray, sex: IntArray, born: npt.NDArray[np.datetime64]
) -> dict[str, pa.Array]:
    """The identifying fields of the list. All are well formed and none can belong to a living person.

    Id numbers begin with 59, a province code never assigned, and end with the right check digit; telephone numbers
    begin with 100, a prefix no operator has; names and addresses say that they are invented.
    """
    seed = truth.seed
    codes = list(truth.province.region_codes())
    ymd = (born.astype("datetime64[Y]").astype(np.int64) + 1970) * 10_000
    ymd += (born.astype("datetime64[M]").astype(np.int64) % 12 + 1) * 100
    ymd += (born - born.astype("datetime64[M]")).astype("timedelta64[D]").astype(np.int64) + 1
    area = 590_000 + hashing.below(person, seed, _AREA, 10_000)
    serial = hashing.below(person, seed, _SERIAL, 500) * 2 + (sex % 2)
    body = area * 10**11 + ymd * 10**3 + serial
    digits = body[:, None] // 10 ** np.arange(16, -1, -1, dtype=np.int64) % 10
    check = text.pick(list(CHECK_DIGITS), (digits @ CHECK_WEIGHTS) % 11)
    names, contacts = _names()
    name = hashing.below(person, seed, _NAME, len(names))
    return {
        "psn_no": text.joined(text.pick(codes, insured), text.padded(person, 20)),
        "psn_name": text.pick(names, name),
        "certno": text.joined(text.integer(body), check),
        "naty": text.pick(
            ["01", "04", "05", "20"], np.searchsorted([0.93, 0.96, 0.98], hashing.unit(person, seed, _PEOPLE))
        ),
        "curr_addr": text.joined("虚构省示例路", text.integer(hashing.below(person, seed, _STREET, 9_999) + 1), "号"),
        "coner_name": text.pick(contacts, name % len(contacts)),
        "coner_tel": text.joined("100", text.padded(hashing.below(person, seed, _PHONE, 100_000_000), 8)),
    }


@functools.cache
def _names() -> tuple[pa.Array, pa.Array]:
    """Invented names of persons and of their contacts."""
    contacts = [f"虚拟{surname}{given}" for surname in SURNAMES for given in GIVEN]
    return pa.array([f"{name}{given}" for name in contacts for given in GIVEN]), pa.array(contacts)
