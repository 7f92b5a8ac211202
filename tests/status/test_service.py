"""How the ledger is read for viewers: once for those who ask together, and in a bounded time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from include.status.service import StatusService
from include.tickets.problems import ViewerTimeout
from include.warehouse.connection import Connection, Warehouse
from tests.support.ledgers import PastRuns


def test_viewers_who_ask_together_read_the_ledger_once_in_a_session_that_stays_open(warehouse_dsn: str) -> None:
    opened: list[str] = []

    def connect() -> Connection:
        opened.append(warehouse_dsn)
        return psycopg.connect(warehouse_dsn)

    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        PastRuns(connection).run("scheduled__1", hours_ago=1)

    async def ask() -> int:
        service = StatusService(lambda: Warehouse(connect), share_seconds=60)
        found = await asyncio.gather(*(service.ledger(["connectwise"]) for _ in range(20)))
        history = await service.table("connectwise", "assets")
        return len({id(one) for one in found}) + len(history.runs)

    assert asyncio.run(ask()) == 2
    assert len(opened) == 1


def test_a_warehouse_that_hangs_is_not_waited_for() -> None:
    may_go_on = threading.Event()

    @contextmanager
    def hang() -> Iterator[Connection]:
        may_go_on.wait()
        raise psycopg.OperationalError
        yield

    async def ask() -> None:
        service = StatusService(lambda: Warehouse(hang), timeout_seconds=0.01)
        with pytest.raises(ViewerTimeout):
            await service.ledger(["connectwise"])
        may_go_on.set()

    asyncio.run(ask())
