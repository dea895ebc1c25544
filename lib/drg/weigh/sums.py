"""Exact sums of a history and what follows from them: means, CV, RIV. Whole fen and fractions, without Spark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest

from drg.money import STATISTIC_DECIMALS, round_statistic, square_root

FEN = 100
ALL_LEVELS = "all"

# Level class and DRG: the group a weight is for.
Group = tuple[str, str]
Amount = int | Fraction


@dataclass(frozen=True)
class Sums:
    """Exact sums of one group (or of all) in one year.

    Attributes:
        history: cases before trimming.
        kept: cases after trimming.
        cost: Σ cost of the kept cases, fen.
        square: Σ cost² of the kept cases, fen².
        parts: Σ of each cost part of the kept cases, fen, in the order of COST_PARTS; empty where nobody asked.
    """

    history: int = 0
    kept: int = 0
    cost: int = 0
    square: int = 0
    parts: tuple[int, ...] = ()

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.history + other.history,
            self.kept + other.kept,
            self.cost + other.cost,
            self.square + other.square,
            tuple(one + two for one, two in zip_longest(self.parts, other.parts, fillvalue=0)),
        )


ByYear = dict[int, Sums]


class History:
    """The sums of one region, or of a province, by group and year, and what follows from them.

    A group named by its DRG alone is of all levels. With `factors` a cost counts as Σ factor x part (费用结构调整).
    """

    def __init__(
        self,
        groups: Mapping[Group, ByYear] | Mapping[str, ByYear],
        year_weights: Mapping[int, int],
        reading: str = "mean_of_yearly_means",
        factors: Sequence[Decimal] | None = None,
    ):
        self.groups: dict[Group, ByYear] = {
            (ALL_LEVELS, key) if isinstance(key, str) else key: by_year for key, by_year in groups.items()
        }
        self._year_weights = year_weights
        self._reading = reading
        self._factors = tuple(map(Fraction, factors)) if factors else None
        self._all = _together(self.groups.values())

    def of(self, group: Group) -> Sums:
        """The sums of a group over all years; zeros for a group that never occurred."""
        return pooled(self.groups.get(group, {}))

    def whole(self) -> Sums:
        """The sums of all groups and years."""
        return pooled(self._all)

    def mean(self, group: Group) -> Fraction:
        """Mean cost of a group in fen, years weighted."""
        return self._mean(self.groups[group], _cost)

    def priced_mean(self, group: Group) -> Fraction:
        """Mean cost of a group in fen as the weight takes it: after the structural adjustment, if there is one."""
        return self._mean(self.groups[group], self._priced)

    def mean_of_drg(self, drg: str) -> Fraction | None:
        """Priced mean of a DRG over all level classes; None without a kept case."""
        found = _together(by_year for (_, own), by_year in self.groups.items() if own == drg)
        return self._mean(found, self._priced) if pooled(found).kept else None

    def reference_mean(self) -> Fraction:
        """Mean cost of all trimmed cases in fen, years weighted."""
        return self._mean(self._all, _cost)

    def priced_reference(self) -> Fraction:
        """The same after the structural adjustment, if there is one."""
        return self._mean(self._all, self._priced)

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

    def _mean(self, by_year: ByYear, cost: Callable[[Sums], Amount]) -> Fraction:
        return mean_of_years(by_year, self._year_weights, self._reading, cost)

    def _priced(self, sums: Sums) -> Amount:
        if self._factors is None:
            return sums.cost
        return sum((factor * part for factor, part in zip(self._factors, sums.parts, strict=True)), Fraction(0))


def _cost(sums: Sums) -> Amount:
    return sums.cost


def pooled(by_year: ByYear) -> Sums:
    """The sums over all years."""
    total = Sums()
    for sums in by_year.values():
        total += sums
    return total


def _together(groups: Iterable[ByYear]) -> ByYear:
    total: ByYear = {}
    for by_year in groups:
        for year, sums in by_year.items():
            total[year] = total.get(year, Sums()) + sums
    return total


def mean_of_years(
    by_year: ByYear,
    year_weights: Mapping[int, int],
    reading: str = "mean_of_yearly_means",
    cost: Callable[[Sums], Amount] = _cost,
) -> Fraction:
    """Mean over several years, in fen; years without a kept case do not count.

    The two readings of weighted years: `mean_of_yearly_means` weights the mean of each year, `weighted_cases` each
    case by its year: Σ w Σ cost / Σ w n. They agree where every year has the same number of cases.
    """
    kept = {year: sums for year, sums in by_year.items() if sums.kept}
    if reading == "weighted_cases":
        cases = sum(year_weights[year] * sums.kept for year, sums in kept.items())
        return sum((Fraction(year_weights[year] * cost(sums)) for year, sums in kept.items()), Fraction(0)) / cases
    total = sum(year_weights[year] for year in kept)
    means = (year_weights[year] * Fraction(cost(sums)) / sums.kept for year, sums in kept.items())
    return sum(means, Fraction(0)) / total


def squared_variation(sums: Sums) -> Fraction | None:
    """CV² = sample variance / mean², exact; None under 2 cases."""
    n, cost = sums.kept, sums.cost
    if n < 2 or cost == 0:
        return None
    return Fraction(n * (n * sums.square - cost * cost), (n - 1) * cost * cost)


def coefficient_of_variation(sums: Sums) -> Decimal | None:
    """CV = sample standard deviation / mean, 4 decimals half-up; None under 2 cases."""
    squared = squared_variation(sums)
    return None if squared is None else square_root(squared, STATISTIC_DECIMALS)


def add_up(histories: Iterable[Mapping[Group, ByYear]]) -> dict[Group, ByYear]:
    """The groups of several regions put together: each region's cases as its own fences left them."""
    total: defaultdict[Group, ByYear] = defaultdict(dict)
    for groups in histories:
        for group, by_year in groups.items():
            for year, sums in by_year.items():
                total[group][year] = total[group].get(year, Sums()) + sums
    return dict(total)
