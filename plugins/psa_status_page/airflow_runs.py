"""What Airflow knows of some DAGs: paused, next run, the last runs and what failed; a few queries for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.task_state_store import TaskStateStoreModel
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from sqlalchemy import and_, select, true, tuple_
from sqlalchemy.orm import Session

from include.model.progress import PROGRESS
from include.model.run_types import is_quick_slot
from include.status.facts import FORCED, DagFacts, FailedRun
from include.status.progress import progress_lines

MOST_RUNS = 60  # of each DAG; a table of the ledger shows the last 30 that read it


class LastRun(NamedTuple):
    """A run of a DAG, as Airflow's database has it."""

    dag_id: str
    run_id: str
    run_type: str
    state: str
    start_date: datetime | None

    @property
    def has_ended(self) -> bool:
        return self.state in (DagRunState.SUCCESS.value, DagRunState.FAILED.value)


def dag_facts(dag_ids: Sequence[str]) -> Mapping[str, DagFacts]:
    """By the DAG's id."""
    with create_session(scoped=False) as session:
        runs = _last_runs(session, dag_ids)
        failed = {dag_id: run for dag_id in dag_ids if (run := _last_failure(runs[dag_id]))}
        tasks = _failed_tasks(session, failed.values())
        progress = kept_progress(session, dag_ids)
        query = select(DagModel.dag_id, DagModel.is_paused, DagModel.next_dagrun_create_after)
        models = session.execute(query.where(DagModel.dag_id.in_(dag_ids))).all()
    return {
        dag_id: DagFacts(
            is_paused=is_paused,
            next_run_at=None if is_paused else next_run_at,
            running_since=_running_since(runs[dag_id]),
            progress=list(progress_lines(progress[dag_id])),
            failed=_failed_run(failed[dag_id], tasks) if dag_id in failed else None,
            run_types={_in_ledger(run): run.run_type for run in runs[dag_id]},
        )
        for dag_id, is_paused, next_run_at in models
    }


def _last_runs(session: Session, dag_ids: Sequence[str]) -> Mapping[str, Sequence[LastRun]]:
    """The newest first."""
    columns = [getattr(DagRun, name) for name in LastRun._fields]
    newest = select(*columns).where(DagRun.dag_id == DagModel.dag_id).order_by(DagRun.run_after.desc())
    each = newest.limit(MOST_RUNS).lateral()
    query: Any = select(each).select_from(DagModel).join(each, true()).where(DagModel.dag_id.in_(dag_ids))
    found: dict[str, list[LastRun]] = defaultdict(list)
    for row in session.execute(query):
        found[row.dag_id].append(LastRun(row.dag_id, row.run_id, str(row.run_type), str(row.state), row.start_date))
    return found


def _last_failure(runs: Iterable[LastRun]) -> LastRun | None:
    """The last nightly or quick run that no person asked for, if it failed: a person sees what became of their own."""
    ended = [run for run in runs if run.has_ended and run.run_type not in FORCED]
    quick = [run for run in ended if is_quick_slot(run.run_type, run.run_id)]
    last = (next((run for run in ended if run not in quick), None), next(iter(quick), None))
    return next((run for run in last if run and run.state == DagRunState.FAILED.value), None)


def _failed_tasks(session: Session, runs: Iterable[LastRun]) -> Mapping[tuple[str, str], Sequence[str]]:
    """The tasks that failed in these runs, the first one first."""
    keys = [(run.dag_id, run.run_id) for run in runs]
    query = (
        select(TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.task_id)
        .where(tuple_(TaskInstance.dag_id, TaskInstance.run_id).in_(keys))
        .where(TaskInstance.state == TaskInstanceState.FAILED)
        .order_by(TaskInstance.end_date)
    )
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for dag_id, run_id, task_id in session.execute(query) if keys else ():
        found[dag_id, run_id].append(task_id)
    return found


def kept_progress(session: Session, dag_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """What tasks that are running have kept about how far they are; not what an earlier attempt of them has."""
    kept, task = TaskStateStoreModel, TaskInstance
    names = ("dag_id", "run_id", "task_id", "map_index")
    query = (
        select(kept.dag_id, kept.value)
        .join(task, and_(*(getattr(kept, name) == getattr(task, name) for name in names)))
        .where(kept.dag_id.in_(dag_ids), kept.key == PROGRESS, kept.updated_at >= task.start_date)
        .where(task.state == TaskInstanceState.RUNNING)
        .order_by(task.start_date, task.task_id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for dag_id, value in session.execute(query):
        found[dag_id].append(value)
    return found


def _failed_run(run: LastRun, tasks: Mapping[tuple[str, str], Sequence[str]]) -> FailedRun | None:
    if run.start_date is None:
        return None
    return FailedRun(_in_ledger(run), run.start_date, tasks[run.dag_id, run.run_id])


def _running_since(runs: Iterable[LastRun]) -> datetime | None:
    return min((run.start_date for run in runs if run.start_date and not run.has_ended), default=None)


def _in_ledger(run: LastRun) -> str:
    return f"{run.dag_id}/{run.run_id}"
