"""What a request costs Postgres in a listing below companies: `python -m bench.request_cost`.

A PSA whose sites are listed company by company is synced in full. Then the sites are listed again, and the CPU of all
processes of Postgres is divided by the requests: turns of the budget, checkpoints, the ledger and staging, everything
but the merge. PSAs that list sites in pages of all companies have too few requests to measure.
"""

from __future__ import annotations

import argparse
import logging
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from bench.measure import PostgresClock
from demo import postgres_home
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.model.limits import Lane
from include.sync.extract import extract
from include.sync.load import load
from include.sync.run import Sync
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse
from simulator.world import World
from tests.support.databases import EmptyWarehouses
from tests.support.rig import Rig, rig

VENDORS = ("connectwise", "syncro")
COMPANIES = (1_000, 4_900)
MOST_MILLISECONDS, MOST_GROWTH = 0.5, 1.2
UNLIMITED = 10**9


def main(arguments: Sequence[str] | None = None) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # when stopped, it still ends what it started
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(prog="python -m bench.request_cost", description=__doc__)
    parser.add_argument("--vendor", nargs="+", choices=connectors.NAMES, default=list(VENDORS))
    parser.add_argument("--companies", nargs="+", type=int, default=list(COMPANIES))
    parser.add_argument("--times", type=int, default=3, help="how often all is measured; the medians count")
    given = parser.parse_args(arguments)
    home, is_kept = Path(tempfile.mkdtemp(prefix="psa-request-cost-")), True
    try:
        with EmbeddedPostgres(home, durable=False) as server, ExitStack() as stack:
            warehouses = EmptyWarehouses(server, stack)
            for vendor in given.vendor:
                costs = [_measured(warehouses, vendor, companies, given.times) for companies in given.companies]
                is_kept &= max(costs) <= MOST_MILLISECONDS and costs[-1] <= MOST_GROWTH * costs[0]
    finally:
        postgres_home.remove(home)
    return 0 if is_kept else 1


def _measured(warehouses: EmptyWarehouses, vendor: str, companies: int, times: int) -> float:
    """The milliseconds of a request, which are also printed."""
    world = World(companies=companies, tickets=0)
    with warehouses.borrow() as dsn, rig(dsn, world, vendor=vendor, rate_limit=UNLIMITED) as running:
        for kind in ("companies", "sites"):
            sync = _sync(running)
            extract(sync, kind)
            load(sync, kind)
        runs = [_listed(_sync(running), dsn) for _ in range(times)]
    cost = statistics.median(seconds / sent * 1_000 for seconds, sent in runs)
    said = f"{connectors.NAMES[vendor]:<16} {companies:>6,} companies, {runs[0][1]:>6,} requests"
    print(f"{said}: {cost:.2f} ms of Postgres for each", flush=True)
    return cost


def _listed(sync: Sync, dsn: str) -> tuple[float, int]:
    """The CPU seconds of Postgres for a listing of sites, and its requests."""
    with PostgresClock(dsn).measured() as postgres:
        extract(sync, "sites")
    with psycopg.connect(dsn) as connection:
        found = connection.execute("SELECT requests FROM psa.sync_runs WHERE run_id = %s", [sync.run.run_id]).fetchone()
    return postgres[0], int(found[0]) if found else 0


def _sync(running: Rig) -> Sync:
    """A run that has not begun, whose connections end with their use, as those of a task do."""
    warehouse = Warehouse(lambda: psycopg.connect(running.dsn))
    connector, login = connectors.load(running.vendor), running.login()
    limits = replace(connector.limits, requests=UNLIMITED)

    @contextmanager
    def open_client() -> Iterator[Any]:
        with shared_budget(warehouse, connector.account_key(login), limits, Lane.NIGHTLY) as budget:
            yield running.connected(budget, login)

    return running.sync(warehouse=warehouse, open_client=open_client, clock=time.monotonic)


if __name__ == "__main__":
    sys.exit(main())
