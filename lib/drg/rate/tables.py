"""The table of the step: region_rate, one row a fund (or a fund and hospital level) of a region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from drg.contracts import contract
from drg.errors import ContractError, PolicyError
from drg.policy import PolicyBook, Resolved
from drg.policy.values import FUNDS, HOSPITAL_LEVELS, Standing
from drg.rate.base_rate import Budget, base_rate, base_rates_by_level, point_value
from drg.rate.parameters import BUDGET, BY_LEVEL, GROWTH, MONTHLY, POINTS, PUBLISHED, basis_of, parameters_of_rate
from drg.rate.volume import Volume
from drg.weigh.weights import ALL_LEVELS

Budgets = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Basis:
    """What the tables say of a year, over all regions: budgets, history volumes and the schemes of the weights.

    Attributes:
        budgets: by region and fund, rows of fund_budget.
        volumes: by region and fund.
        level_volumes: by region, fund and hospital level.
        schemes: by region, the schemes its weights of the year were made for.
    """

    budgets: Budgets = field(default_factory=dict)
    volumes: Mapping[tuple[str, ...], Volume] = field(default_factory=dict)
    level_volumes: Mapping[tuple[str, ...], Volume] = field(default_factory=dict)
    schemes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def rate_rows(
    book: PolicyBook, region: str, year: int, version: str, basis: Basis, on: date | None = None
) -> list[dict[str, Any]]:
    """Rows of region_rate of one region and settlement year, one a fund, or one a fund and level with a rate.

    `on` is the day whose parameters make the version; without it the first day settled in the year.

    Raises PolicyError for a missing budget or parameter, ContractError where a fund has no weighed history or the
    weights of the year are of another scheme.
    """
    on = on or book.day_of_year(region, year)
    found = parameters_of_rate(book, region, on)
    scheme = found["scheme"].of()
    schemes = basis.schemes.get(region, ())
    if scheme not in schemes:
        of = f"are of scheme {', '.join(schemes)}" if schemes else "do not exist"
        raise ContractError(f"region {region} settles {year} by {scheme}, but its weights {of}; run weigh first")
    points = found["payment.method"].of() == POINTS
    source = found[basis_of(points)].of()
    assumed = {name for name, item in found.items() if item.standing is Standing.ASSUMED}
    common = {
        "settlement_year": year,
        "region_code": region,
        "rate_version": version,
        "method": found["payment.method"].of(),
        # A value that floats with the month starts from the year's, which is the budget's.
        "rate_source": BUDGET if source == MONTHLY else source,
        "weight_version": version,
        "policy_version": book.version(region, on, found),
        "point_scale": found["point.scale"].of() if points else None,
    }
    rows = []
    for fund in FUNDS:
        rests_on = set(assumed)
        if source == PUBLISHED:
            priced = _published(found, fund, points)
        else:
            budget, standing = budget_of(region, year, fund, found, basis.budgets)
            if standing == Standing.ASSUMED.value:
                rests_on.add("fund_budget")
            try:
                priced = _from_budget(region, year, fund, found, budget, basis)
            except PolicyError as error:
                raise PolicyError(f"region {region} fund {fund} year {year}: {error}") from error
        for level_class, lines in priced.items():
            own = {"fund": fund, "level_class": level_class, "assumed_parameters": sorted(rests_on)}
            rows.append({**dict.fromkeys(contract("region_rate").names()), **common, **lines, **own})
    return rows


def _published(found: Mapping[str, Resolved], fund: str, points: bool) -> dict[str, dict[str, Any]]:
    """Level class -> the published price, of each level where it is keyed by level; no budget stands behind it."""
    if points:
        return {ALL_LEVELS: {"point_value": found["point_value.published"].of(fund=fund)}}
    rate = found["rate.published"]
    if "hospital_level" in rate.by:
        return {level: {"base_rate": rate.of(fund=fund, hospital_level=level)} for level in HOSPITAL_LEVELS}
    return {ALL_LEVELS: {"base_rate": rate.of(fund=fund)}}


def budget_of(region: str, year: int, fund: str, found: Mapping[str, Resolved], budgets: Budgets) -> tuple[Budget, str]:
    """The budget of a fund and its standing; its growth is the delivered one, or the policy's."""
    raw = budgets.get((region, fund))
    if raw is None:
        raise PolicyError(
            f"region {region} has no budget of fund {fund} for {year}; add it to its fund_budget.csv and land it"
        )
    growth = raw["growth"]
    if found["budget.basis"].of() == GROWTH:
        growth = found["budget.growth"].of(fund=fund)
    budget = Budget(
        raw["prior_year_fund_spend"],
        growth,
        raw["non_drg_payments"],
        raw["reimbursement_ratio"],
        int(raw["forecast_cases"]),
    )
    return budget, raw["standing"]


def _from_budget(
    region: str, year: int, fund: str, found: Mapping[str, Resolved], budget: Budget, basis: Basis
) -> dict[str, dict[str, Any]]:
    """Level class -> the printed lines of its rate or point value."""
    volume = basis.volumes.get((region, fund))
    if volume is None:
        raise ContractError(f"region {region} has no weighed history case of fund {fund} for {year}; run weigh first")
    reserve: Decimal = found["rate.reserve_share"].of()
    if found["payment.method"].of() == POINTS:
        distributes, decimals = found["point_value.distributable"].of(), found["point_value.decimals"].of()
        value = point_value(budget, reserve, volume.cmi, found["point.scale"].of(), distributes, decimals)
        return {ALL_LEVELS: value.__dict__}
    decimals = found["rate.decimals"].of()
    if found["rate.levels"].of() != BY_LEVEL:
        return {ALL_LEVELS: base_rate(budget, reserve, volume.cmi, decimals).__dict__}
    shares: dict[str, Decimal] = {
        level: found["rate.level_share"].of(hospital_level=level) for level in HOSPITAL_LEVELS
    }
    volumes: dict[str, tuple[int, Fraction]] = {}
    for level in HOSPITAL_LEVELS:
        if own := basis.level_volumes.get((region, fund, level)):
            volumes[level] = (own.cases, own.cmi)
    rates = base_rates_by_level(budget, reserve, volumes, shares, decimals)
    return {level: {**rate.__dict__, "level_share": shares[level]} for level, rate in rates.items()}


def rate_frame(spark: SparkSession, rows: list[dict[str, Any]]) -> DataFrame:
    """The rows as a frame in the shape of the contract."""
    expected = contract("region_rate")
    names = expected.names()
    return spark.createDataFrame([tuple(row[name] for name in names) for row in rows], expected.struct())
