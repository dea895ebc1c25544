"""resubmission: one region delivers a month anew; that region's month and what rests on it are run again, nothing else.

What rests on it: the province's comparison of the month and the region's own release. The releases of the others keep
the comparison they were published with; `drg status` calls them stale until they are published again.
"""

from __future__ import annotations

from airflow.sdk import DAG, Param

from shared import AS_OF, COMMON, MONTH, POOL, REGIONS, JobOperator, conclude, sign_off

MONTH_ASKED = "{{ params.month }}"
REGION_ASKED = ["{{ params.region }}"]

with DAG(
    "resubmission",
    schedule=None,
    params={
        "region": Param(REGIONS[0], type="string", enum=REGIONS, description="Region code"),
        "month": Param("2025-01", type="string", pattern=MONTH, description="Settlement month, YYYY-MM"),
    },
    max_active_runs=1,
    doc_md=__doc__,
    **COMMON,
):
    steps = [
        JobOperator(
            task_id=step, job=step, months=MONTH_ASKED, regions=REGION_ASKED, pool=POOL,
            arguments=AS_OF if step == "publish" else (),
        )
        for step in ("land", "validate", "group", "settle", "compare", "publish")
    ]  # fmt: skip
    land, validate, group, settle, compare, publish = steps
    figures, approved = sign_off("month", MONTH_ASKED, MONTH_ASKED, REGION_ASKED)
    land >> validate >> group >> settle >> compare >> figures
    approved >> publish
    conclude(publish, *(step.task_id for step in steps))
