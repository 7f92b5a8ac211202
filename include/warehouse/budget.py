"""The request budget of a PSA account, kept in Postgres and shared by all tasks of all runs on all workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock

from psycopg import errors

from include.model.errors import BudgetSpent, LockHeld
from include.model.limits import LIVE_PATIENCE_SECONDS, PATIENCE_SECONDS, Lane, Limits
from include.model.run import Run
from include.model.waiting import require_wanted, wait
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.locks import SessionLocks, holders
from include.warehouse.schema import ensure_schema
from include.warehouse.window import Counted, Window

RETRY_SECONDS = 60.0  # the least delay before a task that gave up waiting is retried
POLL_SECONDS = 0.1  # how often a taken lock is tried again
SHORTEST_WAIT_SECONDS = 0.01  # rounding errors must not become waits
# The most that all viewers of the ticket page together use of the syncs' share, so that the syncs go on beside them.
# Where each endpoint has its own limit this is not needed: no sync uses the endpoints of the ticket page.
VIEWERS, VIEWERS_SHARE = "viewers", 0.5
# The slots for requests in flight, in the order in which a lane tries them. The nightly lane uses the second one only
# while no other lane wants one.
SLOTS = {Lane.LIVE: (1, 0), Lane.FORCED: (1, 0), Lane.NIGHTLY: (0, 1)}


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
    clock: Callable[[], float] = time.monotonic
    """Measures how long a request takes."""
    lock_seconds: float = PATIENCE_SECONDS
    """How long a task waits while another one logs in. What is held idle for twice as long is not held for work."""
    _listing: tuple[Run, str] | None = None
    """The run and the table whose ledger entry counts the turns; None where none does."""
    _only_one: RLock = field(default_factory=RLock, repr=False)
    """What `exclusive` is among the threads of this task."""
    _locks: SessionLocks = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._locks = SessionLocks(self.connection)

    def count_in(self, run: Run, table: str) -> None:
        """From now on, count each turn in the run's ledger entry of this table."""
        self._listing = (run, table)

    @contextmanager
    def turn(self, endpoint: str) -> Iterator[float]:
        """Wait until the request may be sent; raises BudgetSpent when that would take longer than the lane waits."""
        require_wanted()
        window = self._window(self._limited(endpoint))
        taken = self._take_as_viewer(endpoint, window) if self._is_viewer else self._wait_for_turn(endpoint, window)
        with self._slot(endpoint, taken) as waited:  # last, since others could use it while this one waits
            try:
                yield waited
            finally:
                if self.clock() - taken.at > window.slice_seconds:
                    window.count_again(taken.slice_number)

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
        self._window(self._limited(endpoint)).pause(seconds)
        return seconds

    @property
    def _is_viewer(self) -> bool:
        """Whether this is one of those who share a part of the account's limit."""
        return self.lane is Lane.LIVE and not self.limits.per_endpoint

    def _take_as_viewer(self, endpoint: str, window: Window) -> _Taken:
        """A turn of the viewers' share and one of the account: by one statement, unless one of them has to wait."""
        share, viewers = max(int(self.limits.most(Lane.NIGHTLY) * VIEWERS_SHARE), 1), self._window(VIEWERS)
        most, patience, asked_at = self.limits.most(self.lane), self._patience_seconds(0.0), self.clock()
        with self._locks.trying(self._slots(endpoint)) as slot:
            name = None if self.limits.in_flight is None else slot.name
            both = window.take_both(viewers, first_most=share, most=most, patience_seconds=patience, lock=name)
            slot.is_taken = both.is_locked
        if both.slice_number is not None:
            return _Taken(0.0, asked_at, both.slice_number, slot.name if slot.is_taken else None)
        waited = 0.0 if both.first else self._wait_for_turn(endpoint, viewers, most=share).waited
        return self._wait_for_turn(endpoint, window, waited)

    def _wait_for_turn(self, endpoint: str, window: Window, waited: float = 0.0, *, most: int | None = None) -> _Taken:
        most, most_of_all = most or self.limits.most(self.lane), self.limits.most(Lane.LIVE)
        while True:
            asked_at, patience = self.clock(), self._patience_seconds(waited)
            counted = Counted(*self._listing, endpoint, waited) if self._listing else None
            seconds, slice_number = window.take(
                self.lane, most=most, most_of_all=most_of_all, patience_seconds=patience, counted=counted
            )
            if seconds == 0:
                return _Taken(waited, asked_at, slice_number)
            if seconds > patience:
                raise BudgetSpent(
                    f"The budget of this PSA account is used up for now: a request to {endpoint} would have to wait "
                    f"for another {seconds:,.0f} s, after {waited:,.0f} s ({self.limits} is what the vendor allows).",
                    retry_after_seconds=max(seconds, self._retry_seconds),
                )
            waited += self._sleep(max(seconds, SHORTEST_WAIT_SECONDS))

    @contextmanager
    def _slot(self, endpoint: str, taken: _Taken) -> Iterator[float]:
        """A slot for a request in flight: an advisory lock, which Postgres releases when the worker dies."""
        if self.limits.in_flight is None:
            yield taken.waited
            return
        slot, waited = (taken.slot, taken.waited) if taken.slot else self._lock_slot(endpoint, taken.waited)
        try:
            yield waited
        finally:
            self._locks.unlock(slot)

    def _lock_slot(self, endpoint: str, waited: float) -> tuple[str, float]:
        """Take a slot; its name, and how long that took together with `waited`."""
        place, slots = self._place(endpoint), self._slots(endpoint)
        if slot := self._free_slot(place, slots):
            return slot, waited
        with nullcontext() if self.lane is Lane.NIGHTLY else self._locks.wanted(place):
            while slot is None:
                waited = self._wait_for_lock(endpoint, slots, waited)
                slot = self._free_slot(place, slots)
        return slot, waited

    def _place(self, endpoint: str) -> str:
        return f"psa.request_budget {self.account} {endpoint}"

    def _slots(self, endpoint: str) -> list[str]:
        """The names of the slots, in the order in which they are tried."""
        return [f"{self._place(endpoint)} {number}" for number in SLOTS[self.lane]]

    def _free_slot(self, place: str, slots: Sequence[str]) -> str | None:
        first, *others = slots
        if self._locks.try_lock(first):
            return first
        if self.lane is Lane.NIGHTLY and self._locks.is_wanted(place):
            return None
        return next(filter(self._locks.try_lock, others), None)

    def _lock(self, endpoint: str, names: Sequence[str], waited: float) -> tuple[str, float]:
        """Take the first of these locks that is free; its name, and how long that took together with `waited`."""
        while True:
            for name in names:
                if self._locks.try_lock(name):
                    return name, waited
            waited = self._wait_for_lock(endpoint, names, waited)

    def _wait_for_lock(self, endpoint: str, names: Sequence[str], waited: float) -> float:
        longest = LIVE_PATIENCE_SECONDS if self.lane is Lane.LIVE else PATIENCE_SECONDS
        if waited + POLL_SECONDS > longest:
            raise self._locked_out(endpoint, names, waited)
        return waited + self._sleep(POLL_SECONDS)

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

    def _sleep(self, seconds: float) -> float:
        self.sleep(seconds)
        return seconds

    def _patience_seconds(self, waited: float) -> float:
        """How long it waits for the next chance. A run's lane always gets some turns, so a run waits on."""
        return LIVE_PATIENCE_SECONDS - waited if self.lane is Lane.LIVE else self.limits.patience_seconds

    @property
    def _retry_seconds(self) -> float:
        return 0.0 if self.lane is Lane.LIVE else RETRY_SECONDS

    def _limited(self, endpoint: str) -> str:
        """The endpoint that the vendor's limit belongs to; empty for the whole account."""
        return endpoint if self.limits.per_endpoint else ""

    def _window(self, endpoint: str) -> Window:
        return Window(self.connection, self.account, endpoint, self.limits.seconds, self.now)


@dataclass(frozen=True)
class _Taken:
    """A turn that was taken."""

    waited: float
    """For how many seconds."""
    at: float
    """When, by the clock of this process."""
    slice_number: int
    """In which slice of the window it is counted."""
    slot: str | None = None
    """The slot that was taken with it."""


@contextmanager
def shared_budget(warehouse: Warehouse, account: str, limits: Limits, lane: Lane) -> Iterator[Budget]:
    """A budget on a connection of its own."""
    with warehouse.session(is_reusable=False) as connection:
        connection.execute("SET synchronous_commit = off")  # a crash of Postgres loses milliseconds of it
        if lane is Lane.LIVE:
            connection.execute("SET statement_timeout = '10s'")
        try:
            connection.execute("SELECT totals FROM psa.request_budget LIMIT 0")
        except errors.UndefinedColumn:  # after an upgrade the ticket page may be faster than preflight
            ensure_schema(warehouse)
        yield Budget(connection, account, limits, lane)
