"""What happens when a task of a run fails: readable log lines, and a state and a reason in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from include.connectors.contract import PsaClient
from include.http.session import without_masked
from include.model.errors import HeldBack, PsaError
from include.model.kinds import KINDS
from include.model.run import Run
from include.model.traffic import Traffic
from include.model.wording import log_sentence
from include.warehouse.connection import Warehouse
from include.warehouse.ledger import Ledger

log = logging.getLogger(__name__)

UNFORESEEN = "This error was not foreseen. Clear the task once; if it happens again, report it with the log."


@dataclass
class Attempt:
    """A try at a kind: the client that it uses, and what that client had sent before the current listing."""

    client: PsaClient | None = None
    before: Traffic = field(default_factory=Traffic)

    def begin_listing(self, client: PsaClient, run: Run, table: str) -> None:
        """Count from here: the listing for this table begins with this client."""
        self.client, self.before = client, client.http.traffic.copy()
        client.http.pace.count_in(run, table)

    @property
    def traffic(self) -> Traffic:
        """What the current listing has cost so far."""
        return self.client.http.traffic - self.before if self.client else Traffic()


@contextmanager
def recorded_failure(warehouse: Warehouse, run: Run, kind: str) -> Iterator[Attempt]:
    """An attempt at a kind; when it fails, the ledger gets the reason, so that the summary can show it."""
    attempt = Attempt()
    with logged_errors():
        try:
            yield attempt
        except BaseException as error:  # also the end of a task that a person, or a time limit, has ended
            state = "held" if isinstance(error, HeldBack) else "failed"
            try:
                with warehouse.transaction() as connection:
                    ledger = Ledger(connection, run)
                    ledger.mark_failed(KINDS[kind], state=state, note=reason_of(error), traffic=attempt.traffic)
            except Exception as second:
                log.warning("The failure could not be written to psa.sync_runs either: %s", reason_of(second))
            log.error("%s: nothing was merged, every row is as it was.", kind)
            raise


@contextmanager
def logged_errors() -> Iterator[None]:
    """Log an error on lines that the log pane shows whole: Airflow prints it on one, below the traceback."""
    try:
        yield
    except BaseException as error:
        log_sentence(log, logging.ERROR, reason_of(error))
        raise


def reason_of(error: BaseException) -> str:
    """Why a task failed, in a sentence. An error that was not foreseen is named as itself, with its message."""
    if isinstance(error, PsaError):
        return str(error)
    words = without_masked(str(error))
    itself = f"{type(error).__name__}: {words}" if words else type(error).__name__
    if isinstance(error, Exception):
        return f"{itself}. {UNFORESEEN}"
    return f"The task was ended before it was done ({itself}). Clear it."
