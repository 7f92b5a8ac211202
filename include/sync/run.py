"""One run of one PSA's sync, with everything that its tasks need."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timezone

from include.connectors.contract import Connector, PsaClient
from include.model.company import Company
from include.model.errors import FormError
from include.model.request import Request
from include.model.run import Run
from include.model.scope import Scope
from include.model.setup import Setup
from include.sync.shared_tokens import SharedTokens
from include.warehouse.connection import Warehouse


@dataclass(frozen=True)
class Sync:
    """A run, as its tasks see it."""

    connector: Connector[PsaClient]
    run: Run
    setup: Setup
    warehouse: Warehouse
    open_client: Callable[[], AbstractContextManager[PsaClient]]
    """Logs in to the PSA for as long as the block lasts."""
    request: Request = field(default_factory=Request)
    """What a person asked for; everything, in a nightly run."""
    company: Company | None = None
    """The company that preflight found for the request, where one was asked for."""
    known: dict[str, str] = field(default_factory=dict)
    """What preflight has found out about the PSA's server, so that the tasks after it need not ask again."""
    is_retry: bool = False
    """Whether an earlier attempt of this task has failed, or was killed."""
    tokens: SharedTokens = field(default_factory=SharedTokens)
    """The token that preflight was given, so that the tasks after it need not log in."""
    asked_at: datetime | None = None
    """When the run was asked for, by Postgres' clock. What another run began to list later need not be listed again."""
    worker: str = field(default_factory=socket.gethostname)
    """The host name of this worker."""
    due_at: datetime | None = None
    """When the run was due, by Airflow's clock: the time for its details counts from then. None: from their begin."""
    is_forced: bool = False
    """Whether a person asked for the run."""
    account: Callable[[], str] = lambda: ""
    """What tells the PSA account of the connection from others: changes follow a full listing of the same one."""
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    """This worker's own clock. It is only checked against Postgres' clock, which gives every time that is compared."""
    clock: Callable[[], float] = time.monotonic
    """Measures how long something takes."""
    show: Callable[[Mapping[str, object]], object] = lambda _: None
    """Shows people how far a task is while it runs."""

    @property
    def scope(self) -> Scope:
        """The part of the PSA's data that this run reads."""
        if self.request.company and self.company is None:
            raise FormError(
                f"The company '{self.request.company}' was not looked up, because preflight did not succeed."
            )
        return Scope(self.company.id if self.company else None)
