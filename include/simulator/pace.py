"""The vendor's request budget, kept over a sliding minute."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

from include.simulator.wire import Refused

WINDOW_SECONDS = 60.0


class Budget:
    """Counts requests; one too many is refused with the seconds until there is room again."""

    def __init__(self, limit: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._spent: deque[float] = deque()

    def spend(self) -> None:
        """One request; a refused one costs nothing."""
        now = self._clock()
        while self._spent and self._spent[0] <= now - WINDOW_SECONDS:
            self._spent.popleft()
        if len(self._spent) >= self.limit:
            wait = math.ceil(self._spent[0] + WINDOW_SECONDS - now) if self._spent else math.ceil(WINDOW_SECONDS)
            raise too_many(str(wait), seconds=wait)
        self._spent.append(now)


def too_many(retry_after: str, *, seconds: int) -> Refused:
    """The refusal of one request too many; `retry_after` is the header as sent."""
    message = f"Too many requests. Please try again in {seconds} seconds."
    return Refused(429, message, headers={"Retry-After": retry_after})
