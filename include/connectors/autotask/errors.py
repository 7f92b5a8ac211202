"""What Autotask means by a refusal: it answers 500 to mistakes of the client as well, so the text decides."""

from __future__ import annotations

from collections.abc import Callable

from include.model.errors import AuthError, ConfigError, PsaError, RateLimited, RequestRefused, RightsError
from include.model.page import Record

TOO_MANY_AT_ONCE_SECONDS = 3.0  # the calls in flight are over by then

MEANINGS: tuple[tuple[tuple[str, ...], Callable[[str], PsaError]], ...] = (
    (
        ("thread threshold", "itgenatr005"),
        lambda said: RateLimited(said, retry_after_seconds=TOO_MANY_AT_ONCE_SECONDS),
    ),
    (("adequate permissions",), RightsError),
    (
        ("integrationcode is invalid",),
        lambda said: AuthError(f"{said} The code is 'integrationCode' in the connection's extra."),
    ),
    (
        ("zone information could not be determined",),
        lambda said: ConfigError(f"{said} No zone knows the connection's login: it is the user name of the API user."),
    ),
    (
        (
            "unable to find",
            "invalid query syntax",
            "no matching records found",
            "value cannot be null",
            "'or' conditions",
        ),
        RequestRefused,
    ),
)


def judge(status: int, body: Record, said: str) -> PsaError | None:
    """The meaning of the first text that fits; a 429 is left to its Retry-After."""
    words = " ".join(_words(body)).casefold()
    if status == 429:
        return None
    return next((error(said) for texts, error in MEANINGS if any(text in words for text in texts)), None)


def _words(body: Record) -> list[str]:
    if not isinstance(body, dict):
        return []
    errors = body.get("errors")
    return [str(word) for word in [*(errors if isinstance(errors, list) else []), body.get("Message", "")]]
