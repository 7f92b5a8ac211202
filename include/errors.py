"""What went wrong, and therefore what happens next.

    PsaError
    ├── ConfigError          setup is wrong: a person edits it, then clears the task
    ├── AuthError            the PSA refused who we are: fail now, nothing is retried
    │   └── RightsError      … or refused this one endpoint: only its kind fails
    ├── TransientError       the network or the server had a bad moment: the task is retried
    │   ├── ServerError      a 5xx, or an answer that is not JSON where JSON was due
    │   ├── Unreachable      no answer at all
    │   └── RateLimited      over the vendor's limit: retried after `retry_after_seconds`
    ├── NotFound             404: what was asked for is not there
    ├── RequestRefused       any other 4xx: the request itself is wrong, or the API has changed
    ├── ShapeError           an answer is not what the vendor documents: fail now
    │   └── Truncated        a listing ended before its end was proven
    └── WarehouseError       the database refused: nothing was merged
        ├── WarehouseDown    … because it cannot be reached, or is full: the task is retried
        └── HeldBack         the brake: too much would vanish, a person decides

Each message names what was asked of whom, what came back, and what to do.
"""

from __future__ import annotations


class PsaError(Exception):
    """The root; catching it catches every failure this package foresees."""


class ConfigError(PsaError):
    """Setup is missing or wrong; the message names the field and what is allowed."""


class AuthError(PsaError):
    """The PSA does not accept the credentials."""


class RightsError(AuthError):
    """The credentials are good, the right to this endpoint is missing."""


class TransientError(PsaError):
    """Trying again later may help."""


class ServerError(TransientError):
    """The server failed while it worked on the request (HTTP `status`; 200 when the body was no JSON)."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(TransientError):
    """No answer: name, connection, TLS or time-out."""

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class RateLimited(TransientError):
    """Over the vendor's limit; `retry_after_seconds` is what the server asked for."""

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class NotFound(PsaError):
    """404."""


class RequestRefused(PsaError):
    """A 4xx that repeating cannot cure."""


class ShapeError(PsaError):
    """The API is not what its documents say."""


class Truncated(ShapeError):
    """Rows are missing from a listing, by the server's own count."""


class WarehouseError(PsaError):
    """Postgres refused; the transaction was rolled back."""


class WarehouseDown(WarehouseError):
    """Postgres cannot be reached or has no room."""


class HeldBack(WarehouseError):
    """More rows would be marked deleted than the brake allows; nothing of this kind was merged."""
