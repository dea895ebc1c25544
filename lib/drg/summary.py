"""The figures a person looks at first: lists, grouped share, CMI and money by region, over some months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from drg.doors.config import Province
from drg.doors.tables import Lake
from drg.money import half_up


@dataclass(frozen=True)
class RegionSummary:
    """One region (or the province) over the months asked for.

    Attributes:
        landed, accepted: received records and live, fit lists.
        grouped: cases in a DRG proper (neither ambiguous nor ungrouped).
        cmi: total weight / cases with a weight, None before settlement.
        total_cost, fund_payment: yuan.
    """

    code: str
    name: str
    landed: int
    accepted: int
    grouped: int
    cmi: Decimal | None
    total_cost: Decimal
    fund_payment: Decimal

    @property
    def grouped_share(self) -> Decimal | None:
        """入组率 in per cent with one decimal, None without lists."""
        return half_up(Decimal(self.grouped * 100) / Decimal(self.accepted), 1) if self.accepted else None


def summarise(lake: Lake, province: Province, months: Sequence[str]) -> list[RegionSummary]:
    """One row a region in the order of the codes, the province last; regions without any record are left out."""
    from pyspark.sql import functions as F

    landed = lake.count_by("landed_list", ["region_code"], record_month=months) if lake.exists("landed_list") else {}
    cases: dict[str, tuple[int, int]] = {}
    if lake.exists("grouped_case"):
        grouped = F.sum((F.col("grouping_status") == "grouped").cast("bigint"))
        for row in (
            lake.read("grouped_case", settlement_month=months)
            .groupBy("region_code")
            .agg(F.count(F.lit(1)).alias("n"), grouped.alias("g"))
            .collect()
        ):
            cases[row["region_code"]] = (row["n"], row["g"])
    money: dict[str, tuple[Decimal, int, Decimal, Decimal]] = {}
    if lake.exists("case_payment"):
        paid = lake.read("case_payment", settlement_month=months).groupBy("region_code")
        for row in paid.agg(
            F.sum("relative_weight").alias("w"),
            F.count("relative_weight").alias("n"),
            F.sum("total_cost").alias("c"),
            F.sum("fund_payment").alias("p"),
        ).collect():
            money[row["region_code"]] = (row["w"] or Decimal(0), row["n"], row["c"], row["p"])
    rows = []
    for region in province.regions:
        if (region.code,) not in landed:
            continue
        rows.append(
            _row(region.code, region.name, landed[(region.code,)], cases.get(region.code), money.get(region.code))
        )
    if rows:
        total = [(m[0], m[1], m[2], m[3]) for m in money.values()]
        rows.append(
            _row(
                province.code,
                province.name,
                sum(r.landed for r in rows),
                (sum(r.accepted for r in rows), sum(r.grouped for r in rows)),
                (
                    sum((t[0] for t in total), Decimal(0)),
                    sum(t[1] for t in total),
                    sum((t[2] for t in total), Decimal(0)),
                    sum((t[3] for t in total), Decimal(0)),
                )
                if total
                else None,
            )
        )
    return rows


def examples(lake: Lake, months: Sequence[str]) -> dict[str, str]:
    """One list of each kind worth asking about, kind -> settlement id: the first of each payment kind, one refused."""
    from pyspark.sql import functions as F

    paid = lake.read("case_payment", settlement_month=months).groupBy("payment_kind").agg(F.min("setl_id"))
    found = {row[0]: row[1] for row in paid.collect()}
    refused = lake.read("rejected_list", settlement_month=months).where("reason_kind = 'failed_check'")
    found["rejected"] = refused.agg(F.min("setl_id")).collect()[0][0]
    return {kind: found[kind] for kind in sorted(found) if found[kind]}


def _row(
    code: str,
    name: str,
    landed: int,
    cases: tuple[int, int] | None,
    money: tuple[Decimal, int, Decimal, Decimal] | None,
) -> RegionSummary:
    accepted, grouped = cases or (0, 0)
    weight, weighted, cost, paid = money or (Decimal(0), 0, Decimal(0), Decimal(0))
    cmi = half_up(weight / weighted, 4) if weighted else None
    return RegionSummary(code, name, landed, accepted, grouped, cmi, cost, paid)
