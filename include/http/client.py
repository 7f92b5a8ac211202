"""One request, whatever happens to it: paced, timed out, retried, and turned into an answer or an error.

Vendors give numbers; nothing here knows one of them by name.
"""

from __future__ import annotations

import json
import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from io import BytesIO
from typing import Any

import requests
import tenacity
import urllib3

from include.http.auth import Auth
from include.http.refusals import body_of, reason_of, retry_after, words_of
from include.model.errors import (
    AuthError,
    BudgetSpent,
    LoginRefused,
    NotFound,
    PsaError,
    RateLimited,
    RequestRefused,
    RightsError,
    ServerError,
    TransientError,
    Unreachable,
)
from include.model.limits import PATIENCE_SECONDS, Pace
from include.model.traffic import Traffic

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = (10.0, 60.0)  # to connect; between two bytes of the answer
TRIES = 5
_BACKOFF = tenacity.wait_exponential_jitter(initial=1, max=30, jitter=1)
MOST_RENEWALS = 3  # where each new token ends the one before, another task's may have ended ours
_QUOTED_CHARACTERS = 300
_PART_BYTES = 65_536


@dataclass(frozen=True)
class Answer:
    """A 200 whose body is JSON; `has_next`: its Link header leads to another page."""

    body: Any
    has_next: bool


@dataclass(frozen=True)
class Call:
    """A request; `endpoint` is what its vendor's limits know it by. Of `json` and `form` one is the body, if any."""

    method: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    anonymous: bool = False
    endpoint: str = ""


@dataclass
class HttpClient:
    """Requests to one PSA. Not for use by several threads.

    `proof` is a path that every working login may read: after a 401 it tells a missing right from a dead login.
    `judge(status, body, said)` is the vendor's own reading of a refusal, None where the status says enough.
    `denial(path, body, said)` is what a 200 refuses in its body, None where it does not.
    One that `is_discreet` repeats nothing that the PSA says, neither in errors nor in logs: it may be a ticket's text.
    `give_up_at`, by the clock of `time.monotonic`, ends every wait for the PSA, also for one that drips.
    """

    vendor: str
    session: requests.Session
    base_url: str
    pace: Pace
    auth: Auth
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    proof: str = ""
    judge: Callable[[int, Any, str], PsaError | None] = lambda *_: None
    denial: Callable[[str, Any, str], PsaError | None] = lambda *_: None
    timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS
    patience_seconds: float = PATIENCE_SECONDS
    is_discreet: bool = False
    give_up_at: float = math.inf
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
        endpoint: str = "",
    ) -> Answer:
        """The JSON answer; `anonymous` leaves the credentials out. Raises a PsaError that names the request."""
        return self.send(Call("GET", path, params or {}, anonymous=anonymous, endpoint=endpoint), tries=tries)

    def post(self, path: str, json: Any, *, tries: int = TRIES, endpoint: str = "") -> Answer:
        """A query that is too long for an address: nothing at the PSA changes by it."""
        return self.send(Call("POST", path, json=json, endpoint=endpoint), tries=tries)

    def log_in(self, path: str, form: Mapping[str, str], params: Mapping[str, str | int] | None = None) -> Answer:
        """A form with credentials, to a path or a whole address; raises LoginRefused when they are not accepted."""
        call = Call("POST", path, params or {}, form=form, anonymous=True, endpoint="login")
        try:
            return self.send(call, tries=TRIES)
        except AuthError as refused:
            raise LoginRefused(refused.said) from None

    def send(self, call: Call, *, tries: int) -> Answer:
        """The answer, after as many tries, and with as many new tokens, as it takes."""
        try:
            return self._tried(call, tries)
        except AuthError as refused:
            if call.anonymous or isinstance(refused, (RightsError, LoginRefused)):
                raise
            with self.pace.exclusive():  # a new token may end those of other tasks, which would end ours in turn
                return self._anew(call, tries, refused)

    def _anew(self, call: Call, tries: int, refused: AuthError) -> Answer:
        """With new tokens; what a token is refused that works elsewhere is a missing right."""
        for _ in range(MOST_RENEWALS):
            if not self.auth.renew():
                break
            try:
                return self._tried(call, tries)
            except (RightsError, LoginRefused):
                raise
            except AuthError as again:
                refused = again
                if call.path == self.proof or self._login_works(call):
                    raise RightsError(again.said) from None
        if self._login_works(call):
            raise RightsError(refused.said) from None
        raise refused

    def _login_works(self, call: Call) -> bool:
        if not self.proof or call.path == self.proof:
            return False
        try:
            self._tried(Call("GET", self.proof, endpoint=self.proof), 2)
        except AuthError:
            return False
        return True

    def _tried(self, call: Call, tries: int) -> Answer:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, TransientError) and not isinstance(error, BudgetSpent)
            ),
            stop=tenacity.stop_after_attempt(tries) | tenacity.stop_before_delay(self.patience_seconds),
            wait=_wait_seconds,
            sleep=self._sleep_and_count,
            before_sleep=self._tell,
            reraise=True,
        )
        auth = {} if call.anonymous else self.auth.headers()  # a login has tries of its own
        return retrying(self._once, call, {**self.headers, **auth})

    def _once(self, call: Call, headers: Mapping[str, str]) -> Answer:
        endpoint = call.endpoint or call.path
        with self.pace.turn(endpoint) as queued:
            self.traffic.requests += 1
            self.traffic.queued_seconds += queued
            self.traffic.endpoints[endpoint] += 1
            asked_at = time.monotonic()
            try:
                response = self._response(call, headers)
            finally:
                self.traffic.answered_seconds += time.monotonic() - asked_at
        request = _named(self.vendor, call)
        if response.status_code == 200:
            body = self._json(request, response)
            refusal = self.denial(call.path, body, f"{request} answered 200{self._quote(response, body)}.")
            if refusal is None:
                return Answer(body, "next" in response.links)
        else:
            refusal = self._refusal(request, response)
        if isinstance(refusal, RateLimited):
            refusal.retry_after_seconds = self.pace.pause(endpoint, refusal.retry_after_seconds)
        raise refusal

    def _response(self, call: Call, headers: Mapping[str, str]) -> requests.Response:
        left = self.give_up_at - time.monotonic()
        if left <= 0:
            raise Unreachable(f"{_named(self.vendor, call)} was not asked any more: time is up.", timed_out=True)
        try:
            response = self.session.request(
                call.method,
                call.path if "://" in call.path else self.base_url + call.path,
                params=call.params,
                json=call.json,
                data=call.form,
                headers=dict(headers),
                auth=_no_auth,
                timeout=(min(self.timeout_seconds[0], left), min(self.timeout_seconds[1], left)),
                allow_redirects=False,
                stream=left < math.inf,
            )
            return response if left == math.inf else _read(response, self.give_up_at)
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise Unreachable(
                f"{_named(self.vendor, call)} got no answer: {self._clean(reason_of(error))}. Is the host of the "
                "connection right, and can this worker reach it?",
                timed_out=isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)),
            ) from None  # the original text holds the whole address

    def _json(self, request: str, response: requests.Response) -> Any:
        try:
            return json.loads(response.content.decode("utf-8-sig"))
        except ValueError:
            kind = self._clean(response.headers.get("Content-Type", "no content type"))
            kind = "something" if self.is_discreet else kind
            raise ServerError(
                f"{request} answered 200 with {len(response.content)} bytes of {kind} that are not JSON "
                "(a login, proxy or maintenance page?).",
                status=200,
                empty=not response.content.strip(),
            ) from None

    def _refusal(self, request: str, response: requests.Response) -> PsaError:
        status, body = response.status_code, body_of(response)
        said = f"{request} answered {status}{self._quote(response, body)}"
        if judged := self.judge(status, body, f"{said}."):
            return judged
        if status == 401:
            return AuthError(f"{said}.")
        if status == 403:
            return RightsError(f"{said}.")
        if status == 404:
            return NotFound(f"{said}.")
        if status == 429:
            seconds = retry_after(response.headers.get("Retry-After"), self.now())
            return RateLimited(f"{said}, over the rate limit.", retry_after_seconds=seconds)
        if status >= 500:
            return ServerError(f"{said}.", status=status)
        if 300 <= status < 400:
            return RequestRefused(f"{said}, a redirect. Enter the address that it leads to as the connection's host.")
        return RequestRefused(f"{said}.")

    def _quote(self, response: requests.Response, body: Any) -> str:
        """The server's own words and its id for the request, short enough for a log line."""
        words = "" if self.is_discreet else " ".join(words_of(body))
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


def _read(response: requests.Response, give_up_at: float) -> requests.Response:
    """The response with its whole body. A socket's time-out is between two bytes, and there may be many."""
    whole = requests.Response()
    whole.status_code, whole.headers, body = response.status_code, response.headers, BytesIO()
    with response:
        while part := response.raw.read1(_PART_BYTES, decode_content=True):
            if time.monotonic() > give_up_at:
                raise requests.Timeout
            body.write(part)
    body.seek(0)
    whole.raw = body
    return whole


def _wait_seconds(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, RateLimited) else 0.0
    return max(asked, _BACKOFF(state))


def _named(vendor: str, call: Call) -> str:
    """The request as an error calls it: without parameters, which can hold names of people."""
    return f"{vendor}: {call.method} {call.path.partition('://')[2] or call.path}"


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
