"""What settle reads only where some region's policy asks for it: hospitals' cost coefficients, decided applications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame

from drg.runner import StepContext
from drg.settle.decisions import decisions
from drg.settle.exclusion import counts_cases


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
    """The applications decided in favour, where some region takes them and any were delivered.

    Where a region limits the cases of an item in the year, those of the year so far are read too.
    """
    asked = any("on_application" in (row["special_case_rule"], row["exclusion_rule"]) for row in rows)
    if not asked or not ctx.lake.exists("case_application"):
        return None
    if not counts_cases(rows):
        return decisions(ctx.read("case_application", **where), lists, rows)
    so_far = where | {"settlement_month": [*year_to(ctx.months)]}
    return decisions(ctx.read("case_application", **so_far), ctx.read("settlement_list", **so_far), rows)


def year_to(months: Sequence[str]) -> list[str]:
    """The months of a year from January to each of these."""
    return sorted({f"{month[:5]}{number:02d}" for month in months for number in range(1, int(month[5:]) + 1)})
