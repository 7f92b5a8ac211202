"""What the ticket sources of several vendors share: cursors, lenient reading, columns of tickets, and order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from include.connectors.common.columns import Column, first_of, of_many
from include.connectors.common.values import InvalidValue, is_empty, pick, text, whole_key
from include.model.errors import FormError, NotFound, RequestRefused, RightsError
from include.model.numbers import decimal_number
from include.model.page import Record
from include.model.tickets import Reference, Ticket, TicketEntry

T = TypeVar("T")

MAX_HOURS = 10_000
FEW_TRIES = 2
"""How often a request of the ticket page is tried: a person is waiting."""
_KEY = re.compile(r"[1-9][0-9]{0,17}")
_CURSOR = re.compile(r"(0|[1-9][0-9]{0,5})-([0-9]{1,8})")


@dataclass(frozen=True)
class Place:
    """Where a page begins, for vendors that number their pages: its number, and how many tickets came before it."""

    number: int
    before: int = 0

    def __str__(self) -> str:
        return f"{self.number}-{self.before}"

    def next(self, came: int, total: int) -> Place | None:
        """Where the next page begins, after one with so many tickets; None when as many came as the server counts.

        Its length proves nothing: servers cut pages short.
        """
        seen = self.before + came
        return Place(self.number + 1, seen) if came and seen < total else None


def place(cursor: str) -> Place | None:
    """The place that a cursor names, None for the first page; raises FormError for text that is no cursor."""
    found = _CURSOR.fullmatch(cursor)
    if cursor and not found:
        raise FormError("This is not the address of a page of tickets.")
    return Place(int(found[1]), int(found[2])) if found else None


def ticket_key(typed: str | None, what: str = "ticket") -> str:
    """A key that is a whole number, as a browser sends it back; raises FormError for anything else."""
    if not typed or not _KEY.fullmatch(typed):
        raise FormError(f"This is not the number of a {what}.")
    return typed


def hours(value: Record) -> float | None:
    """A number of hours, also spelled as text; raises InvalidValue for a time that no one can have spent."""
    if is_empty(value):
        return None
    number = decimal_number(value)
    if number is None or not 0 <= number < MAX_HOURS:
        raise InvalidValue("a number of hours expected")
    return float(number)


def folded(words: str) -> str:
    """The words without case and accents, to compare them as databases do."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", words).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def are_descending(moments: Iterable[datetime | None]) -> bool:
    """True if the newest came first. Moments that are not known are ignored."""
    known = [moment for moment in moments if moment]
    return known == sorted(known, reverse=True)


def time_entries(time: TicketEntry, internal: str, *, title: str | None = None) -> list[TicketEntry]:
    """Spent time with the text that customers may read, then the internal text; the hours are on the first alone.

    `title` is that of the internal part where there are two.
    """
    if not internal:
        return [time]
    if not time.text:
        return [replace(time, text=internal, is_internal=True)]
    aside = replace(time, key=f"{time.key}-internal", text=internal, is_internal=True, title=title, hours=None)
    return [time, aside]


@contextmanager
def if_allowed(missing: list[str], sentence: str) -> Iterator[None]:
    """Read a part of a ticket; where this login may not read it, or the PSA does not have it, note the sentence."""
    try:
        yield
    except (NotFound, RequestRefused, RightsError):
        missing.append(sentence)


def try_pick(convert: Callable[[Record], T], record: Record, *path: str) -> T | None:
    """The value at `path`, None where it is invalid: a page shows what can be read and leaves the rest out."""
    try:
        return pick(convert, record, *path)
    except InvalidValue:
        return None


def words(record: Record, *path: str) -> str:
    """Text at `path`, empty where there is none."""
    return try_pick(text, record, *path) or ""


def full_name(record: Record) -> str:
    """First and last name; empty where the record has neither."""
    return f"{words(record, 'firstName')} {words(record, 'lastName')}".strip()


def people_of(
    records: Iterable[Record], person: Callable[[Record], Reference], is_inactive: Callable[[Record], bool | None]
) -> list[Reference]:
    """People by name, those who left last: old tickets are assigned to them. Those without a key cannot be chosen."""
    found = {one.key: (bool(is_inactive(record)), one) for record in records if (one := person(record)).key}
    return [one for _, one in sorted(found.values(), key=lambda each: (each[0], (each[1].name or "").casefold()))]


def id_of(record: Record) -> str:
    """The number of a note or a time entry; empty where it has none."""
    return try_pick(whole_key, record, "id") or ""


def first_readable(convert: Callable[[Record], object], *paths: str, note: str = "") -> Column[object]:
    """A ticket's field: the first of these values that is not empty and can be read."""
    places, strict = [path.split(".") for path in paths], first_of(convert, *paths)

    def read(record: Record, _: object) -> object:
        return first_at(convert, record, places)

    def read_all(records: Sequence[Record], given: object) -> list[object]:
        try:
            return strict.read_all(records, given)
        except InvalidValue:
            return [read(record, given) for record in records]

    return Column(paths, read, note, many=read_all)


def first_at(convert: Callable[[Record], T | None], record: Record, places: Iterable[Sequence[str]]) -> T | None:
    """The first value at one of these paths that is not empty and can be read."""
    for steps in places:
        value = try_pick(convert, record, *steps)
        if value is not None:
            return value
    return None


def reference(
    key: str,
    *names: str,
    or_key: str = "",
    convert: Callable[[Record], str | None] = whole_key,
    note: str = "",
) -> Column[object]:
    """A ticket's field: what it points at, see `reference_of`. `or_key` is where some answers have the key."""
    keys = tuple(filter(None, (key, or_key)))
    return pointing_at(first_readable(convert, *keys), first_readable(text, *names), note=note)


def pointing_at(key: Column[object], name: Column[object], *, note: str = "") -> Column[object]:
    """A ticket's field: what it points at, by its key and its name. Tickets of an answer share equal references."""

    def read_all(records: Sequence[Record], given: object) -> list[Reference]:
        pairs: list[Any] = list(zip(key.read_all(records, given), name.read_all(records, given), strict=True))
        known = {pair: Reference(*pair) for pair in set(pairs)}
        return [known[pair] for pair in pairs]

    return of_many((*key.fields, *name.fields), read_all, note)


def combined(combine: Callable[..., object], *parts: Column[object], note: str = "") -> Column[object]:
    """A ticket's field that is made of the values of other columns."""

    def read_all(records: Sequence[Record], given: object) -> list[object]:
        return list(map(combine, *(part.read_all(records, given) for part in parts)))

    return of_many(tuple(name for part in parts for name in part.fields), read_all, note)


def reference_of(
    record: Record, key: str, *names: str, convert: Callable[[Record], str | None] = whole_key
) -> Reference:
    """What a record points at, by the path of the key and the paths of the name, the first filled one.

    Key and name are read independently: where one is invalid, the other is still shown.
    """
    name = first_at(text, record, (path.split(".") for path in names))
    return Reference(try_pick(convert, record, *key.split(".")), name)


def newest_first(tickets: Sequence[Ticket]) -> list[Ticket]:
    """By last activity; those without a time come last, by key."""
    known = sorted((t for t in tickets if t.updated_at), key=lambda t: (t.updated_at, t.key), reverse=True)
    return known + sorted((t for t in tickets if not t.updated_at), key=lambda t: t.key, reverse=True)


def oldest_first(entries: Sequence[TicketEntry]) -> list[TicketEntry]:
    """By time; those without one come first."""
    known = sorted((e for e in entries if e.at), key=lambda e: (e.at, e.key))
    return sorted((e for e in entries if not e.at), key=lambda e: e.key) + known
