"""The worked example of the annual clearing by the command: `drg close` on drawn tables under Jinhua's policy of 2019.

A budget of 100,000,000; 1,200,000 points; 40,000,000 paid by patients. The first hospital has 300,000 points, 9,500,000
of its patients and was paid 24,000,000. The employee fund used 104,000,000 by item, the resident fund 96,000,000: one
overspends, the other does not. A second region goes by the same policy, but its point value holds the fund's money
alone. Source: derived from 金华市DRG付费国家试点工作方案（一）1（3）.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drawn_tables import drawn, publish_version

from drg.doors.config import load_env
from drg.money import apportion
from tests.homes import drg, home_below

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

D = Decimal
YEAR = 2019
BOTH, FUND_ONLY = REGIONS = ("330700", "330790")
MONTHS = [f"{YEAR}-{number:02d}" for number in range(1, 13)]
H1, H2 = (f"H{number:011d}" for number in (1, 2))
USE = {"310": D(104_000_000), "390": D(96_000_000)}
# Points, what patients and others paid, what the fund paid by item (the second hospital: the rest), what was paid.
YEARS = {
    H1: {"points": D(300_000), "patient": D(9_500_000), "by_item": D(26_000_000), "paid": D(24_000_000)},
    H2: {"points": D(900_000), "patient": D(30_500_000), "by_item": None, "paid": D(70_000_000)},
}
ENV = """
province_code: "330000"
name: 算例
regions:
  - {code: "330700", name: 金华市}
  - {code: "330790", name: 点值只分配基金}
province: examples
data: data
spark: {master: "local[*]"}
"""
FUND_ALONE = """
point_value.distributable:
  - {value: fund_only, from: 2019-01-01, unit: rule, source: 算例, standing: published}
fund_payment.convention:
  - {value: standard_is_fund, from: 2019-01-01, unit: rule, source: 算例, standing: published}
"""


def cases(region: str) -> Iterator[dict[str, Any]]:
    """One case a month, hospital and fund, which together make the year."""
    for fund, use in USE.items():
        for hospital, year in YEARS.items():
            by_item = year["by_item"] or use - D(26_000_000)
            amounts = (year["points"], year["patient"], by_item, year["paid"])
            for month, points, patient, item, paid in zip(
                MONTHS, *(apportion(amount, [D(1)] * 12) for amount in amounts), strict=True
            ):
                yield {
                    "settlement_month": month,
                    "region_code": region,
                    "setl_id": f"{region}{month}{hospital}{fund}",
                    "hospital_code": hospital,
                    "fund": fund,
                    "hospital_level": "3",
                    "insured_region_code": region,
                    "payment_kind": "normal",
                    "points": points,
                    "patient_and_other_paid": patient,
                    "total_cost": patient + item,
                    "fund_payment": paid,
                }


def write_tables(spark: SparkSession, lake: Lake) -> None:
    """The settled year: cases, months, lists, budgets, registers, reviews that move no points."""
    from drg.settle.accounts import hospital_settlement

    rows = [row for region in REGIONS for row in cases(region)]
    months: dict[str, Any] = {"settlement_month": MONTHS, "region_code": list(REGIONS)}
    paid = drawn(spark, "case_payment", rows)
    lake.replace("case_payment", paid, **months)
    nothing = {(month, region): D(0) for month in MONTHS for region in REGIONS}
    lake.replace("hospital_settlement", hospital_settlement(paid, nothing), **months)
    keys = ("settlement_month", "region_code", "setl_id", "hospital_code", "fund")
    lists = [{key: row[key] for key in keys} for row in rows]
    lake.replace("settlement_list", drawn(spark, "settlement_list", lists), **months)
    budgets = [
        {"settlement_year": YEAR, "region_code": region, "fund": fund, "level_class": "all",
         "rate_version": f"{YEAR}.1", "budget": D(108_000_000), "reserve": D(5_000_000),
         "non_drg_payments": D(3_000_000), "distributable": D(100_000_000), "point_value": D(100)}
        for region in REGIONS for fund in USE
    ]  # fmt: skip
    where: dict[str, Any] = {
        "settlement_year": [YEAR],
        "region_code": list(REGIONS),
        "rate_version": [f"{YEAR}.1"],
    }
    lake.replace("region_rate", drawn(spark, "region_rate", budgets), **where)
    publish_version(spark, lake, *REGIONS, version=f"{YEAR}.1")
    hospitals = [{"region_code": region, "hospital_code": code} for region in REGIONS for code in YEARS]
    lake.replace("hospital_register", drawn(spark, "hospital_register", hospitals), region_code=list(REGIONS))
    reviews = [{**row, "settlement_year": YEAR, "fund": "all", "score": D(100)} for row in hospitals]
    lake.replace("hospital_performance", drawn(spark, "hospital_performance", reviews), region_code=list(REGIONS))


@pytest.fixture(scope="module")
def cleared(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, dict[str, Any]]]:
    """The lake after `drg close --year 2019`, and what the command printed."""
    from drg.doors.tables import Lake

    home: Path = home_below(tmp_path_factory.mktemp("clearing"))
    (home / "conf" / "env" / "examples.yaml").write_text(ENV, encoding="utf-8")
    own = home / "conf" / "policy" / FUND_ONLY
    own.mkdir()
    (own / "region.yaml").write_text(f'code: "{FUND_ONLY}"\nname: 算例\ninherits: "{BOTH}"\n', encoding="utf-8")
    (own / "price.yaml").write_text(FUND_ALONE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRG_HOME", str(home))
        lake = Lake(spark, load_env("examples"))
        write_tables(spark, lake)
        done = drg("close", "--env", "examples", "--year", str(YEAR), "--json")
        assert done.exit_code == 0, done.output
        yield lake, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("region", "fund", "distributable", "point_value", "due", "balance"),
    [
        (BOTH, "310", "100600000.00", "117.166667", "25650000.00", "1650000.00"),
        (BOTH, "390", "99400000.00", "116.166667", "25350000.00", "1350000.00"),
        (FUND_ONLY, "310", "100600000.00", "83.833333", "25150000.00", "1150000.00"),
        (FUND_ONLY, "390", "99400000.00", "82.833333", "24850000.00", "850000.00"),
    ],
    ids=["overspend", "surplus", "overspend, fund only", "surplus, fund only"],
)
def test_clearing_with_85_percent_sharing(
    cleared: tuple[Lake, dict[str, Any]],
    region: str,
    fund: str,
    distributable: str,
    point_value: str,
    due: str,
    balance: str,
) -> None:
    lake, printed = cleared
    lines = {row["line"]: row for row in printed["lines"] if (row["region_code"], row["fund"]) == (region, fund)}
    assert lines["distributable"]["amount"] == distributable
    assert lines["points_money"]["point_value"] == point_value
    rows = lake.read("hospital_clearing", region_code=[region], fund=[fund], hospital_code=[H1]).collect()
    first = {row["line"]: row["amount"] for row in rows}
    assert (first["due"], first["balance"]) == (D(due), D(balance))
    assert first["paid_monthly"] == D("-24000000.00")
    assert first["advance"] == first["performance"] == 0
