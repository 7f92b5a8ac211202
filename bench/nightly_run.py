"""Measures one nightly run against a simulated PSA, on the real clock or on one that jumps over every wait."""

from __future__ import annotations

import math
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psycopg

from bench.nightly_processes import LATENCY_MS, Done, Job, Psa, Served, serve, work
from bench.shared_clock import ClockServer
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.model.kinds import KINDS
from include.model.setup import Setup
from tests.support.databases import database

Until = Callable[[Callable[[], bool]], None]

SHARE = 0.9
PROCESSES_SECONDS = 5.0

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__, "airflow.sdk", "airflow.sdk.log"])  # as a worker of Airflow has them


@dataclass(frozen=True)
class Measured:
    """One nightly run."""

    vendor: str
    companies: int
    wall_seconds: float
    waited_seconds: float
    """For turns, all requests together."""
    cpu_seconds: float
    """Of the workers, without Postgres and the PSA."""
    served: Served
    bound_seconds: float

    @property
    def ratio(self) -> float:
        """How much longer than the bound."""
        return self.wall_seconds / self.bound_seconds

    @property
    def requests(self) -> int:
        return sum(self.served.requests.values())


def measured(server: EmbeddedPostgres, vendor: str, companies: int, *, real: bool, details: int) -> Measured:
    """Fill an empty warehouse, and measure the next nightly run, for which nothing has changed."""
    folder = Path(tempfile.mkdtemp(prefix="psa-night-"))
    try:
        with ClockServer(folder) as clock, database(server) as dsn:
            with simulated(Psa(vendor, companies, None, is_quick=True)) as (psa, _):
                _nightly_run(Job(psa, dsn, "first", "preflight", 0), _wait_until)
            with psycopg.connect(dsn) as connection:
                connection.execute("TRUNCATE psa.request_budget")  # the next simulator has not been asked anything
            until, now = (_wait_until, time.monotonic) if real else (clock.run_until, clock.clock)
            with simulated(Psa(vendor, companies, None if real else folder)) as (psa, stop):
                started = now()
                done = _nightly_run(Job(psa, dsn, "second", "preflight", details), until)
                wall, served = now() - started, stop()
            cpu, limit = sum(one.cpu_seconds for one in done), bound(vendor, served, real=real)
            return Measured(vendor, companies, wall, _waited_seconds(dsn), cpu, served, limit)
    finally:
        shutil.rmtree(folder)


def _nightly_run(job: Job, until: Until) -> list[Done]:
    """Preflight, and then all kinds side by side."""
    done = _run([job], until)
    return done + _run([replace(job, task=kind, known=done[0].known, token=done[0].token) for kind in KINDS], until)


def bound(vendor: str, served: Served, *, real: bool) -> float:
    """What no run of so many requests can beat."""
    limits, requests = connectors.load(vendor).limits, served.requests.values()
    counted = max(requests) if limits.per_endpoint else sum(requests)
    windows = math.ceil(counted / math.floor(SHARE * limits.requests)) - 1
    answers = sum(requests) * LATENCY_MS / 1000 / Setup.requests_in_flight
    return max(windows * limits.seconds, answers, PROCESSES_SECONDS if real else 0.0)


def _run(jobs: Sequence[Job], until: Until) -> list[Done]:
    """Do these jobs side by side, each in a process of its own."""
    lines = [_processes.Pipe(duplex=False) for _ in jobs]
    workers = [
        _processes.Process(target=work, args=[job, theirs], name=job.task)
        for job, (_, theirs) in zip(jobs, lines, strict=True)
    ]
    try:
        for worker in workers:
            worker.start()
        until(lambda: not any(worker.is_alive() for worker in workers))
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    if failed := [worker.name for worker in workers if worker.exitcode]:
        raise RuntimeError(f"{', '.join(failed)} failed.")
    return [ours.recv() for ours, _ in lines]


def _wait_until(is_done: Callable[[], bool]) -> None:
    while not is_done():
        time.sleep(0.005)


@contextmanager
def simulated(psa: Psa) -> Iterator[tuple[Psa, Callable[[], Served]]]:
    """A simulated PSA in a process of its own, and how to stop it."""
    ours, theirs = _processes.Pipe()
    process: ForkServerProcess = _processes.Process(target=serve, args=[psa, theirs])
    process.start()
    theirs.close()

    def stop() -> Served:
        ours.send(None)
        served: Served = ours.recv()
        return served

    try:
        url, typed = ours.recv()
        yield replace(psa, url=url, typed=typed), stop
    finally:
        process.kill()
        process.join()


def _waited_seconds(dsn: str) -> float:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "SELECT COALESCE(sum(queued_seconds), 0) FROM psa.sync_runs WHERE run_id = 'second'"
        ).fetchone()
    return float(found[0]) if found else 0.0
