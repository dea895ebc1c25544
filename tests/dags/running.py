"""Executing a DAG with `dag.test`: real tasks, real jobs; a person's answer comes from a thread, as through the API."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Airflow reads its settings when it is imported: not before the tests have made them.
    from airflow.dag_processing.dagbag import BundleDagBag


@dataclass(frozen=True)
class Ended:
    """How a run ended: its state, the states of its tasks (mapped ones by index) and what they returned."""

    state: str
    tasks: dict[str, list[str]]
    run: Any

    def one(self, task_id: str) -> str:
        """The state of a task that is not mapped."""
        (state,) = self.tasks[task_id]
        return state

    def returned(self, task_id: str, key: str = "return_value") -> Any:
        """What a task left."""
        from airflow.models.xcom import XComModel
        from airflow.settings import Session

        query = XComModel.get_many(run_id=self.run.run_id, dag_ids=self.run.dag_id, task_ids=task_id, key=key)
        rows = Session().execute(query.with_only_columns(XComModel)).scalars().all()
        return [XComModel.deserialize_value(row) for row in rows]


@dataclass
class Runner:
    """Runs DAGs of a bag, one after the other."""

    bag: BundleDagBag

    def __call__(self, dag_id: str, answer: str | None = None, **conf: Any) -> Ended:
        """One run with the form's values; `answer` is what the person says when asked."""
        dag = self.bag.dags[dag_id]
        with answering(dag_id, answer):
            run = dag.test(run_conf=conf)
        tasks: dict[str, list[str]] = {}
        for ti in sorted(run.get_task_instances(), key=lambda ti: (ti.task_id, ti.map_index)):
            tasks.setdefault(ti.task_id, []).append(str(ti.state))
        return Ended(str(run.state), tasks, run)


@contextmanager
def answering(dag_id: str, answer: str | None) -> Iterator[None]:
    """Answers the waiting task of a DAG, as the REST API does it."""
    over = threading.Event()

    def work() -> None:
        from airflow.models.hitl import HITLDetail
        from airflow.models.taskinstance import TaskInstance
        from airflow.models.trigger import handle_event_submit
        from airflow.settings import Session
        from airflow.triggers.base import TriggerEvent
        from airflow.utils.timezone import utcnow
        from sqlalchemy import select

        while not over.is_set():
            time.sleep(0.5)
            with Session() as session:
                waiting = select(TaskInstance).where(
                    TaskInstance.dag_id == dag_id, TaskInstance.state == "awaiting_input"
                )
                for ti in session.scalars(waiting).all():
                    detail = session.scalar(select(HITLDetail).where(HITLDetail.ti_id == ti.id))
                    if detail is None or detail.response_received:
                        continue
                    detail.responded_by = {"id": "1", "name": "审批人"}
                    detail.responded_at = utcnow()
                    detail.chosen_options = [answer]
                    detail.params_input = {"note": "as agreed"}
                    session.add(detail)
                    handle_event_submit(
                        TriggerEvent(detail.as_resume_event_payload()), task_instance=ti, session=session
                    )
                    session.commit()

    thread = threading.Thread(target=work, daemon=True)
    if answer is not None:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if answer is not None:
            thread.join()
