"""What each HTTP status means, and so what happens next: the one table for all vendors. The guide prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from include.model.errors import (
    AuthError,
    Blocked,
    ConfigError,
    NotFound,
    PsaError,
    RateLimited,
    Redirected,
    RequestRefused,
    RightsError,
    ServerError,
    TransientError,
)

MAX_WAIT_SECONDS = 86_400.0


@dataclass(frozen=True)
class Meaning:
    """What a status means."""

    error: type[PsaError]
    """Decides what happens next."""
    means: str
    do: str = ""
    """What a person does, where it is not the error's own advice. The message then says what the status means, too."""


_ADDRESS = "Check that the connection's host is the address of the API, then clear this task."
_TOO_LARGE = "The request is not what a server or proxy in between accepts: keep this log for a bug report."
_VENDOR = "Airflow tries again by itself; if the task stays red, ask the PSA's vendor, who has to fix it."
_LOGIN = Meaning(AuthError, "the login has ended")
_SERVER = Meaning(ServerError, "the server failed, or is overloaded or down for maintenance")
_CLOUDFLARE = Meaning(ServerError, "Cloudflare got no proper answer from the PSA's own server", _VENDOR)

STATUSES: Mapping[int, Meaning] = {
    400: Meaning(RequestRefused, "the request is not what the API accepts"),
    401: Meaning(AuthError, "the credentials are not accepted"),
    402: Meaning(
        RequestRefused,
        "the subscription has ended, or does not include the API",
        "Renew or extend the PSA's subscription, then clear this task.",
    ),
    403: Meaning(RightsError, "the credentials are good, the right to this is missing"),
    404: Meaning(NotFound, "there is nothing at this address"),
    405: Meaning(RequestRefused, "this address takes no such requests", _ADDRESS),
    406: Meaning(RequestRefused, "the server cannot answer in the form or version that was asked for", _ADDRESS),
    407: Meaning(
        ConfigError,
        "a proxy in between asks for a login",
        "Put the login into HTTPS_PROXY on the workers, or into 'proxies' in the connection's extra; then clear this "
        "task.",
    ),
    408: Meaning(ServerError, "the server got the request too slowly"),
    409: Meaning(RequestRefused, "the request contradicts the state of the data"),
    410: Meaning(NotFound, "what was at this address has been removed for good"),
    411: Meaning(RequestRefused, "the length of the request is missing", _TOO_LARGE),
    413: Meaning(RequestRefused, "the request is too large", _TOO_LARGE),
    414: Meaning(RequestRefused, "the address is too long", _TOO_LARGE),
    415: Meaning(RequestRefused, "the server does not read requests of this form", _ADDRESS),
    421: Meaning(ServerError, "the connection led to a server that is not responsible"),
    422: Meaning(RequestRefused, "the request is not what the API accepts"),
    423: Meaning(ServerError, "it is locked at the moment"),
    424: Meaning(ServerError, "another request that the server relied on failed"),
    425: Meaning(ServerError, "the server got the request too early"),
    426: Meaning(RequestRefused, "the server wants another version of HTTP or TLS", _ADDRESS),
    428: Meaning(RequestRefused, "the request lacks a condition that the server wants"),
    429: Meaning(RateLimited, "over the vendor's limit"),
    431: Meaning(RequestRefused, "the headers of the request are too large", _TOO_LARGE),
    440: _LOGIN,
    451: Meaning(Blocked, "refused for legal reasons"),
    498: _LOGIN,
    **dict.fromkeys((500, 502, 503, 504), _SERVER),
    501: Meaning(RequestRefused, "the server does not know such requests", _ADDRESS),
    505: Meaning(RequestRefused, "the server wants another version of HTTP or TLS", _ADDRESS),
    507: Meaning(ServerError, "the server has no room left", _VENDOR),
    511: Meaning(
        Blocked,
        "the network in between asks for a login before it lets requests through",
        "Let this worker through to the PSA without such a login, then clear this task.",
    ),
    **dict.fromkeys(range(520, 528), _CLOUDFLARE),
    530: _CLOUDFLARE,
}
# By the first digit, for every other status.
OTHERS: Mapping[int, Meaning] = {
    1: Meaning(RequestRefused, "no answer that can be used"),
    2: Meaning(RequestRefused, "a success without what was asked for"),
    3: Meaning(Redirected, "the API is not at this address"),
    4: Meaning(RequestRefused, "the request is not what the API accepts"),
    5: _SERVER,
}


def meaning_of(status: int) -> Meaning:
    """What a status means."""
    return STATUSES.get(status) or OTHERS.get(status // 100) or _SERVER


def error_of(status: int, said: str, *, retry_after_seconds: float = 0.0, location: str = "") -> PsaError:
    """The error that a status stands for; `said` is a sentence about request and answer, without its full stop."""
    meaning = meaning_of(status)
    error = _error(meaning, status, f"{said}: {meaning.means}." if meaning.do else f"{said}.", said, location)
    if isinstance(error, TransientError):
        error.retry_after_seconds = retry_after_seconds
    error.advice = meaning.do or error.advice
    return error


def _error(meaning: Meaning, status: int, sentence: str, said: str, location: str) -> PsaError:
    if meaning.error is RateLimited:
        return RateLimited(f"{said}, over the rate limit.", retry_after_seconds=0.0)
    if meaning.error is ServerError:
        return ServerError(sentence, status=status)
    if meaning.error is Redirected:
        sentence = f"{said}, a redirect to {_host(location) or 'another path of the same host'}."
    if issubclass(meaning.error, RequestRefused):
        return meaning.error(sentence, status=status)
    return meaning.error(sentence)


def _host(location: str) -> str:
    try:
        return urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:
        return "an address that is none"


def sent_at(date: str | None, now: datetime) -> datetime:
    """When the server sent an answer: by its own clock, like other dates in it; by ours if it does not say."""
    try:
        at = parsedate_to_datetime(date or "")
    except (TypeError, ValueError, OverflowError):
        return now
    return at if at.tzinfo else now


def retry_after(value: str | None, now: datetime) -> float:
    """Seconds to wait, from either form of the header (RFC 9110), a day at most; 0 when it says nothing usable."""
    if not value:
        return 0.0
    try:
        seconds = (
            float(int(value)) if value.strip().isdecimal() else (parsedate_to_datetime(value) - now).total_seconds()
        )
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(max(0.0, seconds), MAX_WAIT_SECONDS)
