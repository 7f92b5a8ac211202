"""Records read leniently, for the ticket page: a value that is invalid is left out, like one that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from include.connectors.common.tickets import first_at, hours, reference_of
from include.connectors.common.values import boolean, instant, items, text, whole_key
from include.model.errors import ShapeError
from include.model.page import Record
from include.model.tickets import Reference

T = TypeVar("T")


@dataclass(frozen=True)
class Lenient:
    """A record that belongs to a ticket. Paths are dotted; of several, the first value that can be used counts."""

    record: Record

    def first(self, convert: Callable[[Record], T | None], *paths: str) -> T | None:
        """The first value, converted."""
        return first_at(convert, self.record, (path.split(".") for path in paths))

    @property
    def id(self) -> str:
        """The number of a note or a time entry; empty where it has none."""
        return self.key("id") or ""

    def key(self, *paths: str) -> str | None:
        """A key that is a whole number."""
        return self.first(whole_key, *paths)

    def text(self, *paths: str) -> str | None:
        """Text."""
        return self.first(text, *paths)

    def words(self, *paths: str) -> str:
        """Text, empty where there is none."""
        return self.text(*paths) or ""

    def moment(self, *paths: str) -> datetime | None:
        """A date and time."""
        return self.first(instant, *paths)

    def flag(self, path: str) -> bool | None:
        """A flag; None where it is not known."""
        return self.first(boolean, path)

    def hours(self, path: str) -> float | None:
        """Time spent."""
        return self.first(hours, path)

    def reference(self, key: str, *names: str, convert: Callable[[Record], str | None] = whole_key) -> Reference:
        """What it points at, see `reference_of`."""
        return reference_of(self.record, key, *names, convert=convert)

    def entries(self, path: str) -> list[Lenient]:
        """The objects of a list in it."""
        return list(map(Lenient, self.first(items, path) or ()))

    def texts(self, path: str, *names: str) -> list[str]:
        """Of each object of a list in it, the first of these texts, where it has one."""
        return [name for entry in self.entries(path) if (name := entry.text(*names))]


def require_ticket(
    records: Iterable[Lenient],
    field: str,
    key: str,
    what: str,
    *,
    convert: Callable[[Record], str | None] = whole_key,
) -> None:
    """Raise ShapeError where a record names another ticket than this one; `what` begins the message."""
    if any(record.first(convert, field) not in (None, key) for record in records):
        raise ShapeError(f"{what} of other tickets: the filter was ignored.")
