"""Tokens: who gets one, its scope, and when it expires."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl

from simulator.messages import ApiError, Record, Request

TENANT = "simulated"
CLIENT_ID = "7a1d0f52-33c8-4b0e-8f6e-5e1a0ffee001"
CLIENT_SECRET = "9c2b6d1e-simulated-secret-4410"  # noqa: S105  # it opens nothing but this simulator
TOKEN_SECONDS = 3600

OAUTH = "oauth"  # the code of an error in OAuth's format
EVERYTHING = "all"
AREAS = ("customers", "assets", "tickets", "contracts", "items", "projects", "invoices")
SCOPES = {EVERYTHING, "all:standard", *(f"{right}:{area}" for right in ("read", "edit") for area in AREAS)}


class Tokens:
    """The issued tokens, each with its scope and its end."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[frozenset[str], float]] = {}

    def issue(self, request: Request) -> Record:
        """Issue a token to a request with the right secret. A token without scope is issued too, and always refused."""
        form = dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
        if form.get("grant_type") != "client_credentials":
            raise ApiError(400, "unsupported_grant_type", code=OAUTH)
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if not known or request.query.get("tenant") != TENANT:
            raise ApiError(400, "invalid_client", code=OAUTH)
        scopes = frozenset(form.get("scope", "").split())
        if not scopes <= SCOPES:
            raise ApiError(400, "invalid_scope", code=OAUTH)
        token = secrets.token_urlsafe(32)
        self._issued[token] = (scopes, self._clock() + TOKEN_SECONDS)
        scope = " ".join(sorted(scopes))
        return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": scope}

    def revoke(self, token: str) -> None:
        """End a token before it expires."""
        self._issued.pop(token, None)

    def revoke_all(self) -> None:
        """End all tokens before they expire."""
        self._issued.clear()

    def check(self, token: str) -> frozenset[str]:
        """The scopes of a token. Raises `ApiError` if it is unknown, expired, or has no scope."""
        scopes, until = self._issued.get(token, (frozenset[str](), 0.0))
        if not scopes or until <= self._clock():
            raise ApiError(401, "")
        return scopes


def bearer_token(request: Request) -> str:
    """The token of a request."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""


def check_scope(scopes: frozenset[str], area: str | None) -> None:
    """Raise `ApiError` if the scopes of a token do not include an area."""
    if area and not scopes & {EVERYTHING, "all:standard", f"read:{area}", f"edit:{area}"}:
        raise ApiError(403, "")
