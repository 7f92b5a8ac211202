"""Postgres' clock, the only one whose times are compared, and how far a worker's own clock is from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from psycopg import sql
from psycopg.rows import class_row

from include.model.run import Run
from include.model.tables import SCHEMA, TABLES
from include.model.wording import counted, duration
from include.warehouse.connection import Connection

TOLERANCE_SECONDS = 5.0
"""How far a worker's clock may be from Postgres' before a person hears of it."""

# By table and column, the times that a merge or a run compares with others. A watermark is not among them: nothing may
# move it to a time up to which its table is not known to be complete.
_COMPARED = (
    *((table.name, "synced_at") for table in TABLES),
    ("sync_runs", "started_at"),
    ("sync_runs", "merged_as_of"),
    ("detail_reads", "read_at"),
    ("detail_reads", "asked_at"),
    ("detail_runs", "began_at"),
)


@dataclass(frozen=True)
class WorkerClock:
    """How far the clock of a worker is from Postgres'."""

    worker: str
    """The worker's host name."""
    ahead_seconds: float
    """How far its clock is ahead; negative if it is behind."""

    @property
    def is_off(self) -> bool:
        """Whether a person should set it right."""
        return abs(self.ahead_seconds) > TOLERANCE_SECONDS

    def __str__(self) -> str:
        direction = "ahead" if self.ahead_seconds > 0 else "behind"
        return f"the clock of the worker {self.worker} is {duration(abs(self.ahead_seconds))} {direction}"


def postgres_now(connection: Connection) -> datetime:
    """The time by Postgres' clock."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None  # noqa: S101 - the statement has one row
    at: datetime = row[0]
    return at.astimezone(timezone.utc)


@dataclass(frozen=True)
class ClockReading:
    """The time by Postgres' clock, read together with this process's own measure of time."""

    at: datetime
    monotonic: float
    """The same moment, or a little later, by the clock of time.monotonic."""

    def moment_of(self, monotonic: float) -> datetime:
        """The time by Postgres' clock at a moment of time.monotonic."""
        return self.at + timedelta(seconds=monotonic - self.monotonic)


def read_clock(connection: Connection) -> ClockReading:
    """Read Postgres' clock."""
    return ClockReading(postgres_now(connection), time.monotonic())


def worker_clock(connection: Connection, worker: str, now: Callable[[], datetime]) -> WorkerClock:
    """Compare a worker's clock, read before and after Postgres' own, with that."""
    before, postgres, after = now(), postgres_now(connection), now()
    return WorkerClock(worker, (before + (after - before) / 2 - postgres).total_seconds())


def save_clock(connection: Connection, run: Run, clock: WorkerClock) -> None:
    """Write down that a worker of this run has a clock that is off."""
    if not _table_exists(connection):
        return
    connection.execute(
        """INSERT INTO psa.worker_clocks (source, run_id, worker, ahead_seconds, checked_at)
           VALUES (%s, %s, %s, %s, clock_timestamp())
           ON CONFLICT (source, run_id, worker)
           DO UPDATE SET ahead_seconds = excluded.ahead_seconds, checked_at = excluded.checked_at""",
        [run.source, run.run_id, clock.worker, clock.ahead_seconds],
    )


def saved_clocks(connection: Connection, run: Run) -> list[WorkerClock]:
    """The workers of this run whose clocks are off."""
    if not _table_exists(connection):
        return []
    with connection.cursor(row_factory=class_row(WorkerClock)) as cursor:
        return cursor.execute(
            "SELECT worker, ahead_seconds FROM psa.worker_clocks WHERE source = %s AND run_id = %s ORDER BY worker",
            [run.source, run.run_id],
        ).fetchall()


def _table_exists(connection: Connection) -> bool:
    """False in a run of the release before, of which this one does the rest: preflight creates the table."""
    row = connection.execute("SELECT to_regclass('psa.worker_clocks') IS NOT NULL").fetchone()
    return bool(row and row[0])


def about_clocks(clocks: Iterable[WorkerClock]) -> str | None:
    """A sentence that names the workers whose clocks are off, if there are any."""
    off = [str(clock) for clock in clocks if clock.is_off]
    if not off:
        return None
    return (
        f"Compared with Postgres, {', '.join(off)}. The synced data do not depend on that, but logins and Airflow may: "
        "set the time there."
    )


def reset_future_times(connection: Connection, source: str) -> Iterator[str]:
    """Set times that Postgres' clock has not reached yet to this moment, and say in which tables.

    Workers whose clocks were ahead wrote them, before Postgres' clock was the only one; or Postgres' own clock was set
    back. What they stamp was there before this moment, so copies that are fetched from now on are newer.
    """
    for table, column in _COMPARED:
        name, at = sql.Identifier(SCHEMA, table), sql.Identifier(column)
        in_future = sql.SQL("source = {} AND {} > clock_timestamp()").format(source, at)
        row = connection.execute(sql.SQL("SELECT count(*) FROM {} WHERE {}").format(name, in_future)).fetchone()
        if row is None or row[0] == 0:
            continue
        with connection.transaction():
            lock_merges(connection, table)
            connection.execute(sql.SQL("UPDATE {} SET {} = clock_timestamp() WHERE {}").format(name, at, in_future))
        yield (
            f"{SCHEMA}.{table}: {column} of {counted(row[0], 'row')} was later than now by Postgres' clock, "
            "and was set to this moment."
        )


def lock_merges(connection: Connection, table: str) -> None:
    """Wait until no other run merges this table, and let none begin before the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('psa.' || %s, 0))", [table])
