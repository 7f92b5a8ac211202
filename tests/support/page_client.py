"""Sends requests to a page: paths are sent as they are written, and answers are kept as they came."""

from __future__ import annotations

import configparser
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import jwt

from demo.state import State
from tests.support.ticket_rig import TicketRig

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
}
CONTENT_SECURITY_POLICY = {
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"),
    *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"),
    *("require-trusted-types-for 'script'", "trusted-types 'none'"),
}


@dataclass(frozen=True)
class Reply:
    """Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The whole answer without its date."""
        sent = sorted((name, value) for name, value in self.headers.items() if name != "date")
        return f"{self.status} {sent} {self.body.decode('latin-1')}"


@dataclass(frozen=True)
class PageClient:
    """Sends requests with or without a login; each user logs in once."""

    rig: TicketRig
    page: str = "/psa-tickets"
    """The page's address in Airflow."""
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Any = None) -> Reply:
        """`path` is below the page's address; a `body` that is not bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(urlsplit(self.rig.airflow.url).netloc, timeout=60)
        try:
            connection.request(method, self.page + path, data, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def ask_as(self, user: str, method: str, path: str, body: Any = None) -> Reply:
        return self.ask(method, path, {"Authorization": f"Bearer {self.token(user)}"}, body)

    def token(self, user: str) -> str:
        if user not in self.tokens:
            self.tokens[user] = self.rig.token(user)
        return self.tokens[user]

    def forged(self, key: str | None = None, **changes: Any) -> str:
        """The admin's token with other claims, or signed with another key."""
        claims = jwt.decode(self.token("admin"), options={"verify_signature": False})
        own = State(self.rig.airflow.home.parent).secrets().signing_key
        return jwt.encode({**claims, **changes}, key or own, algorithm="HS512")

    @property
    def metadata(self) -> str:
        """The address of Airflow's own database."""
        parser = configparser.ConfigParser()
        parser.read(self.rig.airflow.home / "airflow.cfg", encoding="utf-8")
        return parser["database"]["sql_alchemy_conn"].replace("postgresql+psycopg2://", "postgresql://")


def credentials(token: str, carrier: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if carrier == "header" else {"Cookie": f"_token={token}"}


def is_refused(reply: Reply) -> bool:
    to_login = reply.status == 302 and reply.headers["location"].startswith("/auth/login?next=")
    return to_login or reply.status in (401, 403)


def check_is_private_and_harmless(reply: Reply) -> None:
    assert {name: reply.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert set(reply.headers["content-security-policy"].split("; ")) == CONTENT_SECURITY_POLICY
