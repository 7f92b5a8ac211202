"""From an answer that is none to the error it stands for, in words that a log may show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import requests

from include.http.edge import edge_of, is_refused_by, named
from include.http.error_text import body_of, words_of
from include.http.redaction import cleaned
from include.http.statuses import error_of, retry_after, sent_at
from include.model.errors import Blocked, PsaError, ServerError
from include.model.page import Record

Judge = Callable[[int, Record, str], PsaError | None]


@dataclass(frozen=True)
class Quoting:
    """What of a server's words may be repeated."""

    secrets: Sequence[str]
    """What must not appear in any message."""
    is_discreet: bool
    """Nothing that the PSA says is repeated: it may be the text of a ticket."""

    def clean(self, words: str) -> str:
        """Others' words on one line, without secrets."""
        return cleaned(words, self.secrets)

    def words(self, response: requests.Response, body: Record) -> str:
        """The server's own words and its id for the request, short enough for a log line."""
        words = "" if self.is_discreet else self.clean(words_of(response, body))
        identity = next((v for k, v in response.headers.items() if k.lower().endswith("request-id")), "")
        quoted = f" «{words}»" if words else ""
        return quoted + (f" (request id {self.clean(identity)})" if identity else "")


def not_json(request: str, response: requests.Response, quoting: Quoting) -> ServerError:
    """The error for an answer with status 200 that cannot be read."""
    kind = response.headers.get("Content-Type", "no content type")
    kind = "something" if quoting.is_discreet else quoting.clean(kind)
    found = edge_of(response, None)
    return ServerError(
        f"{request} answered 200 with {len(response.content)} bytes of {kind} that are not JSON "
        f"(a login, proxy or maintenance page?){f', from {quoting.clean(named(*found))}' if found else ''}.",
        status=200,
        empty=not response.content.strip(),
    )


def refusal_of(request: str, response: requests.Response, *, judge: Judge, quoting: Quoting, now: datetime) -> PsaError:
    """The error for any other status; `request` begins the sentence, `judge` is the vendor's own meaning."""
    status, body = response.status_code, body_of(response)
    found = edge_of(response, body)
    who = quoting.clean(named(*found)) if found else ""
    words = quoting.words(response, body)
    if is_refused_by(found[0] if found else None, response, body):
        by = who or f"a web page{words}"
        return Blocked(f"{request} was refused with {status} by {by}, not by the PSA itself.")
    said = f"{request} answered {status}{f' from {who}' if who else ''}{words}"
    return judge(status, body, f"{said}.") or error_of(
        status,
        said,
        retry_after_seconds=retry_after(
            response.headers.get("Retry-After"), sent_at(response.headers.get("Date"), now)
        ),
        location=quoting.clean(response.headers.get("Location", "")),
    )
