"""How many special cases (特例单议) a hospital may have where the policy counts them over the year so far.

A month's quota is a share of the hospital's cases of that month, which `case_payment` counts itself. A year's is a
share of its cases since January, less the special cases earlier months took of it. Both funds together: cases are
counted, no money. Source: 医保办发〔2024〕9号 (5 % of the discharges); over which period, no document says.

What a month may take follows from the lists and decisions of the year up to it, so that the order in which months are
settled changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.policy import PolicyBook

Hospital = tuple[str, str]
BY_YEAR = "year"
PLACES = "settlement_month string, region_code string, hospital_code string, special_year_places int"


@dataclass(frozen=True)
class MonthCount:
    """A hospital's fit lists of a month, its level, and its special cases decided in."""

    level: str
    cases: int
    asked: int


Counts = Mapping[Hospital, Mapping[str, MonthCount]]


@dataclass(frozen=True)
class Quota:
    """What holds on the first day of a month: the share by hospital level, and whether it is of the year."""

    share: Mapping[str, Decimal]
    by_year: bool


def month_counts(settlement_list: DataFrame, case_application: DataFrame) -> Counts:
    """Region and hospital -> month -> its counts; one small row a hospital and month comes to the driver."""
    case = ["settlement_month", "region_code", "setl_id"]
    asked = case_application.where("kind = 'special_case' AND decision = 'in'").select(*case, F.lit(1).alias("asked"))
    rows = (
        settlement_list.select(*case, "hospital_code", "hospital_level")
        .join(F.broadcast(asked), case, "left")
        .groupBy("region_code", "hospital_code", "settlement_month")
        .agg(F.max("hospital_level").alias("level"), F.count(F.lit(1)).alias("n"), F.count("asked").alias("asked"))
        .collect()
    )
    found: dict[Hospital, dict[str, MonthCount]] = {}
    for row in rows:
        months = found.setdefault((row["region_code"], row["hospital_code"]), {})
        months[row["settlement_month"]] = MonthCount(row["level"], int(row["n"]), int(row["asked"]))
    return found


def places(months: Mapping[str, MonthCount], quotas: Mapping[str, Quota | None]) -> dict[str, int]:
    """The special cases a hospital may have in each month of one year, rounded down; `quotas` None: no special cases.

    A month takes as many of its places as it has special cases; what it leaves, the months after it have.
    """
    found: dict[str, int] = {}
    cases = taken = 0
    for month in sorted(months):
        own, quota = months[month], quotas[month]
        cases += own.cases
        if quota is None:
            continue
        share = quota.share[own.level]
        # What was taken stands, also where the share falls within the year.
        found[month] = max(int(share * cases) - taken, 0) if quota.by_year else int(share * own.cases)
        taken += min(own.asked, found[month])
    return found


def quota_on(book: PolicyBook, region: str, month: str) -> Quota | None:
    """What a region's policy says of the quota on the first day of a month; None where it takes no special cases."""
    on = date.fromisoformat(f"{month}-01")
    rule = "special_case.rule"
    if not book.has_begun(region, rule, on) or book.value(region, rule, on).of() != "on_application":
        return None
    share, period = (book.value(region, f"special_case.quota_{name}", on) for name in ("share", "period"))
    levels = ("1", "2", "3")
    return Quota({level: share.of(hospital_level=level) for level in levels}, period.of() == BY_YEAR)


def year_rows(book: PolicyBook, region: str, months: Sequence[str], counts: Counts) -> list[tuple[str, str, str, int]]:
    """Rows of PLACES for some months of a region, sorted; PolicyError where a month's quota is not written."""
    seen = {name for (code, _), own in counts.items() if code == region for name in own}
    quotas = {name: quota_on(book, region, name) for name in sorted(seen) if name <= max(months)}
    rows = []
    for (code, hospital), own in counts.items():
        for month in (month for month in months if code == region and month in own):
            so_far = {name: count for name, count in own.items() if month[:5] <= name <= month}
            rows.append((month, region, hospital, places(so_far, quotas).get(month, 0)))
    return sorted(rows)
