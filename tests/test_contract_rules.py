"""The rules each row keeps, from the contract alone: their SQL, their words, and both sides of their edges."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from drawn_tables import drawn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.contract_rules import limits_said, rules
from drg.contracts import RowRule, contract, contract_in
from drg.doors.config import load_yaml, project_home
from drg.errors import ContractError
from drg.steps import TABLES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = Decimal
RATES = contract("region_rate")


def test_a_column_gives_its_codes_range_and_form() -> None:
    found = {rule.name: (rule.condition, rule.said) for rule in rules(contract("fund_account"))}
    assert found["fund_codes"] == ("fund IN ('310', '390')", "fund is one of 310, 390")
    assert found["not_negative"] == ("n_cases >= 0", "no amount or count is below 0")
    assert found["region_code_form"][0] == "regexp_like(region_code, '^[0-9]{6}$')"


def test_what_may_be_null_says_so_in_its_condition() -> None:
    found = {rule.name: rule for rule in rules(RATES)}
    ratio = found["reimbursement_ratio_range"]
    assert ratio.condition == "reimbursement_ratio IS NULL OR (reimbursement_ratio > 0 AND reimbursement_ratio <= 1)"
    assert ratio.said == "reimbursement_ratio is above 0, at most 1, or null"
    assert limits_said(RATES.paths()["reimbursement_ratio"]) == "above 0, at most 1"


def test_amounts_that_are_always_given_are_one_rule() -> None:
    """Of region_rate all may be null, and relative_weight is above 0: each has a rule of its own."""
    (least,) = (rule for rule in rules(contract("hospital_settlement")) if rule.name == "not_negative")
    assert least.columns[:3] == ("n_cases", "n_normal", "n_low_outlier")
    assert least.condition.startswith("least(n_cases, n_normal, n_low_outlier, ")
    assert "not_negative" not in {rule.name for rule in rules(RATES)}


def test_a_rule_between_columns_knows_them_and_comes_last() -> None:
    last = rules(RATES)[-1]
    assert (last.name, last.columns) == (
        "distributable",
        ("distributable", "budget", "reserve", "non_drg_payments"),
    )


@pytest.mark.parametrize("table", TABLES)
def test_rules_have_names_of_their_own_and_show_nobody(table: str) -> None:
    """An engine tells the values of a row that breaks a rule, so none looks at a column of a person; PostgreSQL cuts
    names after 63 characters.
    """
    kept = {column.name for column in contract(table).columns if column.classification in ("personal", "sensitive")}
    names = [rule.name for rule in rules(contract(table))]
    assert len(names) == len(set(names))
    assert max(len(name) for name in names) <= 63
    assert not kept & {name for rule in rules(contract(table)) for name in rule.columns}


@pytest.mark.parametrize("form", [r"^\d{6}$", "^it's$", "[0-9]{6}"])
def test_a_pattern_engines_read_differently_is_refused(form: str) -> None:
    odd = replace(RATES, columns=(replace(RATES.columns[1], limits={"pattern": form}),))
    with pytest.raises(ContractError, match="of column region_code is read differently by engines"):
        rules(odd)


def test_a_rule_about_nothing_is_refused() -> None:
    with pytest.raises(ContractError, match="rule odd of region_rate names no column"):
        rules(replace(RATES, row_rules=(RowRule("odd", "one is one", "1 = 1 OR 'fund' = 'x'"),)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"query": "SELECT count(*) FROM region_rate"},
            "rule method_has_its_value does not count the rows that break it",
        ),
        ({"mustBe": 1}, "does not count the rows that break it"),
        ({"type": "text"}, "does not count the rows that break it"),
    ],
)
def test_a_query_that_counts_something_else_is_refused(changed: dict[str, Any], said: str, tmp_path: Path) -> None:
    raw = load_yaml(project_home() / "data_contracts" / "rate" / "region_rate.yaml")
    raw["schema"][0]["quality"][0] |= changed
    file = tmp_path / "odd.yaml"
    file.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(ContractError, match=rf"odd\.yaml: .*{said}"):
        contract_in(file, "odd.yaml")


def test_an_option_nobody_checks_is_refused(tmp_path: Path) -> None:
    raw = load_yaml(project_home() / "data_contracts" / "rate" / "region_rate.yaml")
    raw["schema"][0]["properties"][0]["logicalTypeOptions"] = {"multipleOf": 5}
    file = tmp_path / "odd.yaml"
    file.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(ContractError, match="column settlement_year has the option multipleOf; write some of minimum"):
        contract_in(file, "odd.yaml")


# Table, what its row holds, and the one rule that breaks it; None where the row may stand.
EDGES: list[tuple[str, dict[str, Any], str | None]] = [
    *((table, {}, None) for table in TABLES),
    ("fund_account", {"settlement_month": "2025-12"}, None),
    ("fund_account", {"settlement_month": "2025-13"}, "settlement_month_form"),
    ("fund_account", {"settlement_month": "2025-00"}, "settlement_month_form"),
    ("fund_account", {"settlement_month": "2025-1"}, "settlement_month_form"),
    ("fund_account", {"fund": "340"}, "fund_codes"),
    ("fund_account", {"n_cases": 0}, None),
    ("fund_account", {"n_cases": -1}, "not_negative"),
    ("fund_account", {"insured_region_code": "510300"}, "local_stays"),
    ("fund_account", {"insured_region_code": "510300", "line": "cross_region_stays"}, None),
    ("fund_account", {"line": "cross_region_stays"}, "local_stays"),
    ("fund_account", {"line": "adjustments"}, None),
    ("fund_budget", {"reimbursement_ratio": D("1.0000"), "growth": D("-0.9999")}, None),
    ("fund_budget", {"reimbursement_ratio": D("1.0001")}, "reimbursement_ratio_range"),
    ("fund_budget", {"reimbursement_ratio": D(0)}, "reimbursement_ratio_range"),
    ("fund_budget", {"growth": D(-1)}, "growth_range"),
    ("hospital_register", {"hospital_code": "H5101000000"}, "hospital_code_form"),
    ("hospital_register", {"valid_to": date(2025, 1, 15)}, None),
    ("hospital_register", {"valid_to": date(2025, 1, 14)}, "days_in_order"),
    ("hospital_performance", {"score": None, "reward_points": D(1)}, None),
    ("hospital_performance", {"score": None}, "reviewed"),
    ("hospital_performance", {"reward_points": D(1), "fund": "all"}, "points_of_one_fund"),
    ("case_application", {"decided_on": date(2025, 2, 1)}, "decided"),
    ("case_application", {"decision": "in", "decided_on": date(2025, 1, 15)}, None),
    ("case_application", {"decision": "in", "decided_on": date(2025, 1, 14)}, "days_in_order"),
    ("case_dispute", {"state": "decided", "decision": "upheld"}, "ruling"),
    ("case_dispute", {"state": "decided", "decision": "upheld", "ruling": "repriced"}, None),
    ("case_dispute", {"decision": "dismissed"}, "decided"),
    ("settlement_list", {"total_cost": D("0.01")}, None),
    ("settlement_list", {"total_cost": D(0)}, "total_cost_range"),
    ("settlement_list", {"bed_fee": D("-0.01")}, "not_negative"),
    ("settlement_list", {"basic_fund_payment": D("0.60"), "fund_payment_total": D("0.59")}, "fund_total"),
    ("settlement_list", {"patient_payment": D("1.01")}, "cost_is_paid"),
    ("settlement_list", {"basic_fund_payment": D("1.01")}, "not_negative"),
    ("list_quality", {"completeness": D("1.0000")}, None),
    ("list_quality", {"completeness": D("1.0001")}, "completeness_range"),
    ("list_quality", {"received": 6}, "every_record_once"),
    ("list_quality", {"late_lists": 2}, "parts_of_wholes"),
    ("drg_weight", {"n_history": 3}, "history"),
    ("drg_weight", {"relative_weight": D("0.0001")}, None),
    ("drg_weight", {"relative_weight": D(0)}, "relative_weight_range"),
    ("region_rate", {"base_rate": None}, "method_has_its_value"),
    ("region_rate", {"method": "rate", "point_value": D(1)}, "method_has_its_value"),
    ("region_rate", {"method": "points"}, None),
    ("region_rate", {"budget": D(9), "reserve": D(2), "non_drg_payments": D(3), "distributable": D(4)}, None),
    ("region_rate", {"budget": D(9), "reserve": D(2), "non_drg_payments": D(3), "distributable": D("4.01")},
     "distributable"),
    ("case_payment", {"patient_and_other_paid": D(9), "patient_payment": D("8.99")}, "others_paid"),
    ("case_payment", {"gain_loss": D(1)}, "gain_loss"),
    ("case_payment", {"standard": D(-1), "fund_payment": D(-1)}, None),
    ("payment_adjustment", {"amount": D("0.01")}, "difference"),
    ("payment_adjustment", {"n_cases": -2}, "n_cases_range"),
    ("hospital_settlement", {"payable": D("0.01")}, "payable"),
    ("hospital_settlement", {"n_unstable": 1}, "kinds"),
    ("drg_region_comparison", {"weight_effect": D("0.01")}, "effects"),
    ("drg_region_comparison", {"rate_effect": D(1), "price_gap": D(1)}, "gap"),
]  # fmt: skip


def test_a_row_keeps_or_breaks_each_rule_and_no_condition_is_null(spark: SparkSession) -> None:
    frames = []
    for number, (table, row, _) in enumerate(EDGES):
        broken = [
            F.expr(f"CASE WHEN {rule.condition} THEN '' ELSE '{rule.name}' END") for rule in rules(contract(table))
        ]
        told = F.concat_ws(" ", F.filter(F.array(*broken), lambda name: name != ""))
        frames.append(drawn(spark, table, [row]).select(F.lit(number).alias("number"), told.alias("broken")))
    found = {row["number"]: row["broken"] for row in functools.reduce(DataFrame.unionAll, frames).collect()}
    assert [found[number] for number in range(len(EDGES))] == [rule or "" for *_, rule in EDGES]
