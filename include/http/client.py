"""The HTTP client: a request is paced, timed out, retried, and turned into an answer or an error.

Vendors give numbers and their own reading of errors; nothing here knows a vendor by name.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timezone
from threading import Lock

import requests
import tenacity

from include.http.auth import Auth, is_of_another_task
from include.http.call import Answer, Call, request_line
from include.http.no_answer import FAILURES, no_answer
from include.http.refusal import Judge, Quoting, not_json, refusal_of
from include.http.transport import send
from include.model.errors import (
    AuthError,
    BudgetSpent,
    LoginRefused,
    PsaError,
    RateLimited,
    RightsError,
    TransientError,
    Unreachable,
)
from include.model.limits import PATIENCE_SECONDS, Pace
from include.model.page import Record
from include.model.strict_json import read_json
from include.model.traffic import Traffic
from include.model.waiting import wait

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = (10.0, 60.0)  # to connect; between two bytes of the answer
TRIES = 5
_BACKOFF = tenacity.wait_exponential_jitter(initial=1, max=30, jitter=1)
MAX_RENEWALS = 3  # where a new token ends the one before, another task's login may have ended ours


@dataclass
class HttpClient:
    """Sends requests to one PSA, for several threads at once."""

    vendor: str
    """The product's name, for messages."""
    session: requests.Session
    base_url: str
    pace: Pace
    """Gives turns in the account's budget."""
    auth: Auth
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    """What must not appear in any message."""
    proof: str = ""
    """A path that every working login may read: after a 401 it tells a missing right from a dead login."""
    judge: Judge = lambda *_: None
    """`judge(status, body, said)`: the vendor's own meaning of a refusal; None where the status says enough."""
    denial: Callable[[str, Record, str], PsaError | None] | None = None
    """`denial(path, body, said)`: the refusal inside an answer with status 200; None where it is a good answer."""
    timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS
    patience_seconds: float = PATIENCE_SECONDS
    """How long it goes on trying one request, without its waits for turns."""
    is_discreet: bool = False
    """Nothing that the PSA says is repeated in errors and logs: it may be the text of a ticket."""
    give_up_at: float = math.inf
    """The moment, by the clock of time.monotonic, that ends every wait for the PSA."""
    known: dict[str, str] = field(default_factory=dict)
    """What was found out about the server; never a secret. Preflight passes it on to the tasks after it."""
    remembers: bool = False
    """Whether an equal request is answered from memory: for a task that asks for little, and for some of it twice."""
    at_once: int = 1
    """How many requests of one listing may be in flight; a sync sets what setup says."""
    sleep: Callable[[float], None] = wait
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    traffic: Traffic = field(default_factory=Traffic)
    in_flight: int = 0
    """How many requests are in flight at this moment."""
    _busy_since: float = 0.0
    _counting: Lock = field(default_factory=Lock, repr=False)
    _remembered: dict[str, Answer] = field(default_factory=dict, repr=False)

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

    def post(self, path: str, json: Record, *, tries: int = TRIES, endpoint: str = "") -> Answer:
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
        if not self.remembers or call.form is not None:
            return self._answer(call, tries)
        asked = repr((call.method, call.path, call.params, call.json))
        if asked not in self._remembered:
            self._remembered[asked] = self._answer(call, tries)
        return deepcopy(self._remembered[asked])

    def _answer(self, call: Call, tries: int) -> Answer:
        auth = {} if call.anonymous else self.auth.headers()  # a login has tries of its own
        try:
            return self._retried(call, tries, auth)
        except AuthError as refused:
            is_final = isinstance(refused, (RightsError, LoginRefused)) and not is_of_another_task(self.auth, auth)
            if call.anonymous or is_final:
                raise
            with self.pace.exclusive():  # a new token may end those of other tasks, which would then end ours
                return self._with_new_token(call, tries, refused, auth)

    def _with_new_token(self, call: Call, tries: int, refused: AuthError, auth: Mapping[str, str]) -> Answer:
        """Try with new tokens. A token that is refused here and works elsewhere lacks the right to this endpoint."""
        for _ in range(MAX_RENEWALS):
            if not self.auth.renew(auth):
                break
            auth = self.auth.headers()
            try:
                return self._retried(call, tries, auth)
            except (RightsError, LoginRefused):
                raise
            except AuthError as again:
                refused = again
                if call.path == self.proof or self._login_still_works(call):
                    raise RightsError(again.said) from None
        if self._login_still_works(call):
            raise RightsError(refused.said) from None
        raise refused

    def _login_still_works(self, call: Call) -> bool:
        if not self.proof or call.path == self.proof:
            return False
        try:
            self._retried(Call("GET", self.proof, endpoint=self.proof), 2, self.auth.headers())
        except AuthError:
            return False
        return True

    def _retried(self, call: Call, tries: int, auth: Mapping[str, str]) -> Answer:
        queued: list[float] = []

        def is_too_late(state: tenacity.RetryCallState) -> bool:
            tried_seconds = (state.seconds_since_start or 0.0) - sum(queued)
            return tried_seconds + state.upcoming_sleep >= self.patience_seconds

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, TransientError) and not isinstance(error, BudgetSpent)
            ),
            stop=lambda state: state.attempt_number >= tries or is_too_late(state),
            wait=_wait_seconds,
            sleep=self._sleep_and_count,
            before_sleep=self._log_retry,
            reraise=True,
        )
        return retrying(self._once, call, {**self.headers, **auth}, queued)

    def _once(self, call: Call, headers: Mapping[str, str], queued: list[float]) -> Answer:
        endpoint = call.endpoint or call.path
        with self.pace.turn(endpoint) as waited:
            queued.append(waited)
            with self._counted():
                response = self._response(call, headers)
        request = request_line(self.vendor, call)
        if response.status_code == 200:
            body = self._json(request, response)
            refusal = self._denied(call.path, body, request, response)
            if refusal is None:
                return Answer(body, "next" in response.links)
        else:
            refusal = refusal_of(request, response, judge=self.judge, quoting=self._quoting, now=self.now())
        if isinstance(refusal, RateLimited):
            refusal.retry_after_seconds = self.pace.pause(endpoint, refusal.retry_after_seconds)
        raise refusal

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            self._busy_since = self._busy_since if self.in_flight else time.monotonic()
            self.in_flight += 1
        try:
            yield
        finally:
            with self._counting:
                self.in_flight -= 1
                self.traffic.add(answered_seconds=0.0 if self.in_flight else time.monotonic() - self._busy_since)

    def _response(self, call: Call, headers: Mapping[str, str]) -> requests.Response:
        request = request_line(self.vendor, call)
        if self.give_up_at <= time.monotonic():
            raise Unreachable(f"{request} was not asked any more: time is up.", timed_out=True)
        try:
            return send(self.session, self.base_url, call, headers, self.timeout_seconds, self.give_up_at)
        except FAILURES as error:
            raise no_answer(request, error, self._quoting.clean) from None  # the original text holds the whole address

    def _denied(self, path: str, body: Record, request: str, response: requests.Response) -> PsaError | None:
        said = f"{request} answered 200{self._quoting.words(response, body)}." if self.denial else ""
        return self.denial(path, body, said) if self.denial else None

    @property
    def _quoting(self) -> Quoting:
        return Quoting(self.secrets, self.is_discreet)

    def _json(self, request: str, response: requests.Response) -> Record:
        try:
            return read_json(response.content)
        except (ValueError, RecursionError):
            raise not_json(request, response, self._quoting) from None

    def _sleep_and_count(self, seconds: float) -> None:
        with self._counting:
            self.traffic.retries += 1
            self.traffic.waited_seconds += seconds
        self.sleep(seconds)

    def _log_retry(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        said = error.said if isinstance(error, PsaError) else error
        log.warning("%s Trying again in %.0f s (try %d).", said, state.upcoming_sleep, state.attempt_number + 1)


def _wait_seconds(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, TransientError) else 0.0
    return max(asked, _BACKOFF(state))
