"""One budget per PSA account, in Postgres, so that every task of every run on every worker spends from the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from include.errors import BudgetSpent
from include.http.pace import PATIENCE_SECONDS, Lane, Limits
from include.warehouse.connection import Connection, Warehouse

AGAIN_SECONDS = 60.0
POLL_SECONDS = 0.1
SHORTEST_SECONDS = 0.01  # the last bit of a float is no reason to ask again
# Of what may leave at once, the part that a lane leaves to those before it.
RESERVED = {Lane.LIVE: 0.0, Lane.FORCED: 0.1, Lane.NIGHTLY: 0.3}
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
        """Wait until the request may leave; raises BudgetSpent when that would take longer than PATIENCE_SECONDS."""
        waited = self._token(endpoint, 0.0)  # before the place, which nobody else should be kept from meanwhile
        with self._place(endpoint, waited) as waited:
            yield waited

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A lock of the account; a turn inside it is a turn like any other."""
        lock = [f"psa.request_budget {self.account}"]
        self.connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", lock)
        try:
            yield
        finally:
            self.connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)

    def pause(self, endpoint: str, seconds: float) -> float:
        """Nobody asks before so long, on any worker."""
        seconds = seconds or self.limits.pause_seconds
        self.connection.execute(_PAUSE, self._values(endpoint, seconds=seconds))
        return seconds

    def _token(self, endpoint: str, waited: float) -> float:
        most = self.limits.most_at_once
        values = {"most": most, "per_second": self.limits.per_second, "reserved": RESERVED[self.lane] * (most - 1)}
        while True:
            row = self.connection.execute(_TAKE, self._values(endpoint, **values)).fetchone()
            if row is None:
                self.connection.execute(_KNOWN, self._values(endpoint, most=most))
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
            self.connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [place])

    def _free_place(self, endpoint: str) -> str | None:
        for number in PLACES[self.lane]:
            place = f"psa.request_budget {self.account} {endpoint} {number}"
            row = self.connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [place]).fetchone()
            if row and row[0]:
                return place
        return None

    def _wait(self, endpoint: str, seconds: float, waited: float) -> float:
        if waited + seconds > PATIENCE_SECONDS:
            raise BudgetSpent(
                f"The budget of this PSA account is used up for now: a request to {endpoint} would have to wait for "
                f"another {seconds:,.0f} s, after {waited:,.0f} s ({self.limits} is what the vendor allows).",
                retry_after_seconds=max(seconds, AGAIN_SECONDS),
            )
        self.sleep(seconds)
        return waited + seconds

    def _values(self, endpoint: str, **more: float) -> dict[str, object]:
        counted = endpoint if self.limits.per_endpoint else ""
        return {"account": self.account, "endpoint": counted, "now": self.now and self.now(), **more}


@contextmanager
def shared_budget(warehouse: Warehouse, account: str, limits: Limits, lane: Lane) -> Iterator[Budget]:
    """A budget with a connection of its own, in autocommit: a turn is one short statement."""
    with warehouse.session() as connection:
        connection.execute("SET synchronous_commit = off")  # what a crash of Postgres forgets are milliseconds
        yield Budget(connection, account, limits, lane)
