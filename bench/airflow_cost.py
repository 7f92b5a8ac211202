"""What a run with no change costs beside a DAG of the same shape that does nothing: `python -m bench.airflow_cost`.

It runs a whole Airflow with a LocalExecutor, five PSAs that answer at once, and a Postgres, as in the demo. Runs of
each PSA's DAG and of its empty copy take turns. What counts is the CPU time of the executor's processes: the tasks and
their supervisors.
"""

from __future__ import annotations

import signal
import statistics
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import psutil

from bench.home import bench_home
from demo import processes
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.dag_factory.decide import Decide
from simulator.server import Simulator
from simulator.world import World
from tests.support.airflow import AirflowRig, airflow, login_of, with_sources

ROUNDS = 3
COMPANIES = 3
MAX_RATIO = 1.5
EVERYTHING = {"extent": "everything"}  # as a nightly run; the form's default would be a quick one
SCHEDULER = "scheduler"
SKIPPED = (Decide.__name__,)
"""Operators of tasks that Airflow skips without a process, in a run with nothing to decide."""

DAG = '''
"""A PSA, triggered by hand. An Airflow Dag."""

from include.dag_factory import psa_dag

dag = psa_dag("{vendor}", schedule=None)
'''
EMPTY_DAG = '''
"""A DAG whose tasks do nothing, in the shape of another. An Airflow Dag."""

from datetime import datetime

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG


def nothing():
    pass


TASKS = {tasks}

with DAG("{dag_id}", schedule=None, start_date=datetime(2026, 1, 1)) as dag:
    made = {{
        task_id: PythonOperator(task_id=task_id, python_callable=nothing, trigger_rule=rule)
        if has_process
        else EmptyOperator(task_id=task_id)
        for task_id, (rule, has_process, _) in TASKS.items()
    }}
    for task_id, (_, _, following) in TASKS.items():
        made[task_id] >> [made[one] for one in following]
'''


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # when stopped, it still ends what it started
    processes.adopt_orphans()
    with _rig() as rig:
        pairs = {f"psa_{vendor}": _empty_copy(rig, f"psa_{vendor}") for vendor in connectors.NAMES}
        for pair in pairs.items():
            for dag_id in pair:
                rig.api.unpause(dag_id)
                _cpu_seconds(rig, dag_id)  # the first load, and compiled code for all later runs
        ratios = [_measured(rig, *pair) for pair in pairs.items()]
    return 1 if max(ratios) > MAX_RATIO else 0


def _measured(rig: AirflowRig, ours: str, empty: str) -> float:
    """The ratio of the medians of runs that take turns."""
    rounds = [(_cpu_seconds(rig, ours), _cpu_seconds(rig, empty)) for _ in range(ROUNDS)]
    with_data, without = (statistics.median(float(one[side]) for one in rounds) for side in (0, 1))
    ratio = with_data / without
    print(
        f"{ours:<16} {with_data:5.2f} s of CPU in a run with no change, {without:5.2f} s in an empty one of "
        f"{len(rig.api.call('GET', f'/api/v2/dags/{ours}/tasks')['tasks'])} tasks: {ratio:.2f} times",
        flush=True,
    )
    return ratio


def _cpu_seconds(rig: AirflowRig, dag_id: str) -> float:
    """What a run costs the executor's processes."""
    before = _executor_seconds(rig)
    run = rig.trigger(dag_id, conf=EVERYTHING)
    ended = run.wait_until_ended()
    if ended["state"] != "success":
        raise SystemExit(f"{dag_id} ended with {ended['state']}: {run.tasks()}")
    tasks = [task["pid"] for task in run.tasks().values() if task["pid"]]  # a skipped one has had no process
    rig.until(lambda: None if any(map(psutil.pid_exists, tasks)) else True)
    return _executor_seconds(rig) - before


def _executor_seconds(rig: AirflowRig) -> float:
    """The CPU time so far of the executor's processes and of their children that have ended."""
    scheduler = next(one for one in processes.marked(rig.home.parent) if SCHEDULER in one.cmdline())
    spent = [worker.cpu_times() for worker in scheduler.children(recursive=True)]
    return float(sum(one.user + one.system + one.children_user + one.children_system for one in spent))


def _empty_copy(rig: AirflowRig, dag_id: str) -> str:
    """Write a DAG of the same shape; its id."""
    empty = dag_id.replace("psa_", "empty_", 1)
    tasks: Mapping[str, Any] = {
        task["task_id"]: (task["trigger_rule"], task["operator_name"] not in SKIPPED, task["downstream_task_ids"])
        for task in rig.api.call("GET", f"/api/v2/dags/{dag_id}/tasks")["tasks"]
    }
    _write_dag(rig, empty, EMPTY_DAG.format(tasks=repr(tasks), dag_id=empty))
    return empty


def _write_dag(rig: AirflowRig, dag_id: str, text: str) -> None:
    """A file of its own for each DAG, as in dags/: each task reads the file of its DAG."""
    (rig.home.parent / "dags" / f"{dag_id}.py").write_text(text, encoding="utf-8")
    rig.until(lambda: rig.api.dag(dag_id))


@contextmanager
def _rig() -> Iterator[AirflowRig]:
    world = World(seed=7, companies=COMPANIES)
    with bench_home() as home, ExitStack() as stack:
        server = stack.enter_context(EmbeddedPostgres(home / "postgres"))
        simulators = {vendor: stack.enter_context(Simulator(world, vendor=vendor)) for vendor in connectors.NAMES}
        rig = stack.enter_context(airflow(server, home, None, dags="", sources={}))
        logins = {vendor: login_of(simulator) for vendor, simulator in simulators.items()}
        rig.api.apply(with_sources(rig.settings, logins))
        for vendor in connectors.NAMES:
            _write_dag(rig, f"psa_{vendor}", DAG.format(vendor=vendor))
        print("Airflow is up", flush=True)
        yield rig


if __name__ == "__main__":
    sys.exit(main())
