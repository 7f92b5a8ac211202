"""Advisory locks of a database session, by name, and who holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from psycopg import errors
from psycopg.rows import class_row

from include.warehouse.session import Connection, limit_lock_waits

# A lock with one 64-bit key is shown as its two halves. What a session of another role does is hidden from most roles.
_HOLDERS = """
    SELECT a.pid, a.usename::text AS role, COALESCE(a.application_name, '') AS application,
           EXTRACT(EPOCH FROM clock_timestamp() - a.state_change)::double precision AS idle_seconds
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND ((l.classid::bigint << 32) | l.objid::bigint)
          IN (SELECT hashtextextended(name, 0) FROM unnest(%s::text[]) AS name)
    ORDER BY a.state_change NULLS FIRST
"""


@dataclass(frozen=True)
class Holder:
    """A database session that holds a lock."""

    pid: int
    """Its process at the server."""
    role: str | None
    """Who is logged in."""
    application: str
    """What the session calls itself; empty where that is hidden."""
    idle_seconds: float | None
    """How long it has done nothing, so it has held the lock for at least as long; None where that is hidden."""
    transaction_seconds: float | None = None
    """How long its transaction is open; None where there is none, or that is hidden."""

    def __str__(self) -> str:
        if not self.pid:
            return "a prepared transaction (pg_prepared_xacts)"
        idle = "" if self.idle_seconds is None else f", idle for {self.idle_seconds:,.0f} s"
        open_ = "" if self.transaction_seconds is None else f", in a transaction for {self.transaction_seconds:,.0f} s"
        name = f" '{self.application}'" if self.application else ""
        return f"session {self.pid}{name} of the role {self.role}{open_}{idle}"


@dataclass
class Trial:
    """An attempt to take a lock."""

    name: str | None
    """The lock to try; None where threads of this session have all of them."""
    is_taken: bool = False


@dataclass
class SessionLocks:
    """The locks of one session in autocommit, which several threads use.

    Postgres would give a session a lock again that it holds already, so the threads exclude each other here.
    """

    connection: Connection
    _held: set[str] = field(default_factory=set)
    _changing: Lock = field(default_factory=Lock, repr=False)

    def try_lock(self, name: str) -> bool:
        """Take the lock until `unlock` or the end of the session, unless another session or thread holds it."""
        with self._changing:
            if name in self._held:
                return False
            row = self.connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
            if taken := bool(row and row[0]):
                self._held.add(name)
            return taken

    @contextmanager
    def trying(self, names: Sequence[str]) -> Iterator[Trial]:
        """For a statement of the block that takes one of these locks beside doing something else."""
        with self._changing:
            trial = Trial(next((name for name in names if name not in self._held), None))
            yield trial
            if trial.name and trial.is_taken:
                self._held.add(trial.name)

    @contextmanager
    def wanted(self, name: str) -> Iterator[None]:
        """Let others see that a lock is wanted, for as long as the block lasts; any number of threads may do so."""
        self.connection.execute("SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", [f"{name} wanted"])
        try:
            yield
        finally:
            self.connection.execute("SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))", [f"{name} wanted"])

    def is_wanted(self, name: str) -> bool:
        """Whether another session wants a lock."""
        row = self.connection.execute(
            "SELECT CASE WHEN pg_try_advisory_lock(key) THEN NOT pg_advisory_unlock(key) ELSE true END "
            "FROM (SELECT hashtextextended(%s, 0) AS key OFFSET 0) AS lock",
            [f"{name} wanted"],
        ).fetchone()
        return bool(row and row[0])

    def lock_in_time(self, name: str, seconds: float) -> bool:
        """Take the lock like `try_lock`, but wait for it in the queue of the sessions that want it.

        Of several threads only one may do so for a lock. There is no transaction around it, which other threads' row
        locks would have to wait for.
        """
        before = self.connection.execute("SELECT current_setting('lock_timeout')").fetchone()
        limit_lock_waits(self.connection, f"{seconds * 1000:.0f}ms")
        try:
            self.connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        except errors.LockNotAvailable:
            return False
        finally:
            limit_lock_waits(self.connection, before[0] if before else "0")
        with self._changing:
            self._held.add(name)
        return True

    def unlock(self, name: str) -> None:
        """Release a lock of this session."""
        with self._changing:
            self.connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
            self._held.discard(name)


def holders(connection: Connection, names: Sequence[str]) -> list[Holder]:
    """The sessions that hold one of these locks, the one that has been idle longest first."""
    with connection.cursor(row_factory=class_row(Holder)) as cursor:
        return cursor.execute(_HOLDERS, [list(names)]).fetchall()
