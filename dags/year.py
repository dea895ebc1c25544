"""year_weights: weigh, rate, approval, freeze. year_clearing: registers, figures of the year, approval, close.

Weights are computed on 20 January, when the history is in, and frozen by the approval: what is approved is not computed
again unless the form says so. A year is cleared from 1 June on, before the limit of 30 June, by the reviews and audits
that lie there then.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, CronPartitionTimetable, Param, task
from airflow.sdk.exceptions import AirflowSkipException

from drg.calendar import RegionMonth
from shared import AS_OF, COMMON, POOL, REGIONS, TAKEN_IN, WHO, YEAR, ZONE, JobOperator, conclude, sign_off, the_year

MONTHS = "{0}-01..{0}-12".format("{{ ti.xcom_pull(task_ids='the_year') }}")
JANUARY = "{{ ti.xcom_pull(task_ids='the_year') }}-01"
ASKED = Param(None, type=["null", "string"], pattern=YEAR, description="Year, YYYY")


@task(retries=0)
def not_frozen(year: str, decisions: dict[str, str], **context: Any) -> None:
    """The weights of the year may be computed: not after their approval, unless the form says again."""
    if decisions.get(f"weights {year}") == "approved" and not context["params"]["again"]:
        raise AirflowSkipException(
            f"the weights and rates of {year} are approved and frozen; tick `again` to replace them"
        )


@task(outlets=[TAKEN_IN], retries=0)
def go_on(rows: list[dict[str, Any]], *, outlet_events: Any) -> list[str]:
    """Months that waited for the weights can be settled now."""
    waiting = (row for row in map(RegionMonth.of, rows) if row.due and row.taken_in and not row.settled)
    months = sorted({row.month for row in waiting})
    if months:
        outlet_events[TAKEN_IN].add_partitions(months)
    return months


with DAG(
    "year_weights",
    schedule=CronPartitionTimetable("0 6 20 1 *", timezone=ZONE, key_format="%Y"),
    params={"year": ASKED, "again": Param(False, type="boolean", description="Replace approved weights")},
    max_active_runs=1,
    doc_md=__doc__,
    **COMMON,
):
    year = the_year()
    status = JobOperator(task_id="status", job="status", months=MONTHS)
    asked = not_frozen(year, status.output["decisions"])
    weigh = JobOperator(task_id="weigh", job="weigh", months=JANUARY, pool=POOL)
    rate = JobOperator(task_id="rate", job="rate", months=JANUARY, pool=POOL)
    figures, approved = sign_off("weights", year, JANUARY, REGIONS)
    asked >> weigh >> rate >> figures
    freeze = JobOperator(task_id="freeze", job="freeze", months=JANUARY, arguments=[*WHO, *AS_OF], pool=POOL)
    approved >> freeze >> go_on(status.output["rows"])
    year >> status
    conclude(freeze, "weigh", "rate", "freeze")

with DAG(
    "year_clearing",
    schedule=CronPartitionTimetable("0 6 1 6 *", timezone=ZONE, run_offset=-1, key_format="%Y"),
    params={
        "year": ASKED,
        "regions": Param(REGIONS, type="array", minItems=1, items={"type": "string", "enum": REGIONS}),
    },
    max_active_runs=1,
    doc_md=__doc__,
    **COMMON,
):
    year = the_year()
    chosen = "{{ params.regions | join(',') }}"
    registers = JobOperator(task_id="registers", job="registers", months=JANUARY, regions=chosen, pool=POOL)
    figures, approved = sign_off("clearing", year, MONTHS, chosen)
    close = JobOperator(task_id="close", job="close", months=JANUARY, regions=chosen, pool=POOL)
    year >> registers >> figures
    approved >> close
    conclude(close, "registers", "close")
