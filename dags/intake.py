"""intake: a month's deliveries of the regions that have delivered: land, validate, group.

One job a step for all regions that are due: starting a job costs more than a region's month. Once a month, on the day
after the cut-off; `daily_check` starts it again for regions that come later.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, CronPartitionTimetable, Param, task
from airflow.sdk.exceptions import AirflowSkipException

from drg.calendar import RegionMonth, spans, to_take_in, touched_open
from shared import (
    COMMON,
    POOL,
    PROVINCE,
    REGIONS,
    TAKEN_IN,
    YEAR_BACK,
    ZONE,
    JobOperator,
    carried_on,
    conclude,
    month_param,
    the_month,
)


@task(retries=0)
def due(month: str, rows: list[dict[str, Any]], **context: Any) -> list[str]:
    """The regions asked for in the form, else those whose delivery has come and is not taken in."""
    asked = context["params"]["regions"]
    found = asked or list(to_take_in(month, map(RegionMonth.of, rows)))
    if not found:
        raise AirflowSkipException(f"{month}: no delivery waits")
    return sorted(found)


@task(retries=0)
def touched(rows: list[dict[str, Any]], landed: list[Any]) -> list[dict[str, Any]]:
    """The months the deliveries hold lists of, each with its regions; settled ones wait for a resubmission."""
    by_region: dict[str, list[str]] = {}
    for region, _, months in landed:
        by_region.setdefault(region, []).extend(months)
    months = touched_open(map(RegionMonth.of, rows), by_region)
    found = spans(months.items(), across_years=True)
    return [{"months": span.months, "regions": list(span.regions)} for span in found]


@task(outlets=[TAKEN_IN], retries=0)
def taken_in(results: Any, *, outlet_events: Any) -> list[str]:
    """Say of each month that it has come further; `province_month` runs for it."""
    months = sorted({month for result in results for _, month in result["done"]})
    if not months:
        raise AirflowSkipException("no region's month has come further")
    outlet_events[TAKEN_IN].add_partitions(months)
    return months


with DAG(
    "intake",
    schedule=CronPartitionTimetable(
        f"0 6 {PROVINCE.deadlines.cut_off_day + 1} * *", timezone=ZONE, run_offset=-1, key_format="%Y-%m"
    ),
    params={
        "month": month_param(),
        "regions": Param([], type="array", items={"type": "string", "enum": REGIONS}, description="Default: all due"),
    },
    max_active_runs=1,
    doc_md=__doc__,
    **COMMON,
):
    month = the_month()
    # Late lists reach back; what lies further back than a year is left to a resubmission.
    status = JobOperator(task_id="status", job="status", months=YEAR_BACK)
    regions = due(month, status.output["rows"])
    land = JobOperator(task_id="land", job="land", months=month, regions=regions, pool=POOL)
    months = touched(status.output["rows"], land.output["touched"])
    validate = JobOperator.partial(task_id="validate", job="validate", one_of=True, pool=POOL).expand_kwargs(months)
    validated = carried_on.override(task_id="validated")(validate.output)
    group = JobOperator.partial(task_id="group", job="group", one_of=True, pool=POOL).expand_kwargs(validated)
    taken_in(group.output)
    month >> status
    conclude(group, "land", "validate", "group")
