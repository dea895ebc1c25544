"""A change of a contract breaks those who deliver by it or read by it, or it does not; the version says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drg.contract_changes import Change, Changed, compare, compare_all, contracts_at
from drg.contracts import Column, Contract, RowRule, read_contract
from drg.doors.config import project_home
from drg.errors import ContractError

KEY = Column("setl_id", "string", "string", True, 1, 0, "sensitive", "结算ID", "", "", {}, ())
FUND = Column("fund", "string", "string", True, 0, 1, "public", "险种", "", "", {"310": "employee", "390": ""}, ())
COST = Column("cost", "decimal(16,2)", "number", False, 0, 0, "internal", "费用", "", "yuan", {}, ())
OLD = Contract("case", "病例", "1.4.0", "table", "A case", (), (KEY, FUND, COST))
DELIVERED = replace(OLD, form="file")
ABOVE = {"exclusiveMinimum": "0"}
PAID = RowRule("paid", "cost = fund", "cost = fund")


def with_column(contract: Contract, column: Column, **changed: object) -> Contract:
    """The contract with one column changed."""
    columns = tuple(replace(one, **changed) if one.name == column.name else one for one in contract.columns)  # type: ignore[arg-type]
    return replace(contract, columns=columns)


def without(contract: Contract, column: Column) -> Contract:
    return replace(contract, columns=tuple(one for one in contract.columns if one.name != column.name))


def test_nothing_changed_is_no_change() -> None:
    assert compare(OLD, OLD) == ()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (OLD, without(OLD, COST), "column cost removed"),
        (without(OLD, FUND), OLD, "column fund added, required"),
        (OLD, with_column(OLD, COST, type="decimal(18,2)"), "was number decimal(16,2), is number decimal(18,2)"),
        (OLD, with_column(OLD, COST, unit="fen"), "was in yuan, is in fen"),
        (OLD, with_column(OLD, COST, required=True), "column cost is newly required"),
        (OLD, with_column(OLD, FUND, required=False), "column fund may newly be null"),
        (OLD, with_column(OLD, FUND, key=2), "the key was setl_id, is setl_id, fund"),
        (OLD, with_column(OLD, FUND, partition=0), "partitioned by fund, now nothing"),
        (DELIVERED, with_column(DELIVERED, FUND, codes={"310": "employee"}), "no longer has the codes 390"),
        (OLD, DELIVERED, "was a table, is a file"),
        (with_column(OLD, COST, limits=ABOVE), OLD, "rule cost removed"),
        (
            with_column(OLD, COST, limits=ABOVE),
            with_column(OLD, COST, limits={"minimum": "0"}),
            "above 0, is 0 or more",
        ),
        (DELIVERED, with_column(DELIVERED, COST, limits=ABOVE), "rule cost added: above 0"),
        (replace(OLD, row_rules=(PAID,)), OLD, "rule paid removed"),
    ],
)
def test_it_breaks(old: Contract, new: Contract, what: str) -> None:
    first = compare(old, new)[0]
    assert first.breaking
    assert what in first.what


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (without(OLD, COST), OLD, "column cost added, may be null"),
        (OLD, replace(OLD, description="One case"), "described otherwise"),
        (OLD, with_column(OLD, COST, description="Of the list"), "column cost is told otherwise: description"),
        (OLD, with_column(OLD, COST, title="医疗费"), "column cost is told otherwise: title"),
        (OLD, with_column(OLD, FUND, codes={**FUND.codes, "990": ""}), "column fund lists the codes 990"),
        (OLD, with_column(OLD, FUND, codes={"310": ""}), "no longer has the codes 390"),
        (OLD, with_column(OLD, FUND, codes={"310": "workers", "390": ""}), "column fund is told otherwise: codes"),
        (with_column(OLD, COST, unit=""), OLD, "column cost was in no unit, is in yuan"),
        (DELIVERED, with_column(DELIVERED, FUND, required=False), "column fund may newly be null"),
        (OLD, replace(OLD, columns=(COST, KEY, FUND)), "another order"),
        (OLD, with_column(OLD, COST, limits=ABOVE), "rule cost added: above 0"),
        (with_column(DELIVERED, COST, limits=ABOVE), DELIVERED, "rule cost removed"),
        (OLD, replace(OLD, row_rules=(PAID,)), "rule paid added: cost = fund"),
    ],
)
def test_it_does_not_break(old: Contract, new: Contract, what: str) -> None:
    changes = compare(old, new)
    assert not any(change.breaking for change in changes)
    assert any(what in change.what for change in changes)


def test_the_breaking_changes_come_first() -> None:
    new = replace(without(OLD, FUND), description="One case")
    assert [change.breaking for change in compare(OLD, new)] == [True, True, False]  # the column, the partitions


@pytest.mark.parametrize(
    ("version", "good"), [("1.4.0", False), ("1.5.0", False), ("2.0.0", True), ("10.0.0", True), ("0.9.0", False)]
)
def test_only_a_raised_major_version_lets_it_break(version: str, good: bool) -> None:
    (changed,) = compare_all({"case": OLD}, {"case": replace(without(OLD, COST), version=version)})
    assert changed.good is good


def test_a_contract_that_is_gone_breaks_and_a_new_one_does_not() -> None:
    assert compare_all({"case": OLD}, {"stay": OLD}) == (
        Changed("case", ("1.4.0", None), (Change("contract removed", True),)),
        Changed("stay", (None, "1.4.0"), (Change("contract added", False),)),
    )
    assert [changed.good for changed in compare_all({"case": OLD}, {"stay": OLD})] == [False, True]


def test_columns_within_others_count() -> None:
    old = read_contract("delivery/delivery_manifest.yaml")
    files = next(column for column in old.columns if column.name == "files")
    new = with_column(old, files, within=files.within[:-1])
    assert compare(old, new) == (Change(f"column files.{files.within[-1].name} removed", True),)


def test_the_command_compares_folders_and_files(tmp_path: Path) -> None:
    from drg.cli.contracts import contracts

    own = project_home() / "data_contracts" / "rate"
    text = (own / "region_rate.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "region_rate.yaml"

    def run(*places: Path) -> tuple[int, str]:
        done = CliRunner().invoke(contracts, ["diff", *map(str, places)])
        return done.exit_code, done.output

    assert run(own, own) == (0, "0 contracts differ, 0 break without a raised major version\n")
    broken.write_text(text.replace("name: base_rate", "name: rate_of_base"), encoding="utf-8")
    status, said = run(own, tmp_path)
    assert status == 1
    assert "    breaking  column base_rate removed\n" in said
    assert "    not       column rate_of_base added, may be null\n" in said
    broken.write_text(broken.read_text("utf-8").replace("version: 1.", "version: 2."), encoding="utf-8")
    status, said = run(own / "region_rate.yaml", broken)
    assert (status, "1 contracts differ, 0 break" in said) == (0, True)


def test_a_place_without_contracts_and_a_version_that_is_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no contract at .*; name a contract file"):
        contracts_at(tmp_path)
    (changed,) = compare_all({"case": OLD}, {"case": replace(without(OLD, COST), version="first")})
    with pytest.raises(ContractError, match="version first of a contract is not major.minor.patch"):
        assert changed.good
