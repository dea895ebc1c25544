"""Commands about the contracts: dictionary, ddl, diff."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from drg.cli.app import AsJson, app, output, print_json
from drg.errors import ConfigError

contracts = typer.Typer(
    no_args_is_help=True,
    help="The contracts of deliveries and tables: the dictionary and the DDL made from them, what a change breaks.\n\n"
    "Example: `drg contracts dictionary`",
)
app.add_typer(contracts, name="contracts")


@contracts.command()
def dictionary(
    into: Annotated[Path | None, typer.Option(help="Page to renew, such as docs/data-dictionary.md.")] = None,
) -> None:
    """Every delivery and table with its columns, types, units and codes, as docs/data-dictionary.md has them.

    Example: `drg contracts dictionary --into docs/data-dictionary.md`
    """
    from drg.dictionary import renewed, sections

    if into is None:
        print(sections())
        return
    if not into.is_file():
        raise ConfigError(f"no page at {into}; name a file such as docs/data-dictionary.md")
    into.write_text(renewed(into.read_text(encoding="utf-8")), encoding="utf-8")


@contracts.command()
def ddl(
    table: Annotated[str, typer.Argument(help="A table, such as settlement_list; `all` for every one.")],
    dialect: Annotated[
        str, typer.Option(help="delta, or postgres for PostgreSQL 15 and what reads its SQL.")
    ] = "delta",
) -> None:
    """CREATE TABLE of a table with the rules of its contract as CHECK constraints.

    Example: `drg contracts ddl settlement_list --dialect postgres`
    """
    from drg.contracts import contract
    from drg.ddl import DIALECTS
    from drg.steps import TABLES

    if dialect not in DIALECTS:
        raise ConfigError(f"dialect {dialect} is not known; use {' or '.join(DIALECTS)}")
    if table != "all" and table not in TABLES:
        raise ConfigError(f"there is no table {table}; name one of {', '.join(TABLES)}, or all")
    print("\n\n".join(DIALECTS[dialect](contract(name)) for name in (TABLES if table == "all" else [table])))


@contracts.command()
def diff(
    old: Annotated[Path, typer.Argument(help="A contract as it was, or a folder of them.")],
    new: Annotated[Path, typer.Argument(help="The same as it is now.")],
    json: AsJson = False,
) -> None:
    """What changed, and whether it breaks those who deliver or read.

    Exit status 1 when a contract breaks without a raised major version.

    Example: `drg contracts diff ../released/data_contracts data_contracts`
    """
    from drg.contract_changes import compare_all, contracts_at

    found = compare_all(contracts_at(old), contracts_at(new))
    bad = [changed for changed in found if not changed.good]
    if json:
        print_json([asdict(changed) | {"good": changed.good} for changed in found])
    else:
        for changed in found:
            versions = " -> ".join(version or "none" for version in changed.versions)
            output.print(f"{changed.name} {versions}", markup=False, soft_wrap=True)
            for change in changed.changes:
                kind, style = ("breaking", "red") if change.breaking else ("not", None)
                output.print(f"    {kind:8}  {change.what}", style=style, markup=False, soft_wrap=True)
        output.print(f"{len(found)} contracts differ, {len(bad)} break without a raised major version")
    if bad:
        raise typer.Exit(1)
