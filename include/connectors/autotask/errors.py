"""What Autotask means by a refusal: it answers 500 to mistakes of the client as well, so the text decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from include.model.errors import AuthError, ConfigError, PsaError, RateLimited, RequestRefused, RightsError
from include.model.page import Record

TOO_MANY_AT_ONCE_SECONDS = 3.0  # the calls in flight are over by then


def _too_many_at_once(said: str) -> PsaError:
    return RateLimited(said, retry_after_seconds=TOO_MANY_AT_ONCE_SECONDS)


MEANINGS: Mapping[str, Callable[[str], PsaError]] = {
    "thread threshold": _too_many_at_once,
    "itgenatr005": _too_many_at_once,
    "adequate permissions": RightsError,
    "integrationcode is invalid": lambda said: AuthError(
        f"{said} The code is 'integrationCode' in the connection's extra."
    ),
    "zone information could not be determined": lambda said: ConfigError(
        f"{said} No zone knows the connection's login: it is the user name of the API user."
    ),
    "unable to find": RequestRefused,
    "invalid query syntax": RequestRefused,
    "no matching records found": RequestRefused,
    "value cannot be null": RequestRefused,
    "'or' conditions": RequestRefused,
}
"""What a text in an answer means, in lower case."""


def judge(status: int, body: Record, said: str) -> PsaError | None:
    """The meaning of the first text that fits; a 429 is left to its Retry-After."""
    words = " ".join(_words(body)).casefold()
    if status == 429:
        return None
    return next((error(said) for text, error in MEANINGS.items() if text in words), None)


def _words(body: Record) -> list[str]:
    if not isinstance(body, dict):
        return []
    errors = body.get("errors")
    return [str(word) for word in [*(errors if isinstance(errors, list) else []), body.get("Message", "")]]
