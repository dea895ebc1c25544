"""The command demo: a whole synthetic province, from drawing to the last step, as its file in conf/synth says."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer

from drg.cli.app import DataFolder, EnvName, Now, app, clock, environment, opened, output, say, writable
from drg.cli.close import clear
from drg.cli.work import DEMO_SEED, draw, run_and_show
from drg.doors.config import Env, load_yaml, project_home
from drg.errors import ConfigError

KEYS = ("lists", "history", "months", "close")


@dataclass(frozen=True)
class Scenario:
    """What the demo of a province draws and runs.

    Attributes:
        lists: lists to draw, over history and months.
        history: months that are only landed, judged and grouped; they give the weights.
        months: months that are settled.
        close: the year that is cleared afterwards; None clears none.
    """

    lists: int
    history: tuple[str, ...]
    months: tuple[str, ...]
    close: int | None = None


def scenario_of(province: str) -> Scenario:
    """The `demo` of conf/synth/<province code>.yaml; ConfigError where there is none or a key is missing or wrong."""
    from drg.runner import month_range

    path = project_home() / "conf" / "synth" / f"{province}.yaml"
    raw = load_yaml(path) if path.is_file() else {}
    found = raw.get("demo") if isinstance(raw, dict) else None
    shown = path.relative_to(project_home())
    if not isinstance(found, dict) or set(found) - set(KEYS) or not {"lists", "history", "months"} <= set(found):
        raise ConfigError(
            f"{shown} has no `demo` with lists, history and months (and close, if a year is to be cleared)"
        )
    lists, close = found["lists"], found.get("close")
    if not isinstance(lists, int) or not isinstance(close, int | None):
        raise ConfigError(f"{shown}: lists and close of `demo` are whole numbers; write e.g. lists: 36000, close: 2025")
    return Scenario(lists, month_range(str(found["history"])), month_range(str(found["months"])), close)


@app.command()
def demo(
    lists: Annotated[int | None, typer.Option(help="Lists to draw; default: as conf/synth says.", min=5000)] = None,
    seed: Annotated[int, typer.Option(min=0)] = DEMO_SEED,
    env: EnvName = None,
    data: DataFolder = None,
    now: Now = None,
) -> None:
    """Draw a province, run all steps, print a summary and where the results are.

    The default is a province of 22 regions; `--env pilots` draws nine regions with nine payment systems, settles a
    whole year and clears it.

    Example: `drg demo`
    """
    place = environment(env, data)
    scenario = scenario_of(place.province.code)
    writable(place)
    _key(place)
    _deliveries(place, scenario, lists or scenario.lists, seed)
    regions, months = place.province.region_codes(), scenario.months
    good, moment, began = True, clock(now), time.monotonic()

    def later() -> str:
        # What runs second is later, by the given clock as by any other.
        return (moment + timedelta(seconds=time.monotonic() - began)).isoformat()

    if scenario.close and _is_cleared(place, scenario.close):
        say(f"{scenario.close} is cleared, and a cleared year is not settled again; remove {place.data} to start anew")
    else:
        # All deliveries first: the first month settled brings late lists and corrections of the last of the history.
        good = run_and_show(place, "land..group", regions, scenario.history + months, later(), report=False)
        good = run_and_show(place, "weigh..publish", regions, months, later(), ask=True) and good
    if good and scenario.close:
        good = clear(place, regions, scenario.close, clock(later()))
    page = place.releases / months[-1] / "province" / "index.html"
    output.print(f"\nthe page of the province: {page}", markup=False, soft_wrap=True)
    output.print(f"releases of the regions:  {place.releases / months[-1]}", markup=False, soft_wrap=True)
    output.print(f"tables:                   {place.tables}", markup=False, soft_wrap=True)
    drg, where = ".venv/bin/drg", "" if env is None else f" --env {place.name}"
    output.print(f"next: {drg} verify{where}, {drg} status{where}, and {drg} explain{where} with one of the ids above")
    if not good:
        raise typer.Exit(1)


def _is_cleared(place: Env, year: int) -> bool:
    """Whether an earlier demo ended here with a clearing of the year."""
    from drg.settle.clearing_tables import cleared_years

    with opened(place, "demo") as (_, lake):
        return any(cleared == year for _, cleared in cleared_years(lake))


def _deliveries(place: Env, scenario: Scenario, lists: int, seed: int) -> None:
    """Draw what is not there yet; deliveries of other numbers, seeds or months are drawn anew."""
    span = scenario.history + scenario.months
    wanted = f"lists {lists} seed {seed} months {span[0]}..{span[-1]}\n"
    marker = place.data / "demo.txt"
    if marker.is_file() and marker.read_text(encoding="utf-8") == wanted:
        say(f"the deliveries in {place.deliveries} are there already")
        return
    say(f"drawing {lists:,} lists of {len(place.province.regions)} regions")
    marker.unlink(missing_ok=True)
    regions = place.province.region_codes()
    draw(place.province, span, lists, seed, "json,csv,parquet", place.deliveries, place.truth, regions, 0)
    marker.write_text(wanted, encoding="utf-8")


def _key(place: Env) -> None:
    """A key for the person hash of the synthetic province, written once; a real province brings its own."""
    path = place.data / "secrets" / "person_key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("synthetic-province-only\n", encoding="utf-8")
