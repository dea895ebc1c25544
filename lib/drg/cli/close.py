"""The command of the annual clearing: close."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from drg.cli.app import (
    AsJson,
    DataFolder,
    EnvName,
    Now,
    Regions,
    app,
    clock,
    environment,
    errors,
    opened,
    print_json,
    print_table,
    say,
    writable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drg.doors.config import Env

_SHOWN = ("budget", "use", "hospitals_share", "region_share", "due", "paid_monthly", "balance")


@app.command()
def close(
    year: Annotated[int, typer.Option(help="The year to clear.", min=2000, max=2100)],
    regions: Regions = "",
    env: EnvName = None,
    data: DataFolder = None,
    now: Now = None,
    json: AsJson = False,
) -> None:
    """Clear a year: what its months still owe each hospital, by fund; no settled month is rewritten.

    Example: `drg close --year 2025 --regions 510100`
    """
    from drg.runner import chosen_regions

    place = environment(env, data)
    if not clear(place, chosen_regions(place, regions), year, clock(now), json):
        raise typer.Exit(1)


def clear(place: Env, regions: Sequence[str], year: int, moment: datetime, json: bool = False) -> bool:
    """Clear a year of some regions and print the funds' lines and what failed; whether nothing did."""
    from drg.runner import month_range, run_steps
    from drg.steps import CLOSE

    writable(place)
    with opened(place, "close") as (spark, lake):
        months = month_range(f"{year}-01..{year}-12")
        outcome = run_steps(spark, place, [CLOSE], regions, months, moment, say)
        left_out = {region for _, region, _, _ in outcome.failed}
        rows = []
        if lake.exists("fund_clearing"):
            cleared = sorted(set(regions) - left_out)
            frame = lake.read("fund_clearing", settlement_year=[year], region_code=cleared)
            rows = [row.asDict() for row in frame.orderBy("region_code", "fund", "line_number").collect()]
    if json:
        print_json({"lines": rows, "failed": [{"region": f[1], "reason": f[3]} for f in outcome.failed]})
    else:
        by_fund: dict[tuple[str, str], dict[str, Decimal]] = {}
        for row in rows:
            by_fund.setdefault((row["region_code"], row["fund"]), {})[row["line"]] = row["amount"]
        headings = [("region", "left"), ("fund", "left"), *((name, "right") for name in _SHOWN)]
        cells = [[*key, *(_yuan(lines.get(name)) for name in _SHOWN)] for key, lines in by_fund.items()]
        print_table(f"{year}: clearing (年终清算), yuan", headings, cells)
    for _, region, period, reason in outcome.failed:
        errors.print(f"close failed for {region} {period}: {reason}", style="red", markup=False, soft_wrap=True)
    return outcome.ok


def _yuan(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,.2f}"
