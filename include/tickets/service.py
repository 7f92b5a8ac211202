"""Answers the ticket page: asks the PSA in a thread, shares what came with all who look, names what has only keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any, TypeVar

from include.connectors.common.tickets import Reference
from include.http.session import mask_nothing_here
from include.model.errors import PsaError
from include.tickets import names, view
from include.tickets.names import Names
from include.tickets.problems import Late
from include.tickets.query import Wanted, insist_typed, query
from include.tickets.sessions import Line, Logins, Psa
from include.tickets.sharing import Shared
from include.warehouse import lookups

T = TypeVar("T")

MOMENT_SECONDS = 3.0  # those who look within it see the same answer
PEOPLE_SECONDS = 600.0
AT_ONCE = 3  # questions to one PSA; a slow one keeps nobody from the others
QUESTION_SECONDS = 30.0  # then it is given up, however many requests it is
MOST_SECONDS = 40.0  # a viewer waits no longer, whatever it is that hangs
NAMES_SECONDS = 1.0  # a list does not wait longer for the names of people


@dataclass(frozen=True)
class Found:
    """What came from the PSA, when, and how long the PSA took for it."""

    what: Any
    names: Names
    fetched_at: datetime
    psa_seconds: float


@dataclass(frozen=True)
class Answer:
    """What the page is sent, less its age."""

    body: Mapping[str, Any]
    fetched_at: datetime
    psa_seconds: float

    def told(self) -> dict[str, Any]:
        """With its age at this moment."""
        age = (datetime.now(timezone.utc) - self.fetched_at).total_seconds()
        timing = {"fetched_at": view.moment(self.fetched_at), "age_seconds": max(age, 0.0)}
        return {**self.body, **timing, "psa_seconds": self.psa_seconds}


class Service:
    """For one event loop."""

    def __init__(
        self,
        logins: Logins | None = None,
        *,
        most_seconds: float = MOST_SECONDS,
        names_seconds: float = NAMES_SECONDS,
    ) -> None:
        self._logins = logins or Logins()
        self._most_seconds = most_seconds
        self._names_seconds = names_seconds
        self._of_psas: dict[Psa, ThreadPoolExecutor] = {}
        self._of_warehouse = _threads("warehouse")
        self._answers: Shared[Answer] = Shared(MOMENT_SECONDS, hold_errors_seconds=MOMENT_SECONDS)
        self._people: Shared[Sequence[Reference]] = Shared(PEOPLE_SECONDS, hold_errors_seconds=MOMENT_SECONDS)

    async def choices(self, psa: Psa) -> dict[str, Any]:
        """What the filters offer; the PSA is not asked."""
        found = await self._look_up(psa, lambda line: lookups.choices(line.warehouse, psa.source))
        return {**found, "as_of": view.moment(found["as_of"])}

    async def companies(self, psa: Psa, *, text: str, key: str) -> dict[str, Any]:
        """Companies whose name holds the text, or the one with the key; the PSA is not asked."""
        insist_typed("company", text)
        insist_typed("company", key)

        def found(line: Line) -> Sequence[tuple[str, str]]:
            if key:
                return list(lookups.names(line.warehouse, psa.source, {"companies": [key]})["companies"].items())
            return lookups.companies(line.warehouse, psa.source, text)

        return {"companies": view.listed(await self._look_up(psa, found))}

    async def people(self, psa: Psa) -> dict[str, Any]:
        """Those whom tickets can be assigned to."""
        return {"people": view.listed((one.key, one.name) for one in await self._everybody(psa))}

    async def tickets(self, psa: Psa, wanted: Wanted) -> dict[str, Any]:
        """A page of the list."""
        return await self._told((psa, wanted), lambda: self._page(psa, wanted))

    async def ticket(self, psa: Psa, key: str) -> dict[str, Any]:
        """One ticket, whole."""
        return await self._told((psa, key), lambda: self._detail(psa, key))

    async def _told(self, asked: Hashable, fetch: Callable[[], Coroutine[Any, Any, Answer]]) -> dict[str, Any]:
        return (await self._in_time(self._answers.get(asked, fetch))).told()

    async def _page(self, psa: Psa, wanted: Wanted) -> Answer:
        known = await self._everybody(psa) if wanted.owner else ()

        def search(line: Line) -> tuple[Any, Names]:
            page = line.connector.tickets.search(line.account, query(wanted, line, psa.source, known))
            return page, names.of_tickets(page.tickets, line.warehouse, psa.source)

        return await self._answer(psa, search, view.page)

    async def _detail(self, psa: Psa, key: str) -> Answer:
        def read(line: Line) -> tuple[Any, Names]:
            detail = line.connector.tickets.detail(line.account, key)
            return detail, names.of_detail(detail, line.warehouse, psa.source)

        return await self._answer(psa, read, view.detail)

    async def _answer(
        self, psa: Psa, question: Callable[[Line], tuple[Any, Names]], show: Callable[[Any, Names], dict[str, Any]]
    ) -> Answer:
        """People are asked for beside the tickets, which never wait long for the names."""

        def found(line: Line) -> Found:
            before = line.account.client.traffic.copy()
            what, of_keys = question(line)
            fetched_at = datetime.now(timezone.utc)
            return Found(what, of_keys, fetched_at, (line.account.client.traffic - before).answered_seconds)

        people = asyncio.ensure_future(self._everybody_or_nobody(psa))
        people.add_done_callback(lambda done: done.cancelled() or done.exception())  # looked at, so never logged
        got = await self._ask(psa, found)
        await asyncio.wait([people], timeout=self._names_seconds)
        known = got.names.with_people(people.result() if people.done() else ())
        body = await self._in_thread(self._threads_of(psa), partial(show, got.what, known))
        return Answer(body, got.fetched_at, got.psa_seconds)

    async def _everybody(self, psa: Psa) -> Sequence[Reference]:
        def ask(line: Line) -> Sequence[Reference]:
            return line.connector.tickets.people(line.account)

        return await self._in_time(self._people.get(psa, lambda: self._ask(psa, ask)))

    async def _everybody_or_nobody(self, psa: Psa) -> Sequence[Reference]:
        """Names are worth a request, but not the list."""
        try:
            return await self._everybody(psa)
        except PsaError:
            return ()

    async def _ask(self, psa: Psa, question: Callable[[Line], T]) -> T:
        def in_time(line: Line) -> T:
            line.account.client.give_up_at = time.monotonic() + QUESTION_SECONDS
            return question(line)

        return await self._in_thread(self._threads_of(psa), partial(self._logins.ask, psa, in_time))

    async def _look_up(self, psa: Psa, question: Callable[[Line], T]) -> T:
        """Asks the warehouse alone, which no slow PSA holds up."""
        return await self._in_time(self._in_thread(self._of_warehouse, partial(self._logins.ask, psa, question)))

    async def _in_time(self, answer: Coroutine[Any, Any, T]) -> T:
        """What is shared goes on when a viewer gives up, so that the next one does not ask beside it."""
        try:
            return await asyncio.wait_for(answer, self._most_seconds)
        except asyncio.TimeoutError:
            raise Late("Nothing came in time.") from None

    async def _in_thread(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _threads_of(self, psa: Psa) -> ThreadPoolExecutor:
        if psa not in self._of_psas:
            self._of_psas[psa] = _threads(psa.source)
        return self._of_psas[psa]


def _threads(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"psa-{name}", initializer=mask_nothing_here)
