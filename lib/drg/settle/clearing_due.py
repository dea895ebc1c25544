"""What is asked before a year is cleared, and a hospital's year put together from what the tables say.

A region whose year is incomplete, whose files name hospitals nobody knows, or whose budget is missing is left out as a
whole, with one sentence; the other regions go on. Without Spark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from drg.errors import ContractError, PolicyError
from drg.land.registers import BOTH_FUNDS
from drg.money import round_fen
from drg.policy import PolicyBook
from drg.rate.base_rate import pool_of
from drg.rate.tables import budget_of
from drg.settle.clearing import NOTHING, Budget, HospitalYear
from drg.settle.clearing_terms import RegionTerms

Row = Mapping[str, Any]
UnitKey = tuple[str, str]


@dataclass(frozen=True)
class YearTables:
    """What the tables say of a year, over all regions; amounts in yuan.

    Attributes:
        lists, paid: fit lists and paid cases by region and month.
        cases: sums of case_payment by region, fund and hospital.
        months: sums of hospital_settlement, likewise.
        prior_spend: mean monthly fund spend of the prior year, likewise.
        rates, budgets: rows of region_rate and fund_budget by region and fund.
        hospitals: the codes of each region's register.
        reviews, audits: rows of hospital_performance and audit_deduction by region.
        carried: what the reviews of the year before take, likewise by region, fund and hospital.
        booked: cases that entries after the clearing added, by region and month.
    """

    lists: Mapping[UnitKey, int] = field(default_factory=dict)
    paid: Mapping[UnitKey, int] = field(default_factory=dict)
    cases: Mapping[tuple[str, str, str], Row] = field(default_factory=dict)
    months: Mapping[tuple[str, str, str], Row] = field(default_factory=dict)
    prior_spend: Mapping[tuple[str, str, str], Decimal] = field(default_factory=dict)
    rates: Mapping[UnitKey, Row] = field(default_factory=dict)
    budgets: Mapping[UnitKey, Row] = field(default_factory=dict)
    hospitals: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reviews: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    audits: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    carried: Mapping[tuple[str, str, str], Decimal] = field(default_factory=dict)
    booked: Mapping[UnitKey, int] = field(default_factory=dict)


def assert_year_complete(region: str, year: int, first_month: str, tables: YearTables) -> None:
    """Every month from the first one settled to December is settled, and settled with all its lists.

    Where the year was cleared before, lists that came since count as settled once they are booked. Raises
    ContractError naming the first month that is open.
    """
    for number in range(1, 13):
        month = f"{year}-{number:02d}"
        if month < first_month:
            continue
        paid = tables.paid.get((region, month), 0)
        if not paid:
            raise ContractError(f"region {region} has not settled {month}; settle it before {year} is cleared")
        lists = tables.lists.get((region, month), 0) - tables.booked.get((region, month), 0)
        if lists != paid:
            raise ContractError(
                f"region {region} has {lists} fit lists of {month} but {paid} paid cases; "
                f"settle the month again before {year} is cleared"
            )


def assert_hospitals_known(region: str, tables: YearTables) -> None:
    """Every hospital of the review and audit files stands in the region's register; ContractError naming the first."""
    known = tables.hospitals.get(region, frozenset())
    for file, rows in (("performance.csv", tables.reviews), ("audit_deduction.csv", tables.audits)):
        for row in rows.get(region, ()):
            if row["hospital_code"] not in known:
                raise ContractError(
                    f"{file} of region {region} names hospital {row['hospital_code']}, which its "
                    "hospital_register.csv does not hold; correct the file and land it again"
                )


def budget_of_rate(region: str, fund: str, tables: YearTables) -> Budget | None:
    """The printed budget lines a fund's rate came from; None where it was published, or there is no rate."""
    lines = tables.rates.get((region, fund))
    if lines is None or lines["distributable"] is None:
        return None
    return Budget(lines["budget"], lines["reserve"], lines["non_drg_payments"], lines["distributable"])


def year_budget(book: PolicyBook, region: str, year: int, fund: str, tables: YearTables) -> Budget:
    """The printed budget lines of a fund: those its rate came from, or of the delivered budget where it was published.

    Raises PolicyError where there is neither.
    """
    found_there = budget_of_rate(region, fund, tables)
    if found_there is not None:
        return found_there
    on = book.day_of_year(region, year)
    names = ["budget.basis", "rate.reserve_share"]
    found = {name: book.value(region, name, on) for name in names}
    if found["budget.basis"].of() == "growth":
        found["budget.growth"] = book.value(region, "budget.growth", on)
    delivered, _ = budget_of(region, year, fund, found, tables.budgets)
    pool = pool_of(delivered, found["rate.reserve_share"].of())
    return Budget(pool.budget, pool.reserve, pool.non_drg_payments, pool.distributable)


def hospital_years(region: str, year: int, fund: str, terms: RegionTerms, tables: YearTables) -> list[HospitalYear]:
    """The years of a region's hospitals in one fund, in the order of their codes; money of no other fund is looked at.

    A hospital without a case of the fund has a year too where a review, an audit or the year before names it. Raises
    ContractError where the months do not tie to their cases, PolicyError for a clearing by reviews without any review.
    """
    cases, months = _own(tables.cases, region, fund), _own(tables.months, region, fund)
    reviews, audits = _reviews(tables.reviews.get(region, ()), fund), _audits(tables.audits.get(region, ()), fund)
    if terms.terms.performance in ("points", "deduction") and not tables.reviews.get(region):
        raise PolicyError(
            f"performance.rule of region {region} is {terms.terms.performance}, but no review of {year} has been "
            "delivered; add performance.csv and land it"
        )
    rewarded = {hospital for hospital, row in reviews.items() if row["reward_points"]}
    carried = {key[2]: amount for key, amount in tables.carried.items() if key[:2] == (region, fund)}
    found = []
    for hospital in sorted({*cases, *months, *audits, *rewarded, *carried}):
        case, month, review = cases.get(hospital, {}), months.get(hospital, {}), reviews.get(hospital, {})
        monthly = case.get("fund_payment", NOTHING)
        owed = month.get("fund_payment", NOTHING)
        if owed != monthly:
            raise ContractError(
                f"hospital {hospital} of region {region}: its months of {year} owe {owed} yuan of fund {fund}, their "
                f"cases {monthly}; settle the months again"
            )
        mean = tables.prior_spend.get((region, fund, hospital), NOTHING)
        found.append(
            HospitalYear(
                hospital_code=hospital,
                fund=fund,
                monthly=monthly,
                by_item=case.get("by_item", NOTHING),
                points=case.get("points") or Decimal(0),
                reward_points=review.get("reward_points") or Decimal(0),
                patient_share=case.get("patient_share") or NOTHING,
                outside_points=case.get("outside_points") or NOTHING,
                withheld=month.get("withheld", NOTHING),
                paid=month.get("payable", NOTHING),
                differences=month.get("adjustment", NOTHING),
                carried=carried.get(hospital, NOTHING),
                advance=round_fen(mean * terms.advance_months),
                score=review.get("score"),
                audits=audits.get(hospital, ()),
            )
        )
    return found


def _own(rows: Mapping[tuple[str, str, str], Row], region: str, fund: str) -> dict[str, Row]:
    return {key[2]: row for key, row in rows.items() if key[:2] == (region, fund)}


def _reviews(rows: Iterable[Row], fund: str) -> dict[str, Row]:
    return {row["hospital_code"]: row for row in rows if row["fund"] in (fund, BOTH_FUNDS)}


def _audits(rows: Iterable[Row], fund: str) -> dict[str, tuple[tuple[Decimal, str], ...]]:
    found: dict[str, tuple[tuple[Decimal, str], ...]] = {}
    for row in sorted(rows, key=lambda row: row["line_number"]):
        if row["fund"] == fund:
            decided: date = row["decided_on"]
            entry = (row["amount"], f"{row['reason']}（{decided.isoformat()}）")
            found[row["hospital_code"]] = (*found.get(row["hospital_code"], ()), entry)
    return found
