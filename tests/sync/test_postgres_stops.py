"""Postgres stops in the middle of a task, as `pg_ctl stop -m immediate` stops it, and starts again."""

from __future__ import annotations

import os
import secrets
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from demo import postgres_home
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.model.setup import Setup
from include.sync.preflight import preflight
from include.sync.run import Sync
from simulator.seeded_random import SeededRandom
from tests.support.attempts import unbalanced, wrong
from tests.support.databases import Connections
from tests.support.rig import Rig, rig
from tests.support.truth import vendor
from tests.support.worker_process import AS_OFTEN_AS_NEEDED, Deadly, at_work
from tests.support.worlds import new_world

IS_LONG = "PSA_TEST_LONG" in os.environ
MOMENTS, VENDORS = (10, sorted(connectors.NAMES)) if IS_LONG else (1, ["connectwise"])
KIND = "sites"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A Postgres of its own, which keeps what it has committed."""
    home = Path(tempfile.mkdtemp(prefix="psa-postgres-"))
    try:
        with EmbeddedPostgres(home, version=int(os.environ.get("PSA_TEST_POSTGRES", "16"))) as running:
            yield running
    finally:
        postgres_home.remove(home)


def postmaster(server: EmbeddedPostgres) -> int:
    with psycopg.connect(server.url()) as connection:
        return int(psutil.Process(connection.info.backend_pid).ppid())


def new_database(server: EmbeddedPostgres) -> str:
    """The address of one that is gone with the server."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.url(name)


@contextmanager
def tenant(server: EmbeddedPostgres, name: str) -> Iterator[tuple[Rig, Sync]]:
    world, psa = new_world(companies=40, assets=10, contacts=10), {"vendor": name, "rate_limit": AS_OFTEN_AS_NEEDED}
    with rig(new_database(server), world, setup=Setup(details_per_night=0), **psa) as running:
        sync = running.sync()
        preflight(sync)
        running.simulator.requests.clear()
        yield running, sync


def outcome(running: Rig, sync: Sync, step: str) -> int | None:
    with at_work(running, sync, step, KIND) as worker:
        return worker.wait()


@pytest.mark.timeout(1800 if IS_LONG else 120)
@pytest.mark.parametrize("name", VENDORS)
def test_what_was_under_way_is_done_again_and_counted_once(server: EmbeddedPostgres, name: str) -> None:
    moment = SeededRandom(f"stops of {name}").number
    for _ in range(MOMENTS):
        with tenant(server, name) as (running, sync):
            stop = postmaster(server), signal.SIGQUIT
            with at_work(running, sync, "extract", KIND) as worker:
                running.simulator.faults.add(Deadly(after=moment(4, 20), kill=partial(os.kill, *stop)))
                assert worker.wait() == 1
            server.start()
            assert outcome(running, sync, "extract") == 0
            with at_work(
                running, sync, "load", KIND, dies_at=moment(5, 35), instead=(postmaster(server), signal.SIGQUIT)
            ) as worker:
                worker.wait()
            server.start()
            if outcome(running, sync, "load"):  # the rows that were staged are gone: it says to clear the extraction
                assert [outcome(running, sync, step) for step in ("extract", "load")] == [0, 0]
            with Connections(running.dsn) as connections:
                running.connections = connections
                assert (unbalanced(running, sync, KIND), wrong(running, vendor(name), KIND)) == ([], [])
