"""Contracts: their types, and the one error that names every discrepancy."""

from __future__ import annotations

import pytest
from pyspark.sql.types import DecimalType, IntegerType, StringType, StructField, StructType

from drg.contracts import check, contract, discrepancies, read_contract
from drg.errors import ContractError
from drg.steps import TABLES


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
    for words in (
        "hospital_name occurs twice",
        "region_code is int, not string",
        "hospital_code (string) is missing",
        "x is not in",
    ):
        assert words in str(refused.value)


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
