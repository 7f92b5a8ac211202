"""Faults of the line: whole answers go wrong, whatever they hold."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import ClassVar

from simulator.faults.base import Fault
from simulator.messages import Answer, Refused
from simulator.rate_limit import too_many

SORRY = b"<!DOCTYPE html>\r\n<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\r\n"


def html(status: int, title: str) -> Answer:
    """A page for people where a program asked."""
    text = title.encode()
    return Answer(status, SORRY % (text, text), {"Content-Type": "text/html"})


@dataclass(kw_only=True)
class RateLimit(Fault):
    """429 with Retry-After, as `form` seconds or date."""

    name: ClassVar[str] = "rate_limit"
    times: int = 1
    wait: int = 1
    form: str = "seconds"

    def instead(self) -> Answer:
        until = formatdate(time.time() + self.wait, usegmt=True)
        raise too_many(until if self.form == "date" else str(self.wait), seconds=self.wait)


@dataclass(kw_only=True)
class ServerError(Fault):
    """500 with the vendor's error body."""

    name: ClassVar[str] = "server_error"

    def instead(self) -> Answer:
        raise Refused(500, "An unexpected error occurred.")


@dataclass(kw_only=True)
class Unavailable(Fault):
    """503 with an HTML page, as a gateway answers."""

    name: ClassVar[str] = "unavailable"

    def instead(self) -> Answer:
        return html(503, "Service Unavailable")


@dataclass(kw_only=True)
class Html200(Fault):
    """200 with an HTML page: a maintenance or login page in the way."""

    name: ClassVar[str] = "html_200"

    def instead(self) -> Answer:
        return html(200, "Scheduled maintenance")


@dataclass(kw_only=True)
class LoginHtml404(Fault):
    """Wrong credentials get a 404 with an HTML page instead of a 401, as on some clouds."""

    name: ClassVar[str] = "login_404_html"

    def afterwards(self, answer: Answer) -> Answer:
        return html(404, "404 - File or directory not found.") if answer.status == 401 else answer


@dataclass(kw_only=True)
class EmptyBody(Fault):
    """200 and not one byte."""

    name: ClassVar[str] = "empty_body"

    def afterwards(self, answer: Answer) -> Answer:
        return replace(answer, body=b"")


@dataclass(kw_only=True)
class NullBody(Fault):
    """200 and `null`."""

    name: ClassVar[str] = "null_body"

    def afterwards(self, answer: Answer) -> Answer:
        return replace(answer, body=b"null")


@dataclass(kw_only=True)
class NotJson(Fault):
    """200 and JSON that stops half-way, with a length that says it is all."""

    name: ClassVar[str] = "not_json"

    def afterwards(self, answer: Answer) -> Answer:
        return replace(answer, body=answer.body[: max(1, len(answer.body) // 2)])


@dataclass(kw_only=True)
class ExpiredCredentials(Fault):
    """401: the key was revoked while the sync ran."""

    name: ClassVar[str] = "expired_credentials"

    def instead(self) -> Answer:
        raise Refused(401, "The authentication data is no longer valid.")


@dataclass(kw_only=True)
class LostRight(Fault):
    """403: somebody took a right from the API member."""

    name: ClassVar[str] = "lost_right"

    def instead(self) -> Answer:
        raise Refused(403, "You do not have the security permission needed for this action.")


@dataclass(kw_only=True)
class Slow(Fault):
    """The answer comes `ms` later."""

    name: ClassVar[str] = "slow"
    ms: int = 1000

    def afterwards(self, answer: Answer) -> Answer:
        return answer.later(self.ms / 1000)


@dataclass(kw_only=True)
class Hang(Fault):
    """No answer, until the client gives up."""

    name: ClassVar[str] = "hang"

    def afterwards(self, answer: Answer) -> Answer:
        return replace(answer, never_sent=True)


@dataclass(kw_only=True)
class DroppedConnection(Fault):
    """The connection closes in the middle of the body."""

    name: ClassVar[str] = "dropped_connection"

    def afterwards(self, answer: Answer) -> Answer:
        return replace(answer, cut_after_bytes=len(answer.body) // 2)
