"""How long a Force Sync waits while the nightly syncs of ten PSAs are under way: `python -m bench.queue_jump`.

It runs a whole Airflow and a Postgres, as in the demo. Half of the idle runs are measured before the nightly runs and
half after them, so that neither side has a warmer machine. Airflow's scheduler sleeps for a second when it has nothing
to start, so most of a wait is chance; the pauses before the triggers are spread evenly over that second, on both sides.
"""

from __future__ import annotations

import signal
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import ClassVar

import psutil

from bench.home import bench_home
from demo import processes
from demo.postgres import EmbeddedPostgres
from simulator.faults.base import Fault
from simulator.messages import Request, Response
from simulator.server import Simulator
from simulator.world import World
from tests.support.airflow import AirflowRig, airflow

PSAS = 10
PAUSES = tuple(number / 12 for number in range(12))  # in seconds; on each side
WAITING = 50  # nightly tasks, at least
SLOTS = 8
MAX_RATIO = 1.2
FIRST_TASK = "preflight"
FORCED_DAG = "psa_forced"
BEGUN = ("running", "success", "failed")

DAGS = f'''
"""Many PSAs, and one that a person triggers. Airflow Dags."""

from include.dag_factory import psa_dag

forced = psa_dag("connectwise", schedule=None, source="forced")
for number in range({PSAS}):
    globals()[f"dag_{{number}}"] = psa_dag("connectwise", schedule="@daily", source=f"bench_{{number}}")
'''
NIGHTLY = tuple(f"bench_{number}" for number in range(PSAS))


@dataclass(kw_only=True)
class SilentListings(Fault):
    """No page of records is answered in time, so that a listing keeps its slot for minutes; preflight asks for one."""

    name: ClassVar[str] = "silent_listings"

    def applies_to(self, request: Request) -> bool:
        return request.query.get("pageSize", "1") != "1"

    def change_response(self, answer: Response) -> Response:
        return answer.delayed(90)


@dataclass(frozen=True)
class Pool:
    """The nightly pool at one moment."""

    running: int
    waiting: int


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # when stopped, it still ends what it started
    processes.adopt_orphans()
    with _airflow() as rig:
        rig.api.unpause(FORCED_DAG)
        _waited_seconds(rig)  # the first run compiles and loads code for all later ones
        idle = _measure(rig, "idle", PAUSES[::2])
        _start_nightly_runs(rig)
        before = _nightly_pool(rig)
        busy = _measure(rig, "full", PAUSES)
        after = _nightly_pool(rig)
        _end_nightly_runs(rig)
        idle += _measure(rig, "idle", PAUSES[1::2])
    return _judge(idle, busy, (before, after))


def _judge(idle: list[float], busy: list[float], pools: tuple[Pool, ...]) -> int:
    ratio = statistics.median(busy) / statistics.median(idle)
    waiting = min(pool.waiting for pool in pools)
    print(f"\nFrom trigger to first task, idle: {_described(idle)}")
    print(f"From trigger to first task, full: {_described(busy)}")
    print(
        f"With {min(pool.running for pool in pools)} nightly tasks running and {waiting} waiting, a forced run's first "
        f"task began after {ratio:.2f} times the time on an idle system."
    )
    if waiting < WAITING or any(pool.running < SLOTS for pool in pools):
        print(f"This proves nothing: there were not enough nightly tasks ({pools}).")
        return 1
    return 0 if ratio <= MAX_RATIO else 1


def _described(waits: list[float]) -> str:
    return f"median {statistics.median(waits):.2f} s of {len(waits)}, from {min(waits):.2f} to {max(waits):.2f} s"


def _measure(rig: AirflowRig, name: str, pauses: Iterable[float]) -> list[float]:
    waits = []
    for pause in pauses:
        time.sleep(pause)
        waits.append(_waited_seconds(rig))
        print(f"  {name}  {waits[-1]:5.2f} s", flush=True)
    return waits


def _waited_seconds(rig: AirflowRig) -> float:
    """The seconds from the request to the start of the first task; the run is ended afterwards."""
    asked = datetime.now(timezone.utc)
    run = rig.trigger(FORCED_DAG)
    task = rig.until(lambda: found if (found := run.task(FIRST_TASK))["state"] in BEGUN else None)
    rig.api.give_up(run.dag_id, run.run_id, note="measured")
    rig.until(lambda: None if psutil.pid_exists(task["pid"]) else True)
    return (datetime.fromisoformat(task["start_date"].replace("Z", "+00:00")) - asked).total_seconds()


def _start_nightly_runs(rig: AirflowRig) -> None:
    for source in NIGHTLY:
        rig.api.unpause(f"psa_{source}")
    rig.until(lambda: True if (pool := _nightly_pool(rig)).running == SLOTS and pool.waiting > WAITING else None)
    _wait_until_quiet()
    print(f"  {_nightly_pool(rig)}", flush=True)


def _end_nightly_runs(rig: AirflowRig) -> None:
    for source in NIGHTLY:
        rig.api.call("PATCH", f"/api/v2/dags/psa_{source}", json={"is_paused": True})
    rig.give_up_runs()
    rig.until(lambda: True if _nightly_pool(rig).running == 0 else None)
    _wait_until_quiet()


def _nightly_pool(rig: AirflowRig) -> Pool:
    facts = rig.api.call("GET", "/api/v2/pools/psa_nightly")
    return Pool(facts["running_slots"], facts["scheduled_slots"] + facts["queued_slots"])


def _wait_until_quiet() -> None:
    """Waits while tasks that were just started or ended keep the processors busy."""
    while psutil.cpu_percent(interval=1) > 30:
        pass


@contextmanager
def _airflow() -> Iterator[AirflowRig]:
    started = time.monotonic()
    with (
        bench_home() as home,
        EmbeddedPostgres(home / "postgres") as server,
        Simulator(World(seed=7, companies=3), faults=[SilentListings()]) as simulator,
        airflow(server, home, simulator, dags=DAGS, sources={name: {} for name in ("forced", *NIGHTLY)}) as rig,
    ):
        print(f"Airflow is up after {time.monotonic() - started:.0f} s", flush=True)
        yield rig


if __name__ == "__main__":
    sys.exit(main())
