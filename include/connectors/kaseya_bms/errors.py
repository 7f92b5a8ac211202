"""How Kaseya BMS words a refusal: inside a 200 whose `Success` is false, and an `Error` may say why."""

from __future__ import annotations

import re

from include.connectors.common.tickets import try_pick, words
from include.connectors.common.values import integer
from include.connectors.kaseya_bms.lower_case import lowered
from include.http.statuses import error_of
from include.model.errors import LoginRefused, PsaError
from include.model.page import Record

AUTHENTICATE = "/v2/security/authenticate"
REFRESH = "/v2/security/refreshtoken"
# What a message means, as an HTTP status, the first that fits. A missing right comes before a missing record, which
# would be marked deleted.
MEANINGS = {
    429: r"\btoo many\b(?!.*\battempts)|\brate limit|\blimit\b.*\b(exceeded|reached)|throttl",
    403: r"permission|access (is |was )?denied|not authori[sz]ed|forbidden",
    401: r"unauthori[sz]ed|\b(token|session)\b.*\b(invalid|expired)|invalid token",
    404: r"not found|(does not|doesn't|no longer) exist",
}


def denial(path: str, body: Record, said: str) -> PsaError | None:
    """The error that an answer stands for; None where it is a good one."""
    envelope = lowered(body, depth=2)
    if not isinstance(envelope, dict) or envelope.get("success") is not False:
        return None
    said = f"{said.removesuffix('.')} with Success false"
    status = status_of(envelope.get("error"))
    if path in (AUTHENTICATE, REFRESH) and (status is None or (status < 500 and status != 429)):
        return LoginRefused(f"{said}.")
    return error_of(status or 500, said, retry_after_seconds=0)  # a failure that is not explained may be a passing one


def status_of(error: Record) -> int | None:
    """`Code` where it can be an HTTP status, otherwise what the message means; neither is documented."""
    code, message = try_pick(integer, error, "code"), words(error, "message")
    if code is not None and 400 <= code < 600:
        return code
    meant = (status for status, pattern in MEANINGS.items() if re.search(pattern, message, re.IGNORECASE))
    return next(meant, None)
