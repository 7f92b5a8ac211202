"""Several listings that are read one after the other as if they were one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

from include.http.positions import digest, place_in
from include.model.page import START, Page, Position, PositionLost, Record


@dataclass(frozen=True)
class Part:
    """One of the listings."""

    listing: str
    """What is listed."""
    pages: Callable[[Position | None], Iterator[Page]]
    """Its pages, behind a position; raises an error unless its end is proven."""
    is_as_it_was: Callable[[Position | None], bool]
    """Whether it is as it was when an attempt read it up to this position, which was its last one."""


@dataclass(frozen=True)
class PartsMark:
    """A place in a listing that consists of parts."""

    read: Sequence[Record] = ()
    """The last places in the parts that were read."""
    within: Record = None
    """The place in the next part; None for its beginning."""
    parts: str = field(default_factory=lambda: digest([]))
    """The digest of these parts' names."""

    @classmethod
    def at(cls, resume: Position | None, listing: str, parts: Sequence[Part]) -> PartsMark:
        """The place at a position; raises PositionLost if the parts up to there are not the same."""
        mark = cls(**(place_in(resume, listing) or {}))
        if mark.parts != mark.digest_of(parts):
            raise PositionLost("the list that says what to read has changed")
        return mark

    def digest_of(self, parts: Sequence[Part]) -> str:
        """The digest of the names of the parts that were begun."""
        return digest(part.listing for part in parts[: len(self.read) + (self.within is not None)])

    def position(self, listing: str, parts: Sequence[Part]) -> Position:
        """This place as a position."""
        return Position(listing, asdict(replace(self, parts=self.digest_of(parts))))


def in_parts(listing: str, parts: Sequence[Part], resume: Position | None) -> Iterator[Page]:
    """The pages of all parts, behind `resume`.

    Since an earlier attempt, a record can have gone from a part that is still to be read to one that was read: these
    are read again unless they are as they were.
    """
    begun = PartsMark.at(resume, listing, parts)
    read, within = list(begun.read), begun.within
    for number, part in enumerate(parts[: len(read)]):
        if not part.is_as_it_was(_position(part, read[number])):
            for page in part.pages(START):
                read[number] = page.position.at if page.position else read[number]
                yield replace(page, position=None)
            yield Page([], position=PartsMark(read, within).position(listing, parts))
    for part in parts[len(read) :]:
        last, begin = None, replace(_position(part, within) or START, known=resume.known) if resume else None
        for page in part.pages(begin):
            last = page.position.at if page.position else last
            mark = PartsMark(read, last)
            yield replace(page, position=mark.position(listing, parts) if page.position else None)
        read, within = [*read, last], None
        if resume:
            yield Page([], position=PartsMark(read).position(listing, parts))


def _position(part: Part, at: Record) -> Position | None:
    return None if at is None else Position(part.listing, at)
