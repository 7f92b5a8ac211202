"""The request budget of a PSA account, kept in Postgres and shared by all tasks of all runs on all workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from threading import RLock

from include.model.errors import BudgetSpent, LockHeld
from include.model.limits import LIVE_PATIENCE_SECONDS, PATIENCE_SECONDS, Lane, Limits
from include.model.waiting import wait
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.locks import SessionLocks, holders

RETRY_SECONDS = 60.0  # the least delay before a task that gave up waiting is retried
POLL_SECONDS = 0.1  # how often a taken lock is tried again
SHORTEST_WAIT_SECONDS = 0.01  # rounding errors must not become waits
# The part of the burst that a lane leaves to the lanes that go first.
RESERVED = {Lane.LIVE: 0.0, Lane.FORCED: 0.1, Lane.NIGHTLY: 0.3}
# The most that all viewers of the ticket page together use of the account's rate, so that the syncs go on beside them.
# Where each endpoint has its own limit this is not needed: no sync uses the endpoints of the ticket page.
VIEWERS, VIEWERS_SHARE = "viewers", 0.5
# The slots for requests in flight that a lane may use, in this order; the nightly lane leaves the second one free.
SLOTS = {Lane.LIVE: (1, 0), Lane.FORCED: (1, 0), Lane.NIGHTLY: (0,)}

_CREATE_BUCKET = """INSERT INTO psa.request_budget (account, endpoint, tokens, as_of, paused_until)
            VALUES (%(account)s, %(endpoint)s, %(most)s, COALESCE(%(now)s, clock_timestamp()), '-infinity')
            ON CONFLICT DO NOTHING"""

# A token bucket: add the tokens for the time that has passed, then take one if there are enough. The answer is the time
# to wait: 0 if a token was taken, else until there will be enough, or until the pause is over. The row's lock lets one
# task at a time do this, for microseconds.
_TAKE = """
    WITH bucket AS (
        SELECT account, endpoint, tokens, as_of, paused_until FROM psa.request_budget
        WHERE account = %(account)s AND endpoint = %(endpoint)s FOR UPDATE
    ), clock AS (
        SELECT *, GREATEST(as_of, COALESCE(%(now)s, clock_timestamp())) AS now FROM bucket
    ), refilled AS (
        SELECT account, endpoint, now, paused_until,
               LEAST(%(most)s, tokens + EXTRACT(EPOCH FROM now - as_of)::double precision * %(per_second)s) AS tokens
        FROM clock
    ), waiting AS (
        SELECT account, endpoint, now, tokens, GREATEST(
            (1 + %(reserved)s - tokens) / %(per_second)s,
            CASE WHEN paused_until > now THEN EXTRACT(EPOCH FROM paused_until - now)::double precision ELSE 0 END,
            0) AS wait
        FROM refilled
    ), taken AS (
        UPDATE psa.request_budget b SET tokens = w.tokens - 1, as_of = w.now
        FROM waiting w WHERE b.account = w.account AND b.endpoint = w.endpoint AND w.wait = 0
    )
    SELECT wait FROM waiting
"""

_PAUSE = """
    UPDATE psa.request_budget SET paused_until = GREATEST(
        paused_until, COALESCE(%(now)s, clock_timestamp()) + make_interval(secs => %(seconds)s))
    WHERE account = %(account)s AND endpoint = %(endpoint)s
"""


@dataclass(frozen=True)
class Bucket:
    """A token bucket: one row of psa.request_budget, as one lane uses it."""

    endpoint: str
    """The endpoint that the tokens are for; empty for the whole account."""
    most: float
    """How many tokens it holds when it is full."""
    per_second: float
    """How many tokens are added per second."""
    reserved: float = 0.0
    """How many tokens this lane leaves in it for the lanes that go first."""


@dataclass
class Budget:
    """Gives one task its turns to send requests, also for several threads at once: a `Pace`."""

    connection: Connection
    """A connection in autocommit, used by nothing else, and by one thread at a time."""
    account: str
    """The PSA account that the vendor's limits belong to."""
    limits: Limits
    """The vendor's limits."""
    lane: Lane
    """Who is asking: the ticket page, a forced run or a nightly run."""
    sleep: Callable[[float], None] = wait
    """Waits; tests pass one that moves their clock."""
    now: Callable[[], datetime] | None = None
    """The time in tests; without it Postgres' clock is used, which all workers share."""
    lock_seconds: float = PATIENCE_SECONDS
    """How long a task waits while another one logs in. What is held idle for twice as long is not held for work."""
    _only_one: RLock = field(default_factory=RLock, repr=False)
    """What `exclusive` is among the threads of this task."""
    _locks: SessionLocks = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._locks = SessionLocks(self.connection)

    @contextmanager
    def turn(self, endpoint: str) -> Iterator[float]:
        """Wait until the request may be sent; raises BudgetSpent when that would take longer than the lane waits."""
        waited = self._wait_for_tokens(endpoint, 0.0)  # first, since others could use the slot while this one waits
        with self._slot(endpoint, waited) as waited:
            yield waited

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Enter when no other task of the account is inside; requests inside still need their turns."""
        lock = f"psa.request_budget {self.account}"
        with self._only_one:
            if self.lane is Lane.LIVE:
                self._lock("log in", [lock], 0.0)  # a task may hold it for minutes
            elif not self._locks.lock_in_time(lock, self.lock_seconds):
                raise self._locked_out("log in", [lock], self.lock_seconds)
            try:
                yield
            finally:
                self._locks.unlock(lock)

    def pause(self, endpoint: str, seconds: float) -> float:
        """No request is sent for so many seconds, on any worker; returns the seconds, the usual ones for 0."""
        seconds = seconds or self.limits.pause_seconds
        self.connection.execute(_PAUSE, self._values(endpoint=self._limited(endpoint), seconds=seconds))
        return seconds

    def _wait_for_tokens(self, endpoint: str, waited: float) -> float:
        for bucket in self._buckets(endpoint):
            waited = self._wait_for_token(endpoint, bucket, waited)
        return waited

    def _buckets(self, endpoint: str) -> Iterator[Bucket]:
        """The buckets that each give one token for a request to this endpoint."""
        most, per_second = self.limits.max_at_once, self.limits.per_second
        if self.lane is Lane.LIVE and not self.limits.per_endpoint:
            yield Bucket(VIEWERS, max(most * VIEWERS_SHARE, 1.0), per_second * VIEWERS_SHARE)
        yield Bucket(self._limited(endpoint), most, per_second, RESERVED[self.lane] * (most - 1))

    def _wait_for_token(self, endpoint: str, bucket: Bucket, waited: float) -> float:
        while True:
            row = self.connection.execute(_TAKE, self._values(**asdict(bucket))).fetchone()
            if row is None:
                self.connection.execute(_CREATE_BUCKET, self._values(**asdict(bucket)))
                continue
            wait = float(row[0])
            if wait == 0:
                return waited
            waited = self._wait(endpoint, max(wait, SHORTEST_WAIT_SECONDS), waited)

    @contextmanager
    def _slot(self, endpoint: str, waited: float) -> Iterator[float]:
        """A slot for a request in flight: an advisory lock, which Postgres releases when the worker dies."""
        if self.limits.in_flight is None:
            yield waited
            return
        names = [f"psa.request_budget {self.account} {endpoint} {number}" for number in SLOTS[self.lane]]
        slot, waited = self._lock(endpoint, names, waited)
        try:
            yield waited
        finally:
            self._locks.unlock(slot)

    def _lock(self, endpoint: str, names: Sequence[str], waited: float) -> tuple[str, float]:
        """Take the first of these locks that is free; its name, and how long that took together with `waited`."""
        while True:
            for name in names:
                if self._locks.try_lock(name):
                    return name, waited
            waited = self._wait_for_lock(endpoint, names, waited)

    def _wait_for_lock(self, endpoint: str, names: Sequence[str], waited: float) -> float:
        if waited + POLL_SECONDS > self._patience_seconds:
            raise self._locked_out(endpoint, names, waited)
        return self._wait(endpoint, POLL_SECONDS, waited)

    def _locked_out(self, endpoint: str, names: Sequence[str], waited: float) -> LockHeld | BudgetSpent:
        """The error after a wait for locks: whether they are in use, or whether no one will release them."""
        holding = holders(self.connection, names)
        said = " and ".join(map(str, holding)) or "a task that has just ended"
        if stuck := [one for one in holding if (one.idle_seconds or 0.0) >= 2 * self.lock_seconds]:
            return LockHeld(
                f"A request to {endpoint} cannot be sent: a lock is held by {said}, for longer than any request takes. "
                "The task that it belongs to may have lost its connection. If that task is not running any more, end "
                f"the session: SELECT pg_terminate_backend({stuck[0].pid});"
            )
        return BudgetSpent(
            f"Other tasks are using all that this PSA account allows at the same time: a request to {endpoint} waited "
            f"{waited:,.0f} s for {said}.",
            retry_after_seconds=self._retry_seconds,
        )

    def _wait(self, endpoint: str, seconds: float, waited: float) -> float:
        if waited + seconds > self._patience_seconds:
            raise BudgetSpent(
                f"The budget of this PSA account is used up for now: a request to {endpoint} would have to wait for "
                f"another {seconds:,.0f} s, after {waited:,.0f} s ({self.limits} is what the vendor allows).",
                retry_after_seconds=max(seconds, self._retry_seconds),
            )
        self.sleep(seconds)
        return waited + seconds

    @property
    def _patience_seconds(self) -> float:
        return LIVE_PATIENCE_SECONDS if self.lane is Lane.LIVE else PATIENCE_SECONDS

    @property
    def _retry_seconds(self) -> float:
        return 0.0 if self.lane is Lane.LIVE else RETRY_SECONDS

    def _limited(self, endpoint: str) -> str:
        """The endpoint that the vendor's limit belongs to; empty for the whole account."""
        return endpoint if self.limits.per_endpoint else ""

    def _values(self, **more: object) -> dict[str, object]:
        return {"account": self.account, "now": self.now and self.now(), **more}


@contextmanager
def shared_budget(warehouse: Warehouse, account: str, limits: Limits, lane: Lane) -> Iterator[Budget]:
    """A budget on a connection of its own."""
    with warehouse.session() as connection:
        connection.execute("SET synchronous_commit = off")  # a crash of Postgres loses milliseconds of it
        if lane is Lane.LIVE:
            connection.execute("SET statement_timeout = '10s'")
        yield Budget(connection, account, limits, lane)
