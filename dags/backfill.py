"""backfill: a span of months, oldest or newest first; all of it, only the missing, or only the failed.

What is done is what the tables say, as in `drg status`. Consecutive months with the same regions are one job a step, so
that a year of a province is a few jobs. An environment of its own (a trial policy, a trial area) is named in the form.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowSkipException

from drg.calendar import CHOICES, ORDERS, RegionMonth, backfill, spans, touched_open
from drg.doors.config import project_home
from drg.runner import month_range
from shared import AS_OF, COMMON, MONTH, PLACE, POOL, JobOperator, carried_on, conclude, sign_off

SPAN = "{{ params.first }}..{{ params.last }}"
WHERE = {"environment": "{{ params.environment }}"}
STOPS = ["taken_in", "settled", "published"]
ENVIRONMENTS = sorted(
    path.stem for path in (project_home() / "conf" / "env").glob("*.yaml") if "\nspark:" in path.read_text("utf-8")
)


@task(retries=0)
def plan(rows: list[dict[str, Any]], cleared: list[list[str]], stop: str, **context: Any) -> list[dict[str, Any]]:
    """The jobs of a stage in their order: spans of months, each with its regions.

    A month of a cleared year is taken in, but neither settled nor published again.
    """
    asked = context["params"]
    if STOPS.index(stop) > STOPS.index(asked["stop"]):
        raise AirflowSkipException(f"the form says to stop when the months are {asked['stop']}")
    known = [RegionMonth.of(row) for row in rows]
    if stop != "taken_in":
        known = [row for row in known if row.due and [row.region, row.month[:4]] not in cleared]
    months = month_range(f"{asked['first']}..{asked['last']}")
    wanted = backfill(known, months, asked["order"], asked["only"], stop)
    found = spans(wanted, across_years=stop == STOPS[0])
    if not found:
        raise AirflowSkipException(f"nothing of {months[0]}..{months[-1]} is to be {stop}")
    return [{"months": span.months, "regions": list(span.regions)} for span in found]


@task(retries=0)
def landed(rows: list[dict[str, Any]], results: list[dict[str, Any]], **context: Any) -> list[dict[str, Any]]:
    """What is validated: the months landed, and those of the span not settled yet that their late lists reach into."""
    by_month: dict[str, set[str]] = {}
    by_region: dict[str, list[str]] = {}
    for result in results:
        for region, month in result.get("done", []):
            by_month.setdefault(month, set()).add(region)
        for region, _, months in result.get("touched", []):
            by_region.setdefault(region, []).extend(months)
    for month, regions in touched_open(map(RegionMonth.of, rows), by_region).items():
        by_month.setdefault(month, set()).update(regions)
    newest_first = context["params"]["order"] == ORDERS[1]
    found = [(month, sorted(by_month[month])) for month in sorted(by_month, reverse=newest_first)]
    return [{"months": span.months, "regions": list(span.regions)} for span in spans(found, across_years=True)]


def jobs(step: str, jobs_of_plan: Any, **kwargs: Any) -> Any:
    """One job a span, one after the other in the order of the plan."""
    return JobOperator.partial(
        task_id=step, job=step, one_of=True, pool=POOL, max_active_tis_per_dagrun=1, **WHERE, **kwargs
    ).expand_kwargs(jobs_of_plan)


with DAG(
    "backfill",
    schedule=None,
    params={
        "first": Param("2025-01", type="string", pattern=MONTH, description="First month, YYYY-MM"),
        "last": Param("2025-12", type="string", pattern=MONTH, description="Last month, YYYY-MM"),
        "order": Param(ORDERS[0], type="string", enum=list(ORDERS)),
        "only": Param(CHOICES[1], type="string", enum=list(CHOICES)),
        "stop": Param(STOPS[-1], type="string", enum=STOPS, description="How far the months are taken"),
        "environment": Param(PLACE.name, type="string", enum=ENVIRONMENTS, description="Of conf/env"),
    },
    max_active_runs=1,
    doc_md=__doc__,
    **COMMON,
):
    before = JobOperator(task_id="status", job="status", months=SPAN, **WHERE)
    rows, cleared = before.output["rows"], before.output["cleared"]
    intake = plan.override(task_id="plan_intake")(rows, cleared, "taken_in")
    land = jobs("land", intake)
    validate = jobs("validate", landed(rows, land.output))
    group = jobs("group", carried_on.override(task_id="validated")(validate.output))
    settling = plan.override(task_id="plan_settle", trigger_rule="none_failed")(rows, cleared, "settled")
    settle = jobs("settle", settling)
    compare = jobs("compare", settling)
    publishing = plan.override(task_id="plan_publish", trigger_rule="none_failed")(rows, cleared, "published")
    figures, approved = sign_off("month", SPAN, SPAN, "all", environment=WHERE["environment"])
    publish = jobs("publish", publishing, arguments=AS_OF)
    group >> settling
    settle >> compare >> publishing >> figures
    approved >> publish
    conclude(publish, "land", "validate", "group", "settle", "publish", **WHERE)
