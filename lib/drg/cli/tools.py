"""Commands about the installation: doctor, bench, checks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from drg.cli.app import AsJson, DataFolder, EnvName, app, environment, output, print_json, print_table, say
from drg.errors import ConfigError


@app.command()
def doctor(env: EnvName = None, data: DataFolder = None, json: AsJson = False) -> None:
    """What is there, what is missing and what to do: Java, jars, versions, storage, rule packs, keys.

    Example: `drg doctor`
    """
    from drg.doctor import diagnose

    findings = diagnose(environment(env, data))
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            line = f"{'ok' if finding.ok else 'fault':6} {finding.name:14} {finding.found}"
            output.print(line, style=None if finding.ok else "red", markup=False, soft_wrap=True)
            if not finding.ok:
                output.print(f"{'':21} -> {finding.remedy}", markup=False, soft_wrap=True)
        output.print("all is there" if all(f.ok for f in findings) else "see the remedies above")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def bench(
    lists: Annotated[int, typer.Option(help="Lists of the group job.", min=1000)] = 400_000,
    runs: Annotated[int, typer.Option(help="Runs of each side; medians are printed.", min=1)] = 3,
    env: EnvName = None,
    json: AsJson = False,
) -> None:
    """The benchmarks: conformance, kernel, and the group job beside a plain Delta copy in the same run.

    Example: `drg bench --json`
    """
    from drg.bench import measure

    figures = measure(environment(env, None), lists, runs, say)
    if json:
        print_json([asdict(figure) for figure in figures])
    else:
        rows = [[f.name, f.value, f.unit, f.yardstick] for f in figures]
        headings = [("figure", "left"), ("value", "right"), ("unit", "left"), ("yardstick", "left")]
        print_table("Benchmarks", headings, rows)


@app.command()
def checks(
    into: Annotated[Path | None, typer.Option(help="Page whose tables to renew: docs/returned-lists.md.")] = None,
) -> None:
    """Every check of a settlement list (审核规则): what it refuses or flags, in Chinese and English.

    Example: `drg checks --into docs/returned-lists.md`
    """
    from drg.validate.page import renewed, tables

    if into is None:
        print(tables())
        return
    if not into.is_file():
        raise ConfigError(f"no page at {into}; name a file such as docs/returned-lists.md")
    into.write_text(renewed(into.read_text(encoding="utf-8")), encoding="utf-8")
