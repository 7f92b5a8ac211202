"""Compare this worker's clock with Postgres'."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timezone

from include.model.run import Run
from include.model.wording import log_sentence
from include.warehouse.clock import about_clocks, save_clock, worker_clock
from include.warehouse.connection import Connection

log = logging.getLogger(__name__)


def check_clock(
    connection: Connection,
    run: Run,
    worker: str,
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
) -> None:
    """If the clock is off, log that, and save it for the summary."""
    clock = worker_clock(connection, worker, now)
    if off := about_clocks([clock]):
        log_sentence(log, logging.WARNING, off)
        save_clock(connection, run, clock)
