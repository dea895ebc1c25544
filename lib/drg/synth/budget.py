"""Register and budgets of a synthetic region, in the columns of the contracts hospital_register and fund_budget."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from drg.synth import assumptions as assumed
from drg.synth.truth import Hospitals

REGISTER_COLUMNS = ("region_code", "hospital_code", "hospital_name", "hospital_level", "valid_from", "valid_to")
BUDGET_COLUMNS = (
    "settlement_year", "region_code", "fund", "prior_year_fund_spend", "growth", "non_drg_payments",
    "reimbursement_ratio", "forecast_cases", "source", "standing",
)  # fmt: skip
OPENED, CLOSED = "2015-01-01", "2023-12-31"
KEY_BUDGET = 41
MONTHS_A_YEAR = 12


def register_rows(region: str, hospitals: Hospitals) -> list[tuple[str, ...]]:
    """One row a hospital and span of days; an upgraded hospital has two, a closed one ends before the draw."""
    rows: list[tuple[str, ...]] = []
    for place, (code, name, level) in enumerate(zip(hospitals.codes, hospitals.names, hospitals.level, strict=True)):
        if place == hospitals.upgraded:
            before = str(hospitals.upgrade_day - np.timedelta64(1, "D"))
            rows.append((region, code, name, str(level), OPENED, before))
            rows.append((region, code, name, str(level + 1), str(hospitals.upgrade_day), ""))
        else:
            rows.append((region, code, name, str(level), OPENED, ""))
    rows.append((region, *hospitals.closed, "1", OPENED, CLOSED))
    return rows


def budget_rows(
    region: str, months: Sequence[str], sums: list[dict[str, tuple[int, int, int, int]]], seed: int
) -> list[tuple[str, ...]]:
    """The budget of each fund and year such that the rate comes to 0.95 to 1.05 times the mean cost per weight.

    With D the drawn fund payments of a year, N what is paid outside DRG and r the reserve, the growth g solves
    (prior x (1 + g)) x (1 - r) - N = target x D, where prior is the spend of a year with fewer admissions.
    Source of the form: policy arithmetic of the rate method (budget less reserve and other payments, by fund).
    """
    rows = []
    for year in sorted({month[:4] for month in months}):
        for fund in ("310", "390"):
            lists, cost, paid = (sum(one.get(fund, (0, 0, 0, 0))[place] for one in sums) for place in range(3))
            scale = Decimal(MONTHS_A_YEAR) / len(months)
            drg_spend = max(Decimal(paid), Decimal(100)) / 100 * scale
            other = _cents(drg_spend * Decimal(str(assumed.NON_DRG_SHARE)))
            prior = _cents((drg_spend + other) / (1 + Decimal(str(assumed.ADMISSION_GROWTH))))
            target = _target(region, fund, year, seed)
            growth = (target * drg_spend + other) / (1 - Decimal(str(assumed.RESERVE))) / prior - 1
            ratio = Decimal(paid) / cost if cost and paid else Decimal("0.6")
            cases = max(1, int((lists * scale).to_integral_value(ROUND_HALF_UP)))
            values = (prior, _four(growth), other, _four(ratio), cases)
            rows.append((year, region, fund, *map(str, values), assumed.SOURCE, assumed.STANDING))
    return rows


def _target(region: str, fund: str, year: str, seed: int) -> Decimal:
    key = zlib.crc32(f"{region}{fund}{year}".encode())
    rng = np.random.default_rng(np.random.SeedSequence([seed, KEY_BUDGET, key]))
    return Decimal(str(round(float(rng.uniform(*assumed.RATE_SPREAD)), 4)))


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _four(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)
