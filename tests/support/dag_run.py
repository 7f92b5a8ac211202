"""Runs of DAGs in a real Airflow, in a process of its own that imports Airflow once: `python -m tests.support.dag_run`.

Each line that the process reads asks for a run; the run is a fork of the process, so that none sees what another one
left behind (masked secrets, connections). `dag.test()` runs every task through Airflow's own task runner, with its
log masking, against the metadata database of AIRFLOW_HOME. Connections and Variables come from the environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Order:
    """What to run."""

    dag_id: str
    conf: dict[str, Any] | None
    environment: Mapping[str, str]
    log: str
    """The file that gets everything the run prints, and at its end the states of the tasks and the asset events."""


class DagRuns:
    """The process with Airflow in it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._log = process, folder / "dag_run.log"

    def run(self, dag_id: str, environment: Mapping[str, str], conf: dict[str, Any] | None = None) -> str:
        """Run a DAG; everything the run printed, task logs included."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(Order(dag_id, conf, environment, str(self._log)))) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n", "the process with Airflow has ended; see its output above"
        return self._log.read_text(encoding="utf-8")


@contextmanager
def dag_runs(folder: Path) -> Iterator[DagRuns]:
    """The process, until the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.dag_run"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield DagRuns(process, folder)


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what Airflow prints is no answer
    # Imported before the first fork: all that a run would import.
    import airflow.api_fastapi.execution_api.app
    import airflow.providers.http.hooks.http
    import airflow.providers.postgres.hooks.postgres  # noqa: F401
    from airflow.utils.db import initdb

    in_fork(initdb, os.devnull)
    for line in sys.stdin:
        order = Order(**json.loads(line))
        in_fork(lambda: run(order), order.log)  # noqa: B023 - it is over before the next line is read
        print("done", file=answers, flush=True)


def in_fork(action: Callable[[], None], log: str) -> None:
    """Do something in a fork, with its output in a file, and wait for its end."""
    if os.fork():
        os.wait()
        return
    with open(log, "wb", buffering=0) as output:  # noqa: PTH123
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    try:
        action()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def run(order: Order) -> None:
    """Run the DAG and print the states."""
    from airflow.dag_processing.dagbag import DagBag

    os.environ.update(order.environment)
    bag = DagBag(ROOT / "dags" / f"{order.dag_id}.py")
    assert not bag.import_errors, bag.import_errors
    dag_run = bag.dags[order.dag_id].test(run_conf=order.conf)
    print("the tasks ended", json.dumps({task.task_id: task.state for task in dag_run.get_task_instances()}))
    print("the events were", json.dumps(events(dag_run.run_id)))
    print(f"the run ended {dag_run.state}")


def events(run_id: str) -> dict[str, Any]:
    """What the run's asset events say, by the name of the asset."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.query(AssetEvent).filter(AssetEvent.source_run_id == run_id)
        return {event.asset.name: event.extra for event in found}


if __name__ == "__main__":
    main()
