"""figures: what a person decides on before a month is published, weights are frozen or a year is cleared (审批数据)."""

from __future__ import annotations

import argparse
import itertools
from typing import Any

from drg.approval import CHANGE_LIMIT, SUBJECTS, as_text, figures_of_months, figures_of_reviews, figures_of_weights
from drg.desk import Desk, desk_main
from drg.runner import month_range
from drg.status import not_whole, read_log


def run(desk: Desk) -> dict[str, Any]:
    """Counts and sums by region and fund, and what changed beyond the limit against the span before.

    `as_of`: the moment of the figures; what changes after it was not seen by the person who decides.
    """
    asked, lake = desk.options, desk.lake
    if asked.subject == "weights":
        figures = figures_of_weights(lake, int(desk.months[0][:4]), desk.regions)
    else:
        before = span_before(desk.months)
        figures = figures_of_months(lake, desk.env.province, desk.months, before, desk.regions, asked.limit)
        log = read_log(lake)
        units = itertools.product(desk.regions, desk.months)
        if asked.subject == "clearing":
            figures["reviews"] = figures_of_reviews(lake, int(desk.months[0][:4]), desk.regions)
        figures["left_out"] = [f"{r} {m}: {why}" for r, m in units if (why := not_whole(log, r, m))]
    lacking = [code for code in asked.lacking.split(",") if code]
    text = as_text(asked.subject, asked.period, lacking, figures)
    return {"figures": figures, "text": text, "as_of": desk.now.isoformat()}


def span_before(months: tuple[str, ...]) -> tuple[str, ...]:
    """As many months as are asked for, just before them."""
    first, last = (int(m[:4]) * 12 + int(m[5:]) - 1 - len(months) for m in (months[0], months[-1]))
    return month_range(f"{first // 12}-{first % 12 + 1:02d}..{last // 12}-{last % 12 + 1:02d}")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subject", choices=SUBJECTS, required=True)
    parser.add_argument("--period", required=True, help="YYYY-MM or YYYY, as the person reads it")
    parser.add_argument("--lacking", default="", help="regions a provisional month does without")
    parser.add_argument("--limit", type=int, default=CHANGE_LIMIT, help="a change beyond this many per cent is named")


if __name__ == "__main__":
    desk_main("figures", run, options)
