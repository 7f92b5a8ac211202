"""How fast a PSA may be asked: the vendor's limits, and who gets the next turn."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from include.model.run import Run

PATIENCE_SECONDS = 180.0  # a longer wait is left to the scheduler, so that it holds no worker
LIVE_PATIENCE_SECONDS = 5.0  # a person is waiting: better to say when to look again
MOST_IN_FLIGHT = 16  # requests of one listing that setup may let be on their way at the same time
LONGEST_WINDOW_SECONDS = 600.0  # a listing that waits through a longer window is left to the scheduler as well


class Lane(IntEnum):
    """Who goes first when the budget is short."""

    LIVE = 0
    FORCED = 1
    NIGHTLY = 2


OF_THE_REST = {Lane.LIVE: 0.5, Lane.FORCED: 0.25, Lane.NIGHTLY: 0.0}  # of what nightly runs leave


@dataclass(frozen=True)
class Limits:
    """A vendor's documented request limit, and how much of it this package uses."""

    requests: int
    """Requests allowed in any `seconds`."""
    seconds: float
    per_endpoint: bool = False
    """Whether the limit is for each endpoint by itself; else for the whole account."""
    share: float = 0.9
    """The part that nightly runs use; the tenant's other tools need the rest."""
    in_flight: int | None = None
    """Requests allowed at the same time, per endpoint; None where the vendor has no such limit."""
    pause_seconds: float = 60.0
    """How long every task waits after a 429 that does not say how long."""

    def most(self, lane: Lane) -> int:
        """How many requests, of all lanes together, a window may hold for this lane to send one more.

        The lanes that go first may use some of the rest, so that they need not wait for the end of a window that a
        nightly run has used up.
        """
        used = self.share + (1 - self.share) * OF_THE_REST[lane]
        return max(math.floor(round(self.requests * used, 6)), 1)

    def waiting_seconds(self, requests: int) -> float:
        """How long a run of so many requests waits for its turns, if no one else asks: one window per share used up."""
        return max(math.ceil(requests / self.most(Lane.NIGHTLY)) - 1, 0) * self.seconds

    @property
    def patience_seconds(self) -> float:
        """How long a run waits for one turn: through the vendor's window, unless that is too long for a worker."""
        through_window = 1.1 * self.seconds  # turns are counted a little longer than the vendor's window
        return PATIENCE_SECONDS if self.seconds > LONGEST_WINDOW_SECONDS else max(PATIENCE_SECONDS, through_window)

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

    def count_in(self, run: Run, table: str) -> None:
        """From now on, count each turn in the run's ledger entry of this table."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Enter when no other task of the account is inside."""
        ...

    def pause(self, endpoint: str, seconds: float) -> float:
        """After a 429: no task asks for that long. Gives the seconds; the usual ones where the vendor said none (0)."""
        ...
