"""province_month: settle a month of the province, compare, have it approved, publish.

Runs whenever a region's month has been taken in. It settles when all regions are there, or, as provisional, when
enough are and the day has come; otherwise it ends with the sentence why it waits. Regions settled before are left as
they are.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from drg.calendar import RegionMonth, Standing, verdict
from shared import (
    AS_OF,
    COMMON,
    POOL,
    PROVINCE,
    TAKEN_IN,
    YEAR_BACK,
    ZONE,
    JobOperator,
    conclude,
    month_param,
    sign_off,
    the_month,
)


@task(multiple_outputs=True, retries=0)
def due(month: str, rows: list[dict[str, Any]], weighed: dict[str, list[str]], **context: Any) -> dict[str, Any]:
    """Final, provisional, or not yet: with which regions, and who lacks."""
    today = context["ti"].start_date.astimezone(ZoneInfo(ZONE)).date()
    found = verdict(month, map(RegionMonth.of, rows), PROVINCE, today, weighed.get(month[:4], []))
    context["ti"].task.log.info(found.why)
    if found.standing is Standing.WAIT:
        raise AirflowSkipException(found.why)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(found).items()}


@task(multiple_outputs=True, retries=0)
def settled(planned: dict[str, Any], result: dict[str, Any]) -> dict[str, list[str]]:
    """The regions whose settlement stands; one that could not be settled lacks, like one that never came."""
    failed = {region for region, *_ in result["failed"]}
    return {
        "regions": [region for region in planned["regions"] if region not in failed],
        "lacking": sorted({*planned["lacking"], *failed}),
    }


with DAG(
    "province_month",
    schedule=PartitionedAssetTimetable(assets=TAKEN_IN),
    params={"month": month_param()},
    max_active_runs=4,
    doc_md=__doc__,
    **COMMON,
):
    month = the_month()
    status = JobOperator(task_id="status", job="status", months=YEAR_BACK)
    verdict_of_month = due(month, status.output["rows"], status.output["weighed"])
    settle = JobOperator(task_id="settle", job="settle", months=month, regions=verdict_of_month["to_settle"], pool=POOL)
    compare = JobOperator(task_id="compare", job="compare", months=month, pool=POOL)
    regions = settled(verdict_of_month, settle.output)["regions"]
    lacking = "{{ ti.xcom_pull(task_ids='settled', key='lacking') | join(',') }}"
    figures, approved = sign_off("month", month, month, regions, lacking)
    publish = JobOperator(task_id="publish", job="publish", months=month, regions=regions, arguments=AS_OF, pool=POOL)
    settle >> compare >> figures
    approved >> publish
    month >> status
    conclude(publish, "settle", "publish")
