"""Tokens: who gets one, what it is good for, and when it ends."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl

from simulator.messages import ApiError, Record, Request

TENANT = "simulated"
CLIENT_ID = "7a1d0f52-33c8-4b0e-8f6e-5e1a0ffee001"
CLIENT_SECRET = "9c2b6d1e-simulated-secret-4410"  # noqa: S105  # it opens nothing but this simulator
LIFETIME_SECONDS = 3600

OAUTH = "oauth"  # the code of a refusal that is worded as OAuth words it
EVERYTHING = "all"
AREAS = ("customers", "assets", "tickets", "contracts", "items", "projects", "invoices")
SCOPES = {EVERYTHING, "all:standard", *(f"{right}:{area}" for right in ("read", "edit") for area in AREAS)}


class Tokens:
    """The tokens that were issued: what each may do, and until when."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[frozenset[str], float]] = {}

    def issue(self, request: Request) -> Record:
        """A new token for a request that knows the secret; one without scope is issued too, and good for nothing."""
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
        self._issued[token] = (scopes, self._clock() + LIFETIME_SECONDS)
        scope = " ".join(sorted(scopes))
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS, "scope": scope}

    def end(self, token: str) -> None:
        """Ends one token early."""
        self._issued.pop(token, None)

    def end_all(self) -> None:
        """Ends every token early."""
        self._issued.clear()

    def admit(self, token: str) -> frozenset[str]:
        """What the token is good for; refused when it is unknown, over, or good for nothing."""
        scopes, until = self._issued.get(token, (frozenset[str](), 0.0))
        if not scopes or until <= self._clock():
            raise ApiError(401, "")
        return scopes


def bearer(request: Request) -> str:
    """The token that came with a request."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""


def must_reach(scopes: frozenset[str], area: str | None) -> None:
    """Refuses a path whose area the token was not made for."""
    if area and not scopes & {EVERYTHING, "all:standard", f"read:{area}", f"edit:{area}"}:
        raise ApiError(403, "")
