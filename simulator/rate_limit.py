"""A vendor's rate limits: how many requests within a time window, and how many at once."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simulator.messages import ApiError


@dataclass(frozen=True)
class Rate:
    """How many requests are allowed within a sliding window."""

    requests: int
    seconds: float = 60.0  # length of the window
    per_endpoint: bool = False  # each endpoint has a window of its own


@dataclass(frozen=True)
class Limits:
    """The limits that a vendor documents."""

    rates: tuple[Rate, ...]
    in_flight: int | None = None  # requests at once per endpoint
    retry_after: bool = True  # whether a 429 has the Retry-After header


class Budget:
    """Counts requests over sliding windows, and refuses those above a limit."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.refused = 0
        self.counted: Counter[str] = Counter()  # by endpoint, as the limits tell endpoints apart
        self.most_in_flight: Counter[str] = Counter()
        self.most_in_window: Counter[Rate] = Counter()
        self._clock = clock
        self._spent: defaultdict[tuple[Rate, str], deque[float]] = defaultdict(deque)
        self._in_flight: Counter[str] = Counter()

    @contextmanager
    def request(self, endpoint: str | None) -> Iterator[ApiError | None]:
        """Count a request from arrival to response. Yields the reason to refuse it, or None."""
        if endpoint is None:
            yield None
            return
        self.counted[endpoint] += 1
        self._in_flight[endpoint] += 1
        self.most_in_flight[endpoint] = max(self.most_in_flight[endpoint], self._in_flight[endpoint])
        error = self._check_in_flight(endpoint) or self._check_rates(endpoint)
        self.refused += error is not None
        try:
            yield error
        finally:
            self._in_flight[endpoint] -= 1

    def _check_in_flight(self, endpoint: str) -> ApiError | None:
        most = self.limits.in_flight
        if most is None or self._in_flight[endpoint] <= most:
            return None
        return ApiError(429, f"The thread threshold of {most} threads has been exceeded.", code="threads")

    def _check_rates(self, endpoint: str) -> ApiError | None:
        """Refused requests are not counted."""
        now = self._clock()
        windows = [(rate, self._window(rate, endpoint, now)) for rate in self.limits.rates]
        waits = [window[0] + rate.seconds - now for rate, window in windows if len(window) >= rate.requests > 0]
        if any(rate.requests == 0 for rate in self.limits.rates):
            waits.append(60.0)
        if waits:
            seconds = math.ceil(max(waits))
            return too_many_requests(str(seconds) if self.limits.retry_after else None, seconds=seconds)
        for rate, window in windows:
            window.append(now)
            self.most_in_window[rate] = max(self.most_in_window[rate], len(window))
        return None

    def _window(self, rate: Rate, endpoint: str, now: float) -> deque[float]:
        window = self._spent[rate, endpoint if rate.per_endpoint else ""]
        while window and window[0] <= now - rate.seconds:
            window.popleft()
        return window


def too_many_requests(retry_after: str | None, *, seconds: int) -> ApiError:
    """A 429; `retry_after` is the value of the header, if the vendor sends it."""
    message = f"Too many requests. Please try again in {seconds} seconds."
    return ApiError(429, message, headers={"Retry-After": retry_after} if retry_after else {})
