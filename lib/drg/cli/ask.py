"""Commands that ask: status, verify, explain, group."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from drg.cli.app import (
    AsJson,
    DataFolder,
    EnvName,
    Regions,
    app,
    clock,
    environment,
    moment_of,
    opened,
    output,
    print_json,
    print_table,
    say,
)
from drg.errors import ConfigError, StorageError

_MARKS = {"done": "done", "stale": "[yellow]stale[/]", "failed": "[red]failed[/]", "missing": "-", "not due": "·"}


@app.command()
def status(
    months: Annotated[str, typer.Option(help="2025-01 or 2025-01..2025-03; default: all that were ever run.")] = "",
    regions: Regions = "",
    env: EnvName = None,
    data: DataFolder = None,
    json: AsJson = False,
) -> None:
    """What is done, missing, stale or failed for each region and month.

    Example: `drg status --months 2025-01..2025-02`
    """
    from drg.policy import PolicyBook
    from drg.runner import chosen_regions, month_range
    from drg.status import State, provisional, read_log, states, worst
    from drg.steps import STEP_NAMES

    place = environment(env, data)
    chosen = chosen_regions(place, regions)
    asked, log = month_range(months) if months else (), []
    if not place.untouched:
        with opened(place, "status") as (_, lake):
            log = read_log(lake)
    wanted = asked or tuple(sorted({e.period for e in log if len(e.period) == 7}))
    if not wanted:
        sentence = "nothing has been run; start with `drg demo` or `drg run --months A..B`"
        if not json:
            output.print(sentence)
        else:
            print_json([])
            say(sentence)
        raise typer.Exit(1)
    book = PolicyBook.load(place.policy)
    settled_from = {code: book.settles_from(code) for code in chosen}
    grouped_from = {code: book.groups_from(code) for code in chosen}
    cells = states(log, chosen, wanted, place.province.code, settled_from, grouped_from)
    if json:
        print_json([asdict(cell) for cell in cells])
    else:
        rows = []
        for code in chosen:
            for month in wanted:
                own = {c.step: c for c in cells if c.region == code and c.month == month}
                rows.append([code, place.province.name_of(code), month, *[_MARKS[own[s].state] for s in STEP_NAMES]])
        headings = [("region", "left"), ("", "left"), ("month", "left"), *[(name, "left") for name in STEP_NAMES]]
        print_table("Steps by region and month (· not due, - never run)", headings, rows)
        for cell in cells:
            if cell.state in (State.FAILED, State.STALE):
                output.print(f"{cell.step} {cell.region} {cell.month}: {cell.state}: {cell.why}", markup=False)
        for month, lacking in provisional(cells).items():
            output.print(f"{month} is provisional: {', '.join(lacking)} not settled", markup=False, soft_wrap=True)
        done = sum(worst([c for c in cells if c.region == code]) in (State.DONE, State.NOT_DUE) for code in chosen)
        output.print(f"{done} of {len(chosen)} regions done")
    if worst(cells) in (State.FAILED, State.MISSING, State.STALE):
        raise typer.Exit(1)


@app.command()
def verify(env: EnvName = None, data: DataFolder = None, json: AsJson = False) -> None:
    """Every identity of the tables: counts, money, keys, versions; says which fails and where.

    Example: `drg verify --json`
    """
    from drg.verify import verify as all_identities

    place = environment(env, data)
    found = []
    if not place.untouched:
        with opened(place, "verify") as (_, lake):
            found = all_identities(lake, place, say)
    if json:
        print_json([asdict(identity) for identity in found])
    elif found:
        rows = [[i.name, "holds" if i.holds else "[red]FAILS[/]", i.left, i.right, i.where] for i in found]
        headings = [("identity", "left"), ("", "left"), ("left", "right"), ("right", "right"), ("first at", "left")]
        print_table("Identities of the tables", headings, rows)
        failing = sum(not identity.holds for identity in found)
        output.print("every identity holds" if not failing else f"{failing} of {len(found)} identities fail")
    if not found:
        raise StorageError(
            f"no table to verify at {place.tables}; run the steps first, or name the folder that holds them with --data"
        )
    if any(not identity.holds for identity in found):
        raise typer.Exit(1)


@app.command()
def explain(
    list_id: Annotated[str, typer.Argument(help="Settlement id (结算ID) of the list.")],
    as_of: Annotated[str, typer.Option(help="As it stood at the end of this day (or instant); default: now.")] = "",
    since: Annotated[str, typer.Option(help="What changed since the end of this day (or this instant).")] = "",
    env: EnvName = None,
    data: DataFolder = None,
    json: AsJson = False,
) -> None:
    """Why this list got its group and its payment, or why it came back, in words, from the tables.

    Example: `drg explain 51010020250100000123`, `drg explain 51010020250100000123 --since 2025-03-31`
    """
    from drg.doors.as_of import LakeAsOf
    from drg.explain import explain as explanation_of
    from drg.policy import PolicyBook

    place = environment(env, data)
    then, before = (moment_of(text, name) if text else None for text, name in ((as_of, "--as-of"), (since, "--since")))
    if before is not None and before >= (then or clock(None)):
        raise ConfigError(f"--since {since} lies after what is asked about; name an earlier day")
    with opened(place, "explain") as (spark, lake):
        asked = lake if then is None else LakeAsOf(spark, place, then)
        earlier = None if before is None else LakeAsOf(spark, place, before)
        found = explanation_of(asked, list_id, PolicyBook.load(place.policy), place.province, since=earlier)
    if json:
        print_json(found.as_dict())
    else:
        output.print(found.text(), markup=False, soft_wrap=True)
    if found.outcome == "unknown":
        raise typer.Exit(1)


@app.command()
def group(
    source: Annotated[Path, typer.Argument(metavar="IN", help="CSV or Parquet file of cases.")],
    out: Annotated[Path, typer.Option("--out", help="CSV or Parquet file to write.")],
    scheme: Annotated[str, typer.Option(help="Rule pack, e.g. chs-drg-2.0.")] = "chs-drg-2.0",
    hqms: Annotated[
        bool, typer.Option("--hqms", help="IN is a CSV file of HQMS front pages; see docs/deliveries.md.")
    ] = False,
    encoding: Annotated[str, typer.Option(help="Of an HQMS file: utf-8 or gb18030.")] = "utf-8",
    json: AsJson = False,
) -> None:
    """Group a CSV or Parquet file without Spark, with the reason for each case, in the order of the input.

    Columns: case_id, sex, age_years, age_days, newborn_weight_g, los_days, discharge_way, diagnoses, procedures (codes
    joined by |, the principal one first).

    Example: `drg group cases.csv --scheme chs-drg-2.0 --out groups.csv`
    """
    from drg.group import available_schemes
    from drg.group.file import group_file

    if scheme not in available_schemes():
        raise ConfigError(f"scheme {scheme} has no rule pack; known schemes: {', '.join(available_schemes())}")
    counts = group_file(source, scheme, out, encoding.lower() if hqms else None)
    if json:
        print_json({"cases": sum(counts.values()), **counts, "out": str(out)})
    else:
        output.print(f"{sum(counts.values())} cases: " + ", ".join(f"{n} {name}" for name, n in counts.items()))
        output.print(f"written to {out}", markup=False)
