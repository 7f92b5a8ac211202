"""Chooses the pool of each task of the sync, so that a forced run goes ahead of the nightly runs.

A cluster policy: Airflow calls it wherever it creates or clears a task instance, in the scheduler, the API server and
the command line. `airflow_local_settings.py` beside this file switches it on. It imports nothing from `include` on
purpose: a failing import here would keep all of Airflow from starting.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import event, select
from sqlalchemy.orm import object_session

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

TAG = "psa-sync"  # marks the DAGs of this package, see include/dag_factory/
FORCED_POOL = "psa_force_sync"
NIGHTLY_POOL = "psa_nightly"
DEFAULT_POOL = "default_pool"  # Airflow creates it and does not allow its deletion
FORCED_WEIGHT = 2**31 - 1  # the highest value that Airflow's column can hold
NO_POOL = "Airflow has no pool"
FORCED_RUNS = frozenset({"manual", "asset_materialization"})  # by the run's type: a person can type any run id


def task_instance_mutation_hook(task_instance: TaskInstance, dag_run: DagRun | None = None) -> None:
    """Put a task of our DAGs into its pool; if that does not exist, into the default pool, with a note on the run."""
    if dag_run is None or not _is_ours(task_instance, dag_run):  # no run yet: Airflow calls again when there is one
        return
    forced = str(dag_run.run_type) in FORCED_RUNS
    pool = FORCED_POOL if forced else NIGHTLY_POOL
    if forced:
        task_instance.priority_weight = FORCED_WEIGHT
    problem = f"{NO_POOL} '{pool}', so this run uses '{DEFAULT_POOL}'. Create it under Admin, Pools."
    session = object_session(dag_run)
    if session is None or _exists(pool, session):
        task_instance.pool = pool
        if dag_run.note and problem in dag_run.note:  # the pool has been created and the task cleared
            dag_run.note = dag_run.note.replace(problem, "").strip() or None
        return
    task_instance.pool = DEFAULT_POOL  # in a pool that does not exist, the task would wait for ever, without a message
    log.warning("%s %s: %s", dag_run.dag_id, dag_run.run_id, problem)
    _note_at_commit(session, dag_run, problem)


def _is_ours(task_instance: TaskInstance, dag_run: DagRun) -> bool:
    dag = getattr(getattr(task_instance, "task", None), "dag", None) or getattr(dag_run, "dag", None)
    return TAG in getattr(dag, "tags", ())


def _exists(pool: str, session: Session) -> bool:
    """Runs in the transaction that creates the task: a session of our own could break it."""
    from airflow.models.pool import Pool

    return session.connection().execute(select(Pool.id).where(Pool.pool == pool)).first() is not None


def _note_at_commit(session: Session, dag_run: DagRun, problem: str) -> None:
    """Write the note once per run, at commit: the API server sets a person's own note after creating the tasks."""
    pending = session.info.setdefault(__name__, set())
    key = (dag_run.dag_id, dag_run.run_id)
    if key in pending:
        return
    pending.add(key)

    def write(session: Session) -> None:
        pending.discard(key)
        if dag_run in session and problem not in (dag_run.note or ""):
            dag_run.note = f"{dag_run.note}\n{problem}" if dag_run.note else problem

    event.listen(session, "before_commit", write, once=True)
