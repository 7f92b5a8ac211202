"""How fast one task may ask: its share of the vendor's documented limit."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """A token bucket: `per_minute` requests on average, a tenth of that at once."""

    def __init__(
        self,
        per_minute: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = max(1.0, per_minute / 10)
        self._tokens = self._burst
        self._clock = clock
        self._sleep = sleep
        self._then = clock()

    def wait(self) -> None:
        """Return when the next request may leave."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._then) * self._per_second)
        self._then = now
        self._tokens -= 1
        if self._tokens < 0:
            self._sleep(-self._tokens / self._per_second)
