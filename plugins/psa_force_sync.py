"""Which pool a task of the sync waits in: what a person asked for goes ahead of what the schedule asks for.

A cluster policy: Airflow calls it wherever it creates a task instance or clears one, in the scheduler, the API server
and the command line alike. `airflow_local_settings.py` beside this file switches it on. Self-contained on purpose:
an import that fails here would keep the whole Airflow from starting.
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

TAG = "psa-sync"  # what tells our DAGs from all others, see include/dag_factory.py
FORCED_POOL = "psa_force_sync"
NIGHTLY_POOL = "psa_nightly"
DEFAULT_POOL = "default_pool"  # Airflow makes it, and lets nobody delete it
FORCED_WEIGHT = 2**31 - 1  # the most that Airflow's column holds: nothing can be ahead
NO_POOL = "Airflow has no pool"
FORCED_RUNS = frozenset({"manual", "asset_materialization"})  # by the run's type: a run id is what a person typed


def task_instance_mutation_hook(task_instance: TaskInstance, dag_run: DagRun | None = None) -> None:
    """Put a task of our DAGs into its pool; where that is missing, into Airflow's own, and say so on the run."""
    if dag_run is None or not _is_ours(task_instance, dag_run):  # without a run: Airflow calls again once there is one
        return
    forced = str(dag_run.run_type) in FORCED_RUNS
    pool = FORCED_POOL if forced else NIGHTLY_POOL
    if forced:
        task_instance.priority_weight = FORCED_WEIGHT
    problem = f"{NO_POOL} '{pool}', so this run uses '{DEFAULT_POOL}'. Create it under Admin, Pools."
    session = object_session(dag_run)
    if session is None or _exists(pool, session):
        task_instance.pool = pool
        if dag_run.note and problem in dag_run.note:  # the pool was created since, and the task cleared
            dag_run.note = dag_run.note.replace(problem, "").strip() or None
        return
    task_instance.pool = DEFAULT_POOL  # a task in a pool that is not there would wait for ever, without a word
    log.warning("%s %s: %s", dag_run.dag_id, dag_run.run_id, problem)
    _note_at_commit(session, dag_run, problem)


def _is_ours(task_instance: TaskInstance, dag_run: DagRun) -> bool:
    dag = getattr(getattr(task_instance, "task", None), "dag", None) or getattr(dag_run, "dag", None)
    return TAG in getattr(dag, "tags", ())


def _exists(pool: str, session: Session) -> bool:
    """Asked in the transaction that is creating the task: a session of our own could break it."""
    from airflow.models.pool import Pool

    return session.connection().execute(select(Pool.id).where(Pool.pool == pool)).first() is not None


def _note_at_commit(session: Session, dag_run: DagRun, problem: str) -> None:
    """Only then, once for all tasks of the run: the API server sets the note that a person typed after it made them."""
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
