"""What each HTTP status means, and so what happens next: the one table for all vendors.

401        AuthError        after a new token, and a look whether the login still works elsewhere
403        RightsError      the credentials are good, this endpoint is not allowed
404        NotFound
429        RateLimited      every task of the account waits as long as the server asks
5xx        ServerError      tried again
3xx, 4xx   RequestRefused   the request is wrong, or the address is
"""

from __future__ import annotations

from include.model.errors import (
    AuthError,
    NotFound,
    PsaError,
    RateLimited,
    RequestRefused,
    RightsError,
    ServerError,
)


def error_of(status: int, said: str, *, retry_after_seconds: float) -> PsaError:
    """The error that a status stands for; `said` is a sentence about request and answer, without its full stop."""
    if status == 401:
        return AuthError(f"{said}.")
    if status == 403:
        return RightsError(f"{said}.")
    if status == 404:
        return NotFound(f"{said}.")
    if status == 429:
        return RateLimited(f"{said}, over the rate limit.", retry_after_seconds=retry_after_seconds)
    if status >= 500:
        return ServerError(f"{said}.", status=status)
    if 300 <= status < 400:
        return RequestRefused(f"{said}, a redirect. Enter the address that it leads to as the connection's host.")
    return RequestRefused(f"{said}.")
