"""Answers the ticket page: asks the PSA in a thread, shares what came with all who look, names what has only keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, TypeVar

from include.connectors.tickets import Named, TicketDetail, TicketPage
from include.errors import PsaError, Unreachable
from include.live import names, shown
from include.live.logins import Line, Logins, Psa
from include.live.names import Names
from include.live.sharing import Shared
from include.live.wanted import Wanted, insist_typed, query
from include.warehouse import lookups

T = TypeVar("T")

MOMENT_SECONDS = 3.0  # those who look within it see the same answer
PEOPLE_SECONDS = 600.0
MOST_SECONDS = 45.0  # longer than one request may take, shorter than anybody waits
AT_ONCE = 3  # questions to one PSA; a slow one keeps nobody from the others


@dataclass(frozen=True)
class Answer:
    """What the page is sent, less its age; `psa_seconds` is what the PSA took for it."""

    body: Mapping[str, Any]
    psa_seconds: float
    fetched_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def told(self) -> dict[str, Any]:
        """With its age at this moment."""
        age = (datetime.now(timezone.utc) - self.fetched_at).total_seconds()
        timing = {"fetched_at": shown.moment(self.fetched_at), "age_seconds": max(age, 0.0)}
        return {**self.body, **timing, "psa_seconds": self.psa_seconds}


class Service:
    """For one event loop."""

    def __init__(self, logins: Logins | None = None) -> None:
        self._logins = logins or Logins()
        self._threads: dict[Psa, ThreadPoolExecutor] = {}
        self._answers: Shared[Answer] = Shared(MOMENT_SECONDS, hold_errors_seconds=MOMENT_SECONDS)
        self._people: Shared[Sequence[Named]] = Shared(PEOPLE_SECONDS, hold_errors_seconds=60.0)

    async def choices(self, psa: Psa) -> dict[str, Any]:
        """What the filters offer; the PSA is not asked."""
        found = await self._ask(psa, lambda line: lookups.choices(line.warehouse, psa.source))
        return {**found, "as_of": shown.moment(found["as_of"])}

    async def companies(self, psa: Psa, *, text: str, key: str) -> dict[str, Any]:
        """Companies whose name holds the text, or the one with the key; the PSA is not asked."""
        insist_typed("company", text)
        insist_typed("company", key)

        def found(line: Line) -> Sequence[tuple[str, str]]:
            if key:
                return list(lookups.names(line.warehouse, psa.source, "companies", [key]).items())
            return lookups.companies(line.warehouse, psa.source, text)

        return {"companies": shown.listed(await self._ask(psa, found))}

    async def people(self, psa: Psa) -> dict[str, Any]:
        """Those whom tickets can be assigned to."""
        return {"people": shown.listed((one.key, one.name) for one in await self._everybody(psa))}

    async def tickets(self, psa: Psa, wanted: Wanted) -> dict[str, Any]:
        """A page of the list."""
        return (await self._answers.get((psa, wanted), lambda: self._page(psa, wanted))).told()

    async def ticket(self, psa: Psa, key: str) -> dict[str, Any]:
        """One ticket, whole."""
        return (await self._answers.get((psa, key), lambda: self._detail(psa, key))).told()

    async def _page(self, psa: Psa, wanted: Wanted) -> Answer:
        known = await self._everybody(psa) if wanted.owner else ()

        def search(line: Line) -> tuple[TicketPage, Names]:
            page = line.connector.desk.search(line.account, query(wanted, line, psa.source, known))
            return page, names.of_tickets(page.tickets, line.warehouse, psa.source)

        (page, found), seconds = await self._timed(psa, search)
        return Answer(shown.page(page, found.with_people(await self._everybody_or_nobody(psa))), seconds)

    async def _detail(self, psa: Psa, key: str) -> Answer:
        def read(line: Line) -> tuple[TicketDetail, Names]:
            detail = line.connector.desk.detail(line.account, key)
            return detail, names.of_detail(detail, line.warehouse, psa.source)

        (detail, found), seconds = await self._timed(psa, read)
        return Answer(shown.detail(detail, found.with_people(await self._everybody_or_nobody(psa))), seconds)

    async def _everybody(self, psa: Psa) -> Sequence[Named]:
        def ask(line: Line) -> Sequence[Named]:
            return line.connector.desk.people(line.account)

        return await self._people.get(psa, lambda: self._ask(psa, ask))

    async def _everybody_or_nobody(self, psa: Psa) -> Sequence[Named]:
        """Names are worth a request, but not the list."""
        try:
            return await self._everybody(psa)
        except PsaError:
            return ()

    async def _timed(self, psa: Psa, question: Callable[[Line], T]) -> tuple[T, float]:
        def timed(line: Line) -> tuple[T, float]:
            before = line.account.client.traffic.copy()
            answer = question(line)
            return answer, (line.account.client.traffic - before).answered_seconds

        return await self._ask(psa, timed)

    async def _ask(self, psa: Psa, question: Callable[[Line], T]) -> T:
        asked = asyncio.get_running_loop().run_in_executor(self._threads_of(psa), self._logins.ask, psa, question)
        try:
            return await asyncio.wait_for(asked, MOST_SECONDS)
        except asyncio.TimeoutError:
            raise Unreachable("No answer in time.", timed_out=True) from None

    def _threads_of(self, psa: Psa) -> ThreadPoolExecutor:
        if psa not in self._threads:
            self._threads[psa] = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"psa-{psa.source}")
        return self._threads[psa]
