"""Credentials of requests: fixed keys, or tokens that expire."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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


@dataclass(frozen=True)
class SharedToken:
    """A token that one task of a run was given, and that the others may use."""

    access: str = field(repr=False)
    whose: str
    """Where it was given, and to which login."""
    valid_until: datetime
    """By the clock of the worker that was given it. If that is wrong, the token is refused, and the task logs in."""


@dataclass
class Token:
    """A bearer token, asked for when it is first needed, again before it runs out, and after a 401.

    `obtain(before)` gets the grant to renew, or None at first and when a renewal was refused.
    """

    obtain: Callable[[Grant | None], Grant]
    clock: Callable[[], float] = time.monotonic
    whose: str = ""
    """Where this logs in, and as whom; a token of another login is not used."""
    _grant: Grant | None = field(default=None, repr=False)
    _until: float = 0.0
    shared: Mapping[str, str] | None = field(default=None, repr=False)
    """The headers with the token of another task, if this began with one."""
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

    def to_share(self, now: datetime) -> SharedToken | None:
        """The current token, without what it could be renewed with; None where none was needed so far."""
        with self._taking:
            if self._grant is None:
                return None
            return SharedToken(self._grant.access, self.whose, now + timedelta(seconds=self._until - self.clock()))

    def use(self, shared: SharedToken, now: datetime) -> bool:
        """Begin with a token of another task; False where that is not possible: of another login, or not valid."""
        lasts_seconds = (shared.valid_until - now).total_seconds()
        is_sendable = shared.access != "" and shared.access.isascii() and shared.access.isprintable()
        if shared.whose != self.whose or lasts_seconds <= 0 or not is_sendable:
            return False
        self._grant, self._until = Grant(shared.access, lasts_seconds), self.clock() + lasts_seconds
        self.shared = self.headers()
        return True

    def _take(self, before: Grant | None) -> None:
        self._grant = self.obtain(before)
        self._until = self.clock() + max(self._grant.lasts_seconds - EARLY_SECONDS, self._grant.lasts_seconds / 2)


def is_of_another_task(auth: Auth, refused: Mapping[str, str]) -> bool:
    """Whether these headers have a shared token: a server may accept one only from the worker that logged in."""
    return isinstance(auth, Token) and auth.shared == refused
