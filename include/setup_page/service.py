"""Answers the setup page: asks PSA and warehouse in a thread, one answer for all who ask the same at that moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from include import connectors
from include.http.session import mask_nothing_here
from include.model.errors import FormError
from include.model.psa import Psa
from include.model.setup import CUSTOM_FIELDS, FIELD_MAP, Setup
from include.setup_page import document, offer
from include.setup_page.connection import connection_facts
from include.setup_page.form import form
from include.setup_page.preview import preview
from include.setup_page.session import connect
from include.setup_page.trial import trial
from include.tickets.problems import ViewerTimeout
from include.tickets.sessions import Session
from include.tickets.sharing import Shared

Answer = dict[str, Any]

SHARE_SECONDS = 3.0  # who asks the same within this time gets the same answer
OFFER_SECONDS = 60.0  # … for what a PSA offers, which changes rarely
MAX_THREADS = 2  # per PSA, so that a slow PSA does not block the others
QUESTION_TIMEOUT_SECONDS = 120.0  # for one question, however many requests it takes
VIEWER_TIMEOUT_SECONDS = 50.0  # for one viewer; the question goes on, and its answer waits for the next try
LATE = "No complete answer came in time."


class SetupService:
    """The setup page's questions and answers, for one event loop."""

    def __init__(
        self,
        connect: Callable[[Psa], AbstractContextManager[Session]] = connect,
        *,
        share_seconds: float = SHARE_SECONDS,
        offer_seconds: float = OFFER_SECONDS,
        viewer_timeout_seconds: float = VIEWER_TIMEOUT_SECONDS,
    ) -> None:
        self._connect = connect
        self._viewer_timeout_seconds = viewer_timeout_seconds
        self._threads: dict[Psa, ThreadPoolExecutor] = {}
        self._trials: Shared[Answer] = Shared(0.0, hold_errors_seconds=0.0)  # a connection may be fixed at any moment
        self._answers: Shared[Answer] = Shared(share_seconds, hold_errors_seconds=share_seconds)
        self._offers: Shared[Answer] = Shared(offer_seconds, hold_errors_seconds=share_seconds)

    async def facts(self, psa: Psa, text: str) -> Answer:
        """What is known without the PSA: setup as it is, its form, and the connection's fields."""
        connector = connectors.load(psa.vendor)
        facts = await self._in_thread(psa, partial(connection_facts, connector, f"psa_{psa.source}"))
        return {"connection": facts, "form": form(connector), **document.read_document(text, psa.source)}

    def check(self, psa: Psa, text: str) -> Answer:
        """What preflight would say about the text, before it asks the PSA."""
        return document.read_document(text, psa.source)

    async def trial(self, psa: Psa, text: str) -> Answer:
        """The test of the connection, with this setup as far as it can be read."""
        setup, _ = document.parsed(text, psa.source)
        return await self._ask(self._trials, psa, ("trial", text), lambda session: trial(session, setup))

    async def company_choices(self, psa: Psa) -> Answer:
        """Company types and statuses."""
        return await self._ask(self._offers, psa, "companies", offer.company_choices)

    async def custom_fields(self, psa: Psa, table: str) -> Answer:
        """The custom fields of a table."""
        if table not in {*CUSTOM_FIELDS, *FIELD_MAP}:
            raise FormError(f"There are no custom fields of {table!r}.")
        return await self._ask(
            self._offers, psa, ("fields", table), lambda session: offer.custom_fields(session, table)
        )

    async def count(self, psa: Psa, text: str) -> Answer:
        """How many companies a setup selects."""
        setup = self._valid(psa, text)
        key = ("count", setup.companies.types, setup.companies.statuses, setup.companies.status_from)
        return await self._ask(
            self._answers, psa, key, lambda session: offer.count_companies(session, psa.source, setup)
        )

    async def preview(self, psa: Psa, old: str, new: str) -> Answer:
        """What would change. A setup in force that is invalid counts as none: no run goes on with it."""
        before, after = document.parsed(old, psa.source)[0] or Setup(), self._valid(psa, new)
        return await self._ask(
            self._answers, psa, ("preview", old, new), lambda session: preview(session, psa.source, before, after)
        )

    def _valid(self, psa: Psa, text: str) -> Setup:
        setup, problem = document.parsed(text, psa.source)
        if setup is None:
            raise FormError(problem)
        return setup

    async def _ask(
        self, shared: Shared[Answer], psa: Psa, key: Hashable, question: Callable[[Session], Answer]
    ) -> Answer:
        """A question goes on after a viewer's timeout, so that the next try does not start it again."""

        def ask() -> Answer:
            with self._connect(psa) as session:
                session.client.http.give_up_at = time.monotonic() + QUESTION_TIMEOUT_SECONDS
                return question(session)

        answer = shared.get((psa, key), lambda: self._in_thread(psa, ask))
        try:
            return await asyncio.wait_for(answer, self._viewer_timeout_seconds)
        except asyncio.TimeoutError:
            raise ViewerTimeout(LATE) from None

    async def _in_thread(self, psa: Psa, work: Callable[[], Answer]) -> Answer:
        if psa not in self._threads:
            name = f"psa-setup-{psa.source}"
            self._threads[psa] = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix=name, initializer=mask_nothing_here)
        return await asyncio.get_running_loop().run_in_executor(self._threads[psa], work)
