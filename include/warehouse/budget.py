"""One budget per PSA account, in Postgres, so that every task of every run on every worker spends from the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from include.model.errors import BudgetSpent
from include.model.limits import LIVE_PATIENCE_SECONDS, PATIENCE_SECONDS, Lane, Limits
from include.warehouse.connection import Connection, Warehouse

AGAIN_SECONDS = 60.0
POLL_SECONDS = 0.1
SHORTEST_SECONDS = 0.01  # the last bit of a float is no reason to ask again
# Of what may leave at once, the part that a lane leaves to those before it.
RESERVED = {Lane.LIVE: 0.0, Lane.FORCED: 0.1, Lane.NIGHTLY: 0.3}
# Viewers together never take more of it than this, however many look: the syncs go on beside them. Where each end-point
# has a limit of its own, theirs are nobody else's.
VIEWERS, VIEWERS_SHARE = "viewers", 0.5
# The places among those in flight that a lane may take; a nightly sync never takes the last one.
PLACES = {Lane.LIVE: (1, 0), Lane.FORCED: (1, 0), Lane.NIGHTLY: (0,)}

_KNOWN = """INSERT INTO psa.request_budget (account, endpoint, tokens, as_of, paused_until)
            VALUES (%(account)s, %(endpoint)s, %(most)s, COALESCE(%(now)s, clock_timestamp()), '-infinity')
            ON CONFLICT DO NOTHING"""

# A token bucket: refilled by the time that passed, then one token less if enough are there. The row's lock makes takers
# queue for microseconds. The wait is until enough will be there, or until the pause is over.
_TAKE = """
    WITH held AS (
        SELECT account, endpoint, tokens, as_of, paused_until FROM psa.request_budget
        WHERE account = %(account)s AND endpoint = %(endpoint)s FOR UPDATE
    ), clock AS (
        SELECT *, GREATEST(as_of, COALESCE(%(now)s, clock_timestamp())) AS now FROM held
    ), refilled AS (
        SELECT account, endpoint, now, paused_until,
               LEAST(%(most)s, tokens + EXTRACT(EPOCH FROM now - as_of)::double precision * %(per_second)s) AS tokens
        FROM clock
    ), judged AS (
        SELECT account, endpoint, now, tokens, GREATEST(
            (1 + %(reserved)s - tokens) / %(per_second)s,
            CASE WHEN paused_until > now THEN EXTRACT(EPOCH FROM paused_until - now)::double precision ELSE 0 END,
            0) AS wait
        FROM refilled
    ), taken AS (
        UPDATE psa.request_budget b SET tokens = j.tokens - 1, as_of = j.now
        FROM judged j WHERE b.account = j.account AND b.endpoint = j.endpoint AND j.wait = 0
    )
    SELECT wait FROM judged
"""

_PAUSE = """
    UPDATE psa.request_budget SET paused_until = GREATEST(
        paused_until, COALESCE(%(now)s, clock_timestamp()) + make_interval(secs => %(seconds)s))
    WHERE account = %(account)s AND endpoint = %(endpoint)s
"""


@dataclass(frozen=True)
class Bucket:
    """A row of the table: how many tokens it holds, how fast they come back, how many a lane leaves in it."""

    endpoint: str
    most: float
    per_second: float
    reserved: float = 0.0


@dataclass
class Budget:
    """Turns for one task: a `Pace`.

    `now` and `sleep` are for tests, which have a clock of their own; without `now` Postgres' clock counts, since it is
    the one that all workers share.
    """

    connection: Connection
    account: str
    limits: Limits
    lane: Lane
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] | None = None

    @contextmanager
    def turn(self, endpoint: str) -> Iterator[float]:
        """Wait until the request may leave; raises BudgetSpent when that would take longer than the lane's patience."""
        waited = self._token(endpoint, 0.0)  # before the place, which nobody else should be kept from meanwhile
        with self._place(endpoint, waited) as waited:
            yield waited

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """A lock of the account; a turn inside it is a turn like any other."""
        lock, waited = f"psa.request_budget {self.account}", 0.0
        if self.lane is not Lane.LIVE:
            self.connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock])
        else:
            while not self._locked(lock):  # who has it may wait for minutes
                waited = self._wait("log in", POLL_SECONDS, waited)
        try:
            yield
        finally:
            self._unlock(lock)

    def pause(self, endpoint: str, seconds: float) -> float:
        """Nobody asks before so long, on any worker."""
        seconds = seconds or self.limits.pause_seconds
        self.connection.execute(_PAUSE, self._values(endpoint=self._counted(endpoint), seconds=seconds))
        return seconds

    def _token(self, endpoint: str, waited: float) -> float:
        for bucket in self._buckets(endpoint):
            waited = self._taken(endpoint, bucket, waited)
        return waited

    def _buckets(self, endpoint: str) -> Iterator[Bucket]:
        most, per_second = self.limits.max_at_once, self.limits.per_second
        if self.lane is Lane.LIVE and not self.limits.per_endpoint:
            yield Bucket(VIEWERS, max(most * VIEWERS_SHARE, 1.0), per_second * VIEWERS_SHARE)
        yield Bucket(self._counted(endpoint), most, per_second, RESERVED[self.lane] * (most - 1))

    def _taken(self, endpoint: str, bucket: Bucket, waited: float) -> float:
        while True:
            row = self.connection.execute(_TAKE, self._values(**asdict(bucket))).fetchone()
            if row is None:
                self.connection.execute(_KNOWN, self._values(**asdict(bucket)))
                continue
            wait = float(row[0])
            if wait == 0:
                return waited
            waited = self._wait(endpoint, max(wait, SHORTEST_SECONDS), waited)

    @contextmanager
    def _place(self, endpoint: str, waited: float) -> Iterator[float]:
        """One of the places in flight: an advisory lock, which Postgres takes back from a worker that dies."""
        if self.limits.in_flight is None:
            yield waited
            return
        while (place := self._free_place(endpoint)) is None:
            waited = self._wait(endpoint, POLL_SECONDS, waited)
        try:
            yield waited
        finally:
            self._unlock(place)

    def _free_place(self, endpoint: str) -> str | None:
        for number in PLACES[self.lane]:
            place = f"psa.request_budget {self.account} {endpoint} {number}"
            if self._locked(place):
                return place
        return None

    def _locked(self, name: str) -> bool:
        row = self.connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
        return bool(row and row[0])

    def _unlock(self, name: str) -> None:
        self.connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])

    def _wait(self, endpoint: str, seconds: float, waited: float) -> float:
        patience, again = (LIVE_PATIENCE_SECONDS, 0.0) if self.lane is Lane.LIVE else (PATIENCE_SECONDS, AGAIN_SECONDS)
        if waited + seconds > patience:
            raise BudgetSpent(
                f"The budget of this PSA account is used up for now: a request to {endpoint} would have to wait for "
                f"another {seconds:,.0f} s, after {waited:,.0f} s ({self.limits} is what the vendor allows).",
                retry_after_seconds=max(seconds, again),
            )
        self.sleep(seconds)
        return waited + seconds

    def _counted(self, endpoint: str) -> str:
        return endpoint if self.limits.per_endpoint else ""

    def _values(self, **more: object) -> dict[str, object]:
        return {"account": self.account, "now": self.now and self.now(), **more}


@contextmanager
def shared_budget(warehouse: Warehouse, account: str, limits: Limits, lane: Lane) -> Iterator[Budget]:
    """A budget with a connection of its own, in autocommit: a turn is one short statement."""
    with warehouse.session() as connection:
        connection.execute("SET synchronous_commit = off")  # what a crash of Postgres forgets are milliseconds
        if lane is Lane.LIVE:
            connection.execute("SET statement_timeout = '10s'")
        yield Budget(connection, account, limits, lane)
