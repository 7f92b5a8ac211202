"""Nightly runs, a forced run and a viewer in processes of their own: what the PSA counts of all of them together."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from bench.nightly_processes import Psa
from bench.nightly_run import simulated
from bench.shared_clock import ClockServer
from include import connectors
from include.connectors.contract import ReadContext
from include.http.session import PsaLogin
from include.model.errors import BudgetSpent
from include.model.limits import Lane
from include.model.run import Run
from include.model.setup import Setup
from include.sync.extract import extract
from include.sync.run import Sync
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse

LANES = (Lane.NIGHTLY, Lane.NIGHTLY, Lane.FORCED, Lane.LIVE)
COMPANIES, LOOKS, LOOK_SECONDS = 60, 20, 3.0
IN_FLIGHT = 8

_processes = multiprocessing.get_context("forkserver")


def work(psa: Psa, dsn: str, name: str, lane: Lane) -> None:
    """List the sites, a request for each company; or look at something every few seconds."""
    connector, clock, warehouse = connectors.load(psa.vendor), psa.clock, Warehouse(lambda: psycopg.connect(dsn))
    login = PsaLogin("psa", psa.url, **(psa.typed or {}))
    assert clock

    @contextmanager
    def open_client() -> Iterator[Any]:
        account = connector.account_key(login)
        with requests.Session() as session, shared_budget(warehouse, account, connector.limits, lane) as budget:
            session.trust_env = False
            budget.now, budget.sleep, budget.clock = clock.moment, clock.sleep, clock
            client: Any = connector.connect(session, login, budget)
            client.http.sleep = clock.sleep
            yield client

    setup = Setup(requests_in_flight=IN_FLIGHT)
    if lane is not Lane.LIVE:
        extract(Sync(connector, Run(psa.vendor, name), setup, warehouse, open_client, clock=clock), "sites")
        return
    with open_client() as client:
        for _ in range(LOOKS):
            with suppress(BudgetSpent):
                next(iter(connector.stream_of("companies").read(ReadContext(client, setup))))
            clock.sleep(LOOK_SECONDS)


@pytest.mark.timeout(120)
def test_processes_of_all_lanes_use_the_vendors_window_and_never_more(tmp_path: Path, warehouse_dsn: str) -> None:
    limits = connectors.load("syncro").limits
    with ClockServer(tmp_path) as clock, simulated(Psa("syncro", COMPANIES, tmp_path)) as (psa, stop):
        workers = [
            _processes.Process(target=work, args=(psa, warehouse_dsn, f"run {number}", lane))
            for number, lane in enumerate(LANES)
        ]
        try:
            for worker in workers:
                worker.start()
            clock.run_until(lambda: not any(worker.is_alive() for worker in workers))
        finally:
            for worker in workers:
                worker.kill()
                worker.join()
        served = stop()
    assert [worker.exitcode for worker in workers] == [0] * len(LANES)
    assert served.refused == 0
    assert limits.most(Lane.NIGHTLY) <= served.most_in_window <= limits.most(Lane.LIVE) <= limits.requests
