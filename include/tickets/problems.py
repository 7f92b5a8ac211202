"""What a viewer reads when something went wrong: plain words, and nothing of what the PSA or the database said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from include.model.errors import (
    AuthError,
    BudgetSpent,
    ConfigError,
    FormError,
    NotFound,
    PsaError,
    RateLimited,
    RightsError,
    TransientError,
    Unreachable,
    WarehouseDown,
    WarehouseError,
)

AGAIN_SECONDS = 30.0


class Late(TransientError):
    """Nothing came in the time that a viewer waits; the PSA may be slow, or the warehouse."""


@dataclass(frozen=True)
class Problem:
    """`kind` for the page, `words` for a person, `status` for HTTP; `retry_after_seconds` where trying again helps."""

    kind: str
    words: str
    status: int = 503
    retry_after_seconds: float | None = None


def problem(error: PsaError, title: str) -> Problem:
    """`title` is the PSA's name."""
    if isinstance(error, FormError):
        return Problem("form", error.said, 400)  # our own words about what was chosen
    if isinstance(error, RateLimited):
        words = next(_of_limit(error, title))
        return Problem("limit", words, 503, max(error.retry_after_seconds, 1.0))
    if isinstance(error, Late):
        return Problem("slow", f"No answer came in time, from {title} or from the warehouse.", 504, AGAIN_SECONDS)
    if isinstance(error, Unreachable) and error.timed_out:
        words = f"{title} takes too long to answer. A list of fewer tickets may be quicker: choose more filters."
        return Problem("slow", words, 504, AGAIN_SECONDS)
    if isinstance(error, (Unreachable, TransientError)):
        return Problem("down", f"{title} does not answer as it should at the moment.", 502, AGAIN_SECONDS)
    if isinstance(error, WarehouseError):
        return Problem("warehouse", _of_warehouse(error), 503, AGAIN_SECONDS)
    return next(found for kind, found in _lasting(title) if isinstance(error, kind))


def _of_warehouse(error: WarehouseError) -> str:
    if isinstance(error, WarehouseDown):
        return "The warehouse database does not answer, where the requests that may be sent are counted."
    return "The warehouse database lacks tables or rights. The first run of the sync makes the tables."


def _of_limit(error: RateLimited, title: str) -> Iterator[str]:
    if isinstance(error, BudgetSpent):
        yield f"What may be asked of {title} is used up for the moment: the syncs and this page share its limit."
    yield f"{title} wants fewer requests for a moment."


def _lasting(title: str) -> Iterator[tuple[type[PsaError], Problem]]:
    """What trying again does not cure, the narrower ones first."""
    yield NotFound, Problem("gone", f"{title} has nothing under this number any more.", 404)
    yield RightsError, Problem("rights", f"The account that asks {title} has no right to see this.", 502)
    yield AuthError, Problem("login", f"{title} does not accept the credentials of the Airflow connection.", 502)
    yield ConfigError, Problem("setup", f"The connection to {title} or to the warehouse is not set up rightly.", 503)
    yield PsaError, Problem("answer", f"{title} answered something that this page does not understand.", 502)
