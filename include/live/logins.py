"""Open logins at the PSAs, kept for the next viewer for a minute: a login can cost more than what is asked with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from include import connectors
from include.account import open_account
from include.connectors.base import Connector
from include.errors import AuthError, FormError, NotFound, RateLimited, RightsError, WarehouseError
from include.http.pace import LIVE_PATIENCE_SECONDS, Lane
from include.warehouse.connection import Connection, open_warehouse

T = TypeVar("T")

KEEP_SECONDS = 60.0
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
        yield Line(connector, account, connection)


@dataclass(frozen=True)
class _Idle:
    psa: Psa
    line: Line
    stack: ExitStack
    since: float


class Logins:
    """For use by several threads: each line serves one at a time."""

    def __init__(
        self,
        dial: Callable[[Psa], AbstractContextManager[Line]] = dial,
        *,
        keep_seconds: float = KEEP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dial = dial
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._idle: list[_Idle] = []
        self._lock = threading.Lock()

    def ask(self, psa: Psa, question: Callable[[Line], T]) -> T:
        """The answer, by a line that is open or by a new one; raises PsaError."""
        self.hang_up(idle_seconds=self._keep_seconds)
        open_one = self._one_idle(psa)
        if open_one is not None:
            try:
                return self._asked(psa, open_one.line, open_one.stack, question)
            except RightsError:
                raise
            except STALE:
                self.hang_up(psa)  # what happened to one has happened to all
        with ExitStack() as stack:
            line = stack.enter_context(self._dial(psa))
            return self._asked(psa, line, stack.pop_all(), question)

    def hang_up(self, psa: Psa | None = None, *, idle_seconds: float = 0.0) -> None:
        """Close the lines that nobody has used for so long, to one PSA or to all."""
        now = self._clock()
        with self._lock:
            over = [one for one in self._idle if psa in (None, one.psa) and now - one.since >= idle_seconds]
            self._idle = [one for one in self._idle if one not in over]
        for one in over:
            one.stack.close()

    def _asked(self, psa: Psa, line: Line, stack: ExitStack, question: Callable[[Line], T]) -> T:
        with stack:  # hangs up on every error but harmless ones
            try:
                answer = question(line)
            except HARMLESS:
                self._keep(psa, line, stack.pop_all())
                raise
            self._keep(psa, line, stack.pop_all())
        return answer

    def _keep(self, psa: Psa, line: Line, stack: ExitStack) -> None:
        with self._lock:
            self._idle.append(_Idle(psa, line, stack, self._clock()))

    def _one_idle(self, psa: Psa) -> _Idle | None:
        with self._lock:
            for one in reversed(self._idle):
                if one.psa == psa:
                    self._idle.remove(one)
                    return one
        return None
