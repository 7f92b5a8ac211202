"""How far an extraction is, in words, while it goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from include.model.page import Page
from include.model.traffic import Traffic
from include.model.wording import counted, duration, wrapped

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0


class Progress:
    """Tells the log about every tenth second: pages, records, rate and estimated end."""

    def __init__(self, table: str, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock
        self._began = self._told = clock()
        self._pages = 0

    def tell(self, page: Page, fetched: int) -> None:
        """Note a page; log it when the last line is old enough."""
        self._pages += 1
        now = self._clock()
        if now - self._told < EVERY_SECONDS:
            return
        self._told = now
        elapsed = now - self._began
        share, rest = "", ""
        if page.expected and page.done:
            share = f", {min(page.done / page.expected, 1):.0%} of the listing"
            rest = f", about {duration(elapsed * max(page.expected - page.done, 0) / page.done)} to go"
        pages, records = counted(self._pages, "page"), counted(fetched, "record")
        _say(f"{self._table}: {pages}, {records}{share}, {fetched / elapsed:,.0f} records/s{rest}.")

    def finish(self, fetched: int, traffic: Traffic) -> None:
        """The listing ended."""
        elapsed = self._clock() - self._began
        rate = fetched / elapsed if elapsed else fetched
        _say(
            f"{self._table}: complete. {counted(fetched, 'record')} on {counted(self._pages, 'page')} in "
            f"{duration(elapsed)} ({rate:,.0f} records/s), {counted(traffic.requests, 'request')}, "
            f"{traffic.retries:,} of them repeated."
        )


def _say(sentence: str) -> None:
    for line in wrapped(sentence):
        log.info("%s", line)
