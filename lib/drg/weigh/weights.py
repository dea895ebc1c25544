"""drg_weight: relative weights from exact sums, without Spark.

Grain: region x DRG of one year, scheme and version. Formula: RW = group mean / region mean over the same trimmed cases
(病组次均费用 ÷ 地区次均费用, one of the admissible bases of 医保发〔2025〕18号 第十五条), 4 decimals half-up. Means
over several years are the weighted mean of the yearly means (reading `mean_of_yearly_means`); a group without cases
in a year is weighted over the years it has.

A group with fewer than `weight.min_cases` trimmed cases in the region takes the province's weight, which stands on the
province's own basis: province group mean / province mean, both over the trimmed cases of all regions.

All sums are integers (fen), all quotients fractions: the order of cases cannot move a digit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from drg.errors import ContractError
from drg.money import STATISTIC_DECIMALS, round_fen, round_statistic, round_weight, square_root

FEN = 100
ALL_LEVELS = "all"


@dataclass(frozen=True)
class Sums:
    """Exact sums of one group (or of all) in one year.

    Attributes:
        history: cases before trimming.
        kept: cases after trimming.
        cost: Σ cost of the kept cases, fen.
        square: Σ cost² of the kept cases, fen².
    """

    history: int = 0
    kept: int = 0
    cost: int = 0
    square: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.history + other.history, self.kept + other.kept, self.cost + other.cost, self.square + other.square
        )


ByYear = dict[int, Sums]


@dataclass(frozen=True)
class Weight:
    """One row of drg_weight without its version and provenance."""

    drg: str
    n_history: int
    n_trimmed: int
    n_cases: int
    mean_cost: Decimal
    reference_mean_cost: Decimal
    relative_weight: Decimal
    cv: Decimal | None
    riv: Decimal | None
    weight_source: str
    reason: str


class History:
    """The sums of one region, or of a province, by group and year, and what follows from them."""

    def __init__(self, groups: Mapping[str, ByYear], year_weights: Mapping[int, int]):
        self.groups = groups
        self._year_weights = year_weights
        self._all: ByYear = {}
        for by_year in groups.values():
            for year, sums in by_year.items():
                self._all[year] = self._all.get(year, Sums()) + sums

    def of(self, drg: str) -> Sums:
        """The sums of a group over all years; zeros for a group that never occurred."""
        return pooled(self.groups.get(drg, {}))

    def mean(self, drg: str) -> Fraction:
        """Mean cost of a group in fen, years weighted."""
        return mean_of_years(self.groups[drg], self._year_weights)

    def reference_mean(self) -> Fraction:
        """Mean cost of all trimmed cases in fen, years weighted."""
        return mean_of_years(self._all, self._year_weights)

    def riv(self) -> Decimal | None:
        """RIV = Σ n (group mean - mean)² / Σ (cost - mean)² over all trimmed cases; None without spread."""
        whole = pooled(self._all)
        if not whole.kept:
            return None
        centre = Fraction(whole.cost * whole.cost, whole.kept)
        spread = whole.square - centre
        if spread == 0:
            return None
        kept = [sums for sums in map(pooled, self.groups.values()) if sums.kept]
        between = sum((Fraction(sums.cost * sums.cost, sums.kept) for sums in kept), Fraction(0)) - centre
        return round_statistic(between / spread)


def pooled(by_year: ByYear) -> Sums:
    """The sums over all years."""
    total = Sums()
    for sums in by_year.values():
        total += sums
    return total


def mean_of_years(by_year: ByYear, year_weights: Mapping[int, int]) -> Fraction:
    """Weighted mean of the yearly means, in fen; years without a kept case do not count."""
    means = {year: Fraction(sums.cost, sums.kept) for year, sums in by_year.items() if sums.kept}
    total = sum(year_weights[year] for year in means)
    return sum((mean * year_weights[year] for year, mean in means.items()), Fraction(0)) / total


def coefficient_of_variation(sums: Sums) -> Decimal | None:
    """CV = sample standard deviation / mean, 4 decimals half-up; None under 2 cases."""
    n, cost = sums.kept, sums.cost
    if n < 2 or cost == 0:
        return None
    return square_root(Fraction(n * (n * sums.square - cost * cost), (n - 1) * cost * cost), STATISTIC_DECIMALS)


def add_up(histories: Iterable[Mapping[str, ByYear]]) -> dict[str, ByYear]:
    """The groups of several regions put together: each region's cases as its own fences left them."""
    total: defaultdict[str, ByYear] = defaultdict(dict)
    for groups in histories:
        for drg, by_year in groups.items():
            for year, sums in by_year.items():
                total[drg][year] = total[drg].get(year, Sums()) + sums
    return dict(total)


def weights_of(region: History, province: History, min_cases: int) -> Iterator[Weight]:
    """The weights of a region for every group the province knows, by DRG code.

    Raises ContractError when a weight would be 0.0000, which would pay nothing for a group that costs something.
    """
    riv = region.riv()
    for drg in sorted(set(region.groups) | set(province.groups)):
        own = region.of(drg)
        source, reason = _source(own, province.of(drg), min_cases)
        basis = region if source == "region" else province
        mean, reference = basis.mean(drg), basis.reference_mean()
        weight = round_weight(mean / reference)
        if weight <= 0:
            cost = round_fen(mean / FEN)
            raise ContractError(f"group {drg} has a mean cost of {cost} yuan, which is a weight of 0; check its cases")
        yield Weight(
            drg=drg,
            n_history=own.history,
            n_trimmed=own.history - own.kept,
            n_cases=own.kept,
            mean_cost=round_fen(mean / FEN),
            reference_mean_cost=round_fen(reference / FEN),
            relative_weight=weight,
            cv=coefficient_of_variation(own),
            riv=riv,
            weight_source=source,
            reason=reason,
        )


def _source(own: Sums, province: Sums, min_cases: int) -> tuple[str, str]:
    if own.kept >= min_cases:
        return "region", f"本地{own.kept}例，不少于{min_cases}例，用本地权重"
    if own.history == 0:
        return "province", f"本地无历史病例，用全省权重（全省{province.kept}例）"
    return "province", f"本地{own.kept}例，少于{min_cases}例，用全省权重（全省{province.kept}例）"
