"""What a PSA was asked for, as a run's counts know it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace


@dataclass
class Traffic:
    """Requests to a PSA so far."""

    requests: int = 0
    """Requests sent, repeated ones included."""
    retries: int = 0
    """Requests that were repeated."""
    waited_seconds: float = 0.0
    """Time spent waiting before repeated requests."""
    queued_seconds: float = 0.0
    """Time spent waiting for a turn in the account's budget."""
    answered_seconds: float = 0.0
    """Time that the PSA took to answer."""
    endpoints: Counter[str] = field(default_factory=Counter)
    """Requests by endpoint, as the vendor's limits count them."""

    def add(self, endpoint: str, *, queued_seconds: float, answered_seconds: float) -> None:
        """Count a request that was sent."""
        self.requests += 1
        self.queued_seconds += queued_seconds
        self.answered_seconds += answered_seconds
        self.endpoints[endpoint] += 1

    def copy(self) -> Traffic:
        """The numbers as they are now."""
        return replace(self, endpoints=Counter(self.endpoints))

    def __sub__(self, before: Traffic) -> Traffic:
        return Traffic(
            requests=self.requests - before.requests,
            retries=self.retries - before.retries,
            waited_seconds=self.waited_seconds - before.waited_seconds,
            queued_seconds=self.queued_seconds - before.queued_seconds,
            answered_seconds=self.answered_seconds - before.answered_seconds,
            endpoints=self.endpoints - before.endpoints,
        )
