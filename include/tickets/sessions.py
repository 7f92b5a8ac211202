"""Open logins at the PSAs, kept for the next viewer for a minute: a login can cost more than what is asked with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from include import connectors
from include.connectors.contract import Connector
from include.model.errors import AuthError, FormError, NotFound, RateLimited, RightsError, WarehouseError
from include.model.limits import LIVE_PATIENCE_SECONDS, Lane
from include.sync.connect import open_account
from include.warehouse.connection import Connection, open_warehouse

T = TypeVar("T")

IDLE_SECONDS = 60.0
MOST_SECONDS = 600.0  # what a login learned once grows old: a connection that was edited, a limit that others use up
TIMEOUT_SECONDS = (5.0, 25.0)  # to connect; between two bytes of the answer
# What may have become of a login since it was last used: then a new one is worth a try.
STALE = (AuthError, WarehouseError)
# What says nothing against the login.
HARMLESS = (RightsError, NotFound, FormError, RateLimited)


@dataclass(frozen=True)
class Psa:
    """A PSA that people look at: `source` is the name of its sync."""

    source: str
    vendor: str


@dataclass(frozen=True)
class Line:
    """An open login at the PSA, and the warehouse beside it."""

    connector: Connector
    account: Any
    warehouse: Connection


@contextmanager
def dial(psa: Psa) -> Iterator[Line]:
    """A line by the Airflow connections; what the PSA says on it is repeated nowhere."""
    connector, warehouse = connectors.load(psa.vendor), open_warehouse()
    with (
        open_account(connector, f"psa_{psa.source}", warehouse, Lane.LIVE) as account,
        warehouse.session() as connection,
    ):
        account.client.timeout_seconds = TIMEOUT_SECONDS
        account.client.patience_seconds = LIVE_PATIENCE_SECONDS
        account.client.is_discreet = True
        connection.execute("SET statement_timeout = '10s'")
        yield Line(connector, account, connection)


@dataclass
class _Open:
    """A line with what hangs it up; since when it is open, and since when idle."""

    psa: Psa
    line: Line
    stack: ExitStack
    opened: float
    idle: float


class Logins:
    """For use by several threads: each line serves one at a time."""

    def __init__(
        self,
        dial: Callable[[Psa], AbstractContextManager[Line]] = dial,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dial = dial
        self._clock = clock
        self._idle: list[_Open] = []
        self._lock = threading.Lock()
        self._sweeper = threading.Timer(IDLE_SECONDS, self.sweep)  # begins with the first idle line

    def ask(self, psa: Psa, question: Callable[[Line], T]) -> T:
        """The answer, by a line that is open or by a new one; raises PsaError."""
        self.hang_up(self._is_over)
        kept = self._one_idle(psa)
        if kept is not None:
            try:
                return self._asked(kept, question)
            except RightsError:
                raise
            except STALE:
                self.hang_up(lambda one: one.psa == psa)  # what happened to one has happened to all
        return self._asked(self._new(psa), question)

    def hang_up(self, which: Callable[[_Open], bool] = lambda _: True) -> None:
        """Close those of the idle lines."""
        with self._lock:
            over = [one for one in self._idle if which(one)]
            self._idle = [one for one in self._idle if one not in over]
        for one in over:
            one.stack.close()

    def _new(self, psa: Psa) -> _Open:
        with ExitStack() as stack:
            line = stack.enter_context(self._dial(psa))
            now = self._clock()
            return _Open(psa, line, stack.pop_all(), opened=now, idle=now)

    def _asked(self, one: _Open, question: Callable[[Line], T]) -> T:
        with one.stack as stack:  # hangs up on every error but harmless ones
            try:
                answer = question(one.line)
            except HARMLESS:
                self._keep(one, stack.pop_all())
                raise
            self._keep(one, stack.pop_all())
        return answer

    def _keep(self, one: _Open, stack: ExitStack) -> None:
        with self._lock:
            self._idle.append(replace(one, stack=stack, idle=self._clock()))
            if not self._sweeper.is_alive():
                self._sweeper = self._later()

    def _later(self) -> threading.Timer:
        timer = threading.Timer(IDLE_SECONDS, self.sweep)
        timer.daemon = True
        timer.start()
        return timer

    def sweep(self) -> None:
        """Hang up what is over, also when nobody asks any more; goes on as long as a line is idle."""
        self.hang_up(self._is_over)
        with self._lock:
            if self._idle:
                self._sweeper = self._later()

    def _one_idle(self, psa: Psa) -> _Open | None:
        with self._lock:
            for one in reversed(self._idle):
                if one.psa == psa:
                    self._idle.remove(one)
                    return one
        return None

    def _is_over(self, one: _Open) -> bool:
        now = self._clock()
        return now - one.idle >= IDLE_SECONDS or now - one.opened >= MOST_SECONDS
