"""Listings by ascending key, and the proof that they ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from include.http.in_flight import Flights
from include.http.positions import KeyMark
from include.http.read_ahead import ReadAhead
from include.model.errors import ServerError, ShapeError, Truncated, Unreachable
from include.model.numbers import whole_number
from include.model.page import Page, Position, PositionLost, Record, Reject

MOST_SKIPPED = 50
"""How many records that the server cannot deliver one listing may skip."""


@dataclass(frozen=True)
class Keyset:
    """A listing by ascending integer key, so that no edit can move a record between pages."""

    what: str
    """Vendor and path, for messages."""
    fetch: Callable[[int | None, int, int], Page]
    """`fetch(after, size, tries)` gives the records with a key above `after` (None: all), the lowest key first."""
    next_key: Callable[[int | None], int | None]
    """`next_key(after)` gives the first key above `after`, without the rest of the record."""
    count: Callable[[int | None], int | None]
    """`count(after)` gives the server's own total of the records with a key above `after`; None where it gives none."""
    page_size: int
    least_page: int
    """The shortest page that a server cuts a listing to. Without a total, a page of this length proves no end."""
    tries: int
    listing: str = ""
    """What is listed, for positions in it."""
    at_once: int = 1
    """How many pages of a counted listing may be in flight."""

    def pages(self, resume: Position | None = None) -> Iterator[Page]:
        """Every page, behind `resume`; raises Truncated when the server counts more than it listed.

        Without `resume` the pages have no positions. With it the records before it count as they did, and those behind
        it are counted by themselves as well: what was deleted before it must not stand in for what is missing behind.
        """
        begun = KeyMark.at(resume, self.listing)
        flights: Flights[int | None, Page] = Flights(self._whole_page, self.at_once)
        with flights:
            yield from self._pages(begun, resume, ReadAhead(flights, self._last_key, integer_key))

    def _pages(self, begun: KeyMark, resume: Position | None, ahead: ReadAhead) -> Iterator[Page]:
        last, total = begun.key, self.count(begun.key)
        seen, size, skipped = 0, self.page_size, 0
        while True:
            try:
                page, length = self._page_after(last, size, ahead)
            except (ServerError, Unreachable) as error:
                if not _may_be_one_record(error):
                    raise
                ahead.forget()
                if size > 1:
                    size //= 2
                    continue
                reject = self._skip(last, skipped, error)
                size = self.page_size
                if reject:
                    last, skipped, seen = int(reject.source_id or 0), skipped + 1, seen + 1
                    page = Page([], [reject], done=seen, expected=total)
                    yield replace(page, position=self._position(resume, last, begun.seen + seen))
                continue
            last = self._last_key(page, last)
            seen += _distinct(page.records)
            is_last = self._is_last(page, length, size, seen, total)
            if not is_last and size == self.page_size and total is not None:
                ahead.ask_after(last, left=total - seen)
            position = self._position(resume, last, begun.seen + seen)
            yield replace(page, done=seen, expected=total, position=position)
            if is_last:
                break
        self._prove(seen, total, begun.key)
        self._prove_whole(begun, seen)

    def is_as_it_was(self, end: Position | None) -> bool:
        """Whether the server counts as many records as an attempt has seen that ended at this position."""
        return self.count(None) == KeyMark.at(end, self.listing).seen

    def _whole_page(self, after: int | None) -> Page:
        return self.fetch(after, self.page_size, self.tries)

    def _page_after(self, last: int | None, size: int, ahead: ReadAhead) -> tuple[Page, int]:
        """The records behind a key, and how many the server sent together with them."""
        if size == self.page_size and (found := ahead.page_after(last)):
            return found
        page = self.fetch(last, size, self.tries if size in (1, self.page_size) else 1)
        ahead.learn(page, last)
        return page, len(page.records)

    def _position(self, resume: Position | None, last: int | None, seen: int) -> Position | None:
        return None if resume is None or last is None else KeyMark(last, seen).position(self.listing)

    def _is_last(self, page: Page, length: int, size: int, seen: int, total: int | None) -> bool:
        """A short page alone proves nothing: servers may silently cut pages shorter than asked for."""
        is_short = length < (min(size, self.least_page) if total is None else size)
        return not page.records or (is_short and not page.has_next and (total is None or seen >= total))

    def _skip(self, last: int | None, skipped: int, error: ServerError | Unreachable) -> Reject | None:
        """The record that breaks its page, as a reject; None when it can be read now. No next key means an outage."""
        if skipped >= MOST_SKIPPED:
            raise error
        key = self.next_key(last)
        if key is None or (last is not None and key <= last):
            raise error
        try:
            self.fetch(last, 1, self.tries)
        except (ServerError, Unreachable) as again:
            return Reject(str(key), f"the server cannot deliver this record: {again.said}")
        return None

    def _last_key(self, page: Page, last: int | None) -> int | None:
        records = page.records
        keys = [key for key in map(integer_key, records) if key is not None]
        if records and not keys:
            raise ShapeError(f"{self.what}: no record of a page of {len(records)} has a usable 'id'.")
        if keys and last is not None and keys[0] <= last:
            raise ShapeError(f"{self.what}: asked for ids above {last}, got {keys[0]}: the condition was ignored.")
        if keys != sorted(keys):
            raise ShapeError(f"{self.what}: the page is not in the order of 'id' that was asked for.")
        return keys[-1] if keys else last

    def _prove(self, seen: int, total: int | None, after: int | None) -> None:
        if total is None or seen >= total:
            return
        now = self.count(after)  # rows may have been deleted meanwhile
        if now is not None and seen < now:
            raise Truncated(f"{self.what}: the listing ended after {seen:,} records, the server counts {now:,}.")

    def _prove_whole(self, begun: KeyMark, seen: int) -> None:
        """Raise PositionLost if the server counts more in all than was read before a position and behind it."""
        total = self.count(None) if begun.key is not None else None
        if total is not None and begun.seen + seen < total:
            raise PositionLost(f"{begun.seen + seen:,} records were listed in two attempts, the PSA counts {total:,}")


def integer_key(record: Record) -> int | None:
    """The record's `id` where it is a whole number, also one that is spelled as text."""
    return whole_number(record.get("id")) if isinstance(record, dict) else None


def _distinct(records: list[Record]) -> int:
    """A record that comes twice must not stand in for one that is missing."""
    keys = [integer_key(record) for record in records]
    return len({key for key in keys if key is not None}) + keys.count(None)


def _may_be_one_record(error: ServerError | Unreachable) -> bool:
    """One record (500) or the size of a page (time-out) can make it fail; a smaller page shows which."""
    return error.timed_out if isinstance(error, Unreachable) else error.status in (500, 504)
