"""One request, whatever happens to it: paced, timed out, retried, and turned into an answer or an error.

Vendors give numbers; nothing here knows one of them by name.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import tenacity
import urllib3

from include.errors import (
    AuthError,
    NotFound,
    PsaError,
    RateLimited,
    RequestRefused,
    RightsError,
    ServerError,
    TransientError,
    Unreachable,
)
from include.http.pace import Pace

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = (10.0, 60.0)  # to connect; between two bytes of the answer
TRIES = 5
PATIENCE_SECONDS = 180.0  # a longer wait belongs to the scheduler: it holds no worker
_BACKOFF = tenacity.wait_exponential_jitter(initial=1, max=30, jitter=1)
LONGEST_WAIT_SECONDS = 86_400.0
_QUOTED_CHARACTERS = 300


@dataclass(frozen=True)
class Answer:
    """A 200 whose body is JSON; `has_next`: its Link header leads to another page."""

    body: Any
    has_next: bool


@dataclass
class Traffic:
    """What the PSA was asked for so far, for the books."""

    requests: int = 0
    retries: int = 0
    waited_seconds: float = 0.0


@dataclass
class Client:
    """GET against one PSA. Not for use by several threads."""

    vendor: str
    session: requests.Session
    base_url: str
    pace: Pace
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Iterable[str] = ()
    timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    traffic: Traffic = field(default_factory=Traffic)

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        tries: int = TRIES,
        anonymous: bool = False,
    ) -> Answer:
        """The JSON answer; `anonymous` leaves the credentials out. Raises a PsaError that names the request."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(tries) | tenacity.stop_before_delay(PATIENCE_SECONDS),
            wait=_wait_seconds,
            sleep=self._sleep_and_count,
            before_sleep=self._tell,
            reraise=True,
        )
        return retrying(self._once, path, params or {}, anonymous)

    def _once(self, path: str, params: Mapping[str, str | int], anonymous: bool) -> Answer:
        self.pace.wait()
        self.traffic.requests += 1
        request = f"{self.vendor}: GET {path}"
        try:
            response = self.session.get(
                self.base_url + path,
                params=params,
                headers=None if anonymous else dict(self.headers),
                auth=_no_auth if anonymous else None,
                timeout=self.timeout_seconds,
                allow_redirects=False,
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise Unreachable(
                f"{request} got no answer: {self._clean(_reason(error))}. Is the host of the connection right, "
                "and can this worker reach it?",
                timed_out=isinstance(error, requests.Timeout),
            ) from None  # the original text holds the whole address
        if response.status_code == 200:
            return Answer(self._json(request, response), "next" in response.links)
        raise self._refusal(request, response)

    def _json(self, request: str, response: requests.Response) -> Any:
        try:
            return json.loads(response.content.decode("utf-8-sig"))
        except ValueError:
            kind = response.headers.get("Content-Type", "no content type")
            raise ServerError(
                f"{request} answered 200 with {len(response.content)} bytes of {kind} that are not JSON "
                "(a login, proxy or maintenance page?).",
                status=200,
            ) from None

    def _refusal(self, request: str, response: requests.Response) -> Exception:
        status = response.status_code
        said = f"{request} answered {status}{self._quote(response)}"
        if status == 401:
            return AuthError(f"{said}.")
        if status == 403:
            return RightsError(f"{said}.")
        if status == 404:
            return NotFound(f"{said}.")
        if status == 429:
            seconds = _retry_after(response.headers.get("Retry-After"), self.now())
            return RateLimited(f"{said}, over the rate limit.", retry_after_seconds=seconds)
        if status >= 500:
            return ServerError(f"{said}.", status=status)
        if 300 <= status < 400:
            return RequestRefused(f"{said}, a redirect. Enter the address that it leads to as the connection's host.")
        return RequestRefused(f"{said}.")

    def _quote(self, response: requests.Response) -> str:
        """The server's own words and its id for the request, short enough for a log line."""
        words = ""
        if "json" in response.headers.get("Content-Type", ""):
            try:
                body = json.loads(response.content)
            except ValueError:
                body = None
            if isinstance(body, dict):
                words = " ".join(str(body[key]) for key in ("code", "error", "message") if body.get(key))
                details = body.get("errors")
                if isinstance(details, list):
                    words += "".join(f" [{item.get('message')}]" for item in details if isinstance(item, dict))
        identity = next((v for k, v in response.headers.items() if k.lower().endswith("request-id")), "")
        quoted = f" «{self._clean(words)}»" if words else ""
        return quoted + (f" (request id {self._clean(identity)})" if identity else "")

    def _clean(self, words: str) -> str:
        """One line without control characters and secrets; strangers write what servers quote."""
        for secret in self.secrets:
            words = words.replace(secret, "***")
        return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", words).strip()[:_QUOTED_CHARACTERS]

    def _sleep_and_count(self, seconds: float) -> None:
        self.traffic.retries += 1
        self.traffic.waited_seconds += seconds
        self.sleep(seconds)

    def _tell(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        said = error.said if isinstance(error, PsaError) else error
        log.warning("%s Trying again in %.0f s (try %d).", said, state.upcoming_sleep, state.attempt_number + 1)


def _wait_seconds(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, RateLimited) else 0.0
    return max(asked, _BACKOFF(state))


def _retry_after(value: str | None, now: datetime) -> float:
    """Seconds to wait, from either form of the header (RFC 9110), a day at most; 0 when it says nothing usable."""
    if not value:
        return 0.0
    try:
        seconds = (
            float(int(value)) if value.strip().isdecimal() else (parsedate_to_datetime(value) - now).total_seconds()
        )
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(max(0.0, seconds), LONGEST_WAIT_SECONDS)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _reason(error: Exception) -> str:
    """The innermost cause in words: requests wraps it three deep, with the address inside."""
    cause: BaseException = error
    while True:
        inner = cause.__cause__ or getattr(cause, "reason", None) or cause.__context__
        if not isinstance(inner, BaseException):
            break
        cause = inner
    strerror = getattr(cause, "strerror", None)
    return f"{type(error).__name__}, {strerror or type(cause).__name__}"
