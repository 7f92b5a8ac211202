"""What the ticket page asks a connector for: tickets as they are at this moment, which are shown and never stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from include.connectors.common.values import InvalidValue, pick, text
from include.model.errors import FormError

T = TypeVar("T")

MOST_HOURS = 10_000.0
_WHOLE = re.compile(r"[1-9][0-9]{0,17}")
_PLACE = re.compile(r"(0|[1-9][0-9]{0,5})-([0-9]{1,8})")


class State(str, Enum):
    """Whether tickets are still worked on, as the vendor sees it."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True)
class Reference:
    """What a ticket points at, or a filter wants: the vendor's key and the name, as far as the answer tells them."""

    key: str | None = None
    name: str | None = None


NO_REFERENCE = Reference()


@dataclass(frozen=True)
class Query:
    """Which tickets to list; what is None or empty filters nothing.

    `statuses` and `priorities` are all those that share one label: any of them will do. `page` is what the page before
    gave as `next`.
    """

    board: Reference | None = None
    statuses: Sequence[Reference] = ()
    priorities: Sequence[Reference] = ()
    company: Reference | None = None
    owner: Reference | None = None
    state: State = State.OPEN
    text: str = ""
    page: str = ""


@dataclass(frozen=True)
class Ticket:
    """A row of the list. `key` opens it, `number` is what people call it, `url` is its page in the PSA."""

    key: str
    number: str
    summary: str | None
    company: Reference = NO_REFERENCE
    contact: Reference = NO_REFERENCE
    board: Reference = NO_REFERENCE
    status: Reference = NO_REFERENCE
    priority: Reference = NO_REFERENCE
    owner: Reference = NO_REFERENCE
    created_at: datetime | None = None
    updated_at: datetime | None = None
    is_closed: bool | None = None
    url: str | None = None


@dataclass(frozen=True)
class TicketPage:
    """One page, newest activity first. `next` asks for the one after it; `unreadable` records had no usable key.

    `remark` is a sentence for a person who looks at this page, such as about a filter that its rows do not bear out.
    """

    tickets: Sequence[Ticket]
    next: str | None = None
    total: int | None = None
    unreadable: int = 0
    remark: str = ""


@dataclass(frozen=True)
class Entry:
    """A note, or time that was spent (then with `hours`). `is_internal`: not for the customer; None is unknown."""

    key: str
    at: datetime | None
    author: Reference
    text: str
    is_internal: bool | None
    title: str | None = None
    hours: float | None = None
    attachments: Sequence[str] = ()


@dataclass(frozen=True)
class TicketDetail:
    """One ticket with all that was said and done, oldest first.

    `missing` are sentences about what could not be read, such as time entries without the right to see them.
    """

    ticket: Ticket
    description: str | None = None
    site: Reference = NO_REFERENCE
    assets: Sequence[Reference] = ()
    entries: Sequence[Entry] = ()
    attachments: Sequence[str] = ()
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class TicketSource:
    """A vendor's help desk.

    `board` is what the vendor calls a board. `search` gives a page, `detail` a ticket by its key (NotFound when it is
    gone), `people` those a ticket can be assigned to; each with an open account. `order` says what keeps the newest
    activity from coming first over all pages.
    """

    board: str
    search: Callable[[Any, Query], TicketPage]
    detail: Callable[[Any, str], TicketDetail]
    people: Callable[[Any], Sequence[Reference]]
    order: str = ""


@dataclass(frozen=True)
class Place:
    """Where a page begins, for vendors that number their pages: its number, and how many tickets came before it."""

    number: int
    before: int = 0

    def __str__(self) -> str:
        return f"{self.number}-{self.before}"


def place(cursor: str) -> Place | None:
    """What a cursor says, None for the first page; raises FormError for what is none."""
    found = _PLACE.fullmatch(cursor)
    if cursor and not found:
        raise FormError("This is not the address of a page of tickets.")
    return Place(int(found[1]), int(found[2])) if found else None


def ticket_key(typed: str | None, what: str = "ticket") -> str:
    """A key that is a whole number, as a browser sends it back; raises FormError for anything else."""
    if not typed or not _WHOLE.fullmatch(typed):
        raise FormError(f"This is not the number of a {what}.")
    return typed


def hours(value: Any) -> float | None:
    """A length of time, also spelled as text; none that was never spent."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidValue("a number of hours expected") from None
    if isinstance(value, bool) or not 0 <= number < MOST_HOURS:
        raise InvalidValue("a number of hours expected")
    return number


def folded(words: str) -> str:
    """For comparing as databases do: without regard to case and accents."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", words).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def are_descending(moments: Iterable[datetime | None]) -> bool:
    """Whether a server dealt the newest first; what has no moment tells nothing."""
    known = [moment for moment in moments if moment]
    return known == sorted(known, reverse=True)


def is_ignored(contradicting: int, telling: int) -> bool:
    """Whether a server did not obey a filter: most rows that tell of it say so, not one odd row alone."""
    return contradicting > max(1, telling / 2)


def time_entries(time: Entry, internal: str, *, title: str | None = None) -> list[Entry]:
    """Time, with what customers may read of it, and apart from that what they may not; the hours stand once.

    `title` is that of the internal part where there are two.
    """
    if not internal:
        return [time]
    if not time.text:
        return [replace(time, text=internal, is_internal=True)]
    aside = replace(time, key=f"{time.key}-internal", text=internal, is_internal=True, title=title, hours=None)
    return [time, aside]


def try_pick(convert: Callable[[Any], T], record: Any, *path: str) -> T | None:
    """The value at `path`, None where it is odd: a page shows what can be read and leaves the rest out."""
    with suppress(InvalidValue):
        return pick(convert, record, *path)
    return None


def words(record: Any, *path: str) -> str:
    """Text at `path`, empty where there is none."""
    return try_pick(text, record, *path) or ""


def newest_first(tickets: Sequence[Ticket]) -> list[Ticket]:
    """By last activity; those without a time come last, by key."""
    known = sorted((t for t in tickets if t.updated_at), key=lambda t: (t.updated_at, t.key), reverse=True)
    return known + sorted((t for t in tickets if not t.updated_at), key=lambda t: t.key, reverse=True)


def oldest_first(entries: Sequence[Entry]) -> list[Entry]:
    """By time; those without one come first."""
    known = sorted((e for e in entries if e.at), key=lambda e: (e.at, e.key))
    return sorted((e for e in entries if not e.at), key=lambda e: e.key) + known
