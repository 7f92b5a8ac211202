"""The message that a viewer reads when a request failed. It never repeats what the PSA or the database answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from include.model.errors import (
    AuthError,
    Blocked,
    BudgetSpent,
    ConfigError,
    FormError,
    LockHeld,
    NotFound,
    PsaError,
    RateLimited,
    Redirected,
    RightsError,
    TransientError,
    Unreachable,
    WarehouseDown,
    WarehouseError,
)

RETRY_SECONDS = 30.0


class ViewerTimeout(TransientError):
    """No answer came in the time that a viewer waits: the PSA or the warehouse is slow."""


@dataclass(frozen=True)
class Problem:
    """An error as the page shows it."""

    kind: str
    """The page's title for it, by static/banner.js."""
    message: str
    """A sentence for the viewer."""
    status: int = 503
    """The HTTP status of the answer."""
    retry_after_seconds: float | None = None
    """When to try again; None where a person has to act first."""


def problem(error: PsaError, title: str) -> Problem:
    """What to show for an error; `title` is the PSA's name."""
    if isinstance(error, FormError):
        return Problem("form", error.said, 400)  # written by this project about the viewer's own input
    if isinstance(error, RateLimited):
        return Problem("limit", _limit_message(error, title), 503, max(error.retry_after_seconds, 1.0))
    if isinstance(error, ViewerTimeout):
        return Problem("slow", f"Neither {title} nor the warehouse answered in time.", 504, RETRY_SECONDS)
    if isinstance(error, Unreachable) and error.timed_out:
        message = f"{title} takes too long to answer. A list of fewer tickets may be quicker: choose more filters."
        return Problem("slow", message, 504, RETRY_SECONDS)
    if isinstance(error, (Unreachable, TransientError)):
        return Problem("down", f"{title} does not answer as it should at the moment.", 502, RETRY_SECONDS)
    if isinstance(error, WarehouseError):
        return Problem("warehouse", _warehouse_message(error), 503, RETRY_SECONDS)
    return next(found for kind, found in _permanent(title) if isinstance(error, kind))


def _warehouse_message(error: WarehouseError) -> str:
    if isinstance(error, LockHeld):
        return "A session of the warehouse database holds a lock that is needed. The log of the next sync names it."
    if isinstance(error, WarehouseDown):
        return "The warehouse database does not answer. It holds the request budget, so the PSA cannot be asked."
    return "The warehouse database has no tables of this sync yet, or no rights to them. The first run creates them."


def _limit_message(error: RateLimited, title: str) -> str:
    if isinstance(error, BudgetSpent):
        return f"The request budget of {title} is used up for the moment: the syncs and this page share its limit."
    return f"{title} asks for fewer requests at the moment."


def _permanent(title: str) -> Iterator[tuple[type[PsaError], Problem]]:
    """Problems that a retry does not fix, the most specific error first."""
    yield NotFound, Problem("gone", f"{title} no longer has a ticket with this number.", 404)
    yield RightsError, Problem("rights", f"The API account at {title} has no right to read this.", 502)
    yield AuthError, Problem("login", f"{title} does not accept the credentials of the Airflow connection.", 502)
    yield ConfigError, Problem("setup", f"The connection to {title} or to the warehouse is not set up correctly.", 503)
    yield Redirected, Problem("setup", f"The host of the Airflow connection is not where {title} answers.", 503)
    yield Blocked, Problem("blocked", f"A protection service in front of {title} does not let Airflow through.", 502)
    yield PsaError, Problem("answer", f"{title} sent an answer that this page does not understand.", 502)
