"""Answers the status page: reads the ledger in a thread, in a bounded time, once for viewers who ask together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from include.http.session import mask_nothing_here
from include.model.limits import LIVE_PATIENCE_SECONDS
from include.status.facts import Ledger
from include.status.read import MOST_RUNS, read_ledger
from include.tickets.problems import ViewerTimeout
from include.tickets.sessions import Sessions
from include.tickets.sharing import Shared
from include.warehouse.connection import Connection, Warehouse, open_warehouse
from include.warehouse.recent_runs import RecentRuns, Rejected, RowsAt, TableRun

T = TypeVar("T")

SHARE_SECONDS = 2.0  # viewers who ask within this time get the same answer
TIMEOUT_SECONDS = 10.0  # for one viewer; a monitor waits about as long
MAX_THREADS = 2
MOST_REJECTS = 200
PLOT_DAYS = 365
WAREHOUSE = "warehouse"  # to which there is one kind of session


@dataclass(frozen=True)
class TableHistory:
    """What the ledger says about one table of one PSA."""

    runs: Sequence[TableRun]
    """The last runs, the newest first."""
    rows: Sequence[RowsAt]
    """How many rows it had on each day of a year, the oldest first."""
    rejects: Sequence[Rejected]
    """The first rejected records of the last run that rejected any."""


class StatusService:
    """The status page's questions and answers, for one event loop."""

    def __init__(
        self,
        open_warehouse: Callable[[], Warehouse] = open_warehouse,
        *,
        share_seconds: float = SHARE_SECONDS,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._sessions = Sessions[str, Connection](lambda _: _session(open_warehouse()))
        self._timeout_seconds = timeout_seconds
        self._threads = ThreadPoolExecutor(MAX_THREADS, "psa-status", mask_nothing_here)
        self._answers: Shared[Any] = Shared(share_seconds, hold_errors_seconds=share_seconds)

    async def ledger(self, sources: Sequence[str]) -> Ledger:
        """What the ledger says about these PSAs."""
        return await self._ask(tuple(sources), partial(read_ledger, sources=sources))

    async def table(self, source: str, table: str) -> TableHistory:
        """What it says about one table."""
        return await self._ask((source, table, "history"), partial(_read_history, source=source, table=table))

    async def _ask(self, question: Hashable, read: Callable[[Connection], T]) -> T:
        """A shared fetch goes on after a viewer's timeout, so that the next viewer does not start a second one."""

        async def fetch() -> T:
            ask = partial(self._sessions.ask, WAREHOUSE, read)
            return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

        try:
            answer: T = await asyncio.wait_for(self._answers.get(question, fetch), self._timeout_seconds)
        except asyncio.TimeoutError:
            raise ViewerTimeout("The warehouse did not answer in time.") from None
        return answer


@contextmanager
def _session(warehouse: Warehouse) -> Iterator[Connection]:
    with replace(warehouse, lock_seconds=LIVE_PATIENCE_SECONDS).session() as connection:
        connection.execute("SET statement_timeout = '10s'")
        yield connection


def _read_history(connection: Connection, *, source: str, table: str) -> TableHistory:
    recent = RecentRuns(connection)
    if not recent.exists:
        return TableHistory((), (), ())
    runs = recent.runs([source], most=MOST_RUNS, tables=[table])
    rejecting = next((run for run in runs if run.rejected), None)
    return TableHistory(
        runs=runs,
        rows=recent.rows([source], days=PLOT_DAYS, tables=[table]),
        rejects=recent.rejects(rejecting, most=MOST_REJECTS) if rejecting else (),
    )
