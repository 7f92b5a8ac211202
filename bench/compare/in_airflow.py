"""This package in a whole Airflow: a run of its DAG, from the request that triggers it to its end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from psycopg.conninfo import conninfo_to_dict

from bench.compare.job import Job
from bench.measure import Cost, PostgresClock
from bench.prepared_server import Server
from demo.postgres import EmbeddedPostgres
from demo.processes import marked
from tests.support.airflow import AirflowRig, airflow

SOURCE = "bench"
DAG = f'''
"""The DAG that is measured. An Airflow Dag."""

from include.dag_factory import psa_dag

dag = psa_dag("connectwise", schedule=None, source="{SOURCE}")
'''
SCHEDULER = "scheduler"
POLL_SECONDS = 0.5
UNFINISHED = ("queued", "running")
MIB = 1024**2


@dataclass(frozen=True)
class RunningAirflow:
    """An Airflow with the DAG."""

    rig: AirflowRig
    folder: Path
    dsn: str
    """Its warehouse."""

    def run(self, job: Job, clock: PostgresClock) -> Cost:
        """Trigger a run and wait for its end. The client is Airflow's executor: the tasks and their supervisors.

        The memory is that of the largest process of a task.
        """
        scheduler = next(one for one in marked(self.folder) if SCHEDULER in one.cmdline())
        with clock.measured() as postgres:
            before, began = _executor_seconds(scheduler), time.time()
            run = self.rig.trigger(f"psa_{SOURCE}", conf={"kinds": list(job.listings), "extent": "everything"})
            peak = 0
            while (state := run.facts["state"]) in UNFINISHED:
                peak = max(peak, _largest_bytes(scheduler, began))
                time.sleep(POLL_SECONDS)
            wall, client = time.time() - began, _executor_seconds(scheduler) - before
        if state != "success":
            raise SystemExit(f"The run in Airflow ended with {state}: {json.dumps(run.tasks())[:2000]}")
        return Cost(wall, client, postgres[0], peak / MIB)


@contextmanager
def running_airflow(postgres: EmbeddedPostgres, folder: Path, server: Server) -> Iterator[RunningAirflow]:
    """An Airflow that syncs from this server, until the end of the block."""
    at = urlsplit(server.url)
    connection = {
        **{name: server.connection[name] for name in ("login", "password")},
        "host": at.hostname,
        "port": at.port,
        "schema": at.scheme,
        "extra": json.dumps(server.connection["extra"]),
    }
    with airflow(postgres, folder, None, dags=DAG, sources={SOURCE: connection}) as rig:
        rig.api.unpause(f"psa_{SOURCE}")
        yield RunningAirflow(rig, folder, postgres.url(str(conninfo_to_dict(rig.warehouse)["dbname"])))


def _executor_seconds(scheduler: psutil.Process) -> float:
    """The processor time so far of the executor's processes, and of their children that have ended."""
    ended = scheduler.cpu_times()
    seconds = ended.children_user + ended.children_system
    for worker in scheduler.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            used = worker.cpu_times()
            seconds += used.user + used.system + used.children_user + used.children_system
    return seconds


def _largest_bytes(scheduler: psutil.Process, began: float) -> int:
    """The resident memory of the executor's largest process that was started since then."""
    sizes = [0]
    for process in scheduler.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            sizes += [process.memory_info().rss] if process.create_time() >= began else []
    return max(sizes)
