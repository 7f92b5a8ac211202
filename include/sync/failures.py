"""What happens when a task of a run fails: readable log lines, and a state and a reason in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from include.connectors.contract import PsaClient
from include.model.errors import HeldBack, PsaError
from include.model.kinds import KINDS
from include.model.traffic import Traffic
from include.model.wording import log_sentence
from include.sync.run import Sync
from include.warehouse.ledger import Ledger

log = logging.getLogger(__name__)


@dataclass
class Attempt:
    """A try at a kind: the client that it uses, and what that client had sent before the current listing."""

    client: PsaClient | None = None
    before: Traffic = field(default_factory=Traffic)

    def begin_listing(self, client: PsaClient) -> None:
        """Count from here: the next listing begins with this client."""
        self.client, self.before = client, client.http.traffic.copy()

    @property
    def traffic(self) -> Traffic:
        """What the current listing has cost so far."""
        return self.client.http.traffic - self.before if self.client else Traffic()


@contextmanager
def recorded_failure(sync: Sync, kind: str) -> Iterator[Attempt]:
    """An attempt at a kind; when it fails, the ledger gets the reason, so that the summary can show it."""
    attempt = Attempt()
    with logged_errors():
        try:
            yield attempt
        except PsaError as error:
            state = "held" if isinstance(error, HeldBack) else "failed"
            try:
                with sync.warehouse.transaction() as connection:
                    ledger = Ledger(connection, sync.run)
                    ledger.mark_failed(KINDS[kind], state=state, note=str(error), traffic=attempt.traffic)
            except PsaError as second:
                log.warning("The failure could not be written to psa.sync_runs either: %s", second)
            log.error("%s: nothing was merged, every row is as it was.", kind)
            raise


@contextmanager
def logged_errors() -> Iterator[None]:
    """Log an error on lines that the log pane shows whole: Airflow prints it on one, below the traceback."""
    try:
        yield
    except PsaError as error:
        log_sentence(log, logging.ERROR, str(error))
        raise
