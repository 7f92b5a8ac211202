"""What each HTTP status means, and so what happens next: the one table for all vendors.

401        AuthError        after a new token, and a look whether the login still works elsewhere
403        RightsError      the credentials are good, this endpoint is not allowed
404        NotFound
429        RateLimited      every task of the account waits as long as the server asks
408, 425   ServerError      "send it again": tried again
5xx        ServerError      tried again
3xx        Redirected       the address is wrong
other 4xx  RequestRefused   the request is wrong
"""

from __future__ import annotations

from urllib.parse import urlsplit

from include.model.errors import (
    AuthError,
    NotFound,
    PsaError,
    RateLimited,
    Redirected,
    RequestRefused,
    RightsError,
    ServerError,
)

SEND_AGAIN = (408, 425)


def error_of(status: int, said: str, *, retry_after_seconds: float, location: str = "") -> PsaError:
    """The error that a status stands for; `said` is a sentence about request and answer, without its full stop."""
    if status == 401:
        return AuthError(f"{said}.")
    if status == 403:
        return RightsError(f"{said}.")
    if status == 404:
        return NotFound(f"{said}.")
    if status == 429:
        return RateLimited(f"{said}, over the rate limit.", retry_after_seconds=retry_after_seconds)
    if status >= 500 or status in SEND_AGAIN:
        return ServerError(f"{said}.", status=status)
    if 300 <= status < 400:
        host = urlsplit(location).netloc.rpartition("@")[2]
        return Redirected(f"{said}, a redirect to {host or 'another path of the same host'}.")
    return RequestRefused(f"{said}.")
