"""Credentials of requests: fixed keys, or tokens that expire."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Protocol

EARLY_SECONDS = 60.0  # a token is renewed this long before it expires


class Auth(Protocol):
    """What the client needs to know of a login."""

    def headers(self) -> Mapping[str, str]:
        """The headers of a request that leaves now."""
        ...

    def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401 to a request with these headers: whether there is something new to try."""
        ...


@dataclass(frozen=True)
class Keys:
    """Credentials that never change."""

    fixed: Mapping[str, str]

    def headers(self) -> Mapping[str, str]:
        """The keys."""
        return self.fixed

    def renew(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002
        """Keys that were refused are refused again."""
        return False


@dataclass(frozen=True)
class Grant:
    """A token as it was given; `refresh` is what some vendors want to see when it is renewed."""

    access: str
    lasts_seconds: float
    refresh: str = ""


@dataclass
class Token:
    """A bearer token, asked for when it is first needed, again before it runs out, and after a 401.

    `obtain(before)` gets the grant to renew, or None at first and when a renewal was refused.
    """

    obtain: Callable[[Grant | None], Grant]
    clock: Callable[[], float] = time.monotonic
    _grant: Grant | None = field(default=None, repr=False)
    _until: float = 0.0
    _taking: RLock = field(default_factory=RLock, repr=False)

    def headers(self) -> Mapping[str, str]:
        """The current token."""
        with self._taking:
            if self._grant is None or self.clock() >= self._until:
                self._take(self._grant)
            assert self._grant is not None  # noqa: S101 - _take has set it, or raised
            return {"Authorization": f"Bearer {self._grant.access}"}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Log in again, unless another thread has done so since the request with these headers left."""
        with self._taking:
            if self.headers() == refused:
                self._take(None)
        return True

    def _take(self, before: Grant | None) -> None:
        self._grant = self.obtain(before)
        self._until = self.clock() + max(self._grant.lasts_seconds - EARLY_SECONDS, self._grant.lasts_seconds / 2)
