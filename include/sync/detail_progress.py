"""How far the reading of details is while it goes on: in the log, and where people look for it in Airflow."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from include.model.counts import DetailCounts
from include.model.progress import DETAILS_OF
from include.model.wording import counted, duration, log_sentence
from include.sync.progress import Shown

log = logging.getLogger(__name__)

MERGED_EVERY_SECONDS = 15.0
"""How long an answer waits for its merge: a killed worker loses what was not merged."""
LOGGED_EVERY_SECONDS = 30.0


class DetailProgress:
    """Counts what one attempt has merged, and reports it about every half minute."""

    def __init__(
        self,
        table: str,
        clock: Callable[[], float],
        in_flight: Callable[[], int],
        show: Callable[[Mapping[str, object]], object],
    ) -> None:
        """`in_flight` gives the number of requests in flight; `show` is given the progress in numbers."""
        self._table = table
        self._clock = clock
        self._in_flight = in_flight
        self._shown = Shown(show)
        self._began = self._merged = self._logged = clock()
        self._asked = self._updated = 0

    def is_merge_due(self) -> bool:
        """Whether answers have waited long enough."""
        return self._clock() - self._merged >= MERGED_EVERY_SECONDS

    def add(self, counts: DetailCounts, *, seconds_left: float) -> None:
        """Count a batch; log and show the progress when that was last done long enough ago."""
        self._asked += counts.asked
        self._updated += counts.updated
        self._merged = now = self._clock()
        if now - self._logged < LOGGED_EVERY_SECONDS:
            return
        self._logged = now
        in_flight, per_second = self._in_flight(), self._asked / (now - self._began)
        flying = f", {counted(in_flight, 'request')} in flight" if in_flight else ""
        sentence = (
            f"{self._table}: details of {counted(self._asked, 'record')} so far, {self._updated:,} of them changed "
            f"their rows, {per_second:,.1f} records/s{flying}; the time for details ends in "
            f"{duration(max(seconds_left, 0))}."
        )
        log_sentence(log, logging.INFO, sentence)
        self._shown.show(
            {
                "table": f"{DETAILS_OF}{self._table}",
                "records": self._asked,
                "records_per_second": round(per_second, 1),
                "requests_in_flight": in_flight,
            }
        )
