"""Faults of the transport: whole responses go wrong, whatever they contain."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import ClassVar

from simulator.faults.base import Fault
from simulator.messages import ApiError, Response
from simulator.rate_limit import too_many_requests

HTML_PAGE = b"<!DOCTYPE html>\r\n<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\r\n"

EDGE_HEADERS = {"Content-Type": "text/html", "Server": "cloudflare", "CF-RAY": "8a1b2c3d4e5f-AMS"}


def html(status: int, title: str) -> Response:
    """An HTML page instead of JSON."""
    text = title.encode()
    return Response(status, HTML_PAGE % (text, text), {"Content-Type": "text/html"})


@dataclass(kw_only=True)
class RateLimit(Fault):
    """429 with Retry-After of `wait` seconds, written as `form`: seconds or date."""

    name: ClassVar[str] = "rate_limit"
    times: int = 1
    wait: int = 1
    form: str = "seconds"

    def replacement(self) -> Response:
        until = formatdate(time.time() + self.wait, usegmt=True)
        raise too_many_requests(until if self.form == "date" else str(self.wait), seconds=self.wait)


@dataclass(kw_only=True)
class ServerError(Fault):
    """500 with the vendor's error body."""

    name: ClassVar[str] = "server_error"

    def replacement(self) -> Response:
        raise ApiError(500, "An unexpected error occurred.")


@dataclass(kw_only=True)
class Unavailable(Fault):
    """503 with an HTML page, as from a gateway."""

    name: ClassVar[str] = "unavailable"

    def replacement(self) -> Response:
        return html(503, "Service Unavailable")


@dataclass(kw_only=True)
class Html200(Fault):
    """200 with an HTML page, such as a maintenance or login page."""

    name: ClassVar[str] = "html_200"

    def replacement(self) -> Response:
        return html(200, "Scheduled maintenance")


@dataclass(kw_only=True)
class LoginHtml404(Fault):
    """Wrong credentials get a 404 with an HTML page instead of a 401, as on some clouds."""

    name: ClassVar[str] = "login_404_html"

    def change_response(self, response: Response) -> Response:
        return html(404, "404 - File or directory not found.") if response.status == 401 else response


@dataclass(kw_only=True)
class EmptyBody(Fault):
    """200 with an empty body."""

    name: ClassVar[str] = "empty_body"

    def change_response(self, response: Response) -> Response:
        return replace(response, body=b"")


@dataclass(kw_only=True)
class NullBody(Fault):
    """200 with the body `null`."""

    name: ClassVar[str] = "null_body"

    def change_response(self, response: Response) -> Response:
        return replace(response, body=b"null")


@dataclass(kw_only=True)
class NotJson(Fault):
    """200 with half of the JSON, and the Content-Length of that half."""

    name: ClassVar[str] = "not_json"

    def change_response(self, response: Response) -> Response:
        return replace(response, body=response.body[: max(1, len(response.body) // 2)])


@dataclass(kw_only=True)
class NotANumber(Fault):
    """200 with `NaN` in place of the first id: some servers write it, and JSON does not have it."""

    name: ClassVar[str] = "not_a_number"

    def change_response(self, response: Response) -> Response:
        return replace(
            response, body=re.sub(rb'("id": ?)[0-9]+', rb"\1NaN", response.body, count=1, flags=re.IGNORECASE)
        )


@dataclass(kw_only=True)
class ExpiredCredentials(Fault):
    """401: the credentials were revoked during the sync."""

    name: ClassVar[str] = "expired_credentials"

    def replacement(self) -> Response:
        raise ApiError(401, "The authentication data is no longer valid.")


@dataclass(kw_only=True)
class LostRight(Fault):
    """403: the API user lost a permission."""

    name: ClassVar[str] = "lost_right"

    def replacement(self) -> Response:
        raise ApiError(403, "You do not have the security permission needed for this action.")


@dataclass(kw_only=True)
class EdgeBlock(Fault):
    """403 with the page of a protection service in front of the API, which never saw the request."""

    name: ClassVar[str] = "edge_block"

    def replacement(self) -> Response:
        return replace(html(403, "Attention Required! | Cloudflare"), headers=EDGE_HEADERS)


@dataclass(kw_only=True)
class Redirect(Fault):
    """302 to the login page of another host."""

    name: ClassVar[str] = "redirect"

    def replacement(self) -> Response:
        return Response(302, b"", {"Location": "https://gateway.example/login?from=api"})


@dataclass(kw_only=True)
class Refusal(Fault):
    """`status` with a reason that is not written as the vendor writes it, but as `form`: text, fields or xml."""

    name: ClassVar[str] = "refusal"
    status: int = 400
    form: str = "text"

    BODIES: ClassVar[dict[str, tuple[str, bytes]]] = {
        "text": ("text/plain", b"This is not possible now."),
        "fields": ("application/json", b'{"errors": {"page": ["is not possible now"]}}'),
        "xml": ("application/xml", b"<Error><Code>Refused</Code><Message>This is not possible now.</Message></Error>"),
    }

    def replacement(self) -> Response:
        kind, body = self.BODIES[self.form]
        return Response(self.status, body, {"Content-Type": kind})


@dataclass(kw_only=True)
class Slow(Fault):
    """The response comes `ms` milliseconds later."""

    name: ClassVar[str] = "slow"
    ms: int = 1000

    def change_response(self, response: Response) -> Response:
        return response.delayed(self.ms / 1000)


@dataclass(kw_only=True)
class Hang(Fault):
    """There is no response until the client gives up."""

    name: ClassVar[str] = "hang"

    def change_response(self, response: Response) -> Response:
        return replace(response, never_sent=True)


@dataclass(kw_only=True)
class DroppedConnection(Fault):
    """The connection closes in the middle of the body."""

    name: ClassVar[str] = "dropped_connection"

    def change_response(self, response: Response) -> Response:
        return replace(response, cut_after_bytes=len(response.body) // 2)
