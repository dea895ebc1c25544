"""registers: lands what lies beside the deliveries (registers, budgets, reviews, deductions) and no list.

For the annual clearing: a review or an audit comes after the last month was taken in. Disputes change cases of a month
and are landed with one.
"""

from __future__ import annotations

from typing import Any

from drg.desk import Desk, desk_main
from drg.land.intake import land_registers
from drg.runner import StepContext
from drg.steps import step_named


def run(desk: Desk) -> dict[str, Any]:
    """Region by region; one with a wrong file is failed with its sentence and keeps what it had."""
    scope = (desk.env, desk.regions, desk.months, desk.now)
    ctx = StepContext(step_named("land"), desk.spark, desk.lake, *scope, "registers", print)
    land_registers(ctx)
    out = {region: reason for (region, _), reason in ctx.failed.items()}
    year = desk.months[0][:4]
    return {
        "done": [[region, year] for region in desk.regions if region not in out],
        "failed": [[region, year, reason] for region, reason in sorted(out.items())],
    }


if __name__ == "__main__":
    desk_main("registers", run)
