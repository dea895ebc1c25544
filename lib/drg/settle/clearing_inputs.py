"""What the clearing reads: the year's months summed by hospital, and the small files as they were landed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame

from drg.runner import StepContext
from drg.settle.clearing_due import YearTables
from drg.settle.clearing_tables import booked_cases, carried_over, case_sums, month_sums, prior_spend
from drg.settle.clearing_terms import RegionTerms
from drg.weigh.version_tables import logs_of


def tables_of(ctx: StepContext, year: int, terms: Mapping[str, RegionTerms]) -> YearTables:
    """What the tables say of a year of the regions of `terms`; each table read at one version, recorded in run_log."""
    regions = list(terms)
    months: dict[str, list[str | int]] = {
        "settlement_month": [f"{year}-{number:02d}" for number in range(1, 13)],
        "region_code": [*regions],
    }
    advanced = [region for region, own in terms.items() if own.advance_months]
    before = [f"{year - 1}-{number:02d}" for number in range(1, 13)]
    paid, lists = ctx.read("case_payment", **months), ctx.read("settlement_list", **months)
    spent = ctx.read("settlement_list", settlement_month=before, region_code=advanced) if advanced else None
    rates = _rates(ctx, year, regions)
    reviews = _rows(ctx, "hospital_performance", settlement_year=[year], region_code=regions)
    audits = _rows(ctx, "audit_deduction", settlement_year=[year], region_code=regions)
    register = _rows(ctx, "hospital_register", region_code=regions)
    return YearTables(
        lists=_by_month(lists),
        paid=_by_month(paid),
        cases=case_sums(paid),
        months=month_sums(ctx.read("hospital_settlement", **months)),
        prior_spend=prior_spend(spent) if spent is not None else {},
        rates={(row["region_code"], row["fund"]): row for row in rates},
        budgets={
            (row["region_code"], row["fund"]): row
            for row in _rows(ctx, "fund_budget", settlement_year=[year], region_code=regions)
        },
        hospitals={r: frozenset(row["hospital_code"] for row in register if row["region_code"] == r) for r in regions},
        reviews={r: tuple(row for row in reviews if row["region_code"] == r) for r in regions},
        carried=_carried(ctx, year, regions),
        booked=_booked(ctx, year, regions),
        audits={r: tuple(row for row in audits if row["region_code"] == r) for r in regions},
    )


def _carried(ctx: StepContext, year: int, regions: list[str]) -> dict[tuple[str, str, str], Decimal]:
    if not ctx.lake.exists("hospital_clearing"):
        return {}
    return carried_over(ctx.lake.read("hospital_clearing", None, settlement_year=[year - 1], region_code=regions))


def _booked(ctx: StepContext, year: int, regions: list[str]) -> dict[tuple[str, str], int]:
    if not ctx.lake.exists("payment_adjustment"):
        return {}
    return booked_cases(ctx.read("payment_adjustment", region_code=regions).where(f"case_month LIKE '{year}-%'"))


def _rates(ctx: StepContext, year: int, regions: list[str]) -> list[dict[str, Any]]:
    """The rates in force at the end of the year: their budget lines are the newest of those the months were paid by."""
    if not ctx.lake.exists("version_status"):
        return []
    logs = logs_of(ctx.read("version_status", settlement_year=[year], region_code=regions))
    last = {region: log.in_force(f"{year}-12") for (region, _), log in logs.items()}
    versions = {region: one.version for region, one in last.items() if one is not None}
    rows = _rows(ctx, "region_rate", settlement_year=[year], region_code=list(versions))
    return [row for row in rows if row["rate_version"] == versions[row["region_code"]]]


def _rows(ctx: StepContext, table: str, **where: Any) -> list[dict[str, Any]]:
    """The rows of a small table; none where it was never written."""
    return [row.asDict() for row in ctx.read(table, **where).collect()] if ctx.lake.exists(table) else []


def _by_month(frame: DataFrame) -> dict[tuple[str, str], int]:
    rows = frame.groupBy("region_code", "settlement_month").count().collect()
    return {(row["region_code"], row["settlement_month"]): int(row["count"]) for row in rows}
