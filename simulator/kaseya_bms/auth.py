"""Logging in: a form is exchanged for an access token and a refresh token, which expire and are renewed together."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email import message_from_bytes
from urllib.parse import parse_qsl

from simulator.messages import ApiError, Record, Request

USER_NAME = "psa.sync"
PASSWORD = "simPassw0rd"  # noqa: S105  # opens nothing but this simulator
TENANT = "Simulated MSP"
TOTP_SECRET = "ONUW25LMMF2GKZBB"  # noqa: S105  # likewise

# Neither lifetime is documented; a public tool renews its tokens every 15 minutes.
ACCESS_SECONDS = 15 * 60
REFRESH_SECONDS = 24 * 3600


def form(request: Request) -> Mapping[str, str]:
    """The fields of a form by lower-case name. The document has multipart forms; clients send urlencoded ones too."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return {name.lower(): value for name, value in parse_qsl(request.body.decode(errors="replace"))}
    if kind.startswith("multipart/form-data"):
        parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body).walk()
        named = {part.get_param("name", header="content-disposition"): part for part in parts}
        return {
            str(name).lower(): bytes(part.get_payload(decode=True)).decode(errors="replace")
            for name, part in named.items()
            if name
        }
    raise ApiError(415, "Unsupported Media Type")


def one_time_code(secret: str, at: float) -> str:
    """The six digits that an authenticator app shows at this time (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


@dataclass(frozen=True)
class _Pair:
    access: str
    until: float


class Tokens:
    """The issued tokens. The same user can be logged in several times."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._pairs: dict[str, _Pair] = {}

    def authenticate(self, given: Mapping[str, str], *, needs_code: bool = False) -> Record:
        """Issue new tokens. A failed login has status 200."""
        if given.get("granttype") != "password":
            raise ApiError(200, "Invalid grant type", code="400")
        if [given.get(name) for name in ("username", "password", "tenant")] != [USER_NAME, PASSWORD, TENANT]:
            raise ApiError(200, "Invalid username, password or tenant", code="0")
        now = self._clock()
        if needs_code and given.get("mfacode") not in {one_time_code(TOTP_SECRET, now - late) for late in (0, 30)}:
            raise ApiError(200, "Invalid MFA code", code="0")
        return self._issue(now)

    def refresh(self, given: Mapping[str, str]) -> Record:
        """Renew both tokens. The old ones become invalid."""
        now = self._clock()
        old = self._pairs.pop(given.get("refreshtoken", ""), None)
        if old is None or old.until <= now or old.access != given.get("accesstoken"):
            raise ApiError(200, "Refresh token expired", code="401")
        self._ends.pop(old.access, None)
        return self._issue(now)

    def check(self, request: Request) -> None:
        """Raise `ApiError` for a request without a valid access token."""
        if self._ends.get(_bearer(request), 0.0) <= self._clock():
            raise ApiError(401, "", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})

    def revoke(self, request: Request) -> None:
        """End the access token of a request before it expires. It can still be renewed."""
        self._ends.pop(_bearer(request), None)

    def _issue(self, now: float) -> Record:
        self._forget(now)
        access, refresh = (".".join(secrets.token_urlsafe(size) for size in (15, 30, 24)) for _ in range(2))
        self._ends[access] = now + ACCESS_SECONDS
        self._pairs[refresh] = _Pair(access, now + REFRESH_SECONDS)
        return {
            "accessToken": access,
            "refreshToken": refresh,
            "accessTokenExpireOn": f"{_moment(now + ACCESS_SECONDS)}.1234567Z",
            "refreshTokenExpireOn": _moment(now + REFRESH_SECONDS),
        }

    def _forget(self, now: float) -> None:
        self._ends = {token: end for token, end in self._ends.items() if end > now}
        self._pairs = {token: pair for token, pair in self._pairs.items() if pair.until > now}


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, tz=timezone.utc):%Y-%m-%dT%H:%M:%S}"
