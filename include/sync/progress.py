"""How far an extraction is while it goes on: in the log, and where people look for it in Airflow."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from include.model.page import Page
from include.model.progress import progress_words
from include.model.traffic import Traffic
from include.model.wording import counted, duration, log_sentence

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0


class Shown:
    """Shows the progress of a task in numbers, for as long as that works."""

    def __init__(self, show: Callable[[Mapping[str, object]], object]) -> None:
        self._show: Callable[[Mapping[str, object]], object] | None = show

    def show(self, numbers: Mapping[str, object]) -> None:
        """Show these numbers instead of those before."""
        if self._show is None:
            return
        try:
            self._show(numbers)
        except Exception as error:  # of any class: the task itself is well
            self._show = None
            log.info("Airflow does not keep the progress of this task (%s).", type(error).__name__)


class Progress:
    """Counts the pages and records of one listing, and reports about every ten seconds how far it is."""

    def __init__(
        self,
        table: str,
        clock: Callable[[], float],
        in_flight: Callable[[], int] = lambda: 0,
        show: Callable[[Mapping[str, object]], object] = lambda _: None,
    ) -> None:
        """`in_flight` gives the number of requests in flight; `show` is given the progress in numbers."""
        self.records = 0
        """Records so far, rejected ones included."""
        self._table = table
        self._clock = clock
        self._in_flight = in_flight
        self._shown = Shown(show)
        self._began = self._logged = clock()
        self._pages = 0
        self._earlier = 0
        self._first_at, self._first_done = self._began, 0

    def add_page(self, page: Page, *, records: int) -> None:
        """Count a page; log and show the progress when that was last done long enough ago."""
        now = self._clock()
        if not self._pages and self.records:  # of an earlier attempt, whose speed says nothing about this one's
            self._earlier, self._first_at, self._first_done = self.records, now, page.done
        self._pages += 1
        self.records += records
        if now - self._logged < EVERY_SECONDS:
            return
        self._logged = now
        in_flight, left_seconds = self._in_flight(), self._left_seconds(page, now)
        share = min(page.done / page.expected, 1.0) if page.expected and page.done else None
        per_second = (self.records - self._earlier) / (now - self._began)
        numbers = {
            "pages": self._pages,
            "share": None if share is None else round(share, 3),
            "records_per_second": round(per_second, 1),
            "requests_in_flight": in_flight,
            "seconds_to_go": None if left_seconds is None else round(left_seconds),
        }
        self._log(f"{progress_words({'records': self.records, **numbers})}.")
        self._show_numbers(**numbers)

    def _left_seconds(self, page: Page, now: float) -> float | None:
        """How long the rest will take, as fast as this attempt is; None where that is not known."""
        done = page.done - self._first_done
        if page.expected is None or done <= 0:
            return None
        return (now - self._first_at) * max(page.expected - page.done, 0) / done

    def finish(self, traffic: Traffic) -> None:
        """Log what the complete listing took."""
        elapsed = self._clock() - self._began
        rate = self.records / elapsed if elapsed else self.records
        self._log(
            f"complete. {counted(self.records, 'record')} on {counted(self._pages, 'page')} in {duration(elapsed)} "
            f"({rate:,.0f} records/s), {counted(traffic.requests, 'request')}, {traffic.retries:,} of them repeated."
        )
        if self._logged > self._began:  # else nothing was shown that would have to be replaced
            self._show_numbers(
                pages=self._pages, share=1.0, records_per_second=round(rate, 1), requests_in_flight=0, seconds_to_go=0
            )

    def _show_numbers(self, **numbers: object) -> None:
        self._shown.show({"table": self._table, "records": self.records, **numbers})

    def _log(self, sentence: str) -> None:
        log_sentence(log, logging.INFO, f"{self._table}: {sentence}")
