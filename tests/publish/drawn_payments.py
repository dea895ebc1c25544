"""Drawn payments and the tables beside them: two regions, two funds, one hospital each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drawn_tables import publish_version

from drg.compare.region_comparison import compare_regions
from drg.contracts import contract
from drg.settle.accounts import fund_account, hospital_settlement

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from drg.doors.tables import Lake

D = Decimal
MONTH = "2025-01"
A, B = "510100", "510700"
ASSUMED = ["level_coefficient", "outlier.low.threshold"]


def payment(number: int, region: str = A, **changes: Any) -> dict[str, Any]:
    """1.2 x 10,000 x 1 = 12,000; cost 11,000, paid by others 3,000, fund 9,000, gain 1,000."""
    row: dict[str, Any] = {
        "settlement_month": MONTH, "region_code": region, "setl_id": f"{region}{number:06d}",
        "insured_region_code": region, "hospital_code": f"H{region}00001", "hospital_level": "3", "fund": "310",
        "discharge_date": date(2025, 1, 10), "scheme": "chs-drg-2.0", "drg": "BR23", "grouping_status": "grouped",
        "payment_kind": "normal", "rule": "rate+difference", "clause": "drawn", "relative_weight": D("1.2000"),
        "weight_source": "region", "base_rate": D("10000.00"), "coefficient": D("1.0000"), "price": D("12000.00"),
        "low_line": D("3600.00"), "high_line": D("36000.00"), "total_cost": D("11000.00"),
        "standard": D("12000.00"), "patient_and_other_paid": D("3000.00"), "fund_payment": D("9000.00"),
        "gain_loss": D("1000.00"), "weight_version": "2025.1", "rate_version": "2025.1",
        "rule_pack": "chs-drg-2.0@0", "policy_version": "v1", "assumed_parameters": ASSUMED,
        "major_illness_payment": D("100.00"), "assistance_payment": D("20.00"), "other_fund_payment": D("3.00"),
    }  # fmt: skip
    row |= changes
    others = row["major_illness_payment"] + row["assistance_payment"] + row["other_fund_payment"]
    return {**row, "patient_payment": row["patient_and_other_paid"] - others}


def with_exclusion(row: dict[str, Any]) -> dict[str, Any]:
    """The payment with an application for an item that was over the limit of the year."""
    applied = {"item_code": "E1", "pays": "item", "amount": D("50.00"), "place": 3, "max_cases": 2}
    return row | {"exclusions": [applied | {"standing": "over_limit"}]}


def ungrouped(number: int, region: str = A) -> dict[str, Any]:
    """A case without a group, paid by item: standard 5,000, others 1,500, fund 3,500."""
    bare = dict.fromkeys(
        ("relative_weight", "weight_source", "base_rate", "coefficient", "price", "low_line", "high_line",
         "weight_version", "rate_version")
    )  # fmt: skip
    return payment(
        number, region, drg="0000", grouping_status="ungrouped", payment_kind="ungrouped", rule="ungrouped.by_item",
        total_cost=D("5000.00"), standard=D("5000.00"), patient_and_other_paid=D("1500.00"),
        fund_payment=D("3500.00"), gain_loss=D("0.00"), **bare,
    )  # fmt: skip


def weight(region: str = A, drg: str = "BR23") -> dict[str, Any]:
    """A group mean of 12,000 in a region whose mean is 10,000."""
    return {
        "settlement_year": 2025, "region_code": region, "scheme": "chs-drg-2.0", "weight_version": "2025.1",
        "level_class": "all", "drg": drg, "n_history": 40, "n_trimmed": 2, "n_cases": 38,
        "mean_cost": D("12000.00"), "reference_mean_cost": D("10000.00"), "relative_weight": D("1.2000"),
        "structured_mean_cost": None, "region_mean_cost": D("10000.00"), "unadjusted_weight": None,
        "adjustment_factor": D("1"), "adjustment_reason": None, "stable": True,
        "cv": D("0.4000"), "riv": D("0.7000"), "weight_source": "region", "reason": "本区病例充足",
        "rule_pack": "chs-drg-2.0@0", "policy_version": "v1",
    }  # fmt: skip


def rate(region: str = A, fund: str = "310") -> dict[str, Any]:
    """80,000,000 x 1.05 - 5 % - 7,800,000 = 72,000,000; / 0.72 / 10,000 weights = 10,000 (9.5)."""
    return {
        "settlement_year": 2025, "region_code": region, "fund": fund, "level_class": "all",
        "rate_version": "2025.1", "method": "rate", "rate_source": "budget", "prior_year_fund_spend": D("80000000.00"),
        "growth": D("0.0500"), "budget": D("84000000.00"), "reserve": D("4200000.00"),
        "non_drg_payments": D("7800000.00"), "distributable": D("72000000.00"), "reimbursement_ratio": D("0.7200"),
        "cost_pool": D("100000000.00"), "forecast_cases": 10000, "history_cmi": D("1.000000"),
        "weight_volume": D("10000.0000"), "base_rate": D("10000.00"), "weight_version": "2025.1",
        "policy_version": "v1", "assumed_parameters": ["rate.reserve_share"],
    }  # fmt: skip


def rejected(number: int, region: str = A, kind: str = "failed_check") -> dict[str, Any]:
    """A record that came back."""
    return {
        "settlement_month": MONTH, "region_code": region, "file_name": f"{region}_main.jsonl.gz",
        "line_number": number, "delivery_month": MONTH, "setl_id": f"{region}9{number:05d}",
        "hospital_code": f"H{region}00001", "reason_kind": kind, "check_id": "DX06", "field": "diag_code",
        "message": "主要诊断编码不在医保版中；请更正后重新上传", "failed_checks": ["DX06"], "row_hash": "0" * 64,
    }  # fmt: skip


def flag(number: int, region: str = A, check: str = "ID13", hospital_code: str | None = None) -> dict[str, Any]:
    """What a check says of a record that came in."""
    return {
        "settlement_month": MONTH, "region_code": region, "file_name": f"{region}_main.jsonl.gz",
        "line_number": number, "delivery_month": MONTH, "setl_id": f"{region}9{number:05d}", "check_id": check,
        "severity": "W", "field": "hi_paymtd", "message": "医保支付方式(hi_paymtd)为空或不在代码表中；按DRG付费请填4",
        "hospital_code": f"H{region}00001" if hospital_code is None else hospital_code,
    }  # fmt: skip


def quality(region: str = A) -> dict[str, Any]:
    """The lists of a hospital: 20 came, 17 are settled, 2 returned, one replaced."""
    return {
        "settlement_month": MONTH, "region_code": region, "hospital_code": f"H{region}00001", "received": 20,
        "accepted": 17, "returned": 2, "flagged": 1, "replaced_versions": 1, "duplicates": 0, "taken_back": 0,
        "required_items": 456, "given_items": 454, "completeness": D("0.9956"), "first_versions": 19,
        "first_passed": 16, "first_pass_rate": D("0.8421"), "timed_lists": 19, "mean_days": D("4.5"),
        "late_lists": 0, "late_share": D("0.0000"), "repaired_codes": 3, "checks_version": "c0ffee",
    }  # fmt: skip


OF_REGION = {"check_id": "BT03", "subject": B, "hospital_code": None}


def finding(region: str = A) -> dict[str, Any]:
    """Of the hospital's lists more came back than one in ten."""
    code, limit = f"H{region}00001", D("0.1000")
    return {
        "settlement_month": MONTH, "region_code": region, "check_id": "BT08", "subject": code, "hospital_code": code,
        "degree": "warn", "measured": D("0.1500"), "limit_value": limit, "measure": "share", "sentence": "退回3份",
    }  # fmt: skip


def hospital(region: str = A) -> dict[str, Any]:
    """The hospital of a region."""
    return {
        "region_code": region, "hospital_code": f"H{region}00001", "hospital_name": f"{region}人民医院",
        "hospital_level": "3", "valid_from": date(2020, 1, 1), "valid_to": None,
    }  # fmt: skip


def frame(spark: SparkSession, table: str, rows: list[dict[str, Any]]) -> DataFrame:
    """Drawn rows as the table of a contract."""
    columns = contract(table).columns
    filled = [tuple(row[c.name] if c.required else row.get(c.name) for c in columns) for row in rows]
    return spark.createDataFrame(filled, contract(table).struct())


def month_of_two_regions() -> list[dict[str, Any]]:
    """Region A: 12 employee and 3 resident cases, 2 ungrouped, one patient of B; region B: 11 and 4."""
    rows = [payment(i) for i in range(11)] + [payment(11, insured_region_code=B)]
    rows += [payment(20 + i, fund="390") for i in range(3)] + [ungrouped(30), ungrouped(31)]
    cheap = {"base_rate": D("8000.00"), "price": D("9600.00"), "standard": D("9600.00")}
    cheap |= {"fund_payment": D("6600.00"), "gain_loss": D("-1400.00")}
    return rows + [payment(i, B, **cheap) for i in range(11)] + [payment(20 + i, B, fund="390") for i in range(4)]


def fill(lake: Lake, spark: SparkSession, payments: list[dict[str, Any]]) -> None:
    """Write every table publish reads."""
    paid = frame(spark, "case_payment", payments)
    month = {"settlement_month": [MONTH]}
    both = month | {"region_code": [A, B]}
    year = {"settlement_year": [2025], "region_code": [A, B]}
    lake.replace("case_payment", paid, **both)
    lake.replace("hospital_settlement", hospital_settlement(paid, {(MONTH, A): D(0), (MONTH, B): D(0)}), **both)
    lake.replace("fund_account", fund_account(paid), **both)
    lake.replace("drg_weight", frame(spark, "drg_weight", [weight(A), weight(B)]), weight_version=["2025.1"], **year)
    rates = [rate(region, fund) for region in (A, B) for fund in ("310", "390")]
    lake.replace("region_rate", frame(spark, "region_rate", rates), rate_version=["2025.1"], **year)
    publish_version(spark, lake, A, B)
    lake.replace("drg_region_comparison", compare_regions(paid), **month)
    back = [rejected(1), rejected(2), rejected(3, B, "superseded")]
    lake.replace("rejected_list", frame(spark, "rejected_list", back), **both)
    lake.replace("list_flag", frame(spark, "list_flag", [flag(2), flag(4), flag(5, B)]), **both)
    lake.replace("list_quality", frame(spark, "list_quality", [quality(A), quality(B)]), **both)
    lake.replace("intake_finding", frame(spark, "intake_finding", [finding(A), finding(B) | OF_REGION]), **both)
    lake.replace("hospital_register", frame(spark, "hospital_register", [hospital(A), hospital(B)]), region_code=[A, B])
