"""Drawn lists through validate's and group's tables, paid by the settle library with a drawn policy."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawn_tables import publish_version

from drg.contracts import contract
from drg.policy import PolicyBook
from drg.settle.case_parameters import rate_of_row, rows_of_region
from drg.settle.case_payment import Unit, pay_cases
from drg.settle.decisions import rulings, together

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from drg.doors.tables import Lake

D = Decimal
MONTH, REGION, HOSPITAL = "2025-01", "510100", "H51010000001"
NORMAL, LOW, HIGH, AMBIGUOUS, UNGROUPED, CORRECTED, HISTORY = (f"{REGION}{n:08d}" for n in range(1, 8))
LOCAL = f"{REGION}00000008"
REJECTED, REVERSED, REVERSAL, OUTPATIENT, BY_PIPES = (f"{REGION}9{n:07d}" for n in range(1, 6))

_POLICY = """
scheme: chs-drg-2.0 | scheme
policy_date: discharge_date | rule
payment.method: {method} | rule
point.scale: 100 | points
point_value.basis: budget | rule
point_value.distributable: with_patient_share | rule
coefficient.factors: [level] | rule
level_coefficient: 0.95 | ratio
override.rule: none | rule
stay.rule: none | rule
per_diem.rule: none | rule
day_surgery.rule: as_inpatient | rule
tcm.rule: none | rule
exclusion.rule: none | rule
special_case.rule: none | rule
outlier.low.threshold: 0.30 | multiple
outlier.low.inclusive: false | yes_no
outlier.low.base: standard | rule
outlier.low.line: plain | rule
outlier.low.pays: by_item | rule
outlier.high.selects: threshold | rule
outlier.extreme.rule: none | rule
outlier.high.threshold: 3 | multiple
outlier.high.inclusive: false | yes_no
outlier.high.base: standard | rule
outlier.high.pays: by_item | rule
ungrouped.pays: {ungrouped} | rule
ambiguous.pays: by_item | rule
unpriced.pays: by_item | rule
unstable.pays: by_item | rule
fund_payment.convention: {convention} | rule
fund_payment.negative: floor_at_zero | rule
fund_payment.ratio: 0.85 | share
"""


def book(
    root: Path,
    convention: str = "difference",
    threshold: str = "0.30",
    method: str = "rate",
    ungrouped: str = "by_item",
    more: str = "",
) -> PolicyBook:
    """A policy from 2025 on; the low threshold is published by a drawn document, the rest assumed."""
    folder = root / "510000"
    folder.mkdir(parents=True)
    (folder / "region.yaml").write_text('code: "510000"\nname: 四川省\n', encoding="utf-8")
    text = []
    lines = _POLICY.format(convention=convention, method=method, ungrouped=ungrouped).strip().splitlines()
    for line in [*lines, *more.splitlines()]:
        name, rest = line.split(": ")
        value, unit = rest.split(" | ")
        published = name == "outlier.low.threshold"
        value = threshold if published else value
        source, standing = ("川医保发〔2025〕1号 第三条", "published") if published else ("通行做法，属假定", "assumed")
        start = "2024-01-01" if name == "scheme" else "2025-01-01"
        text.append(
            f"{name}:\n  - value: {value}\n    from: {start}\n    unit: {unit}\n"
            f"    source: {source}\n    standing: {standing}\n"
        )
    (folder / "settlement.yaml").write_text("\n".join(text), encoding="utf-8")
    return PolicyBook.load(root)


def fit(setl_id: str, cost: str, paid: str, month: str = MONTH, **changes: Any) -> dict[str, Any]:
    """A fit list: self-pay 500, first self-pay 700, deductible 800 (the case of the worked example)."""
    zero = D("0.00")
    row = dict.fromkeys((c.name for c in contract("settlement_list").columns if c.type == "decimal(16,2)"), zero)
    row |= {
        "settlement_month": month, "region_code": REGION, "setl_id": setl_id, "mdtrt_key": "m" * 64,
        "person_key": "p" * 64, "hospital_code": HOSPITAL, "hospital_level": "3", "insured_region_code": REGION,
        "fund": "310", "med_type": "21", "admission_date": date(2025, 1, 3), "discharge_date": date(2025, 1, 10),
        "settlement_date": date(2025, 1, 10), "los_days": 7, "discharge_way": "1", "sex": "1", "age_years": 61,
        "age_days": None, "newborn_weight_g": None, "icu_minutes": 0, "principal_diagnosis": "I63.900",
        "other_diagnoses": ["E11.900", "I10.x00"], "principal_procedure": None, "other_procedures": [],
        "total_cost": D(cost), "full_self_pay": D("500.00"), "first_self_pay": D("700.00"),
        "deductible": D("800.00"), "basic_fund_payment": D(paid), "fund_payment_total": D(paid),
        "patient_payment": D(cost) - D(paid), "declared_at": datetime(2025, 1, 11, tzinfo=UTC), "delivery_month": month,
        "file_name": "510100_main.jsonl.gz", "line_number": int(setl_id[-3:]), "row_hash": "0" * 64,
    }  # fmt: skip
    return row | changes


def grouped(listed: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """BR23 by diagnosis, CC by E11.900; I10.x00 excluded by a drawn set."""
    same = ("settlement_month", "region_code", "setl_id", "hospital_code", "hospital_level", "insured_region_code",
            "fund", "los_days", "discharge_way", "total_cost")  # fmt: skip
    row = {name: listed[name] for name in same} | {
        "scheme": "chs-drg-2.0", "mdc": "MDCB", "adrg": "BR2", "drg": "BR23", "local_group": None,
        "grouping_status": "grouped",
        "reason_code": "grouped_by_diagnosis", "deciding_diagnosis": "I63.900", "deciding_procedure": None,
        "cc_level": "CC", "cc_diagnosis": "E11.900", "rule_pack": "chs-drg-2.0@drawn",
        "excluded_diagnoses": [{"icd_code": "I10.x00", "level": "CC", "exclusion_set": "EX_9"}],
    }  # fmt: skip
    return row | changes


def rejected(setl_id: str | None, kind: str, line: int, **changes: Any) -> dict[str, Any]:
    row = {
        "settlement_month": MONTH, "region_code": REGION, "file_name": "510100_main.jsonl.gz", "line_number": line,
        "delivery_month": MONTH, "setl_id": setl_id, "hospital_code": HOSPITAL, "reason_kind": kind,
        "check_id": "DX06", "field": "diag_code", "message": "主要诊断编码不在医保版中；请更正后重新上传",
        "failed_checks": ["DX06", "MN04"], "row_hash": "0" * 64,
    }  # fmt: skip
    return row | changes


WEIGHT = {
    "settlement_year": 2025, "region_code": REGION, "scheme": "chs-drg-2.0", "weight_version": "2025.1",
    "level_class": "all", "drg": "BR23", "n_history": 40, "n_trimmed": 2, "n_cases": 38,
    "mean_cost": D("12000.00"), "reference_mean_cost": D("10000.00"), "relative_weight": D("1.2000"),
    "structured_mean_cost": None, "region_mean_cost": D("10000.00"), "unadjusted_weight": None,
    "adjustment_factor": D("1"), "adjustment_reason": None, "stable": True,
    "cv": D("0.4000"), "riv": D("0.7000"), "weight_source": "region", "reason": "本区病例充足",
    "rule_pack": "chs-drg-2.0@drawn", "policy_version": "v1",
}  # fmt: skip
OF_LOCAL = WEIGHT | {"drg": "BR23-E", "relative_weight": D("1.3000")}
RATE = {
    "settlement_year": 2025, "region_code": REGION, "fund": "310", "level_class": "all", "rate_version": "2025.1",
    "method": "rate", "rate_source": "budget", "prior_year_fund_spend": D("80000000.00"), "growth": D("0.0500"),
    "budget": D("84000000.00"), "reserve": D("4200000.00"), "non_drg_payments": D("7800000.00"),
    "distributable": D("72000000.00"), "reimbursement_ratio": D("0.7200"), "cost_pool": D("100000000.00"),
    "forecast_cases": 10000, "history_cmi": D("1.000000"), "weight_volume": D("10000.0000"),
    "base_rate": D("10000.00"), "weight_version": "2025.1", "policy_version": "v1",
    "assumed_parameters": ["rate.reserve_share"], "level_share": None, "point_scale": None, "point_volume": None,
    "point_value": None,
}  # fmt: skip
# 100,000,000 / (10,000 weights x 100) = 100 yuan a point, as much a weight as the rate.
POINTS = RATE | {
    "method": "points", "base_rate": None, "point_scale": 100, "point_volume": D("1000000.0000"),
    "point_value": D("100.000000"),
}  # fmt: skip


def landed(setl_id: str, line: int, file_format: str, **fields: str) -> dict[str, Any]:
    """A received record, as JSON or as a line of a pipe-separated file, with a few of its fields."""
    record = {"setl_id": setl_id, "psn_name": "张三", **fields}
    by_pipes = file_format == "csv"
    raw = "|".join(record.values()) if by_pipes else json.dumps({"setlinfo": record}, ensure_ascii=False)
    return {
        "delivery_month": MONTH, "region_code": REGION, "file_name": "510100_main.jsonl.gz", "file_format": file_format,
        "line_number": line, "arrived_at": datetime(2025, 2, 1, tzinfo=UTC), "record_month": MONTH, "setl_id": setl_id,
        "init_setl_id": None, "dcla_time": None, "record_kind": "list", "unreadable_reason": None, "row_hash": "0" * 64,
        "header": "|".join(record) if by_pipes else None, "raw": raw,
    }  # fmt: skip


def frame(spark: SparkSession, table: str, rows: list[dict[str, Any]]) -> DataFrame:
    columns = contract(table).columns
    filled = [tuple(row[c.name] if c.required else row.get(c.name) for c in columns) for row in rows]
    return spark.createDataFrame(filled, contract(table).struct())


def fill(lake: Lake, spark: SparkSession, policy: PolicyBook) -> None:
    """Write the tables a hospital's question is answered from; payments by the settle library."""
    bare = {"mdc": None, "adrg": None, "cc_level": "none", "cc_diagnosis": None, "excluded_diagnoses": []}
    lists = {
        NORMAL: fit(NORMAL, "10500.00", "7225.00", discharge_way="2", major_illness_payment=D("400.00"),
                    fund_payment_total=D("7625.00"), patient_payment=D("2875.00")),
        LOCAL: fit(LOCAL, "10500.00", "7225.00"),
        LOW: fit(LOW, "3419.99", "2000.00"),
        HIGH: fit(HIGH, "34200.01", "25000.00", insured_region_code="510700"),
        AMBIGUOUS: fit(AMBIGUOUS, "5000.00", "3500.00", principal_procedure="00.0101"),
        UNGROUPED: fit(UNGROUPED, "4000.00", "2500.00", principal_diagnosis="B95.000"),
        CORRECTED: fit(CORRECTED, "10500.00", "7225.00", delivery_month="2025-02"),
    }  # fmt: skip
    cases = {setl_id: grouped(row) for setl_id, row in lists.items()}
    cases[LOCAL] |= {"local_group": "BR23-E"}
    cases[AMBIGUOUS] |= bare | {
        "mdc": "MDCB", "adrg": "BQY", "drg": "BQY", "grouping_status": "ambiguous",
        "reason_code": "ambiguous_procedure", "deciding_procedure": "00.0101",
    }  # fmt: skip
    cases[UNGROUPED] |= bare | {
        "drg": "0000", "grouping_status": "ungrouped", "deciding_diagnosis": None,
        "reason_code": "principal_diagnosis_not_permitted",
    }  # fmt: skip
    history = fit(HISTORY, "9000.00", "6000.00", month="2024-12")
    month = {"settlement_month": [MONTH, "2024-12"], "region_code": [REGION]}
    all_lists, all_cases = [*lists.values(), history], [*cases.values(), grouped(history)]
    lake.replace("settlement_list", frame(spark, "settlement_list", all_lists), **month)
    lake.replace("grouped_case", frame(spark, "grouped_case", all_cases), scheme=["chs-drg-2.0"], **month)
    year = {"settlement_year": [2025], "region_code": [REGION]}
    lake.replace("drg_weight", frame(spark, "drg_weight", [WEIGHT, OF_LOCAL]), weight_version=["2025.1"], **year)
    lake.replace("region_rate", frame(spark, "region_rate", [RATE]), rate_version=["2025.1"], **year)
    publish_version(spark, lake, REGION)
    back = [
        rejected(REJECTED, "failed_check", 1),
        rejected(CORRECTED, "superseded", 2, check_id="ID04", field="dcla_time", message="已有更晚的版本"),
        rejected(REVERSED, "reversed", 3, check_id="ID22", field="setl_id", message="该结算已被冲销"),
        rejected(REVERSAL, "reversal", 4, check_id="ID22", field="init_setl_id", message="冲销单"),
        rejected(
            OUTPATIENT,
            "failed_check",
            5,
            check_id="ID12",
            field="med_type",
            failed_checks=["ID12"],
            message="医疗类别(med_type)不属于住院类；请核对就诊登记类别，门诊结算请勿报送住院清单",
        ),
        rejected(
            BY_PIPES,
            "failed_check",
            6,
            check_id="ID11",
            field="insutype",
            failed_checks=["ID11"],
            message="险种(insutype)须为310（职工）或390（居民），其他险种不按DRG结算；请核对参保险种后重新上传",
        ),
    ]
    received = [landed(OUTPATIENT, 5, "json", med_type="11"), landed(BY_PIPES, 6, "csv", insutype="340")]
    in_delivery = {"delivery_month": [MONTH], "region_code": [REGION]}
    lake.replace("landed_list", frame(spark, "landed_list", received), **in_delivery)
    lake.replace("rejected_list", frame(spark, "rejected_list", back), **month)
    register = [{"region_code": REGION, "hospital_code": HOSPITAL, "hospital_name": "成都第一医院",
                 "hospital_level": "3", "valid_from": date(2020, 1, 1), "valid_to": None}]  # fmt: skip
    lake.replace("hospital_register", frame(spark, "hospital_register", register), region_code=[REGION])
    fill_payments(lake, spark, policy, RATE)


def pay_again(lake: Lake, spark: SparkSession, policy: PolicyBook, rate: dict[str, Any] = RATE) -> None:
    """Another rate and the payments that follow, in a lake that is filled."""
    year = {"settlement_year": [2025], "region_code": [REGION]}
    lake.replace("region_rate", frame(spark, "region_rate", [rate]), rate_version=["2025.1"], **year)
    fill_payments(lake, spark, policy, rate)


def dispute(setl_id: str, **changes: Any) -> dict[str, Any]:
    """A dispute of a drawn list that was upheld and repriced."""
    row = {
        "settlement_month": MONTH, "region_code": REGION, "setl_id": setl_id, "hospital_code": HOSPITAL,
        "subject": "payment", "filed_on": date(2025, 2, 12), "state": "decided", "answered_on": date(2025, 2, 14),
        "decision": "upheld", "decided_on": date(2025, 2, 28), "ruling": "repriced", "drg": None, "reason": None,
    }  # fmt: skip
    return row | changes


def fill_payments(
    lake: Lake, spark: SparkSession, policy: PolicyBook, rate: dict[str, Any], disputed: tuple[str, ...] = ()
) -> None:
    """case_payment of the drawn lists as the settle step writes it; with what was ruled on those `disputed`."""
    where = {"settlement_month": [MONTH], "region_code": [REGION]}
    rates = {(2025, REGION, "310", "all"): rate_of_row(rate)}
    rows = rows_of_region(policy, REGION, MONTH, date(2025, 1, 1), date(2025, 1, 31), rates)
    units = [Unit(REGION, MONTH, "discharge_date")]
    tables = [lake.read(table, None, **where) for table in ("grouped_case", "settlement_list")]
    weights = lake.read("drg_weight", settlement_year=[2025])
    ruled = None
    if disputed:
        found = lake.read("case_dispute", region_code=[REGION])
        ruled = together(None, rulings(found.where(found.setl_id.isin(*disputed)), tables[1]))
    paid = pay_cases(tables[0], tables[1], weights, units, rows, None, ruled)
    lake.replace("case_payment", paid, **where)
