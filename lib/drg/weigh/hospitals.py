"""hospital_cost_coefficient: what a hospital's cases of a group cost beside the region's (医院病组成本系数).

Coefficient = hospital's group mean / region's group mean, over the trimmed cases of the window, years weighted like
those of the weights, 4 decimals half-up (金华市按病组点数法, 2017: previous two years, re-set once a year). A hospital
without a case of the group, and a group without cases, has no row: its coefficient is 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from drg.errors import ContractError
from drg.money import round_coefficient, round_mean
from drg.weigh.sums import FEN, ByYear, mean_of_years, pooled

# Hospital code and DRG.
HospitalGroup = tuple[str, str]


@dataclass(frozen=True)
class CostCoefficient:
    """One row of hospital_cost_coefficient without its version and provenance; means in yuan, 4 decimals."""

    hospital_code: str
    drg: str
    coefficient: Decimal
    n_cases: int
    hospital_mean_cost: Decimal
    region_mean_cost: Decimal


def cost_coefficients(
    hospitals: Mapping[HospitalGroup, ByYear], year_weights: Mapping[int, int], reading: str
) -> Iterator[CostCoefficient]:
    """The coefficients of all hospitals of one region; a hospital's level class does not matter.

    Raises ContractError for a coefficient that would be 0.0000, which would pay nothing.
    """
    region: dict[str, ByYear] = {}
    for (_, drg), by_year in hospitals.items():
        whole = region.setdefault(drg, {})
        for year, sums in by_year.items():
            whole[year] = whole[year] + sums if year in whole else sums
    means = {drg: mean_of_years(whole, year_weights, reading) for drg, whole in region.items() if pooled(whole).kept}
    for (hospital, drg), by_year in sorted(hospitals.items()):
        kept = pooled(by_year).kept
        if not kept:
            continue
        mean = mean_of_years(by_year, year_weights, reading)
        coefficient = round_coefficient(mean / means[drg])
        if coefficient <= 0:
            raise ContractError(f"hospital {hospital} has a cost coefficient of 0 for group {drg}; check its cases")
        yield CostCoefficient(hospital, drg, coefficient, kept, round_mean(mean / FEN), round_mean(means[drg] / FEN))
