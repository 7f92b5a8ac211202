"""Which pool a task of the sync waits in: what a person asked for goes ahead of what the schedule asks for.

A cluster policy: Airflow calls it wherever it creates a task instance or clears one, in the scheduler, the API server
and the command line alike. `airflow_local_settings.py` beside this file switches it on. Self-contained on purpose:
an import that fails here would keep the whole Airflow from starting.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance

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
    if _exists(pool, dag_run):
        task_instance.pool = pool
        if dag_run.note and dag_run.note.startswith(NO_POOL):  # created since, and the task was cleared
            dag_run.note = None
        return
    task_instance.pool = DEFAULT_POOL  # a task in a pool that is not there would wait for ever, without a word
    problem = f"{NO_POOL} '{pool}', so this run uses '{DEFAULT_POOL}'. Create it under Admin, Pools."
    log.warning("%s %s: %s", dag_run.dag_id, dag_run.run_id, problem)
    if not dag_run.note:
        dag_run.note = problem


def _is_ours(task_instance: TaskInstance, dag_run: DagRun) -> bool:
    dag = getattr(getattr(task_instance, "task", None), "dag", None) or getattr(dag_run, "dag", None)
    return TAG in getattr(dag, "tags", ())


def _exists(pool: str, dag_run: DagRun) -> bool:
    """Asked in the transaction that is creating the task: a session of our own could break it."""
    from airflow.models.pool import Pool
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:
        return True
    return session.connection().execute(select(Pool.id).where(Pool.pool == pool)).first() is not None
