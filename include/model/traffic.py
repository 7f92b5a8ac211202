"""What a client has asked its PSA for."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass
class Traffic:
    """Requests to a PSA so far."""

    requests: int = 0
    """Requests sent, repeated ones included."""
    retries: int = 0
    """Requests that were repeated."""
    waited_seconds: float = 0.0
    """Time spent waiting before repeated requests."""
    answered_seconds: float = 0.0
    """Time that the PSA took to answer; that of several requests in flight counts once."""

    def add(self, *, answered_seconds: float) -> None:
        """Count a request that was sent."""
        self.requests += 1
        self.answered_seconds += answered_seconds

    def copy(self) -> Traffic:
        """The numbers as they are now."""
        return replace(self)

    def __sub__(self, before: Traffic) -> Traffic:
        return Traffic(
            requests=self.requests - before.requests,
            retries=self.retries - before.retries,
            waited_seconds=self.waited_seconds - before.waited_seconds,
            answered_seconds=self.answered_seconds - before.answered_seconds,
        )
