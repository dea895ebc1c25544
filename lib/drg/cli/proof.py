"""`drg synth --defects`: every defect the checks know, drawn, taken in, and held against what the reports name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import typer

from drg.cli.app import opened, output, say, writable
from drg.doors.config import Province, load_env
from drg.errors import ConfigError
from drg.synth.each_defect import draw_each_defect, score
from drg.synth.workflows import next_month

# The key of the hash of drawn persons may be known to anybody.
DRAWN_KEY = "synthetic-persons-only"


def prove(province: Province, region: str, months: tuple[str, ...], each: int, seed: int, out: Path) -> None:
    """Draw below `out`, land and validate there, print precision and recall; exit status 1 where one is not 1."""
    from drg.runner import run_steps
    from drg.steps import steps_between
    from drg.validate.told import findings_by_line

    if len(months) > 1:
        raise ConfigError(f"defects are drawn into one month, not into {months[0]}..{months[-1]}; name one")
    (month,) = months
    place = replace(load_env("local", out), province=province)
    writable(place)
    expected = draw_each_defect(province, region, month, each, seed, place.deliveries, place.truth)
    key = place.data / "secrets" / "person_key"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text(DRAWN_KEY, encoding="utf-8")
    moment = datetime.fromisoformat(f"{next_month(month)}-12T08:00:00+08:00")
    with opened(place, "run") as (spark, lake):
        outcome = run_steps(spark, place, steps_between("land", "validate"), (region,), months, moment, say)
        found = findings_by_line(lake, region, month) if outcome.ok else {}
    for step, code, period, reason in outcome.failed:
        output.print(f"{step} failed for {code} {period}: {reason}", markup=False, soft_wrap=True)
    result, kinds = score(expected, found), {one.defect for one in expected.values() if one.defect}
    output.print(
        f"{len(expected):,} records, {len(kinds)} kinds of defect: {result.drawn:,} findings drawn, {result.found:,} "
        f"named; recall {result.recall:.4f}, precision {result.precision:.4f}",
        markup=False,
        soft_wrap=True,
    )
    for word, pairs in (("missed", result.missed), ("not drawn", result.unasked)):
        for line, finding in pairs:
            kind = expected[line].defect or "a sound list"
            output.print(f"{word}: line {line}, {kind}, {finding}", markup=False, soft_wrap=True)
    if not outcome.ok or result.missed or result.unasked:
        raise typer.Exit(1)
