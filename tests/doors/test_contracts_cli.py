"""What the door to datacontract-cli derives and says; what datacontract-cli itself finds, `make contracts` shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from drg.doors.config import load_yaml, project_home
from drg.doors.contracts_cli import derived, duckdb_type, run, sentence
from drg.errors import ConfigError


def test_the_copy_names_the_table_s_file_and_the_contract_names_none() -> None:
    for file in sorted((project_home() / "data_contracts").rglob("*.yaml")):
        raw = load_yaml(file)
        assert "servers" not in raw, f"{file.name} names a machine"
        copied = derived(raw, Path("derived") / "table.duckdb")
        assert copied.pop("servers") == [{"server": "tables", "type": "duckdb", "database": "derived/table.duckdb"}]
        for column in copied["schema"][0]["properties"]:
            assert column.pop("quality")
        assert copied == raw


def test_each_column_is_held_against_its_type_at_rest() -> None:
    raw = {"schema": [{"name": "region_rate", "properties": [{"name": "base_rate", "physicalType": "decimal(16,2)"}]}]}
    (column,) = derived(raw, Path("table.duckdb"))["schema"][0]["properties"]
    assert column["quality"] == [
        {
            "description": "base_rate is decimal(16,2)",
            "type": "sql",
            "query": "SELECT count(*) FROM information_schema.columns WHERE table_name = 'region_rate' "
            "AND column_name = 'base_rate' "
            "AND replace(data_type, ' WITH TIME ZONE', '') = typeof(NULL::DECIMAL(16,2))",
            "mustBe": 1,
        }
    ]


def test_types_are_spelled_as_duckdb_does() -> None:
    spelled = {
        "string": "VARCHAR",
        "bigint": "BIGINT",
        "timestamp": "TIMESTAMP",
        "array<string>": "VARCHAR[]",
        "array<struct<table:string,paid:decimal(16,2)>>": 'STRUCT("table" VARCHAR, "paid" DECIMAL(16,2))[]',
    }
    assert {text: duckdb_type(text) for text in spelled} == spelled


def test_a_broken_table_is_one_sentence() -> None:
    faults = [("field 'fund' is present", "column fund not found"), ("the key is unique", "")]
    assert sentence("table case_payment", faults) == (
        "table case_payment breaks its contract: field 'fund' is present: column fund not found; the key is unique; "
        "change the step or the contract"
    )


def test_tables_of_a_store_are_refused_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match="the tables lie in s3a://drg/tables; .* name --data"):
        run("s3a://drg/tables")


def test_a_table_that_is_asked_for_has_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "fund_account" / "_delta_log").mkdir(parents=True)
    with pytest.raises(
        ConfigError, match="there is no table fund_clearing, nonsense in .*; name tables that are there"
    ):
        run(str(tmp_path), ["fund_account", "fund_clearing", "nonsense"])
