"""Sessions that wait for a lock of another one."""

from __future__ import annotations

import time

from include.warehouse.connection import Connection

LONGEST_SECONDS = 20.0

_WAITING = """
    SELECT DISTINCT pid FROM pg_locks WHERE NOT granted
    AND (database IS NULL OR database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


def until_waiting(connection: Connection, sessions: int = 1) -> list[int]:
    """The processes of the sessions of this database that wait for a lock, as soon as there are so many."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        waiting = [int(pid) for (pid,) in connection.execute(_WAITING).fetchall()]
        if len(waiting) >= sessions:
            return waiting
    raise AssertionError(f"{len(waiting)} of {sessions} sessions waited for a lock")
