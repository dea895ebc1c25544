"""CREATE TABLE of a contract: columns, key and rules in the words of an engine."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner, Result

from drg.cli.contracts import contracts
from drg.contract_rules import rules
from drg.contracts import contract
from drg.ddl import DIALECTS, delta, postgres
from drg.steps import TABLES

ACCOUNT = contract("fund_account")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(contracts, ["ddl", *arguments])


def test_postgres_has_the_key_and_a_check_a_rule() -> None:
    made = postgres(ACCOUNT)
    assert "    settlement_month text NOT NULL,\n" in made
    assert "    fund_payment numeric(18,2) NOT NULL,\n" in made
    assert "    PRIMARY KEY (settlement_month, region_code, insured_region_code, fund, line),\n" in made
    assert "    CONSTRAINT fund_codes CHECK (fund IN ('310', '390')),\n" in made
    assert "COMMENT ON COLUMN fund_account.fund IS '险种';" in made


def test_rows_within_a_row_are_jsonb_and_texts_an_array() -> None:
    made = postgres(contract("case_payment"))
    assert "    exclusions jsonb,\n" in made
    assert "    assumed_parameters text[] NOT NULL,\n" in made


def test_delta_has_partitions_and_the_rules_as_properties_with_quotes_escaped() -> None:
    made = delta(ACCOUNT)
    assert "    fund_payment DECIMAL(18,2) NOT NULL COMMENT '统筹基金应付'" in made
    assert "\nPARTITIONED BY (settlement_month, region_code)\n" in made
    assert "    'delta.constraints.contract_fund_codes' = 'fund IN (\\'310\\', \\'390\\')'" in made


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_table_has_all_its_rules(dialect: str) -> None:
    for table in TABLES:
        made = DIALECTS[dialect](contract(table)).replace("\\'", "'")
        for rule in rules(contract(table)):
            assert rule.name in made
            assert rule.condition in made


def test_the_command_prints_one_or_all_and_names_what_it_does_not_know() -> None:
    done = run("fund_account", "--dialect", "postgres")
    assert (done.exit_code, done.output) == (0, postgres(ACCOUNT) + "\n")
    every = run("all").output
    assert re.findall(r"^CREATE TABLE (\w+) ", every, flags=re.MULTILINE) == list(TABLES)
    assert "no table fund; name one of landed_list" in str(run("fund").exception)
    odd = run("fund_account", "--dialect", "oracle")
    assert str(odd.exception) == "dialect oracle is not known; use delta or postgres"
