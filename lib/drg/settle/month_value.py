"""month_point_value (当月点值): the value of a point that floats with the month, from what the month may pay out.

    month pool      当月可分配额    the year's pool x 1/12, or x days of the month / days of the year
    beside points   不以点数计      what the month's cases come to at the year's value - points x the year's value
    point value     当月点值        (month pool - beside points) / points of the month

Grain: settlement month x region x fund, of regions whose `point_value.basis` is monthly. The year's pool is that of
`region_rate`, and the cases are counted in the same money, as `point_value.distributable` says: with the patients'
share the pool is the cost pool (可支付总费用) and a case its standard; of the fund alone the pool is the distributable
fund (可分配基金) and a case what the fund pays. Twelve months add up to the year to the fen (largest remainder), also
where the region began within it. What is beside the points are cases paid by item or by the day in yuan, items paid on
top, and the rounding of each case to the fen. A month without points keeps the year's value, since nothing is paid by
it.

The year's value serves to count; then the month is priced once more at its own, lines and routes with it. A case that
changes sides thereby moves the sum by what it changes; as all of a provisional value it is made good by the annual
clearing, which deals the year's money by the year's points (`drg.settle.clearing`).

Source: a point is worth budget / points, settled by the period and cleared by the year (医保办发〔2020〕45号 四);
how a year is dealt out over its months is published nowhere: `point_value.month_pool`, assumed where it is used.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.doors.tables import Lake, Value
from drg.errors import PolicyError
from drg.money import apportion, round_fen, round_rate
from drg.policy import PolicyBook
from drg.policy.values import Standing
from drg.rate.base_rate import WITH_PATIENT_SHARE
from drg.rate.parameters import MONTHLY, POINTS
from drg.runner import StepContext
from drg.settle.case_payment import Unit
from drg.settle.rules import PRICED_ROUTES

TABLE = "month_point_value"
# The whole digits a price of a point has room for.
_NO_PRICE = Decimal(1_000_000)
_TERMS = ("month_pool", "distributable", "decimals")
DAYS = "days"

Key = tuple[str, str, str]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class MonthTerms:
    """How a region makes its month's value.

    Attributes:
        dealt: `twelfth` or `days`, how the year's pool is dealt out over the months.
        pool: the column of region_rate that is dealt out.
        counts: the column of case_payment that is counted against it.
        decimals: those of the value.
        assumed: names of the parameters this rests on that nobody published.
    """

    dealt: str
    pool: str
    counts: str
    decimals: int
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class MonthSums:
    """What the cases of a month, region and fund come to at the year's value: how many, yuan, points."""

    cases: int
    amount: Decimal
    points: Decimal


@dataclass(frozen=True)
class MonthValue:
    """The printed lines from the month's pool to its value; yuan, yuan a point."""

    month_pool: Decimal
    beside_points: Decimal
    point_value: Decimal


def month_terms(book: PolicyBook, region: str, month: str) -> MonthTerms | None:
    """The terms on the first day of a month (YYYY-MM); None where the value does not float."""
    day = date.fromisoformat(f"{month}-01")
    if book.value(region, "point_value.basis", day).of() != MONTHLY:
        return None
    found = {name: book.value(region, f"point_value.{name}", day) for name in _TERMS}
    shared = found["distributable"].of() == WITH_PATIENT_SHARE
    return MonthTerms(
        found["month_pool"].of(),
        "cost_pool" if shared else "distributable",
        "standard" if shared else "fund_payment",
        int(found["decimals"].of()),
        tuple(item.name for item in found.values() if item.standing is Standing.ASSUMED),
    )


def month_pool(year_pool: Decimal, month: str, dealt: str) -> Decimal:
    """The month's part of a year's pool, to the fen; the parts of the twelve months add up to it."""
    year, number = int(month[:4]), int(month[5:])
    shares = [calendar.monthrange(year, one)[1] if dealt == DAYS else 1 for one in range(1, 13)]
    return apportion(year_pool, shares)[number - 1]


def month_value(pool: Decimal, sums: MonthSums, year_value: Decimal, decimals: int) -> MonthValue:
    """The value of a point in a month; half-up to `decimals`.

    Raises PolicyError where that is no price: points below zero, nothing left for them, or more than a price can be.
    """
    beside = sums.amount - round_fen(sums.points * year_value)
    if sums.points == 0:
        return MonthValue(pool, beside, year_value)
    exact = (Fraction(pool) - Fraction(beside)) / Fraction(sums.points)
    value = round_rate(exact, decimals)
    if sums.points < 0 or value <= 0 or value >= _NO_PRICE:
        raise PolicyError(
            f"the month may pay out {pool} yuan, {beside} of it beside its {sums.points.normalize():f} points, which "
            "gives a point no price; correct the delivered budget or settle the month at the year's value "
            "(point_value.basis)"
        )
    return MonthValue(pool, beside, value)


def with_month_values(
    ctx: StepContext, units: Sequence[Unit], rows: Rows, price: Callable[[Sequence[Unit], Rows], DataFrame]
) -> tuple[Rows, Rows]:
    """The parameter rows with the month's value in the place of the year's, and the rows of month_point_value.

    `price` prices units by parameter rows as settle does. A unit whose month leaves nothing for a point is failed.
    """
    own = {(row["region_code"], row["settlement_month"]) for row in rows if row["payment_method"] == POINTS}
    terms = {unit: own_terms for unit in sorted(own) if (own_terms := month_terms(ctx.policy, *unit))}
    if not terms:
        return rows, []
    at_year = [row for row in rows if (row["region_code"], row["settlement_month"]) in terms]
    floating = [unit for unit in units if (unit.region_code, unit.settlement_month) in terms]
    sums = month_sums(price(floating, at_year), {unit: of.counts for unit, of in terms.items()})
    versions = {(row["settlement_month"], row["region_code"], row["fund"]): row["rate_version"] for row in at_year}
    rates = _rates(ctx, terms, versions.values())
    made: Rows = []
    for (month, region, fund), own_sums in sorted(sums.items()):
        of, version = terms[region, month], versions[month, region, fund]
        rate = rates[int(month[:4]), region, fund, version]
        try:
            pool = month_pool(rate[of.pool], month, of.dealt)
            found = month_value(pool, own_sums, rate["point_value"], of.decimals)
        except PolicyError as error:
            ctx.fail(region, month, PolicyError(f"region {region} fund {fund} month {month}: {error}"))
            continue
        made.append(
            {
                "settlement_month": month, "region_code": region, "fund": fund, "rate_version": version,
                "dealt": of.dealt, "year_pool": rate[of.pool], "month_pool": found.month_pool,
                "n_cases": own_sums.cases, "counts": of.counts, "amount": own_sums.amount, "points": own_sums.points,
                "year_value": rate["point_value"], "beside_points": found.beside_points,
                "point_value": found.point_value,
            }
        )  # fmt: skip
    # One fund's fault fails the month of both.
    made = [one for one in made if (one["region_code"], one["settlement_month"]) not in ctx.failed]
    return at_month_values(ctx.policy, rows, made), made


def month_sums(case_payment: DataFrame, counts: Mapping[tuple[str, str], str]) -> dict[Key, MonthSums]:
    """Settlement month, region and fund -> the sums of its cases; points are those of cases paid by points.

    `counts` names the column that is counted, by region and month.
    """
    rows = (
        case_payment.groupBy("settlement_month", "region_code", "fund")
        .agg(
            F.count(F.lit(1)).alias("n"), *(F.sum(name).alias(name) for name in ("standard", "fund_payment", "points"))
        )
        .collect()
    )
    return {
        (row["settlement_month"], row["region_code"], row["fund"]): MonthSums(
            int(row["n"]), row[counts[row["region_code"], row["settlement_month"]]], row["points"] or Decimal(0)
        )
        for row in rows
    }


def _rates(
    ctx: StepContext, terms: Iterable[tuple[str, str]], versions: Iterable[str]
) -> dict[tuple[int, str, str, str], Mapping[str, Any]]:
    years, regions = sorted({int(month[:4]) for _, month in terms}), sorted({region for region, _ in terms})
    frame = ctx.read(
        "region_rate", settlement_year=years, region_code=regions, rate_version=sorted({v for v in versions if v})
    )
    names = ("settlement_year", "region_code", "fund", "rate_version")
    wanted = frame.select(*names, "cost_pool", "distributable", "point_value").collect()
    return {tuple(row[name] for name in names): row.asDict() for row in wanted}


def at_month_values(book: PolicyBook, rows: Sequence[dict[str, Any]], made: Iterable[Mapping[str, Any]]) -> Rows:
    """Parameter rows, those of a month with a value of its own at that value and with what it rests on."""
    values = {(one["settlement_month"], one["region_code"], one["fund"]): one["point_value"] for one in made}
    assumed: dict[tuple[str, str], tuple[str, ...]] = {}
    for month, region, _ in values:
        terms = month_terms(book, region, month)
        assumed[month, region] = terms.assumed if terms else ()
    found: Rows = []
    for row in rows:
        unit = (row["settlement_month"], row["region_code"])
        if (*unit, row["fund"]) not in values:
            found.append(row)
            continue
        routes = [f"assumed_{route}" for route in PRICED_ROUTES]
        rests_on = {name: sorted({*row[name], *assumed[unit]}) for name in routes}
        found.append({**row, "point_value": values[*unit, row["fund"]], **rests_on})
    return found


def settled_values(lake: Lake, units: Sequence[Unit]) -> Rows:
    """The values some months were settled at."""
    if not lake.exists(TABLE):
        return []
    own = {(unit.settlement_month, unit.region_code) for unit in units}
    where: dict[str, list[Value]] = {
        "settlement_month": sorted({month for month, _ in own}),
        "region_code": sorted({region for _, region in own}),
    }
    rows = lake.read(TABLE, None, **where).collect()
    return [row.asDict() for row in rows if (row["settlement_month"], row["region_code"]) in own]


def write_month_values(ctx: StepContext, made: Rows, where: Mapping[str, Sequence[Value]]) -> None:
    """Write month_point_value of the months settled; no table where no region's value ever floated."""
    if made or ctx.lake.exists(TABLE):
        names = contract(TABLE).names()
        rows = [tuple(row[name] for name in names) for row in made]
        ctx.write(TABLE, ctx.spark.createDataFrame(rows, contract(TABLE).struct()), **where)
