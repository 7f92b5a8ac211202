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
    """A page of a listing by numbers."""

    number: int
    seen_before: int = 0
    """How many different records were on the pages before it."""
    total: int | None = None
    """How many records the server counted."""
    keys: str = ""
    """The digest of its records' keys."""

    @classmethod
    def at(cls, resume: Position | None, listing: str) -> PageMark | None:
        """The page at a position; None for the beginning."""
        place = place_in(resume, listing)
        return place and cls(**place)

    def position(self, listing: str) -> Position:
        """The position behind this page."""
        return Position(listing, asdict(self))

    def unread(self, page: Page, mark: PageMark) -> Page:
        """The page; without records if it is the one at this position, whose records were read before.

        Raises PositionLost unless that page is as it was: then no record before it has come, gone or moved.
        """
        if not self.keys or mark.number != self.number:
            return page
        if mark.total != self.total:
            raise PositionLost(f"the PSA counts {mark.total} records now, and counted {self.total}")
        if mark.keys != self.keys:
            raise PositionLost("records have moved between the pages")
        return replace(page, records=[])


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
