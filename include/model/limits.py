"""How fast an account may be asked: what the vendor documents, and whose turn it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

PATIENCE_SECONDS = 180.0  # a longer wait belongs to the scheduler: it holds no worker
LIVE_PATIENCE_SECONDS = 5.0  # a person is waiting, and is better told when to look again


class Lane(IntEnum):
    """Who goes first when the budget is short."""

    LIVE = 0
    FORCED = 1
    NIGHTLY = 2


@dataclass(frozen=True)
class Limits:
    """What a vendor documents, and how much of it is ours.

    Any `requests` in any `seconds`; of each endpoint by itself, or of the whole account. We use `share` of that, the
    tenant's other tools need the rest, and up to a `burst` of our share at once. `in_flight`: so many at the same time
    per endpoint. `pause_seconds`: how long everybody waits after a 429 that does not say.
    """

    requests: int
    seconds: float
    per_endpoint: bool = False
    share: float = 0.9
    burst: float = 0.1
    in_flight: int | None = None
    pause_seconds: float = 60.0

    @property
    def most_at_once(self) -> float:
        """What may leave after a pause without waiting."""
        return max(self.requests * self.share * self.burst, 1.0)

    @property
    def per_second(self) -> float:
        """What may leave in the long run: together with the burst, no window of `seconds` holds more than our share."""
        return (self.requests * self.share - self.most_at_once) / self.seconds

    def __str__(self) -> str:
        whose = " per end-point" if self.per_endpoint else ""
        return f"{self.requests:,} requests in {self.seconds / 60:g} min{whose}"


class Pace(Protocol):
    """Gives turns, for one account, to everybody who asks it."""

    def turn(self, endpoint: str) -> AbstractContextManager[float]:
        """Enter when the request may leave, leave when it was answered; gives the seconds that were waited.

        Raises BudgetSpent when the wait is longer than a worker should be held for.
        """
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Enter when nobody else who asks for this is inside."""
        ...

    def pause(self, endpoint: str, seconds: float) -> float:
        """A 429: nobody may ask before so long; gives the seconds, the usual ones where the vendor said none (0)."""
        ...
