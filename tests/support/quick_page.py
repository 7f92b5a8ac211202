"""The ticket page's service for tests: it does all that the real one does, but each wait takes a tenth of the time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from include.model.psa import Psa
from include.tickets.service import SHARE_SECONDS, Service
from include.tickets.sessions import Session, Sessions, connect
from include.warehouse.budget import POLL_SECONDS, Budget

TIMES_FASTER = 10
TIMEOUT_SECONDS = (4.0, 4.0)  # a tenth of the real ones would be too short for a busy machine

_started_at = datetime.now(timezone.utc)


def now() -> datetime:
    """By a clock that runs faster since this process began."""
    return _started_at + TIMES_FASTER * (datetime.now(timezone.utc) - _started_at)


def sleep(seconds: float) -> None:
    """Sleep a tenth of it. A poll stays as long as it is: others do not finish their requests any faster."""
    time.sleep(seconds if seconds <= POLL_SECONDS else seconds / TIMES_FASTER)


@contextmanager
def quick_connect(psa: Psa) -> Iterator[Session]:
    """A session as the page opens it, on the fast clock."""
    with connect(psa) as session:
        http = session.client.http
        http.sleep, http.timeout_seconds = sleep, TIMEOUT_SECONDS
        assert isinstance(http.pace, Budget)
        http.pace.sleep, http.pace.now = sleep, now
        yield session


class QuickPage:
    """A service with its sessions, which a new rig gets new."""

    def __init__(self) -> None:
        self.sessions = Sessions(quick_connect)
        self.service = Service(self.sessions, share_seconds=SHARE_SECONDS / TIMES_FASTER)
