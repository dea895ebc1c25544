"""The known truth of a synthetic province: group weights, popularity, price levels, hospitals and their effects.

    expected cost = 9,000 yuan x weight of the group x price level of the region x effect of the hospital

Everything follows from the seed alone; weights have mean 1 over the drawn groups.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass

import numpy as np

from drg.doors.config import Province, load_yaml, project_home
from drg.errors import ConfigError
from drg.synth import assumptions as assumed
from drg.synth.assumptions import FloatArray, IntArray
from drg.synth.catalogue import UNGROUPED, Catalogue, catalogue

LEVELS = (1, 2, 3)
KEY_WEIGHTS, KEY_POPULARITY, KEY_HOSPITALS = 21, 22, 23


@dataclass(frozen=True)
class Hospitals:
    """The hospitals of one region; `upgraded` is the hospital whose level rises by one on `upgrade_day` (or -1)."""

    codes: list[str]
    names: list[str]
    level: IntArray
    effect: FloatArray
    share: FloatArray
    upgraded: int
    upgrade_day: np.datetime64
    closed: tuple[str, str]

    def level_on(self, hospital: IntArray, day: np.ndarray) -> IntArray:
        """Level of each hospital on a day."""
        risen = (hospital == self.upgraded) & (day >= self.upgrade_day)
        return np.asarray(self.level[hospital] + risen)


@dataclass(frozen=True)
class Truth:
    """All of it. `popularity` holds, for hospital levels 1 to 3, the cumulated chance of each ADRG."""

    seed: int
    scheme: str
    province: Province
    size: dict[str, float]
    price: dict[str, float]
    hospitals: dict[str, Hospitals]
    weight: FloatArray
    popularity: dict[int, FloatArray]

    def catalogue(self) -> Catalogue:
        """The catalogue of the scheme, built once a process."""
        return catalogue(self.scheme, self.seed)


@functools.lru_cache(maxsize=2)
def truth_of(province: Province, seed: int, scheme: str, last_year: int) -> Truth:
    """The truth of a province for a seed; ConfigError when conf/synth has no size for one of its regions."""
    size = region_sizes(province)
    source = catalogue(scheme, seed)
    weight, popularity = _weights(source, seed)
    rng = np.random.default_rng(np.random.SeedSequence([seed, KEY_HOSPITALS]))
    price = {
        code: round(float(value), 4)
        for code, value in zip(size, rng.lognormal(0, assumed.PRICE_SIGMA, len(size)), strict=True)
    }
    upgrade_day = np.datetime64(f"{last_year}-01-01")
    hospitals = {code: _hospitals(province, code, size[code], seed, upgrade_day) for code in size}
    return Truth(seed, scheme, province, size, price, hospitals, weight, popularity)


def region_sizes(province: Province) -> dict[str, float]:
    """Relative size of each region from conf/synth/<province code>.yaml, in the order of the province."""
    path = project_home() / "conf" / "synth" / f"{province.code}.yaml"
    raw = load_yaml(path)
    sizes = raw.get("region_size", {}) if isinstance(raw, dict) else {}
    missing = [code for code in province.region_codes() if not float(sizes.get(code, 0)) > 0]
    if missing:
        raise ConfigError(f"conf/synth/{path.name} has no region_size above 0 for {', '.join(missing)}; add it")
    return {code: float(sizes[code]) for code in province.region_codes()}


def _weights(source: Catalogue, seed: int) -> tuple[FloatArray, dict[int, FloatArray]]:
    rng = np.random.default_rng(np.random.SeedSequence([seed, KEY_WEIGHTS]))
    count = len(source.adrgs)
    middle = np.array([assumed.KIND_WEIGHT[kind] for kind in source.adrg_kind])
    base = middle * rng.lognormal(0.0, assumed.WEIGHT_SIGMA, count)
    base *= np.where([mdc.endswith("A") for mdc in source.adrg_mdc], assumed.TRANSPLANT_FACTOR, 1.0)
    steps = rng.uniform(*assumed.SEVERITY_STEP, (count, 2))
    popularity = _popularity(source, seed)
    weight = np.zeros(len(source.drgs))
    chance = np.zeros(len(source.drgs))
    shares = (1 - assumed.CC_SHARE - assumed.MCC_SHARE, assumed.CC_SHARE, assumed.MCC_SHARE)
    for adrg in range(count):
        # From the mildest group of the ADRG upwards, each heavier by a step.
        value, last, place = base[adrg], -1, 0
        for severity, drg in enumerate(source.drg_of[adrg]):
            if drg != last and last >= 0:
                value *= steps[adrg, place]
                place += 1
            weight[drg], last = value, drg
            chance[drg] += popularity[adrg] * shares[severity]
    for number, code in enumerate(source.drgs):
        if weight[number] == 0:
            weight[number] = (
                assumed.UNGROUPED_WEIGHT if code == UNGROUPED else assumed.AMBIGUOUS_WEIGHT * rng.lognormal(0, 0.2)
            )
    weight = np.round(weight / (weight @ chance), 4)
    mean = weight[source.drg_of] @ np.array(shares)
    tilted = {level: popularity * mean**tilt for level, tilt in assumed.LEVEL_TILT.items()}
    return weight, {level: np.cumsum(values / values.sum()) for level, values in tilted.items()}


def _popularity(source: Catalogue, seed: int) -> FloatArray:
    """Chance of each ADRG: share of its MDC, of its kind inside the MDC, and a Zipf-like rank inside both."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, KEY_POPULARITY]))
    chance = np.zeros(len(source.adrgs))
    members: dict[tuple[str, str], list[int]] = {}
    for number, (mdc, kind) in enumerate(zip(source.adrg_mdc, source.adrg_kind, strict=True)):
        members.setdefault((mdc, kind), []).append(number)
    for (mdc, kind), numbers in sorted(members.items()):
        kinds = sum(assumed.KIND_SHARE[other] for where, other in members if where == mdc)
        share = assumed.MDC_SHARE.get(mdc[-1], assumed.OTHER_MDC_SHARE) * assumed.KIND_SHARE[kind] / kinds
        ranks = 1.0 / (1 + rng.permutation(len(numbers))) ** assumed.ZIPF
        chance[numbers] = share * ranks / ranks.sum()
    return np.asarray(chance / chance.sum())


def _hospitals(province: Province, region: str, size: float, seed: int, upgrade_day: np.datetime64) -> Hospitals:
    rng = np.random.default_rng(np.random.SeedSequence([seed, KEY_HOSPITALS, zlib.crc32(region.encode())]))
    total = max(6, round(size * assumed.HOSPITALS_PER_SIZE))
    third = max(1, round(total * assumed.LEVEL_OF_HOSPITALS[3]))
    second = max(2, round(total * assumed.LEVEL_OF_HOSPITALS[2]))
    level = np.repeat([3, 2, 1], [third, second, max(2, total - third - second)]).astype(np.int64)
    size_of = np.array([assumed.LEVEL_SIZE[int(one)] for one in level]) * rng.lognormal(0.0, 0.7, len(level))
    share = size_of / size_of.sum()
    effect = rng.lognormal(0.0, assumed.HOSPITAL_SIGMA, len(level))
    for one in LEVELS:
        same = level == one
        effect[same] /= (effect[same] * share[same]).sum() / share[same].sum()
    name = province.name_of(region)
    kinds = {3: "虚构中心医院", 2: "虚构人民医院", 1: "虚构卫生院"}
    codes = [f"H{region}{number:05d}" for number in range(1, len(level) + 2)]
    names = [f"{name}{kinds[int(one)]}{number:03d}" for number, one in enumerate(level, 1)]
    upgraded = int(np.flatnonzero(level == 2)[-1]) if total >= 10 else -1
    closed = (codes[-1], f"{name}虚构停业医院")
    return Hospitals(codes[:-1], names, level, np.round(effect, 4), share, upgraded, upgrade_day, closed)
