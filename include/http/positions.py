"""Places in listings, with what a later attempt needs to see whether it can go on from there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable
from dataclasses import asdict, dataclass, field, replace

from include.model.page import START, Page, Position, PositionLost, Record


def place_in(resume: Position | None, listing: str) -> Record:
    """The place at a position; None for the beginning. Raises PositionLost if the position is in another listing."""
    if resume is None or resume == START:
        return None
    if resume.listing != listing:
        raise PositionLost("another listing is read now")
    return resume.at


def digest(keys: Iterable[Hashable]) -> str:
    """What tells the records of a page, in their order, from any others."""
    return hashlib.blake2b(json.dumps([str(key) for key in keys]).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class KeyMark:
    """A place in a listing by ascending key."""

    key: int | None = None
    """The last key before it; None at the beginning."""
    seen: int = 0
    """How many different records were before it."""

    @classmethod
    def at(cls, resume: Position | None, listing: str) -> KeyMark:
        """The place at a position; raises PositionLost if the position is in another listing."""
        return cls(**(place_in(resume, listing) or {}))

    def position(self, listing: str) -> Position:
        """This place as a position."""
        return Position(listing, asdict(self))


@dataclass(frozen=True)
class PageMark:
    """A page of a listing by numbers that was read."""

    number: int
    seen: int
    """How many different records are on it and on the pages before it."""
    total: int | None
    """How many records the server counted."""
    keys: str
    """The digest of its records' keys."""

    @classmethod
    def at(cls, resume: Position | None, listing: str) -> PageMark | None:
        """The page at a position; None for the beginning."""
        place = place_in(resume, listing)
        return place and cls(**place)

    def position(self, listing: str) -> Position:
        """The position behind this page."""
        return Position(listing, asdict(self))

    def check(self, total: int | None, keys: Iterable[Hashable]) -> None:
        """Raise PositionLost unless the page is as it was: else records before it may have come, gone or moved."""
        if total != self.total:
            raise PositionLost(f"the PSA counts {total} records now, and counted {self.total}")
        if digest(keys) != self.keys:
            raise PositionLost("records have moved between the pages")


@dataclass
class Seen:
    """The different records of a listing by numbers, those before a position included."""

    begun: PageMark | None
    """The page of the position."""
    known: set[str]
    """The keys of the records."""

    def __post_init__(self) -> None:
        self._others = self.begun.seen - len(self.known) if self.begun else 0  # read before, and not stored

    @classmethod
    def before(cls, resume: Position | None, listing: str) -> Seen:
        """What was seen before a position."""
        begun = PageMark.at(resume, listing)
        return cls(begun, set(resume.known()) if begun and resume else set())

    def add(self, number: int, page: Page, keys: list[str]) -> tuple[Page, int]:
        """The page, and how many of its records are new; the position's own page without the records, read before."""
        if self.begun and number == self.begun.number:
            self.begun.check(page.total, keys)
            return replace(page, records=[]), len(keys)
        before = len(self.known)
        self.known.update(keys)
        return page, len(self.known) - before

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.known) + self._others


@dataclass
class KeyPositions:
    """Positions in a list of keys that is read key by key. They are lost when a key before them has come or gone."""

    listing: str
    _keys: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def after(self, key: str) -> Position:
        """The position behind the next key."""
        self._keys.update(f"{key}\n".encode())
        return Position(self.listing, {"key": key, "keys": self._keys.hexdigest()})

    def behind(self, keys: Iterable[str], resume: Position | None) -> list[str]:
        """The keys that are still to be read; raises PositionLost."""
        rest = iter(keys)
        if place_in(resume, self.listing) is None:
            return list(rest)
        for key in rest:
            if self.after(key) == resume:
                return list(rest)
        raise PositionLost("the list that says what to read has changed")
