"""maintenance: small files are put together and unneeded ones removed; what a published release rests on stays."""

from __future__ import annotations

from airflow.sdk import DAG, CronTriggerTimetable, Param

from drg.steps import TABLES
from shared import COMMON, POOL, ZONE, JobOperator

with DAG(
    "maintenance",
    schedule=CronTriggerTimetable("0 2 * * 0", timezone=ZONE),
    params={
        "days": Param(30, type="integer", minimum=7, description="Files that left a table within these days stay"),
        "tables": Param([], type="array", items={"type": "string", "enum": sorted(TABLES)}, description="Default: all"),
    },
    max_active_runs=1,
    doc_md=__doc__,
    **COMMON,
):
    # The months a job asks for are of no concern here: every table is looked after as a whole.
    JobOperator(
        task_id="upkeep",
        job="upkeep",
        months="{{ (dag_run.run_after or ti.start_date).strftime('%Y-%m') }}",
        arguments=["--days", "{{ params.days }}", "--tables", "{{ params.tables | join(',') }}"],
        pool=POOL,
    )
