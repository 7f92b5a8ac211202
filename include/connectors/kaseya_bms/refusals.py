"""What Kaseya BMS refuses inside a 200: `Success` is false, and an `Error` may say why."""

from __future__ import annotations

from typing import Any

from include.errors import (
    AuthError,
    LoginRefused,
    NotFound,
    PsaError,
    RateLimited,
    RequestRefused,
    RightsError,
    ServerError,
)

AUTHENTICATE = "/v2/security/authenticate"
REFRESH = "/v2/security/refreshtoken"


def denial(path: str, body: Any, said: str) -> PsaError | None:
    """The error that the answer stands for; `Code` is read as an HTTP status, which is not documented."""
    envelope = lowered(body, depth=2)
    if not isinstance(envelope, dict) or envelope.get("success") is not False:
        return None
    said = f"{said.removesuffix('.')} with Success false."
    if path in (AUTHENTICATE, REFRESH):
        return LoginRefused(said)
    error = envelope.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if code == 401:
        return AuthError(said)
    if code == 403:
        return RightsError(said)
    if code == 404:
        return NotFound(said)
    if code == 429:
        return RateLimited(said, retry_after_seconds=0)
    if isinstance(code, int) and 400 <= code < 500:
        return RequestRefused(said)
    return ServerError(said, status=500)  # what other servers answer 500 to


def lowered(value: Any, *, depth: int = -1) -> Any:
    """The value with all names in lower case: the document spells them one way, the wire another."""
    if depth == 0:
        return value
    if isinstance(value, dict):
        return {str(name).lower(): lowered(inner, depth=depth - 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [lowered(inner, depth=depth - 1) for inner in value]
    return value
