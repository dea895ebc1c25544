"""daily_check: what lapses, who is overdue, what is broken; and starts what has become due since yesterday.

A failed check is a task that failed with the sentence why; the others go on.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, CronTriggerTimetable, Param, task
from airflow.sdk.exceptions import AirflowFailException

from drg.calendar import (
    RegionMonth,
    Standing,
    in_following_month,
    open_months,
    overdue,
    to_resubmit,
    to_take_in,
    verdict,
)
from shared import COMMON, PLACE, PROVINCE, REGIONS, ZONE, JobOperator

# Tables and identities are verified for the months that still change.
RECENT = 3


def today_of(context: Any) -> date:
    """The day of the run in the province: what the form says, else the day the task started."""
    asked = context["params"].get("day")
    return date.fromisoformat(asked) if asked else context["ti"].start_date.astimezone(ZoneInfo(ZONE)).date()


@task(retries=0, multiple_outputs=True)
def months(**context: Any) -> dict[str, str]:
    """`open`: the months lists may still come for; `recent`: those that are being delivered and settled."""
    found = open_months(today_of(context))
    return {"open": f"{found[0]}..{found[-1]}", "recent": f"{found[-RECENT]}..{found[-1]}"}


@task(retries=0)
def policies(**context: Any) -> None:
    """Parameters that are missing or lapse within 60 days."""
    from drg.policy import PolicyBook
    from drg.policy.check import check_region

    book, day = PolicyBook.load(PLACE.policy), today_of(context)
    found = [check_region(book, region, day) for region in REGIONS]
    lines = [f"{one.region} {gap.on}: {gap.sentence}" for one in found for gap in (*one.missing, *one.lapses)]
    lines += [f"{one.region} {text}" for one in found for text in one.wrong]
    if lines:
        raise AirflowFailException(f"{len(lines)} findings of the policies: " + "; ".join(lines))


@task(retries=0)
def deliveries(rows: list[dict[str, Any]], **context: Any) -> None:
    """Regions overdue by their cut-off day, and settled months for which lists came since."""
    known, day = [RegionMonth.of(row) for row in rows], today_of(context)
    lines = [f"{region} {month} is overdue since {on}" for region, month, on in overdue(known, PROVINCE, day)]
    lines += [
        f"{region} {month} has lists that came since it was settled: resubmission"
        for region, month in to_resubmit(known)
    ]
    if lines:
        raise AirflowFailException("; ".join(lines))


@task(retries=0)
def contracts(broken: list[str]) -> None:
    """Tables that break their contract, identities that do not hold."""
    if broken:
        raise AirflowFailException("; ".join(broken))


@task(retries=0)
def late_intakes(rows: list[dict[str, Any]], **context: Any) -> list[dict[str, Any]]:
    """Runs of `intake` for deliveries that came after the cut-off."""
    known, day = [RegionMonth.of(row) for row in rows], today_of(context)
    found = [(month, to_take_in(month, known)) for month in sorted({row.month for row in known})]
    return [
        # Before its cut-off day a region may still deliver anew; the intake of the day after takes in all of them.
        {"trigger_run_id": f"late__{month}__{day}", "conf": {"month": month, "regions": list(regions)}}
        for month, regions in found
        if regions and day > in_following_month(month, PROVINCE.deadlines.cut_off_day)
    ]


@task(retries=0)
def provisional_months(
    rows: list[dict[str, Any]], weighed: dict[str, list[str]], **context: Any
) -> list[dict[str, Any]]:
    """Runs of `province_month` for months whose provisional day has come; one a month and day of the run."""
    known, day = [RegionMonth.of(row) for row in rows], today_of(context)
    found = []
    for month in sorted({row.month for row in known}):
        one = verdict(month, known, PROVINCE, day, weighed.get(month[:4], []))
        if one.standing is Standing.PROVISIONAL and one.to_settle:
            found.append({"trigger_run_id": f"provisional__{month}__{day}", "conf": {"month": month}})
    return found


with DAG(
    "daily_check",
    schedule=CronTriggerTimetable("0 7 * * *", timezone=ZONE),
    params={"day": Param(None, type=["null", "string"], format="date", description="The day; default: today")},
    max_active_runs=1,
    doc_md=__doc__,
    **COMMON,
):
    span = months()
    status = JobOperator(task_id="status", job="status", months=span["open"])
    rows, weighed = status.output["rows"], status.output["weighed"]
    verify = JobOperator(task_id="verify", job="verify", months=span["recent"])
    status >> verify
    policies()
    deliveries(rows)
    contracts(verify.output["broken"])
    again = {"skip_when_already_exists": True, "retries": 0}
    TriggerDagRunOperator.partial(task_id="intake", trigger_dag_id="intake", **again).expand_kwargs(late_intakes(rows))
    TriggerDagRunOperator.partial(task_id="province_month", trigger_dag_id="province_month", **again).expand_kwargs(
        provisional_months(rows, weighed)
    )
