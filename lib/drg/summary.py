"""The figures a person looks at first: lists, grouped share, CMI and each fund's money by region, over some months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from drg.doors.config import Province
from drg.doors.tables import Lake
from drg.money import half_up
from drg.policy.values import FUNDS
from drg.words import FUND


@dataclass
class RegionSummary:
    """One region (or the province) over the months asked for; money of two funds is never added up.

    Attributes:
        landed, accepted: received records and live, fit lists.
        grouped: cases in a DRG proper (neither ambiguous nor ungrouped).
        weight, weighted: total weight, and the cases that have one.
        total_cost, fund_payment: yuan by fund; empty before settlement.
    """

    code: str
    name: str
    landed: int = 0
    accepted: int = 0
    grouped: int = 0
    weight: Decimal = Decimal(0)
    weighted: int = 0
    total_cost: dict[str, Decimal] = field(default_factory=dict)
    fund_payment: dict[str, Decimal] = field(default_factory=dict)

    @property
    def grouped_share(self) -> Decimal | None:
        """入组率 in per cent with one decimal, None without lists."""
        return half_up(Decimal(self.grouped * 100) / Decimal(self.accepted), 1) if self.accepted else None

    @property
    def cmi(self) -> Decimal | None:
        """Total weight / cases with a weight, None before settlement."""
        return half_up(self.weight / self.weighted, 4) if self.weighted else None

    def add(self, other: RegionSummary) -> None:
        """Add a region to this one, each fund for itself."""
        self.landed += other.landed
        self.accepted += other.accepted
        self.grouped += other.grouped
        self.weight += other.weight
        self.weighted += other.weighted
        for own, more in ((self.total_cost, other.total_cost), (self.fund_payment, other.fund_payment)):
            for fund, amount in more.items():
                own[fund] = own.get(fund, Decimal(0)) + amount


def summarise(
    lake: Lake, province: Province, months: Sequence[str], regions: Sequence[str] | None = None
) -> list[RegionSummary]:
    """One row a region in the order of the codes, regions without any record left out.

    The province stands last where all its regions were asked for (`regions` None or all).
    """
    codes = [code for code in province.region_codes() if regions is None or code in regions]
    landed = lake.count_by("landed_list", ["region_code"], record_month=months) if lake.exists("landed_list") else {}
    known = [code for code in codes if (code,) in landed]
    rows = {code: RegionSummary(code, province.name_of(code), landed[(code,)]) for code in known}
    _count_cases(lake, months, rows)
    _sum_money(lake, months, rows)
    found = list(rows.values())
    if found and len(codes) == len(province.region_codes()):
        total = RegionSummary(province.code, province.name)
        for row in rows.values():
            total.add(row)
        found.append(total)
    return found


def _count_cases(lake: Lake, months: Sequence[str], rows: dict[str, RegionSummary]) -> None:
    from pyspark.sql import functions as F

    if not rows or not lake.exists("grouped_case"):
        return
    grouped = F.sum((F.col("grouping_status") == "grouped").cast("bigint"))
    cases = lake.read("grouped_case", settlement_month=months, region_code=[*rows]).groupBy("region_code")
    for row in cases.agg(F.count(F.lit(1)).alias("n"), grouped.alias("g")).collect():
        rows[row["region_code"]].accepted, rows[row["region_code"]].grouped = row["n"], row["g"]


def _sum_money(lake: Lake, months: Sequence[str], rows: dict[str, RegionSummary]) -> None:
    from pyspark.sql import functions as F

    if not rows or not lake.exists("case_payment"):
        return
    paid = lake.read("case_payment", settlement_month=months, region_code=[*rows]).groupBy("region_code", "fund")
    for row in paid.agg(
        F.sum("relative_weight").alias("w"),
        F.count("relative_weight").alias("n"),
        F.sum("total_cost").alias("c"),
        F.sum("fund_payment").alias("p"),
    ).collect():
        own, fund = rows[row["region_code"]], row["fund"]
        own.weight += row["w"] or Decimal(0)
        own.weighted += row["n"]
        own.total_cost[fund], own.fund_payment[fund] = row["c"], row["p"]


def money_columns() -> dict[str, str]:
    """Headings of the two funds' payments in a table, fund -> heading."""
    return {fund: f"{FUND[fund][:2]} {fund} pays" for fund in FUNDS}


def examples(lake: Lake, months: Sequence[str]) -> dict[str, str]:
    """One list of each kind worth asking about, kind -> settlement id: the first of each payment kind, one refused."""
    from pyspark.sql import functions as F

    paid = lake.read("case_payment", settlement_month=months).groupBy("payment_kind").agg(F.min("setl_id"))
    found = {row[0]: row[1] for row in paid.collect()}
    refused = lake.read("rejected_list", settlement_month=months).where("reason_kind = 'failed_check'")
    found["rejected"] = refused.agg(F.min("setl_id")).collect()[0][0]
    return {kind: found[kind] for kind in sorted(found) if found[kind]}
