"""Session locks: what they are among the threads of a task, whose database session is one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from include.model.limits import Lane, Limits
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse
from include.warehouse.locks import SessionLocks


@pytest.fixture
def two(warehouse_dsn: str) -> Iterator[tuple[SessionLocks, SessionLocks]]:
    """The locks of two sessions."""
    one, other = (psycopg.connect(warehouse_dsn, autocommit=True) for _ in range(2))
    with one, other:
        yield SessionLocks(one), SessionLocks(other)


def test_a_lock_is_held_once_by_sessions_and_by_threads(two: tuple[SessionLocks, SessionLocks]) -> None:
    mine, others = two
    assert mine.try_lock("slot")
    assert not mine.try_lock("slot"), "another thread of this session"
    assert not others.try_lock("slot")
    mine.unlock("slot")
    assert others.try_lock("slot")
    assert not mine.lock_in_time("slot", 0.01)
    others.unlock("slot")
    assert mine.lock_in_time("slot", 0.01)
    assert not mine.try_lock("slot")


def test_only_one_thread_of_a_task_is_inside_exclusive(warehouse_dsn: str) -> None:
    inside, most, may_leave = [0], [0], threading.Event()

    def enter() -> None:
        with shared.exclusive():
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            may_leave.wait(0.2)  # long enough for another thread to come in, if it could
            inside[0] -= 1

    warehouse = Warehouse(lambda: psycopg.connect(warehouse_dsn))
    with shared_budget(warehouse, "tenant", Limits(requests=120, seconds=60), Lane.NIGHTLY) as shared:
        threads = [threading.Thread(target=enter) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most == [1]
