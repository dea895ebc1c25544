"""Contracts: their types, and the one error that names every discrepancy."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import fields

import pytest
from pyspark.sql.types import DecimalType, IntegerType, StringType, StructField, StructType

from drg import words
from drg.contracts import Contract, check, contract, contract_in, discrepancies, read_contract
from drg.doors.config import Deadlines, project_home
from drg.errors import ContractError
from drg.group.reasons import ReasonCode
from drg.policy.values import FUNDS, HOSPITAL_LEVELS
from drg.settle import clearing_lines
from drg.steps import TABLES
from drg.validate.tables import DISCHARGE_WAYS, NEWBORN_TYPES, PAYMENT_METHODS
from drg.weigh.versions import Status

FOLDER = project_home() / "data_contracts"


def test_a_contract_gives_types_key_partitions_and_titles() -> None:
    agreed = contract("region_rate")
    assert agreed.struct()["base_rate"].dataType == DecimalType(16, 2)
    assert agreed.struct()["base_rate"].nullable
    assert not agreed.struct()["method"].nullable
    assert agreed.partitions() == ["settlement_year", "region_code", "rate_version"]
    assert agreed.titles()["base_rate"] == "费率"


def test_arrays_of_structs_are_read() -> None:
    kind = contract("grouped_case").struct()["excluded_diagnoses"].dataType.simpleString()
    assert kind == "array<struct<icd_code:string,level:string,exclusion_set:string>>"


@pytest.mark.parametrize("table", TABLES)
def test_no_key_is_a_timestamp(table: str) -> None:
    """The door to Spark leaves out a check of Delta that is for statistics of timestamps; only keys have statistics."""
    agreed = contract(table)
    kinds = {agreed.struct()[name].dataType.typeName() for name in agreed.key()}
    assert not kinds & {"timestamp", "timestamp_ntz"}


def test_every_discrepancy_is_named_and_order_does_not_count() -> None:
    agreed = contract("hospital_register")
    fields = agreed.struct().fields
    assert discrepancies(StructType(fields[::-1]), agreed) == []
    changed = StructType(
        [StructField("region_code", IntegerType()), StructField("x", StringType()), *fields[2:], fields[2]]
    )
    with pytest.raises(ContractError) as refused:
        check(changed, agreed)
    for fault in (
        "hospital_name occurs twice",
        "region_code is int, not string",
        "hospital_code (string) is missing",
        "x is not in",
    ):
        assert fault in str(refused.value)


def test_an_unknown_table_or_file_is_named() -> None:
    with pytest.raises(ContractError, match=r"nothing_such is not in drg\.steps"):
        contract("nothing_such")
    with pytest.raises(ContractError, match=r"settle/absent\.yaml is missing"):
        read_contract("settle/absent.yaml")


def test_a_comma_within_a_decimal_separates_no_fields() -> None:
    kind = contract("case_payment").struct()["exclusions"].dataType.simpleString()
    assert kind == (
        "array<struct<item_code:string,pays:string,amount:decimal(16,2),place:int,max_cases:int,standing:string>>"
    )


def every() -> list[Contract]:
    return [contract_in(file, file.name) for file in sorted(FOLDER.rglob("*.yaml"))]


def test_money_and_time_have_a_unit() -> None:
    """An amount at rest has two decimals; what is no plain amount, such as a rate, says per what."""
    for table in TABLES:
        for column in contract(table).columns:
            if re.fullmatch(r"decimal\(\d+,2\)", column.type):
                assert column.unit.startswith("yuan"), f"{table}.{column.name}"
            if re.search(r"_days$|_minutes$|_years$|_weight_g$", column.name):
                assert column.unit in {"days", "minutes", "years", "g"}, f"{table}.{column.name}"


def test_units_are_of_the_few_that_are_known() -> None:
    units = {column.unit for one in every() for column in one.paths().values()} - {""}
    assert units == {
        "yuan", "yuan_per_weight", "yuan_per_point", "yuan_per_day", "points", "points_per_weight", "cases", "share",
        "years", "days", "hours", "minutes", "ms", "g",
    }  # fmt: skip


def test_a_code_means_the_same_in_every_contract() -> None:
    told: dict[tuple[str, str], str] = {}
    for one in every():
        for column in one.paths().values():
            for code, said in column.codes.items():
                title = (column.title, code)
                assert told.setdefault(title, said) == said, f"{one.table}.{column.name} {code}"


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        ("case_payment.payment_kind", words.PAYMENT_KIND),
        ("payment_adjustment.payment_kind", words.PAYMENT_KIND),
        ("case_payment.hospital_level", HOSPITAL_LEVELS),
        ("case_payment.fund", FUNDS),
        ("case_payment.transfer", words.TRANSFER),
        ("grouped_case.grouping_status", words.GROUPING_STATUS),
        ("grouped_case.cc_level", words.CC_LEVEL),
        ("grouped_case.reason_code", list(ReasonCode)),
        ("drg_weight.weight_source", words.WEIGHT_SOURCE),
        ("fund_budget.standing", words.STANDING),
        ("rejected_list.reason_kind", words.REASON_KIND),
        ("fund_account.line", words.ACCOUNT_LINE),
        ("hospital_clearing.line", clearing_lines.ORDER_OF_HOSPITAL),
        ("fund_clearing.line", clearing_lines.ORDER_OF_FUND),
        ("region_rate.method", words.METHOD),
        ("region_rate.rate_source", words.RATE_SOURCE),
        ("month_point_value.dealt", words.MONTH_POOL),
        ("month_point_value.counts", words.MONTH_COUNTS),
        ("payment_adjustment.reason", words.ADJUSTMENT_REASON),
        ("case_dispute.state", words.DISPUTE_STATE),
        ("case_dispute.ruling", words.DISPUTE_RULING),
        ("version_status.status", list(Status)),
        ("settlement_list.discharge_way", DISCHARGE_WAYS),
    ],
)
def test_the_codes_of_a_column_are_those_the_code_writes(place: str, codes: Collection[str]) -> None:
    table, name = place.split(".")
    column = contract(table).paths()[name]
    assert set(column.codes) == set(codes)


def test_a_delivery_takes_the_codes_the_checks_take() -> None:
    for dialect in ("settlement_list_text", "settlement_list_parquet"):
        columns = read_contract(f"delivery/{dialect}.yaml").paths()
        assert tuple(columns["dscg_way"].codes) == DISCHARGE_WAYS
        assert tuple(columns["hi_paymtd"].codes) == PAYMENT_METHODS
        assert tuple(columns["nwb_adm_type"].codes) == NEWBORN_TYPES


def test_the_dialects_of_a_list_say_the_same_of_each_field() -> None:
    text, parquet = (read_contract(f"delivery/settlement_list_{kind}.yaml").paths() for kind in ("text", "parquet"))
    nested = read_contract("delivery/settlement_list_json.yaml").paths()
    joined = {path.removeprefix("setlinfo."): column for path, column in nested.items()}
    for name, column in text.items():
        for other in (parquet[name], joined[name]):
            said = ("title", "required", "classification", "description", "unit", "codes")
            assert {what: getattr(other, what) for what in said} == {what: getattr(column, what) for what in said}


def test_every_contract_has_a_name_a_version_and_promises() -> None:
    """How often is what the partitions say; the days stand in conf/env, which a contract names."""
    for one in every():
        assert re.search(r"[\u4e00-\u9fff]", one.title), f"{one.table} has no Chinese name"
        assert re.fullmatch(r"\d+\.\d+\.\d+", one.version), one.table
        promised = {promise.name: promise for promise in one.promises}
        often = promised["frequency"]
        if {"settlement_month", "delivery_month"} & set(one.partitions()):
            assert (often.value, often.unit) == ("1", "month"), one.table
        if "settlement_year" in one.partitions():
            assert (often.value, often.unit) == ("1", "year"), one.table
        if by := promised.get("timeOfAvailability"):
            assert by.value in {f"deadlines.{field.name}" for field in fields(Deadlines)}, one.table
