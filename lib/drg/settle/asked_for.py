"""What settle reads only where some region's policy asks for it: hospitals' cost coefficients, decided applications,
the year's quota of special cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame

from drg.errors import ContractError, DrgError
from drg.policy.check import groups_of_pack
from drg.policy.records import national_group
from drg.runner import StepContext
from drg.settle.case_payment import Unit
from drg.settle.decisions import decisions, rulings, together
from drg.settle.exclusion import counts_cases
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
    """What was decided of single cases, where some region's policy gives it effect and any was delivered.

    Where a region limits the cases of an item in the year, those of the year so far are read too.
    """
    applied = ruled = None
    asked = any("on_application" in (row["special_case_rule"], row["exclusion_rule"]) for row in rows)
    if asked and ctx.lake.exists("case_application"):
        applied = decisions(*_applications(ctx, rows, lists, where), rows)
    if any(row["dispute_rule"] == "on_decision" for row in rows) and ctx.lake.exists("case_dispute"):
        disputes = ctx.read("case_dispute", **where)
        _known_groups(ctx, rows, disputes)
        ruled = rulings(disputes, lists)
    return together(applied, ruled)


def _applications(
    ctx: StepContext, rows: list[dict[str, Any]], lists: DataFrame, where: dict[str, list[str | int]]
) -> tuple[DataFrame, DataFrame]:
    if not counts_cases(rows):
        return ctx.read("case_application", **where), lists
    so_far = where | {"settlement_month": [*year_to(ctx.months)]}
    return ctx.read("case_application", **so_far), ctx.read("settlement_list", **so_far)


def _known_groups(ctx: StepContext, rows: list[dict[str, Any]], disputes: DataFrame) -> None:
    """A dispute that regroups a case names a group its region can price; a month with another one is left out."""
    regrouped = disputes.where("decision = 'upheld' AND ruling = 'regrouped'").collect()
    for found in sorted(regrouped, key=lambda row: (row["region_code"], row["settlement_month"], row["setl_id"])):
        month, region = found["settlement_month"], found["region_code"]
        own = next((row for row in rows if (row["settlement_month"], row["region_code"]) == (month, region)), None)
        if own is None or own["dispute_rule"] != "on_decision":
            continue
        diseases = {entry["drg"] for entry in own["tcm_diseases"] or ()}
        if found["drg"] in diseases or national_group(found["drg"]) in groups_of_pack(own["scheme"]):
            continue
        error = ContractError(
            f"region {region}: a dispute regroups case {found['setl_id']} of {month} as {found['drg']}, which is no "
            f"group of {own['scheme']}; correct case_dispute.csv and land it again"
        )
        ctx.fail(region, month, error)


def year_places(ctx: StepContext, rows: list[dict[str, Any]], units: Sequence[Unit]) -> DataFrame | None:
    """Special cases each hospital may have in a month, where some region counts its quota over the year."""
    regions = sorted({row["region_code"] for row in rows if row["special_case_quota_period"] == BY_YEAR})
    if not regions or not ctx.lake.exists("case_application"):
        return None
    wanted = [(unit.settlement_month, unit.region_code) for unit in units if unit.region_code in regions]
    where: dict[str, list[str | int]] = {
        "settlement_month": [*year_to([month for month, _ in wanted])],
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


def year_to(months: Sequence[str]) -> list[str]:
    """The months of a year from January to each of these."""
    return sorted({f"{month[:5]}{number:02d}" for month in months for number in range(1, int(month[5:]) + 1)})
