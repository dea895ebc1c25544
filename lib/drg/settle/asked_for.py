"""What settle reads only where some region's policy asks for it: hospitals' cost coefficients, decided applications,
the year's quota of special cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame

from drg.errors import DrgError
from drg.runner import StepContext
from drg.settle.case_payment import Unit
from drg.settle.decisions import decisions
from drg.settle.quota import BY_YEAR, PLACES, month_counts, year_rows


def hospital_coefficients(
    ctx: StepContext, rows: list[dict[str, Any]], versions: list[str], yearly: dict[str, list[str | int]]
) -> DataFrame | None:
    """The hospitals' cost coefficients, where some region counts them."""
    if not any("hospital_cost" in (row["coefficient_factors"] or ()) for row in rows):
        return None
    return ctx.read("hospital_cost_coefficient", weight_version=versions, **yearly)


def decided(
    ctx: StepContext, rows: list[dict[str, Any]], lists: DataFrame, where: dict[str, list[str | int]]
) -> DataFrame | None:
    """The applications decided in favour, where some region takes them and any were delivered."""
    asked = any("on_application" in (row["special_case_rule"], row["exclusion_rule"]) for row in rows)
    if not asked or not ctx.lake.exists("case_application"):
        return None
    return decisions(ctx.read("case_application", **where), lists, rows)


def year_places(ctx: StepContext, rows: list[dict[str, Any]], units: Sequence[Unit]) -> DataFrame | None:
    """Special cases each hospital may have in a month, where some region counts its quota over the year."""
    regions = sorted({row["region_code"] for row in rows if row["special_case_quota_period"] == BY_YEAR})
    if not regions or not ctx.lake.exists("case_application"):
        return None
    wanted = [(unit.settlement_month, unit.region_code) for unit in units if unit.region_code in regions]
    years = sorted({month[:4] for month, _ in wanted})
    where: dict[str, list[str | int]] = {
        "settlement_month": [f"{year}-{number:02d}" for year in years for number in range(1, 13)],
        "region_code": [*regions],
    }
    counts = month_counts(ctx.read("settlement_list", **where), ctx.read("case_application", **where))
    found: list[tuple[str, str, str, int]] = []
    for region in regions:
        months = [month for month, code in wanted if code == region]
        try:
            found += year_rows(ctx.policy, region, months, counts)
        except DrgError as error:
            for month in months:
                ctx.fail(region, month, error)
    return ctx.spark.createDataFrame(found, PLACES)
