"""Which regions and months can be settled, and with which parameters: asked before any case is priced.

No policy, no payment: a region whose policy, rate or groups do not cover every list of a month is left out of that
month as a whole, with one sentence; the other regions go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.errors import ContractError, DrgError, PolicyError
from drg.policy import PolicyBook
from drg.policy.values import FUNDS, HOSPITAL_LEVELS
from drg.runner import StepContext
from drg.settle.case_parameters import Rates, rate_of, rows_of_region
from drg.settle.case_payment import Unit
from drg.settle.in_force import InForce


@dataclass(frozen=True)
class Lists:
    """The fit lists of one region and month: how many, funds, hospital levels, first and last day of discharge."""

    count: int
    funds: tuple[str, ...]
    levels: tuple[str, ...]
    first: date
    last: date


ListsByUnit = Mapping[tuple[str, str], Lists]
GroupedByUnit = Mapping[tuple[str, str, str], tuple[int, str]]


def lists_by_unit(settlement_list: DataFrame) -> ListsByUnit:
    """Region and month -> its lists; one small aggregate."""
    rows = (
        settlement_list.groupBy("region_code", "settlement_month")
        .agg(
            F.count(F.lit(1)).alias("n"),
            F.sort_array(F.collect_set("fund")).alias("funds"),
            F.sort_array(F.collect_set("hospital_level")).alias("levels"),
            F.min("discharge_date").alias("first"),
            F.max("discharge_date").alias("last"),
        )
        .collect()
    )
    return {
        (row["region_code"], row["settlement_month"]): Lists(
            int(row["n"]), tuple(row["funds"]), tuple(row["levels"]), row["first"], row["last"]
        )
        for row in rows
    }


def grouped_by_unit(grouped_case: DataFrame) -> GroupedByUnit:
    """Region, month and scheme -> number of grouped cases and the rule pack that grouped them."""
    by = ("region_code", "settlement_month", "scheme")
    rows = grouped_case.groupBy(*by).agg(F.count(F.lit(1)).alias("n"), F.max("rule_pack").alias("pack")).collect()
    return {(row["region_code"], row["settlement_month"], row["scheme"]): (int(row["n"]), row["pack"]) for row in rows}


def due(
    book: PolicyBook,
    region: str,
    month: str,
    all_lists: ListsByUnit,
    grouped: GroupedByUnit,
    rates: Rates,
) -> tuple[Unit, list[dict[str, Any]]]:
    """The unit and its parameter rows; raises the error that keeps it from being settled.

    Asked for: a policy for every day the cases need, a rate for every fund they draw on, and one grouped case for
    every list under the scheme of the policy.
    """
    lists = all_lists.get((region, month))
    if lists is None:
        raise ContractError(f"region {region} has no fit list of {month}; run land and validate for that month first")
    first_day = date.fromisoformat(f"{month}-01")
    unit = Unit(region, month, book.value(region, "policy_date", first_day).of())
    first, last = (first_day, first_day) if unit.policy_date == "settlement_month" else (lists.first, lists.last)
    rows = rows_of_region(book, region, month, first, last, rates)
    schemes: Sequence[str] = sorted({row["scheme"] for row in rows})
    if len(schemes) > 1:
        raise PolicyError(
            f"region {region} changes its scheme ({', '.join(schemes)}) among the cases of {month}; "
            "let the scheme change with the first day of a month"
        )
    _known(region, month, "fund", lists.funds, FUNDS)
    _known(region, month, "hospital level", lists.levels, HOSPITAL_LEVELS)
    for fund in lists.funds:
        if any(rate_of(rates, int(month[:4]), region, fund, level) is None for level in lists.levels):
            raise PolicyError(f"region {region} has no rate of fund {fund} for {month[:4]}; run weigh and rate first")
    cases, _ = grouped.get((region, month, schemes[0]), (0, ""))
    if cases != lists.count:
        raise ContractError(
            f"region {region} has {lists.count} fit lists of {month} but {cases} cases grouped under {schemes[0]}; "
            "run group for that month first"
        )
    return unit, rows


def _known(region: str, month: str, what: str, found: Sequence[str], known: Sequence[str]) -> None:
    for value in found:
        if value not in known:
            raise PolicyError(
                f"region {region} has lists of {what} {value} in {month}, for which no policy is kept; "
                f"known are {', '.join(known)}"
            )


def units_due(
    ctx: StepContext, in_force: InForce, lists: ListsByUnit, grouped: GroupedByUnit, rates: Mapping[str, Rates]
) -> tuple[list[Unit], list[dict[str, Any]]]:
    """The units that can be settled and their parameter rows; the others are failed, each by its own reason."""
    units: list[Unit] = []
    rows: list[dict[str, Any]] = []
    for month in ctx.months:
        for region in (region for region in ctx.live(month) if (region, month) in in_force):
            try:
                unit, own = due(ctx.policy, region, month, lists, grouped, rates.get(in_force[region, month], {}))
            except DrgError as error:
                ctx.fail(region, month, error)
                continue
            units.append(unit)
            rows += own
            ctx.count_in(region, month, lists[region, month].count)
            ctx.stamp(region, month, pack=grouped[region, month, own[0]["scheme"]][1], policy=own[0]["policy_version"])
    return units, rows
