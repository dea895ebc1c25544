"""Commands that do work: synth, run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drg.cli.app import (
    DataFolder,
    EnvName,
    Now,
    Regions,
    app,
    clock,
    environment,
    errors,
    opened,
    output,
    print_table,
    say,
    writable,
)
from drg.doors.config import Env, Province, load_province
from drg.errors import ConfigError
from drg.policy.values import FUNDS

if TYPE_CHECKING:
    from drg.summary import RegionSummary

DEMO_SEED = 20250101


@app.command()
def synth(
    months: Annotated[str, typer.Option(help="2025-01 or 2025-01..2025-03.")],
    out: Annotated[Path, typer.Option(help="Folder for the deliveries; the truth goes to `truth` beside it.")],
    lists: Annotated[int, typer.Option(help="Lists to draw, over all regions and months.", min=1)] = 20_000,
    defects: Annotated[
        int, typer.Option(help="Instead: every defect the checks know, so often each, and what the reports say.", min=0)
    ] = 0,
    province: Annotated[str, typer.Option(help="Province of conf/env.")] = "sichuan",
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.", min=0)] = DEMO_SEED,
    formats: Annotated[str, typer.Option("--format", help="json, csv, parquet; one a region in turn.")] = "json",
    regions: Regions = "",
    processes: Annotated[int, typer.Option(help="Worker processes; default: one a processor.", min=0)] = 0,
) -> None:
    """Draw a synthetic province: deliveries as regions would send them, and the truth behind them.

    With --defects one region's month is drawn with every defect the checks know and taken in, all below --out, and what
    the reports name is held against what was drawn: precision and recall, exit status 1 where one is not 1.

    Example: `drg synth --months 2025-01..2025-02 --lists 20000 --format json,csv --out /tmp/deliveries`
    """
    from drg.runner import month_range

    drawn = load_province(province)
    chosen = {code.strip() for code in regions.split(",") if code.strip()}
    for code in sorted(chosen - set(drawn.region_codes())):
        raise ConfigError(f"region {code} is not a pooling region of {drawn.name}; conf/env/{province}.yaml lists them")
    picked = tuple(code for code in drawn.region_codes() if not chosen or code in chosen)
    if defects:
        from drg.cli.proof import prove

        prove(drawn, picked[0], month_range(months), defects, seed, out)
        return
    draw(drawn, month_range(months), lists, seed, formats, out, out.parent / "truth", picked, processes)
    output.print(f"deliveries: {out}\ntruth (no step reads it): {out.parent / 'truth'}", markup=False)


@app.command()
def run(
    months: Annotated[str, typer.Option(help="2025-01 or 2025-01..2025-03.")],
    regions: Regions = "",
    steps: Annotated[str, typer.Option(help="One step, or first..last.")] = "land..publish",
    version: Annotated[
        str | None, typer.Option(help="Version of weights and rates to write, e.g. 2025.2; steps weigh, rate.")
    ] = None,
    env: EnvName = None,
    data: DataFolder = None,
    now: Now = None,
) -> None:
    """Run steps over months; only the regions and months named are touched.

    Without --version weigh and rate write the year's first version, or the newest trial; what is published and
    frozen stays as it is.

    Example: `drg run --months 2025-01 --regions 510100 --steps validate..settle`
    """
    from drg.runner import chosen_regions, month_range

    place, span = environment(env, data), month_range(months)
    if version is not None:
        _check_version(version, steps, span)
    if not run_and_show(place, steps, chosen_regions(place, regions), span, now, version=version):
        raise typer.Exit(1)


def run_and_show(
    place: Env,
    steps: str,
    regions: tuple[str, ...],
    months: tuple[str, ...],
    now: str | None,
    report: bool = True,
    ask: bool = False,
    version: str | None = None,
) -> bool:
    """Run `first..last` of the steps, print the summary and what failed; whether nothing did.

    `report` prints the table of the regions, `ask` one list of each kind to ask about.
    """
    from drg.runner import run_steps
    from drg.steps import STEP_NAMES, steps_between
    from drg.summary import examples, money_columns, summarise

    first, _, last = steps.partition("..")
    for name in (first, last or first):
        if name not in STEP_NAMES:
            raise ConfigError(f"step {name} is not known; the steps are {', '.join(STEP_NAMES)}")
    chosen = steps_between(first, last or first)
    if not chosen:
        raise ConfigError(f"steps {steps} run backwards; the order is {', '.join(STEP_NAMES)}")
    moment = clock(now)
    if chosen[0].name == "land" and not place.deliveries.is_dir():
        raise ConfigError(f"no deliveries at {place.deliveries}; name the folder that holds them with --data")
    writable(place)
    with opened(place, "run") as (spark, lake):
        outcome = run_steps(spark, place, chosen, regions, months, moment, say, version)
        rows = summarise(lake, place.province, months, regions) if report else []
        kinds = examples(lake, months) if ask and outcome.ok else {}
    if rows:
        span = months[0] if len(months) == 1 else f"{months[0]}..{months[-1]}"
        headings = ("region", "landed", "accepted", "grouped %", "CMI", *money_columns().values())
        print_table(
            f"{span}: lists, grouped share (入组率), CMI and what each fund pays, 10,000 yuan",
            [(heading, "left" if heading == "region" else "right") for heading in headings],
            [_line(row) for row in rows],
        )
    for kind, setl_id in kinds.items():
        where = "" if place.name == "local" else f" --env {place.name}"
        output.print(f".venv/bin/drg explain{where} {setl_id}   # {kind}", markup=False)
    for step, region, period, reason in outcome.failed:
        errors.print(f"{step} failed for {region} {period}: {reason}", style="red", markup=False, soft_wrap=True)
    return outcome.ok


def _check_version(version: str, steps: str, months: tuple[str, ...]) -> None:
    from drg.weigh.versions import checked

    years = sorted({month[:4] for month in months})
    if len(years) > 1:
        raise ConfigError(f"version {version} is of one year, but --months names {' and '.join(years)}; name one")
    checked(version, int(years[0]))
    if not set(steps.split("..")) <= {"weigh", "rate"}:
        raise ConfigError(f"--version is for weigh and rate, not for steps {steps}; write --steps weigh..rate")


def _line(row: RegionSummary) -> list[object]:
    paid = (row.fund_payment.get(fund) for fund in FUNDS)
    money = ("-" if amount is None else f"{amount / 10_000:,.2f}" for amount in paid)
    shares = (row.grouped_share or "-", row.cmi or "-")
    return [f"{row.code} {row.name}", f"{row.landed:,}", f"{row.accepted:,}", *shares, *money]


def draw(
    province: Province,
    months: tuple[str, ...],
    lists: int,
    seed: int,
    formats: str,
    out: Path,
    truth: Path,
    regions: tuple[str, ...],
    processes: int,
) -> None:
    """Draw deliveries and truth; ConfigError for an unknown format."""
    from drg.synth import FORMATS, draw_province

    chosen = tuple(name.strip() for name in formats.split(",") if name.strip())
    for name in chosen:
        if name not in FORMATS:
            raise ConfigError(f"format {name} is not known; the formats are {', '.join(FORMATS)}")
    draw_province(
        province=province,
        months=months,
        lists=lists,
        seed=seed,
        formats=chosen,
        out=out,
        truth=truth,
        regions=regions,
        processes=processes or os.cpu_count() or 1,
        say=say,
    )
