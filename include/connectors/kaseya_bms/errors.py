"""What Kaseya BMS refuses inside a 200: `Success` is false, and an `Error` may say why."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from include.connectors.common.values import InvalidValue, integer, pick, text
from include.model.errors import (
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


# What a message is about, as an HTTP status. A lost right goes before a lost record: that one would be marked deleted.
MEANINGS = (
    (
        429,
        re.compile(r"\btoo many\b(?!.*\battempts)|\brate limit|\blimit\b.*\b(exceeded|reached)|throttl", re.IGNORECASE),
    ),
    (403, re.compile(r"permission|access (is |was )?denied|not authori[sz]ed|forbidden", re.IGNORECASE)),
    (401, re.compile(r"unauthori[sz]ed|\b(token|session)\b.*\b(invalid|expired)|invalid token", re.IGNORECASE)),
    (404, re.compile(r"not found|(does not|doesn't|no longer) exist", re.IGNORECASE)),
)


def denial(path: str, body: Any, said: str) -> PsaError | None:
    """The error that the answer stands for, None where it is a good one."""
    envelope = lowered(body, depth=2)
    if not isinstance(envelope, dict) or envelope.get("success") is not False:
        return None
    said = f"{said.removesuffix('.')} with Success false."
    status = status_of(envelope.get("error"))
    if path in (AUTHENTICATE, REFRESH) and (status is None or (status < 500 and status != 429)):
        return LoginRefused(said)
    if status == 401:
        return AuthError(said)
    if status == 403:
        return RightsError(said)
    if status == 404:
        return NotFound(said)
    if status == 429:
        return RateLimited(said, retry_after_seconds=0)
    if status is not None and status < 500:
        return RequestRefused(said)
    return ServerError(said, status=500)  # what other servers answer 500 to


def status_of(error: Any) -> int | None:
    """`Code` where it can be an HTTP status, else what the message means; neither is documented."""
    with suppress(InvalidValue):
        code = pick(integer, error, "code")
        if code is not None and 400 <= code < 600:
            return code
    message = ""
    with suppress(InvalidValue):
        message = pick(text, error, "message") or ""
    return next((status for status, meaning in MEANINGS if meaning.search(message)), None)


def lowered(value: Any, *, depth: int = -1) -> Any:
    """The value with all names in lower case: the document spells them one way, the wire another."""
    if depth == 0:
        return value
    if isinstance(value, dict):
        return {str(name).lower(): lowered(inner, depth=depth - 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [lowered(inner, depth=depth - 1) for inner in value]
    return value
