"""Listings by the number of a page, where the vendor cannot list by key, and the proof that they ended."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

from include.http.in_flight import Asked, Flights, in_flight
from include.http.positions import PageMark, Seen, digest
from include.model.errors import Truncated
from include.model.page import Page, Position, PositionLost, Record

LONG_PAGE = 25
"""Records from which on a second page that equals the first shows that the server ignores the page's number."""


@dataclass(frozen=True)
class Numbered:
    """A listing by the number of its pages, where records can move between pages or come twice.

    The length of a page proves nothing. A listing ends with the last page that the server announces, or with as many
    different records as it counts; where it says neither, with a page that brings nothing new.
    """

    what: str
    """Vendor and path, for messages."""
    fetch: Callable[[int], Page]
    """`fetch(number)` gives a page."""
    key: Callable[[Record], Hashable]
    """What tells records apart; None when it is unusable."""
    first: int = 1
    """The number of the first page."""
    long: int = LONG_PAGE
    at_once: int = 1
    """How many pages may be in flight once the first has shown how many there are."""
    listing: str = ""
    """What is listed, for positions in it."""
    in_order: Callable[[int, Page], Page] = lambda _, page: page
    """`in_order(number, page)`: what a page means when all pages before it have come."""

    def pages(self, resume: Position | None = None) -> Iterator[Page]:
        """Every page, behind `resume`; raises Truncated unless the first and the last answer count as many records as
        came.

        Without `resume` the pages have no positions. Records may have moved between pages since the position was noted:
        so its page is read again, and must be as it was. Without any count, a long first page that comes again as the
        second shows a server that does not page.
        """
        seen = Seen.before(resume, self.listing)
        begun = seen.begun or PageMark(self.first, 0, None, "")
        announced = begun.total
        for number, page in enumerate(self._fetched(begun.number), begun.number):
            announced = page.total if number == self.first else announced
            keys = [self._known_by(record) for record in page.records]
            page, new = seen.add(number, page, keys)
            self._require_another(page, number, seen=seen.count, new=new)
            mark = PageMark(number, seen.count, page.total, digest(keys) if resume else "")
            position = mark.position(self.listing) if resume and keys else None
            yield replace(page, done=seen.count, expected=page.total, position=position)
            if self._ended(page, len(keys), number, seen=seen.count, new=new):
                break
        pages_left = (page.pages or 0) - number + self.first - 1
        if missing := self._unproven(seen.count, announced, page.total, pages_left=pages_left):
            raise PositionLost(missing) if seen.begun else Truncated(f"{missing}.")

    def is_as_it_was(self, end: Position | None) -> bool:
        """Whether the last page is as it was when an attempt ended at this position."""
        mark = PageMark.at(end, self.listing)
        if mark is None:
            return False
        page = self.in_order(mark.number, self.fetch(mark.number))
        return (page.total, digest(map(self._known_by, page.records))) == (mark.total, mark.keys)

    def _require_another(self, page: Page, number: int, *, seen: int, new: int) -> None:
        """Raise Truncated if the second page is the first one again, in a listing that no one counts."""
        if number == self.first + 1 and not new and seen >= self.long and page.records and page.total is None:
            raise Truncated(f"{self.what}: the second page is the first again, as if the server ignored its number.")

    def _fetched(self, start: int) -> Iterator[Page]:
        """The pages from there on in their order, for ever: those that the first of them announces are in flight
        together."""
        page = self.in_order(start, self.fetch(start))
        yield page
        following = max(self.first + (_announced_pages(page) or 1), start + 1)
        for asked in in_flight(self.fetch, range(start + 1, following), self.at_once):
            yield self._answered(asked)
        yield from self._unannounced(following, len(page.records))

    def _unannounced(self, start: int, length: int) -> Iterator[Page]:
        """The pages from there on in their order, for ever. From the third one on, one more may be in flight after each
        that is as long as the first: so a list of few pages costs no more requests, and a long one a few behind its
        end."""
        numbers, asked = count(start), deque[Asked[int, Page]]()
        flights: Flights[int, Page] = Flights(self.fetch, self.at_once)
        most = full = 1
        with flights:
            while True:
                asked.extend(map(flights.ask, islice(numbers, max(most - len(asked), 0))))
                page = self._answered(asked.popleft())
                full = full + 1 if 0 < length <= len(page.records) else 0
                most = min(max(full - 1, 1), flights.at_once)
                if most > 1:
                    asked.extend(map(flights.ask, islice(numbers, max(most - len(asked), 0))))
                yield page

    def _answered(self, asked: Asked[int, Page]) -> Page:
        return replace(self.in_order(asked.item, asked.result()), asked_at=asked.asked_at)

    def _known_by(self, record: Record) -> str:
        """Its key; a record without a usable one is known by its whole content, so that it is counted only once."""
        key = self.key(record)
        return f"record {json.dumps(record, sort_keys=True, default=repr)}" if key is None else str(key)

    def _ended(self, page: Page, length: int, number: int, *, seen: int, new: int) -> bool:
        if not length:
            return True
        if page.pages is not None:
            return number - self.first + 1 >= page.pages
        return not new or (page.total is not None and seen >= page.total)

    def _unproven(self, seen: int, first: int | None, last: int | None, *, pages_left: int) -> str:
        """Why the end of the listing is not proven; empty where it is."""
        if pages_left > 0 and last is None:
            return f"{self.what}: an empty page came where {pages_left} more were announced"
        totals = {total for total in (first, last) if total is not None}
        said = " and then ".join(f"{total:,}" for total in (first, last) if total is not None)
        if totals - {seen}:
            return f"{self.what}: {seen:,} different records were listed, the server counted {said}"
        return ""


def _announced_pages(first: Page) -> int | None:
    """How many pages a listing has, as its first page says it."""
    if first.pages is not None or not first.total or not first.records:
        return first.pages
    return math.ceil(first.total / len(first.records))
