"""The figures of the province's page: small aggregates of a month, with small cells taken out.

The page may be read by anyone, so that nothing under 10 cases appears: neither a count nor a mean, and no
province figure from which a hidden cell of fewer than 10 cases could be had. The funds are shown beside
each other and never added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.doors.config import Province
from drg.money import half_up
from drg.publish.content import SMALL_CELL
from drg.publish.small_cells import hidden

NOT_GROUPED = ("ambiguous", "ungrouped")
ALL_LEVELS = "all"


@dataclass(frozen=True)
class Price:
    """What a region pays for a unit of weight or a point, for all hospital levels or one.

    Attributes:
        value: 费率 in yuan a weight, or 点值 in yuan a point.
        scale: points of weight 1 (点数基数); None in the rate method.
    """

    level_class: str
    value: Decimal
    scale: int | None = None

    @property
    def per_weight(self) -> Decimal:
        """Yuan a unit of weight, the same measure for both methods."""
        return self.value if self.scale is None else self.value * self.scale


@dataclass
class Tally:
    """Cases and money of one fund (or of a region's cases of both, then without money).

    Attributes:
        kinds: cases by what became of them: normal, low_outlier, high_outlier (the extreme ones among them), unpriced
            (grouped, but no weight), ambiguous, ungrouped, and the other kinds of payment by their names.
        weighted: cases with a weight.
        weight: Σ relative weight.
        total_cost, fund_payment: yuan.
    """

    kinds: dict[str, int] = field(default_factory=dict)
    weighted: int = 0
    weight: Decimal = Decimal(0)
    total_cost: Decimal = Decimal(0)
    fund_payment: Decimal = Decimal(0)

    @property
    def cases(self) -> int:
        """Number of cases."""
        return sum(self.kinds.values())

    @property
    def cmi(self) -> Decimal | None:
        """Σ weight / cases with a weight, 4 decimals; None without or with too few."""
        return half_up(self.weight / self.weighted, 4) if self.weighted >= SMALL_CELL else None

    def count(self, *kinds: str) -> int:
        """Cases of these kinds."""
        return sum(self.kinds.get(kind, 0) for kind in kinds)

    def share(self, *kinds: str) -> Decimal | None:
        """Per cent of the cases that are of these kinds, 2 decimals; None without cases."""
        return half_up(Decimal(100 * self.count(*kinds)) / Decimal(self.cases), 2) if self.cases else None

    def add(self, other: Tally) -> None:
        """Add the cases of another tally to this one."""
        for kind, count in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + count
        self.weighted += other.weighted
        self.weight += other.weight
        self.total_cost += other.total_cost
        self.fund_payment += other.fund_payment


@dataclass(frozen=True)
class Shown:
    """What is printed of one region; None where it is hidden or there is none.

    Attributes:
        cases: number of cases of both funds.
        grouped: 入组率, cases in a DRG proper / all cases, per cent.
        shares: per cent of the cases by kind.
        paid: fund payment in yuan, by fund.
    """

    cases: int | None
    grouped: Decimal | None
    cmi: Decimal | None
    shares: dict[str, Decimal | None]
    paid: dict[str, Decimal | None]


@dataclass
class RegionMonth:
    """One region's month: its cases by fund, what came back, and its rates or point values by fund."""

    code: str
    name: str
    funds: dict[str, Tally]
    rejected: int
    prices: dict[str, list[Price]]

    @property
    def all_cases(self) -> Tally:
        """Cases of both funds together, for counts and weights only."""
        return together(self.funds.values())


def together(tallies: Any) -> Tally:
    """The cases of several tallies; counts and weights only, since money of two funds is never added up."""
    total = Tally()
    for tally in tallies:
        total.add(tally)
    total.total_cost = total.fund_payment = Decimal(0)
    return total


def shown(regions: Sequence[RegionMonth], kinds: Sequence[str], funds: Sequence[str]) -> dict[str, Shown]:
    """What is printed of each region beside the totals of the province, small cells taken out.

    The two kinds without a group add up to what the grouped share leaves over; both are hidden where one is.
    """
    tallies = {region.code: region.all_cases for region in regions}
    no_cases = hidden({code: tally.cases for code, tally in tallies.items()})
    no_grouped = no_cases | hidden({code: tally.count(*NOT_GROUPED) for code, tally in tallies.items()})
    no_kind = {kind: no_cases | hidden({c: t.count(kind) for c, t in tallies.items()}) for kind in kinds}
    apart = frozenset[str]().union(*(no_kind[kind] for kind in kinds if kind in NOT_GROUPED))
    no_kind |= {kind: apart for kind in kinds if kind in NOT_GROUPED}
    by_fund = {fund: {r.code: r.funds.get(fund, Tally()) for r in regions} for fund in funds}
    no_fund = {fund: hidden({c: t.cases for c, t in part.items()}) for fund, part in by_fund.items()}
    found = {}
    for code, tally in tallies.items():
        rest = tally.share(*NOT_GROUPED)
        found[code] = Shown(
            cases=None if code in no_cases else tally.cases,
            grouped=None if code in no_grouped or rest is None else Decimal("100.00") - rest,
            cmi=None if code in no_cases else tally.cmi,
            shares={kind: None if code in no_kind[kind] else tally.share(kind) for kind in kinds},
            paid={f: None if code in no_fund[f] else part[code].fund_payment for f, part in by_fund.items()},
        )
    return found


def region_months(
    province: Province, case_payment: DataFrame, rejected_list: DataFrame, region_rate: DataFrame
) -> list[RegionMonth]:
    """Every region with cases or returned records, in the order of the codes."""
    funds: dict[str, dict[str, Tally]] = defaultdict(dict)
    for row in _paid(case_payment):
        kind, fund = row["kind"], row["fund"]
        tally = Tally({kind: row["n"]}, row["weighted"], row["weight"] or Decimal(0), row["cost"], row["paid"])
        funds[row["region_code"]].setdefault(fund, Tally()).add(tally)
    returned = {row["region_code"]: row["count"] for row in rejected_list.groupBy("region_code").count().collect()}
    prices: dict[str, dict[str, list[Price]]] = defaultdict(lambda: defaultdict(list))
    wanted = ("region_code", "fund", "level_class", "base_rate", "point_value", "point_scale")
    for row in region_rate.select(*wanted).orderBy("region_code", "fund", "level_class").collect():
        scale = row["point_scale"] if row["point_value"] is not None else None
        price = Price(row["level_class"], row["base_rate"] if scale is None else row["point_value"], scale)
        prices[row["region_code"]][row["fund"]].append(price)
    return [
        RegionMonth(r.code, r.name, funds.get(r.code, {}), returned.get(r.code, 0), dict(prices[r.code]))
        for r in province.regions
        if r.code in funds or r.code in returned
    ]


def _paid(case_payment: DataFrame) -> list[Any]:
    # A grouped case whose group has no weight is paid like an ungrouped one, but it is grouped.
    unpriced = F.when(F.col("payment_kind").isin(*NOT_GROUPED), F.lit("unpriced")).otherwise(F.col("payment_kind"))
    merged = F.when(F.col("payment_kind") == "extreme_outlier", F.lit("high_outlier")).otherwise(unpriced)
    kind = F.when(F.col("grouping_status") == "grouped", merged).otherwise(F.col("grouping_status"))
    return (
        case_payment.groupBy("region_code", "fund", kind.alias("kind"))
        .agg(
            F.count(F.lit(1)).alias("n"),
            F.count("relative_weight").alias("weighted"),
            F.sum("relative_weight").alias("weight"),
            F.sum("total_cost").alias("cost"),
            F.sum("fund_payment").alias("paid"),
        )
        .collect()
    )
