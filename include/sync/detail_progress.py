"""How far the reading of details is, in words, while it goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from include.model.counts import DetailCounts
from include.model.wording import counted, duration, log_sentence

log = logging.getLogger(__name__)

MERGED_EVERY_SECONDS = 15.0
"""How long an answer waits for its merge: a killed worker loses what was not merged."""
LOGGED_EVERY_SECONDS = 30.0


class DetailProgress:
    """Counts what one attempt has merged, and logs it about every half minute."""

    def __init__(self, table: str, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock
        self._began = self._merged = self._logged = clock()
        self._asked = self._updated = 0

    def is_merge_due(self) -> bool:
        """Whether answers have waited long enough."""
        return self._clock() - self._merged >= MERGED_EVERY_SECONDS

    def add(self, counts: DetailCounts, *, seconds_left: float) -> None:
        """Count a batch; log asked and changed records and the rate when the last line is old enough."""
        self._asked += counts.asked
        self._updated += counts.updated
        self._merged = now = self._clock()
        if now - self._logged < LOGGED_EVERY_SECONDS:
            return
        self._logged = now
        sentence = (
            f"{self._table}: details of {counted(self._asked, 'record')} so far, {self._updated:,} of them changed "
            f"their rows, {self._asked / (now - self._began):,.1f} records/s; the time for details ends in "
            f"{duration(max(seconds_left, 0))}."
        )
        log_sentence(log, logging.INFO, sentence)
