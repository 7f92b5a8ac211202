"""What a database session waits for, and who holds it: found out while it waits, since nothing is known afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row

from include.model.tables import TABLES
from include.warehouse.locks import Holder
from include.warehouse.session import Connection, prepare

LOOKS = 4  # within the time that the session waits at most
LOOK_SECONDS = 5
NAMED = 3

MERGES = {f"psa.{table.name}": f"the turn to merge psa.{table.name}" for table in TABLES}
ADVISORY = {**MERGES, "psa schema": "the turn to create the tables"}

_WAITS_FOR = """
    SELECT CASE l.locktype
        WHEN 'relation' THEN 'the table ' || l.relation::regclass
        WHEN 'advisory' THEN COALESCE(
            (SELECT what FROM unnest(%(names)s::text[], %(whats)s::text[]) AS ours (name, what)
             WHERE hashtextextended(name, 0) = ((l.classid::bigint << 32) | l.objid::bigint)), 'an advisory lock')
        ELSE 'a row' || COALESCE(
            (SELECT ' of ' || relation::regclass FROM pg_locks WHERE pid = l.pid AND locktype = 'tuple' LIMIT 1), '')
        END
    FROM pg_locks l WHERE l.pid = %(pid)s AND NOT l.granted LIMIT 1
"""

# Who waits as well is passed over for those that it waits for. A prepared transaction has no session; its pid is 0.
_HOLDERS = """
    WITH RECURSIVE chain (pid) AS (
        SELECT unnest(pg_blocking_pids(%(pid)s))
        UNION SELECT next.pid FROM chain, unnest(pg_blocking_pids(chain.pid)) AS next (pid)
    )
    SELECT pid, a.usename::text AS role, COALESCE(a.application_name, '') AS application,
           CASE WHEN a.state LIKE 'idle%%' THEN EXTRACT(EPOCH FROM clock_timestamp() - a.state_change) END
               ::double precision AS idle_seconds,
           EXTRACT(EPOCH FROM clock_timestamp() - a.xact_start)::double precision AS transaction_seconds
    FROM chain LEFT JOIN pg_stat_activity a USING (pid)
    WHERE cardinality(pg_blocking_pids(pid)) = 0 ORDER BY a.xact_start NULLS LAST LIMIT %(most)s
"""


@dataclass
class LockWatch:
    """Looks from time to time, from a session of its own, whether a session waits for a lock."""

    connection: Connection
    pid: int
    """The number of the session at the server."""
    longest_seconds: float
    """How long the session waits for a lock at most."""
    found: str = ""
    """A sentence about the last wait that was seen."""
    _over: Event = field(default_factory=Event)

    def __enter__(self) -> LockWatch:
        self._thread = Thread(target=self._watch, name="lock watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self.longest_seconds / LOOKS):
            if self.connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
                try:
                    self._look()
                except psycopg.Error as error:
                    self.found = f"Who holds it could not be found out: {type(error).__name__}. "

    def _look(self) -> None:
        parts = {"pid": self.pid, "most": NAMED, "names": list(ADVISORY), "whats": list(ADVISORY.values())}
        with _another_session(self.connection) as connection:
            what = connection.execute(_WAITS_FOR, parts).fetchone()
            with connection.cursor(row_factory=class_row(Holder)) as cursor:
                holders = cursor.execute(_HOLDERS, parts).fetchall()
        if what and holders:
            self.found = f"It waited for {what[0]}, held by {' and '.join(map(str, holders))}. "


@contextmanager
def _another_session(connection: Connection) -> Iterator[Connection]:
    """To the same database with the same login; not through Airflow, which answers one thread only."""
    info = connection.info
    with psycopg.connect(info.dsn, password=info.password, connect_timeout=LOOK_SECONDS, autocommit=True) as other:
        prepare(other)
        other.execute(f"SET statement_timeout = '{LOOK_SECONDS}s'")
        yield other
