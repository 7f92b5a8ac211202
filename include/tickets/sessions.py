"""Sessions at the PSAs, kept open for a minute after use: logging in can cost more than the question itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from include import connectors
from include.connectors.contract import Connector, PsaClient
from include.model.errors import AuthError, FormError, NotFound, RateLimited, RightsError, WarehouseError
from include.model.limits import LIVE_PATIENCE_SECONDS, Lane
from include.model.psa import Psa
from include.sync.connect import open_client
from include.tickets.names import KnownNames
from include.warehouse.connection import Connection, open_warehouse

T = TypeVar("T")
To = TypeVar("To", bound=Hashable)
Open = TypeVar("Open")

MAX_IDLE_SECONDS = 60.0
MAX_AGE_SECONDS = 600.0  # an edited Airflow connection or a changed limit is picked up after this time at the latest
TIMEOUT_SECONDS = (5.0, 25.0)  # to connect; between two bytes of the answer
# Errors that a reused session may cause by itself, because its login or database connection expired: worth a new one.
STALE = (AuthError, WarehouseError)
# Errors after which the session is still good.
HARMLESS = (RightsError, NotFound, FormError, RateLimited)


@dataclass(frozen=True)
class Session:
    """An open login at a PSA and an open database session at the warehouse."""

    connector: Connector[PsaClient]
    client: PsaClient
    warehouse: Connection
    names: KnownNames = field(default_factory=KnownNames)
    """What this session has looked up in the warehouse."""


@contextmanager
def connect(psa: Psa) -> Iterator[Session]:
    """A session that uses the Airflow connections. Its errors and logs never quote what the PSA answered."""
    connector = connectors.load(psa.vendor)
    warehouse = replace(open_warehouse(), lock_seconds=LIVE_PATIENCE_SECONDS)
    with (
        open_client(connector, f"psa_{psa.source}", warehouse, Lane.LIVE) as client,
        warehouse.session() as connection,
    ):
        client.http.timeout_seconds = TIMEOUT_SECONDS
        client.http.patience_seconds = LIVE_PATIENCE_SECONDS
        client.http.is_discreet = True
        connection.execute("SET statement_timeout = '10s'")
        yield Session(connector, client, connection)


@dataclass
class _OpenSession(Generic[To, Open]):
    """A session and what is needed to reuse or close it."""

    to: To
    session: Open
    stack: ExitStack
    """Closes the session."""
    opened_at: float
    idle_since: float


class Sessions(Generic[To, Open]):
    """A pool of sessions for several threads; each session answers one question at a time."""

    def __init__(
        self,
        connect: Callable[[To], AbstractContextManager[Open]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._idle: list[_OpenSession[To, Open]] = []
        self._lock = threading.Lock()
        self._sweeper = threading.Timer(MAX_IDLE_SECONDS, self.sweep)  # started with the first idle session

    def ask(self, to: To, question: Callable[[Open], T]) -> T:
        """The answer to `question`, asked in an idle session or in a new one; raises PsaError."""
        self.close(self._is_expired)
        idle = self._take_idle(to)
        if idle is not None:
            try:
                return self._ask_in(idle, question)
            except RightsError:
                raise
            except STALE:
                self.close(lambda one: one.to == to)  # the other idle sessions will have expired as well
        return self._ask_in(self._open(to), question)

    def close(self, which: Callable[[_OpenSession[To, Open]], bool] = lambda _: True) -> None:
        """Close the idle sessions that `which` selects."""
        with self._lock:
            closing = [one for one in self._idle if which(one)]
            self._idle = [one for one in self._idle if one not in closing]
        for one in closing:
            one.stack.close()

    def sweep(self) -> None:
        """Close expired sessions even when no viewer asks any more; repeated as long as a session is idle."""
        self.close(self._is_expired)
        with self._lock:
            if self._idle:
                self._sweeper = self._start_sweeper()

    def _open(self, to: To) -> _OpenSession[To, Open]:
        with ExitStack() as stack:
            session = stack.enter_context(self._connect(to))
            now = self._clock()
            return _OpenSession(to, session, stack.pop_all(), opened_at=now, idle_since=now)

    def _ask_in(self, one: _OpenSession[To, Open], question: Callable[[Open], T]) -> T:
        with one.stack as stack:  # closes the session on every error that is not harmless
            try:
                answer = question(one.session)
            except HARMLESS:
                self._keep(one, stack.pop_all())
                raise
            self._keep(one, stack.pop_all())
        return answer

    def _keep(self, one: _OpenSession[To, Open], stack: ExitStack) -> None:
        with self._lock:
            self._idle.append(replace(one, stack=stack, idle_since=self._clock()))
            if not self._sweeper.is_alive():
                self._sweeper = self._start_sweeper()

    def _start_sweeper(self) -> threading.Timer:
        timer = threading.Timer(MAX_IDLE_SECONDS, self.sweep)
        timer.daemon = True
        timer.start()
        return timer

    def _take_idle(self, to: To) -> _OpenSession[To, Open] | None:
        with self._lock:
            for one in reversed(self._idle):
                if one.to == to:
                    self._idle.remove(one)
                    return one
        return None

    def _is_expired(self, one: _OpenSession[To, Open]) -> bool:
        now = self._clock()
        return now - one.idle_since >= MAX_IDLE_SECONDS or now - one.opened_at >= MAX_AGE_SECONDS
