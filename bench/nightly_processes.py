"""The processes of a measured run: a simulator, and a worker for preflight and for each kind, as Airflow has them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.shared_clock import SharedClock

if TYPE_CHECKING:
    from include.http.auth import SharedToken
    from include.sync.run import Sync

LATENCY_MS, UNLIMITED = 200, 10**9
RETRY_SECONDS = 60.0  # as in include.dag_factory.retries


@dataclass(frozen=True)
class Psa:
    """A simulated PSA."""

    vendor: str
    companies: int
    clock_folder: Path | None
    """Where the shared clock is; None for the real clock."""
    is_quick: bool = False
    """Whether it answers at once and without a limit."""
    url: str = ""
    typed: Mapping[str, Any] | None = None
    """What a person would type into the connection."""

    @property
    def clock(self) -> SharedClock | None:
        return SharedClock(self.clock_folder) if self.clock_folder else None


@dataclass(frozen=True)
class Job:
    """What one worker does."""

    psa: Psa
    dsn: str
    run_id: str
    task: str
    """`preflight`, or a kind."""
    details: int
    """Of how many records of a table a run reads details, once its rows are loaded."""
    known: Mapping[str, str] = field(default_factory=dict)
    """What preflight has found out about the PSA's server."""
    token: SharedToken | None = None
    """The token that preflight was given."""


@dataclass(frozen=True)
class Done:
    """What a worker has done."""

    cpu_seconds: float
    known: Mapping[str, str]
    """What preflight has found out, or what it was given."""
    token: SharedToken | None


@dataclass(frozen=True)
class Served:
    """What a simulator has counted."""

    requests: Mapping[str, int]
    """By endpoint, as the vendor's limits tell them apart."""
    refused: int
    """Answered with 429."""
    most_in_window: int
    """The most that it counted in any window of the vendor's first limit."""


def serve(psa: Psa, line: Pipe) -> None:
    """Send the address and the credentials, serve until something is received, then send what was counted."""
    from collections import Counter

    from simulator.server import Simulator
    from simulator.world import World

    clock = psa.clock
    options: dict[str, Any] = {"clock": clock, "sleep": clock.sleep_async} if clock else {}
    options |= {"rate_limit": UNLIMITED} if psa.is_quick else {"latency_ms": LATENCY_MS}
    world = World(seed=7, companies=psa.companies, tickets=0)
    with Simulator(world, vendor=psa.vendor, **options) as simulator:
        line.send((simulator.url, dict(simulator.connection)))
        line.recv()
        budget = simulator.budget
        requests = budget.counted + Counter(exempt=len(simulator.requests) - budget.counted.total())
        line.send(Served(dict(requests), budget.refused, max(budget.most_in_window.values(), default=0)))


def work(job: Job, line: Pipe) -> None:
    """Do a task of the run, and send what it took."""
    logging.getLogger().setLevel(logging.CRITICAL)  # that a task is to be retried is no error here
    run = _sync(job)
    _do(run, job)
    line.send(Done(time.process_time(), run.known, run.tokens.find()))


def _do(run: Sync, job: Job) -> None:
    """A task that fails for the time being is retried when Airflow would retry it."""
    from include.model.errors import TransientError
    from include.sync.details import read_details
    from include.sync.extract import extract
    from include.sync.load import load
    from include.sync.preflight import preflight

    if job.task == "preflight":
        preflight(run)
        return
    clock = job.psa.clock
    sleep: Callable[[float], None] = clock.sleep if clock else time.sleep
    while True:
        try:
            extract(run, job.task)
            break
        except TransientError as error:
            sleep(max(error.retry_after_seconds, RETRY_SECONDS))
    load(run, job.task)
    while wait := read_details(run, job.task).go_on_in_seconds:
        sleep(wait)


def _sync(job: Job) -> Sync:
    import psycopg

    from include import connectors
    from include.model.run import Run
    from include.model.setup import Setup
    from include.sync.run import Sync
    from include.sync.shared_tokens import SharedTokens
    from include.warehouse.connection import Warehouse

    return Sync(
        connector=connectors.load(job.psa.vendor),
        run=Run(job.psa.vendor, job.run_id),
        setup=Setup(details_per_night=job.details),
        warehouse=Warehouse(lambda: psycopg.connect(job.dsn)),
        open_client=lambda: _client(job),
        known=dict(job.known),
        tokens=SharedTokens(job.token),
        clock=job.psa.clock or time.monotonic,
    )


@contextmanager
def _client(job: Job) -> Iterator[Any]:
    """A login with the shared budget, by the shared clock if there is one."""
    import psycopg
    import requests

    from include import connectors
    from include.http.session import PsaLogin
    from include.model.limits import Lane
    from include.warehouse.budget import shared_budget
    from include.warehouse.connection import Warehouse

    connector, clock = connectors.load(job.psa.vendor), job.psa.clock
    login = PsaLogin(conn_id="psa", origin=job.psa.url, **(job.psa.typed or {}))
    warehouse = Warehouse(lambda: psycopg.connect(job.dsn))
    limits = replace(connector.limits, requests=UNLIMITED) if job.psa.is_quick else connector.limits
    with (
        requests.Session() as session,
        shared_budget(warehouse, connector.account_key(login), limits, Lane.NIGHTLY) as budget,
    ):
        session.trust_env = False
        if clock:
            budget.now, budget.sleep, budget.clock = clock.moment, clock.sleep, clock
        client: Any = connector.connect(session, login, budget)
        if clock:
            client.http.sleep = clock.sleep
        yield client
