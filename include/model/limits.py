"""How fast a PSA may be asked: the vendor's limits, and who gets the next turn."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

PATIENCE_SECONDS = 180.0  # a longer wait is left to the scheduler, so that it holds no worker
LIVE_PATIENCE_SECONDS = 5.0  # a person is waiting: better to say when to look again


class Lane(IntEnum):
    """Who goes first when the budget is short."""

    LIVE = 0
    FORCED = 1
    NIGHTLY = 2


@dataclass(frozen=True)
class Limits:
    """A vendor's documented request limit, and how much of it this package uses."""

    requests: int
    """Requests allowed in any `seconds`."""
    seconds: float
    per_endpoint: bool = False
    """Whether the limit is for each endpoint by itself; else for the whole account."""
    share: float = 0.9
    """The part that is used; the tenant's other tools need the rest."""
    burst: float = 0.1
    """The part of the share that may be sent at once."""
    in_flight: int | None = None
    """Requests allowed at the same time, per endpoint; None where the vendor has no such limit."""
    pause_seconds: float = 60.0
    """How long every task waits after a 429 that does not say how long."""

    @property
    def max_at_once(self) -> float:
        """Requests that may be sent without waiting after an idle time."""
        return max(self.requests * self.share * self.burst, 1.0)

    @property
    def per_second(self) -> float:
        """Requests a second in the long run: with the burst, no window of `seconds` holds more than the share."""
        return (self.requests * self.share - self.max_at_once) / self.seconds

    def __str__(self) -> str:
        whose = " per end-point" if self.per_endpoint else ""
        return f"{self.requests:,} requests in {self.seconds / 60:g} min{whose}"


class Pace(Protocol):
    """Gives permission to send requests to one account, one turn a request."""

    def turn(self, endpoint: str) -> AbstractContextManager[float]:
        """Enter when the request may be sent, leave when it was answered; gives the seconds that were waited.

        Raises BudgetSpent when the wait would be longer than a worker should be held for.
        """
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Enter when no other task of the account is inside."""
        ...

    def pause(self, endpoint: str, seconds: float) -> float:
        """After a 429: no task asks for that long. Gives the seconds; the usual ones where the vendor said none (0)."""
        ...
