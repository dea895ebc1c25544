"""Some months of a small lake: grouped cases, their lists and budgets, as weigh, rate and settle read them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drawn_tables import drawn

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from drg.doors.tables import Lake


def cases(region: str, month: str, count: int, seed: int, payer: str, rare: bool = False) -> list[dict[str, Any]]:
    """Grouped cases with the list's amounts beside them, the first and each ninth after it of a patient whom `payer`
    insures; RARE occurs only where asked for, 0000 has no group.
    """
    draw = random.Random(f"{region} {month} {seed}")
    rows = []
    for i in range(count):
        drg, mean = draw.choice([("AA11", 20000), ("BB23", 8000), ("CC35", 3000)])
        if rare and i % 10 == 0:
            drg, mean = "RARE", 50000
        status = "ungrouped" if i % 17 == 3 else "grouped"
        cost = Decimal(int(mean * 100 * draw.lognormvariate(0, 0.5))) / 100
        paid = (cost * Decimal("0.6")).quantize(Decimal("0.01"))
        rows.append(
            {
                "settlement_month": month,
                "region_code": region,
                "setl_id": f"{region}{month[-2:]}{i:04d}",
                "scheme": "chs-drg-2.0",
                "hospital_code": f"H{region}0000{i % 3}",
                "hospital_level": "123"[i % 3],
                "insured_region_code": region if i % 9 else payer,
                "fund": "310" if i % 2 else "390",
                "total_cost": cost,
                "drg": drg if status == "grouped" else "0000",
                "grouping_status": status,
                "rule_pack": "chs-drg-2.0@1",
                "basic_fund_payment": paid,
                "discharge_date": date(2024, 12, 30),
            }
        )
    return rows


def listed(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names} for row in rows]


GROUPED = (
    "settlement_month", "region_code", "setl_id", "scheme", "hospital_code", "hospital_level", "insured_region_code",
    "fund", "total_cost", "drg", "grouping_status", "rule_pack",
)  # fmt: skip
LISTED = (
    "settlement_month", "region_code", "setl_id", "hospital_code", "hospital_level", "insured_region_code", "fund",
    "total_cost", "basic_fund_payment", "discharge_date",
)  # fmt: skip


def budgets(spark: SparkSession, known: Iterable[tuple[str, str]]) -> DataFrame:
    """The same budget of 2025 for each region and fund."""
    rows = [
        {
            "settlement_year": 2025,
            "region_code": region,
            "fund": fund,
            "prior_year_fund_spend": Decimal(5_000_000),
            "growth": Decimal("0.05"),
            "reimbursement_ratio": Decimal("0.7"),
            "forecast_cases": 500,
            "standing": "assumed",
        }
        for region, fund in known
    ]
    return drawn(spark, "fund_budget", rows)


def land(spark: SparkSession, lake: Lake, rows: list[dict[str, Any]]) -> None:
    """Write cases as grouped_case and settlement_list of their months and regions."""
    where: dict[str, Any] = {
        "settlement_month": sorted({row["settlement_month"] for row in rows}),
        "region_code": sorted({row["region_code"] for row in rows}),
    }
    lake.replace("grouped_case", drawn(spark, "grouped_case", listed(rows, *GROUPED)), scheme=["chs-drg-2.0"], **where)
    lake.replace("settlement_list", drawn(spark, "settlement_list", listed(rows, *LISTED)), **where)
