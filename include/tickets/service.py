"""Answers the ticket page: asks the PSA in a thread, shares the answer among viewers, and adds names to keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any, TypeAlias, TypeVar

import msgspec

from include.http.session import mask_nothing_here
from include.model.errors import PsaError
from include.model.psa import Psa
from include.model.tickets import Reference
from include.tickets import view
from include.tickets.names import Names
from include.tickets.problems import ViewerTimeout
from include.tickets.query import Filters, check_typed, query
from include.tickets.sessions import Session, Sessions, connect
from include.tickets.sharing import Shared
from include.warehouse.lookups import Lookups

T = TypeVar("T")
Show: TypeAlias = Callable[[Any, Names], Mapping[str, Any]]
"""Turns a TicketPage or a TicketDetail into what the page is sent."""
Question: TypeAlias = Callable[[Session], "tuple[Any, Names]"]
"""Gives a TicketPage or a TicketDetail, with the names for its keys."""

SHARE_SECONDS = 3.0  # viewers of the same view within this time get the same answer
SHARE_PEOPLE_SECONDS = 600.0
MAX_THREADS = 3  # per PSA, so that a slow PSA does not block the others
QUESTION_TIMEOUT_SECONDS = 30.0  # for one question, however many requests it takes
VIEWER_TIMEOUT_SECONDS = 40.0  # for one viewer, whatever is slow
NAMES_TIMEOUT_SECONDS = 1.0  # tickets are shown without the names of people when those take longer


@dataclass(frozen=True)
class Fetched:
    """What the PSA answered, with the names for its keys."""

    content: Any
    """A TicketPage or a TicketDetail."""
    names: Names
    fetched_at: datetime
    psa_seconds: float
    """How long the PSA took."""

    def shown(self, show: Show, people: Sequence[Reference]) -> Answer:
        """The answer as `show` writes it, with the names of people."""
        body = show(self.content, self.names.with_people(people))
        return Answer(msgspec.json.encode(body), self.fetched_at, self.psa_seconds)


@dataclass(frozen=True)
class Answer:
    """What the page is sent, except for its age."""

    body: bytes
    """A JSON object that is not empty; made once for all viewers."""
    fetched_at: datetime
    psa_seconds: float
    """How long the PSA took."""

    def with_age(self) -> bytes:
        """The whole answer, with its age at this moment."""
        age = (datetime.now(timezone.utc) - self.fetched_at).total_seconds()
        timing = {
            "fetched_at": view.timestamp(self.fetched_at),
            "age_seconds": max(age, 0.0),
            "psa_seconds": self.psa_seconds,
        }
        return self.body[:-1] + b"," + msgspec.json.encode(timing)[1:]


class Service:
    """The ticket page's questions and answers, for one event loop."""

    def __init__(
        self,
        sessions: Sessions[Psa, Session] | None = None,
        *,
        share_seconds: float = SHARE_SECONDS,
        viewer_timeout_seconds: float = VIEWER_TIMEOUT_SECONDS,
        names_timeout_seconds: float = NAMES_TIMEOUT_SECONDS,
    ) -> None:
        self._sessions = sessions or Sessions(connect)
        self._viewer_timeout_seconds = viewer_timeout_seconds
        self._names_timeout_seconds = names_timeout_seconds
        self._psa_threads: dict[Psa, ThreadPoolExecutor] = {}
        self._warehouse_threads = _threads("warehouse")
        self._answers: Shared[Answer] = Shared(share_seconds, hold_errors_seconds=share_seconds)
        self._people: Shared[Sequence[Reference]] = Shared(SHARE_PEOPLE_SECONDS, hold_errors_seconds=share_seconds)

    async def choices(self, psa: Psa) -> dict[str, Any]:
        """The choices of the filters, from the warehouse alone."""
        found = await self._ask_warehouse(psa, lambda session: Lookups(session.warehouse, psa.source).choices())
        return {**found, "as_of": view.timestamp(found["as_of"])}

    async def companies(self, psa: Psa, *, text: str, key: str) -> dict[str, Any]:
        """Companies whose name contains the text, or the one with the key; from the warehouse alone."""
        check_typed("company", text)
        check_typed("company", key)

        def find(session: Session) -> Sequence[tuple[str, str]]:
            lookups = Lookups(session.warehouse, psa.source)
            if key:
                return list(lookups.names({"companies": [key]})["companies"].items())
            return lookups.companies(text)

        return {"companies": view.choices(await self._ask_warehouse(psa, find))}

    async def people(self, psa: Psa) -> dict[str, Any]:
        """The people whom tickets can be assigned to."""
        return {"people": view.choices((one.key, one.name) for one in await self._list_people(psa))}

    async def tickets(self, psa: Psa, filters: Filters) -> bytes:
        """A page of the list, as JSON."""
        return await self._shared((psa, filters), lambda: self._fetch_page(psa, filters))

    async def ticket(self, psa: Psa, key: str) -> bytes:
        """One ticket with its description, notes and time entries, as JSON."""
        return await self._shared((psa, key), lambda: self._fetch_detail(psa, key))

    async def _shared(self, question: Hashable, fetch: Callable[[], Coroutine[Any, Any, Answer]]) -> bytes:
        return (await self._in_time(self._answers.get(question, fetch))).with_age()

    async def _fetch_page(self, psa: Psa, filters: Filters) -> Answer:
        people = await self._list_people(psa) if filters.owner else ()

        def search(session: Session) -> tuple[Any, Names]:
            tickets, lookups = session.connector.tickets, Lookups(session.warehouse, psa.source)
            page = tickets.search(session.client, query(filters, tickets, lookups, people))
            return page, session.names.of_tickets(page.tickets, lookups)

        return await self._fetch(psa, search, view.page)

    async def _fetch_detail(self, psa: Psa, key: str) -> Answer:
        def read(session: Session) -> tuple[Any, Names]:
            detail = session.connector.tickets.detail(session.client, key)
            return detail, session.names.of_detail(detail, Lookups(session.warehouse, psa.source))

        return await self._fetch(psa, read, view.detail)

    async def _fetch(self, psa: Psa, question: Question, show: Show) -> Answer:
        """Asks for tickets, and for the names of people unless they are known; does not wait long for the names."""
        if (known := self._people.known(psa)) is not None:
            return await self._ask_psa(psa, lambda session: _fetched(session, question).shown(show, known))
        people = asyncio.ensure_future(self._list_people_if_possible(psa))
        people.add_done_callback(lambda done: done.cancelled() or done.exception())  # read, so asyncio does not log it
        fetched = await self._ask_psa(psa, lambda session: _fetched(session, question))
        await asyncio.wait([people], timeout=self._names_timeout_seconds)
        found = people.result() if people.done() else ()
        return await self._in_thread(self._threads_of(psa), partial(fetched.shown, show, found))

    async def _list_people(self, psa: Psa) -> Sequence[Reference]:
        def ask(session: Session) -> Sequence[Reference]:
            return session.connector.tickets.people(session.client)

        return await self._in_time(self._people.get(psa, lambda: self._ask_psa(psa, ask)))

    async def _list_people_if_possible(self, psa: Psa) -> Sequence[Reference]:
        """Empty when the PSA cannot give them: tickets without the names of people are better than no tickets."""
        try:
            return await self._list_people(psa)
        except PsaError:
            return ()

    async def _ask_psa(self, psa: Psa, question: Callable[[Session], T]) -> T:
        def ask(session: Session) -> T:
            session.client.http.give_up_at = time.monotonic() + QUESTION_TIMEOUT_SECONDS
            return question(session)

        return await self._in_thread(self._threads_of(psa), partial(self._sessions.ask, psa, ask))

    async def _ask_warehouse(self, psa: Psa, question: Callable[[Session], T]) -> T:
        """In threads of its own, so that a slow PSA does not delay the filters."""
        return await self._in_time(self._in_thread(self._warehouse_threads, partial(self._sessions.ask, psa, question)))

    async def _in_time(self, answer: Coroutine[Any, Any, T]) -> T:
        """A shared fetch goes on after a viewer's timeout, so that the next viewer does not start a second one."""
        try:
            return await asyncio.wait_for(answer, self._viewer_timeout_seconds)
        except asyncio.TimeoutError:
            raise ViewerTimeout("No answer came in time.") from None

    async def _in_thread(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _threads_of(self, psa: Psa) -> ThreadPoolExecutor:
        if psa not in self._psa_threads:
            self._psa_threads[psa] = _threads(psa.source)
        return self._psa_threads[psa]


def _fetched(session: Session, question: Question) -> Fetched:
    """Ask the question, and measure how long the PSA takes."""
    before = session.client.http.traffic.copy()
    content, names_of_keys = question(session)
    fetched_at = datetime.now(timezone.utc)
    psa_seconds = (session.client.http.traffic - before).answered_seconds
    return Fetched(content, names_of_keys, fetched_at, psa_seconds)


def _threads(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MAX_THREADS, thread_name_prefix=f"psa-{name}", initializer=mask_nothing_here)
