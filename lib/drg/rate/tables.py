"""The table of the step: region_rate, two rows a region, one for each fund."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from drg.contracts import contract
from drg.errors import ContractError, PolicyError
from drg.policy import PolicyBook
from drg.policy.parameters import RATE_PARAMETERS
from drg.policy.values import FUNDS, Standing
from drg.rate.base_rate import Budget, base_rate
from drg.rate.volume import Volume
from drg.weigh.weights import ALL_LEVELS
from drg.weigh.window import weigh_parameters

Budgets = Mapping[tuple[str, str], Mapping[str, Any]]


def rate_rows(
    book: PolicyBook,
    region: str,
    year: int,
    version: str,
    budgets: Budgets,
    volumes: Mapping[tuple[str, str], Volume],
) -> list[dict[str, Any]]:
    """Rows of region_rate of one region and settlement year, one a fund.

    Raises PolicyError for a missing budget or parameter, ContractError where a fund has no weighed history.
    """
    on = book.day_of_year(region, year)
    found = weigh_parameters(book, region, on) | {name: book.value(region, name, on) for name in RATE_PARAMETERS}
    assumed = {name for name, item in found.items() if item.standing is Standing.ASSUMED}
    rows = []
    for fund in FUNDS:
        raw = budgets.get((region, fund))
        if raw is None:
            raise PolicyError(
                f"region {region} has no budget of fund {fund} for {year}; add it to its fund_budget.csv and land it"
            )
        volume = volumes.get((region, fund))
        if volume is None:
            raise ContractError(
                f"region {region} has no weighed history case of fund {fund} for {year}; run weigh first"
            )
        budget = Budget(
            raw["prior_year_fund_spend"],
            raw["growth"],
            raw["non_drg_payments"],
            raw["reimbursement_ratio"],
            int(raw["forecast_cases"]),
        )
        try:
            lines = base_rate(budget, found["rate.reserve_share"].of(), volume.cmi, found["rate.decimals"].of())
        except PolicyError as error:
            raise PolicyError(f"region {region} fund {fund} year {year}: {error}") from error
        rests_on = assumed | ({"fund_budget"} if raw["standing"] == Standing.ASSUMED.value else set())
        rows.append(
            {
                **lines.__dict__,
                "settlement_year": year,
                "region_code": region,
                "fund": fund,
                "level_class": ALL_LEVELS,
                "rate_version": version,
                "method": found["payment.method"].of(),
                "weight_version": version,
                "policy_version": book.version(region, on, found),
                "assumed_parameters": sorted(rests_on),
            }
        )
    return rows


def rate_frame(spark: SparkSession, rows: list[dict[str, Any]]) -> DataFrame:
    """The rows as a frame in the shape of the contract."""
    expected = contract("region_rate")
    names = expected.names()
    return spark.createDataFrame([tuple(row[name] for name in names) for row in rows], expected.struct())
