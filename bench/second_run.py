"""What the run at once after a first load costs Postgres: `python -m bench.second_run`.

100,000 assets are loaded into an empty warehouse. In copies of it they are synced again although nothing has changed:
at once, and after ANALYZE, in turn. Autovacuum is off, so that it helps neither. Measured is the CPU of all processes
of Postgres, on the oldest version that is promised and the newest one that there is.
"""

from __future__ import annotations

import argparse
import logging
import signal
import statistics
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import psycopg

from bench.compare.job import Job
from bench.compare.pipeline import VENDOR, sync_of
from bench.compare.rounds import FIELDS, Size, job_of, server_of
from bench.measure import PostgresClock
from demo import postgres_home
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.sync.extract import extract
from include.sync.load import load
from include.warehouse.connection import Warehouse
from include.warehouse.schema import ensure_schema
from tests.support.databases import database

VERSIONS = (15, 18)
BEFORE = {"at once": "SELECT 1", "after ANALYZE": "ANALYZE"}
MOST_TIMES = 1.1
KIND = "assets"


def main(arguments: Sequence[str] | None = None) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # when stopped, it still ends what it started
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(prog="python -m bench.second_run", description=__doc__)
    parser.add_argument("--postgres", nargs="+", type=int, default=list(VERSIONS), help="its versions")
    parser.add_argument("--assets", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5, help="how often all is measured; the medians count")
    given = parser.parse_args(arguments)
    ratios = [_measured(version, given.assets, given.times) for version in given.postgres]
    return 0 if max(ratios) <= MOST_TIMES else 1


def _measured(version: int, assets: int, times: int) -> float:
    """How many times as much a run at once costs as one after ANALYZE; both are printed."""
    home = Path(tempfile.mkdtemp(prefix="psa-second-run-"))
    try:
        with EmbeddedPostgres(home, version=version) as postgres:
            with psycopg.connect(postgres.url(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET autovacuum = off")
                connection.execute("SELECT pg_reload_conf()")
            costs = _second_runs(postgres, Size("assets", 1, 1, assets), times)
    finally:
        postgres_home.remove(home)
    medians = [statistics.median(costs[when]) for when in BEFORE]
    said = ", ".join(f"{median:.2f} µs {when}" for when, median in zip(BEFORE, medians, strict=True))
    print(f"Postgres {version}, a row of a second run: {said}, {medians[0] / medians[1]:.2f} times", flush=True)
    return medians[0] / medians[1]


def _second_runs(postgres: EmbeddedPostgres, size: Size, times: int) -> dict[str, list[float]]:
    """The microseconds for each row."""
    costs: dict[str, list[float]] = {when: [] for when in BEFORE}
    with server_of(size, 0, FIELDS) as server, database(postgres) as first:
        ensure_schema(Warehouse(partial(psycopg.connect, first)))
        _run(job_of(server, first, postgres.log.parent, "first"))
        for when, statement in list(BEFORE.items()) * times:
            with database(postgres, like=first) as dsn:
                with psycopg.connect(dsn, autocommit=True) as connection:
                    connection.execute(statement)
                seconds = _run(job_of(server, dsn, postgres.log.parent, "second"))
                costs[when].append(seconds / size.assets * 1_000_000)
    return costs


def _run(given: Job) -> float:
    """The CPU seconds of Postgres for one run."""
    sync = sync_of(given, connectors.load(VENDOR))
    with PostgresClock(given.dsn).measured() as postgres:
        extract(sync, KIND)
        load(sync, KIND)
    return postgres[0]


if __name__ == "__main__":
    sys.exit(main())
