"""What the DAGs share: how a job is submitted and heard, the keys, sign-off, and what a person is told of a failure.

Nothing here imports pyspark or a job; a DAG file reads like the line and says only what comes after what.
"""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pendulum
from airflow.providers.apache.spark.hooks.spark_submit import SparkSubmitHook
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Asset, BaseHook, Param, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from drg.calendar import spans, year_back
from drg.doors.config import load_env, project_home
from drg.result import heard

PLACE = load_env()
PROVINCE = PLACE.province
REGIONS = list(PROVINCE.region_codes())
ZONE = "Asia/Shanghai"
START = pendulum.datetime(2024, 1, 1, tz=ZONE)
MONTH, YEAR = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$", r"^[1-9][0-9]{3}$"

# A region's month that is landed, validated and grouped; its partitions are the months.
TAKEN_IN = Asset("taken_in")
# Every job that writes tables takes a slot: one where storage bears one writer, more on HDFS or a local disk.
POOL = "tables"
TRY_AGAIN = 75


class ListeningHook(SparkSubmitHook):
    """Submits as the connection says and keeps what the job told: its result and its last line."""

    result: dict[str, Any] | None = None
    last_line = ""

    def _process_spark_submit_log(self, itr: Iterator[Any]) -> None:
        super()._process_spark_submit_log(self._listened(itr))

    def _listened(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            found = heard(line)
            if found is not None:
                self.result = found
            elif line.strip():
                self.last_line = line.strip()
            yield line

    @property
    def status(self) -> int | None:
        """Exit status of spark-submit, which in client mode is the job's."""
        return self._submit_sp.returncode if self._submit_sp else None


class JobOperator(SparkSubmitOperator):
    """Submits `jobs/<job>.py` for some regions and months; what it returns is what the job told.

    A failed region is no failed task as long as others are done: it is in the result and shown by `failed_region`.
    Repeated is only what a repetition can help: a job that was killed or lost, or that found another run at its
    partitions (status 75). A job called wrongly (2) fails at once; so does one without a single region done (1), unless
    it is one of several (`one_of`) and the others go on.
    """

    template_fields = (*SparkSubmitOperator.template_fields, "months", "regions", "arguments", "environment")

    def __init__(
        self,
        *,
        job: str,
        months: Any,
        regions: Any = "all",
        arguments: Sequence[str] = (),
        environment: str = PLACE.name,
        one_of: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(conn_id="spark_default", **kwargs)
        self.job = job
        self.months = months
        self.regions = regions
        self.arguments = list(arguments)
        self.environment = environment
        self.one_of = one_of

    def execute(self, context: Any) -> dict[str, Any]:
        """Submit, listen, and decide by exit status what becomes of the task."""
        from drg.doors.spark import launch_conf

        every = self.regions == "all"
        named = self.regions.split(",") if isinstance(self.regions, str) and not every else [*self.regions]
        regions = [region for region in named if region]
        if not regions:
            self.log.info("%s %s: no region is due", self.job, self.months)
            return {"job": self.job, "done": [], "failed": []}
        conf = launch_conf(load_env(self.environment), BaseHook.get_connection(self._conn_id).host or "")
        hook = self._hook = ListeningHook(
            jars=conf.pop("spark.jars"),
            conf=conf,
            conn_id=self._conn_id,
            name=f"drg {self.job} {self.months}",
            application_args=[
                "--env", self.environment, "--months", self.months, "--regions", "" if every else ",".join(regions),
                "--now", context["ti"].start_date.isoformat(), *self.arguments,
            ],
        )  # fmt: skip
        try:
            hook.submit(str(project_home() / "jobs" / f"{self.job}.py"))
        except AirflowException as error:
            self._tell(context, hook)
            self._judge(hook, error)
        return self._tell(context, hook)

    def _tell(self, context: Any, hook: ListeningHook) -> dict[str, Any]:
        """Leave the result with the task, so that what failed can be shown though the task fails."""
        result = hook.result or {}
        for name, value in (result | {"return_value": result}).items():
            context["ti"].xcom_push(name, value)
        return result

    def _judge(self, hook: ListeningHook, error: AirflowException) -> None:
        result = hook.result or {}
        where = f"{self.job} {self.months}"
        if hook.status == TRY_AGAIN:
            raise AirflowException(f"{where}: another run is at the same partitions; it is tried again") from error
        if hook.status == 2:
            raise AirflowFailException(f"{where}: {hook.last_line}") from error
        # A job that was able to judge its own failure told so; without a word it was lost, whatever its status.
        if hook.status != 1 or hook.result is None:
            raise AirflowException(f"{where}: the job was lost (status {hook.status})") from error
        if not result.get("done") and not (self.one_of and result.get("failed")):
            reasons = sorted({reason for _, _, reason in result.get("failed", [])}) or [hook.last_line]
            raise AirflowFailException(f"{where}: {'; '.join(reasons)}") from error


def tell(context: Any) -> None:
    """Tell a person what failed: region, month, step, reason and link; to the log and to `DRG_NOTIFY_URL` as JSON."""
    ti, error = context["ti"], context.get("exception")
    text = " ".join(str(error).split())[:1000]
    unit = re.search(r"\b(\d{6}) (\d{4}(?:-\d\d)?)\b", text)
    month = unit[2] if unit else key_of(context.get("dag_run"), context.get("params") or {}) or ""
    message = {
        "dag": ti.dag_id, "step": ti.task_id, "region": unit[1] if unit else "", "month": month, "reason": text,
        "link": getattr(ti, "log_url", ""),
    }  # fmt: skip
    ti.task.log.error("to a person: %s", json.dumps(message, ensure_ascii=False))
    if url := os.environ.get("DRG_NOTIFY_URL"):
        body = json.dumps(message, ensure_ascii=False).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()


# A task that waits or asks writes no table and needs no slot; those that submit name the pool.
DEFAULTS = {
    "owner": "drg",
    "retries": 2,
    "retry_delay": timedelta(seconds=int(os.environ.get("DRG_RETRY_SECONDS", "120"))),
    "execution_timeout": timedelta(hours=6),
    "on_failure_callback": tell,
}
# The year up to the month of the run: as far back as late lists are taken in.
YEAR_BACK = "{{ year_back(ti.xcom_pull(task_ids='the_month')) }}"
COMMON = {
    "user_defined_macros": {"year_back": year_back},
    "start_date": START,
    "catchup": False,
    "default_args": DEFAULTS,
    "tags": ["drg"],
}


def month_param() -> Param:
    """The settlement month in a form; a run that has a partition key needs none."""
    return Param(None, type=["null", "string"], pattern=MONTH, description="Settlement month, YYYY-MM")


def key_of(dag_run: Any, params: Any) -> str | None:
    """The month or year a run is for: its partition key, else what the form says."""
    key = getattr(dag_run, "partition_key", None) or params.get("month") or params.get("year")
    return str(key) if key else None


@task(retries=0)
def the_month(**context: Any) -> str:
    """The month of this run."""
    month = key_of(context["dag_run"], context["params"])
    if not month or not re.match(MONTH, month):
        raise AirflowFailException(f"this run names no month ({month}); trigger it with a month, YYYY-MM")
    return month


@task(retries=0)
def the_year(**context: Any) -> str:
    """The year of this run."""
    year = key_of(context["dag_run"], context["params"])
    if not year or not re.match(YEAR, year):
        raise AirflowFailException(f"this run names no year ({year}); trigger it with a year, YYYY")
    return year


@task(retries=0, map_index_template="{{ unit }}")
def failed_region(failure: dict[str, str], **context: Any) -> None:
    """One region and month a step could not do, with the reason and the command that repeats it."""
    context["unit"] = f"{failure['region']} {failure['period']} {failure['step']}"
    raise AirflowFailException(
        f"{failure['step']} failed for {failure['region']} {failure['period']}: {failure['reason']}; "
        f"repeat it with: {failure['command']}"
    )


@task(retries=0)
def carried_on(results: Any) -> list[dict[str, Any]]:
    """The regions and months a step's jobs did, for the next step: what failed in one is left out of the next."""
    by_month: dict[str, list[str]] = {}
    for result in [results] if isinstance(results, dict) else results:
        for region, month in result.get("done", []):
            by_month.setdefault(month, []).append(region)
    plan = [(month, tuple(sorted(regions))) for month, regions in by_month.items()]
    return [{"months": span.months, "regions": list(span.regions)} for span in spans(plan, across_years=True)]


@task(trigger_rule="all_done", retries=0)
def failures(task_ids: list[str], environment: str, **context: Any) -> list[dict[str, str]]:
    """What the jobs of this run told of failed regions, one entry a region, period and step."""
    found = []
    for task_id in task_ids:
        results = context["ti"].xcom_pull(task_ids=task_id)
        for result in results if isinstance(results, list | tuple) else [results]:
            found += [_failure(environment, result["job"], *unit) for unit in (result or {}).get("failed", [])]
    return found


def conclude(last: Any, *task_ids: str, environment: str = PLACE.name) -> None:
    """The end of a DAG: failed regions one by one, and a mark that fails when the line broke off."""
    found = failures(list(task_ids), environment)
    last >> found
    failed_region.expand(failure=found)
    last >> EmptyOperator(task_id="done")


def _failure(environment: str, job: str, region: str, period: str, reason: str) -> dict[str, str]:
    months = period if "-" in period else f"{period}-01"
    command = f"drg run --steps {job} --months {months} --regions {region} --env {environment}"
    if job == "close":
        command = f"drg close --year {period} --regions {region} --env {environment}"
    elif job == "freeze":
        command = f"drg version publish {region} {period} VERSION --env {environment}"
    elif job == "publish":
        command = f"the DAG resubmission with {region}, {period}: what is published is approved first"
    return {"step": job, "region": region, "period": period, "reason": reason, "command": command}


# Who answered the approval of a run, when, and what they wrote.
ANSWER = "ti.xcom_pull(task_ids='approval')"
WHO = [
    "--by", "{{ " + ANSWER + "['responded_by_user']['name'] }}",
    "--at", "{{ " + ANSWER + "['responded_at'] | string | replace(' ', 'T') }}",
    # In one word, so that a note may begin with a dash.
    "--note={{ " + ANSWER + "['params_input'].get('note', '') }}",
]  # fmt: skip
# The moment whose figures were approved: what changed since was not seen and does not go out.
AS_OF = ["--as-of", "{{ ti.xcom_pull(task_ids='figures', key='as_of') }}"]


def sign_off(
    subject: str, period: Any, months: Any, regions: Any, lacking: str = "", environment: str = PLACE.name
) -> tuple[Any, Any]:
    """figures -> approval -> record -> approved: the first and the last task; rejected, what follows is skipped.

    The decision is recorded with who, when and the figures that were shown, whichever way it went.
    """
    scope = {"months": months, "regions": regions, "environment": environment}
    about = ["--subject", subject, "--period", period, "--lacking", lacking]
    figures = JobOperator(task_id="figures", job="figures", arguments=about, **scope)
    approval = HITLOperator(
        task_id="approval",
        subject=f"Approve {subject} {period}?",
        body="{{ ti.xcom_pull(task_ids='figures', key='text') }}",
        options=["Approve", "Reject"],
        params={"note": Param("", type="string", description="Why, if there is something to say")},
        execution_timeout=None,
    )
    record = JobOperator(
        task_id="record",
        job="approve",
        pool=POOL,
        arguments=[
            *about,
            "--decision", "{{ 'approved' if 'Approve' in " + ANSWER + "['chosen_options'] else 'rejected' }}",
            *WHO,
            "--figures", "{{ ti.xcom_pull(task_ids='figures', key='figures') | tojson }}",
        ],
        **scope,
    )  # fmt: skip

    @task.short_circuit(retries=0, ignore_downstream_trigger_rules=False)
    def approved(**context: Any) -> bool:
        """Whether the person approved."""
        return "Approve" in context["ti"].xcom_pull(task_ids="approval")["chosen_options"]

    last = approved()
    figures >> approval >> record >> last
    return figures, last
