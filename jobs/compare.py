"""compare: identical DRGs across the regions of the province, mix held constant.

Reads case_payment of every region, whatever regions were asked for: a region is held against the whole
province.
"""

from __future__ import annotations

from drg.compare.region_comparison import TABLE, compare_regions
from drg.runner import StepContext, job_main


def run(ctx: StepContext) -> None:
    """Replace the comparison of the months asked for."""
    months = list(ctx.months)
    payments = ctx.read("case_payment", settlement_month=months)
    ctx.write(TABLE, compare_regions(payments), settlement_month=months)


if __name__ == "__main__":
    job_main("compare", run)
