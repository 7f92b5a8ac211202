"""A pooler that gives each transaction another session of Postgres is named before anything is set or written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from demo.postgres import EmbeddedPostgres
from include.model.errors import ConfigError
from include.warehouse.connection import Warehouse
from tests.support.databases import database
from tests.support.pgbouncer import PROGRAM, PgBouncer, pgbouncer

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no PgBouncer on this machine (apt install pgbouncer)")


@pytest.fixture(scope="module")
def pooler(postgres: EmbeddedPostgres) -> Iterator[PgBouncer]:
    with database(postgres) as dsn, pgbouncer(dsn) as running:
        yield running


def settings(dsn: str) -> list[tuple[str, str]]:
    """What clients of a pool find set in its sessions."""
    names = ("search_path", "DateStyle", "statement_timeout", "default_transaction_isolation")
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [(name, str(connection.execute(f"SHOW {name}".encode()).fetchone())) for name in names]


@pytest.mark.parametrize("pool", ["transaction", "one_session", "statement"])
def test_it_is_named_and_the_sessions_of_others_stay_as_they_are(pooler: PgBouncer, pool: str) -> None:
    dsn = pooler.dsn(pool)
    before = settings(dsn)
    for _ in range(3):
        with pytest.raises(ConfigError, match="PgBouncer") as named, Warehouse(lambda: psycopg.connect(dsn)).session():
            pass
        assert "psa_warehouse" in str(named.value)
    assert settings(dsn) == before


def test_it_is_named_while_other_clients_are_busy(pooler: PgBouncer) -> None:
    dsn, stop = pooler.dsn("transaction"), threading.Event()

    def work() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.is_set():
                connection.execute("SELECT pg_sleep(0.001)", prepare=False)

    with ExitStack() as stack:
        for _ in range(4):
            thread = threading.Thread(target=work)
            thread.start()
            stack.callback(thread.join)
        stack.callback(stop.set)
        for _ in range(10):
            with pytest.raises(ConfigError, match="PgBouncer"), Warehouse(lambda: psycopg.connect(dsn)).session():
                pass


def test_a_pool_in_session_mode_serves(pooler: PgBouncer) -> None:
    dsn = pooler.dsn("session")
    for _ in range(3):
        with Warehouse(lambda: psycopg.connect(dsn)).session() as connection:
            assert connection.execute("SELECT pg_backend_pid()").fetchone() != (connection.info.backend_pid,)
            for _ in range(8):  # as often as psycopg needs to prepare it
                assert connection.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
