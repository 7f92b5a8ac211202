"""An Airflow with Celery: a Redis of its own, and two workers that can be killed as a machine dies."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from demo import airflow_home
from demo.ports import ADDRESS, free_port
from demo.postgres import EmbeddedPostgres
from demo.processes import Component, Components, kill
from demo.state import State
from simulator.server import Simulator
from tests.support.airflow import ROOT, AirflowRig, airflow

WORKERS = ("first", "second")
SETTINGS = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
    # A lost worker is noticed within seconds instead of minutes, and so is what it had accepted and not begun.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "2",
}


@dataclass(frozen=True)
class Worker:
    """A Celery worker, with the processes that run its tasks."""

    component: Component

    def runs(self, pid: int | None) -> bool:
        """Whether the process is one of its own."""
        return any(process.pid == pid for process in self._processes())

    def kill(self) -> None:
        """As when its machine dies: nothing of it can say goodbye."""
        kill(self._processes())
        self.component.process.wait()

    def _processes(self) -> list[psutil.Process]:
        process = self.component.process
        return [process, *process.children(recursive=True)] if process.is_running() else []


@contextmanager
def celery_airflow(
    server: EmbeddedPostgres, folder: Path, simulator: Simulator, *, dags: str, sources: Mapping[str, dict[str, str]]
) -> Iterator[tuple[AirflowRig, list[Worker]]]:
    """Start it, with the workers of WORKERS."""
    with ExitStack() as stack:
        settings = {**SETTINGS, "AIRFLOW__CELERY__BROKER_URL": stack.enter_context(redis(folder))}
        rig = stack.enter_context(airflow(server, folder, simulator, dags=dags, sources=sources, environment=settings))
        state = State(folder)  # a component of its own for the workers: the rig may not miss one that was killed
        environment = {**airflow_home.environment(state, ROOT), **settings}
        components = Components(folder, logs=state.logs, environment=environment)
        workers = [Worker(components.start(f"worker-{name}", command(name), cwd=ROOT)) for name in WORKERS]
        for worker in workers:
            stack.callback(worker.kill)
        yield rig, workers


def command(name: str) -> list[str]:
    return airflow_home.command(
        "celery", "worker", "--celery-hostname", name, "--concurrency", "12", "--skip-serve-logs"
    )


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The address of a Redis that keeps nothing."""
    port = free_port()
    program = ["redis-server", "--bind", ADDRESS, "--port", str(port), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL) as process:
        try:
            yield f"redis://{ADDRESS}:{port}/0"
        finally:
            process.kill()
