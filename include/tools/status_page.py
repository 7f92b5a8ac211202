"""What docs/operating.md says about HTTP statuses: the table of `include/http/statuses.py` in words."""

from __future__ import annotations

from collections.abc import Iterable

from include.http.statuses import OTHERS, STATUSES, Meaning
from include.model.errors import AuthError, NotFound, PsaError, RateLimited, RightsError, TransientError

# What happens next, by the first class that an error belongs to.
NEXT: tuple[tuple[type[PsaError], str], ...] = (
    (RateLimited, "all tasks of the account wait; then it is repeated"),
    (TransientError, "it is repeated, and then the task"),
    (RightsError, "this kind is red at once"),
    (AuthError, "a new token is tried, if there are tokens; then red at once"),
    (NotFound, "red at once; for a single record it means that the record is gone"),
    (PsaError, "red at once"),
)


def table() -> Iterable[str]:
    """One line for the statuses that mean the same, and one for all others of a first digit."""
    lines: dict[Meaning, list[str]] = {}
    for status, meaning in sorted(STATUSES.items()):
        lines.setdefault(meaning, []).append(str(status))
    for digit, meaning in OTHERS.items():
        lines.setdefault(meaning, []).append(f"any other {digit}xx")
    yield from ("| status | what it means | error | what happens next | what a person does |", "| --- |" + " --- |" * 4)
    for meaning, statuses in lines.items():
        then = next(words for kind, words in NEXT if issubclass(meaning.error, kind))
        do = meaning.do or meaning.error.advice
        yield f"| {', '.join(statuses)} | {meaning.means} | `{meaning.error.__name__}` | {then} | {do} |"
