"""How far an extraction is, in words, while it goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from include.model.page import Page
from include.model.traffic import Traffic
from include.model.wording import counted, duration, log_sentence

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0


class Progress:
    """Counts the pages and records of one listing, and logs them about every ten seconds."""

    def __init__(self, table: str, clock: Callable[[], float]) -> None:
        self.records = 0
        """Records so far, rejected ones included."""
        self._table = table
        self._clock = clock
        self._began = self._logged = clock()
        self._pages = 0

    def add_page(self, page: Page, *, records: int) -> None:
        """Count a page; log pages, records, rate and estimated end when the last line is old enough."""
        self._pages += 1
        self.records += records
        now = self._clock()
        if now - self._logged < EVERY_SECONDS:
            return
        self._logged = now
        elapsed = now - self._began
        share, rest = "", ""
        if page.expected and page.done:
            share = f", {min(page.done / page.expected, 1):.0%} of the listing"
            rest = f", about {duration(elapsed * max(page.expected - page.done, 0) / page.done)} to go"
        self._log(
            f"{counted(self._pages, 'page')}, {counted(self.records, 'record')}{share}, "
            f"{self.records / elapsed:,.0f} records/s{rest}."
        )

    def finish(self, traffic: Traffic) -> None:
        """Log what the complete listing took."""
        elapsed = self._clock() - self._began
        rate = self.records / elapsed if elapsed else self.records
        self._log(
            f"complete. {counted(self.records, 'record')} on {counted(self._pages, 'page')} in {duration(elapsed)} "
            f"({rate:,.0f} records/s), {counted(traffic.requests, 'request')}, {traffic.retries:,} of them repeated."
        )

    def _log(self, sentence: str) -> None:
        log_sentence(log, logging.INFO, f"{self._table}: {sentence}")
