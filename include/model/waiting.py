"""Waits that end early when what they wait for is not wanted any more."""

from __future__ import annotations

import time
from contextvars import ContextVar
from threading import Event

given_up: ContextVar[Event | None] = ContextVar("given_up", default=None)
"""Set when the answers that this context works for are not wanted any more; None where they always are."""


class GivenUp(Exception):
    """No one wants the answer any more: another request of the same listing has failed."""


def require_wanted() -> None:
    """Raise GivenUp if the answer is not wanted any more."""
    event = given_up.get()
    if event is not None and event.is_set():
        raise GivenUp


def wait(seconds: float) -> None:
    """Sleep; raises GivenUp as soon as the answer is not wanted any more."""
    event = given_up.get()
    if event is None:
        time.sleep(seconds)
    elif event.wait(seconds):
        raise GivenUp
