"""The sessions of a task are kept for their next use, and are as good then as new ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from include.model.errors import WarehouseError
from include.model.limits import Lane
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.session import lock_limit
from tests.support.rig import LIMITS


@dataclass
class Opened:
    """A warehouse, and every connection to it that was opened."""

    dsn: str
    connections: list[Connection] = field(default_factory=list)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with closing(psycopg.connect(self.dsn)) as connection:
            self.connections.append(connection)
            yield connection

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.connect)


@pytest.fixture
def opened(warehouse_dsn: str) -> Opened:
    return Opened(warehouse_dsn)


def pid(warehouse: Warehouse) -> int:
    with warehouse.session() as connection:
        return connection.info.backend_pid


def setting(warehouse: Warehouse, name: str) -> Any:
    with warehouse.session() as connection:
        return connection.execute("SELECT current_setting(%s)", [name]).fetchone()


def test_a_session_is_used_again_until_the_end_of_the_task(opened: Opened) -> None:
    with opened.warehouse.keeping_sessions() as warehouse:
        assert pid(warehouse) == pid(warehouse)
        with warehouse.transaction() as connection:
            assert connection.info.backend_pid == pid_of(opened, 0)
            assert pid(warehouse) != connection.info.backend_pid, "a session in use is not given to another"
        assert [one.closed for one in opened.connections] == [False, False]
    assert [one.closed for one in opened.connections] == [True, True]


def pid_of(opened: Opened, number: int) -> int:
    return opened.connections[number].info.backend_pid


def test_elsewhere_each_session_ends_with_its_use(opened: Opened) -> None:
    assert pid(opened.warehouse) != pid(opened.warehouse)
    assert [one.closed for one in opened.connections] == [True, True]


@pytest.mark.parametrize("statement", ["SELECT 1/0", "SELECT pg_terminate_backend(pg_backend_pid())"])
def test_a_session_is_not_kept_after_an_error(opened: Opened, statement: str) -> None:
    with opened.warehouse.keeping_sessions() as warehouse:
        with pytest.raises(WarehouseError), warehouse.session() as connection:
            connection.execute(statement.encode())
        assert opened.connections[0].closed
        assert pid(warehouse)


def test_a_session_in_a_transaction_is_not_kept(opened: Opened) -> None:
    with opened.warehouse.keeping_sessions() as warehouse:
        with warehouse.session() as connection:
            connection.execute("BEGIN")
        assert opened.connections[0].closed
        assert setting(warehouse, "transaction_isolation") == ("read committed",)


def test_a_kept_session_that_the_server_has_closed_is_replaced(opened: Opened) -> None:
    with opened.warehouse.keeping_sessions() as warehouse:
        lost = pid(warehouse)
        with psycopg.connect(opened.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
        assert pid(warehouse) != lost
        with psycopg.connect(opened.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid_of(opened, 1)])
    assert [one.closed for one in opened.connections] == [True, True]


def test_what_a_block_sets_for_itself_does_not_reach_the_next_one(opened: Opened) -> None:
    with opened.warehouse.keeping_sessions() as warehouse:
        before = {name: setting(warehouse, name) for name in ("lock_timeout", "synchronous_commit")}
        with warehouse.session() as connection, lock_limit(connection, 1):
            pass
        with shared_budget(warehouse, "tenant", LIMITS, Lane.NIGHTLY):
            pass
        assert {name: setting(warehouse, name) for name in before} == before
        assert len(opened.connections) == 2, "the budget has ended the first one, with its settings and locks"
