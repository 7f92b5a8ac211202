"""Several pages of a listing by key in flight, although each begins after the last key of the one before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from include.http.in_flight import Asked, Flights
from include.model.page import Page, Record

FILLED = 0.9
"""Of a page's length, how far apart pages are asked for. Between two that are too far apart, another one is needed."""


@dataclass
class ReadAhead:
    """Asks for pages after keys at which they may begin, by how close together the last keys were.

    A page that begins at or before the last key that was read, and ends behind it, goes on where that one stopped: what
    was read before is cut off. So no record is left out or comes twice, wherever the keys were expected, and no page
    counts before all records in front of it were read.
    """

    flights: Flights[int | None, Page]
    """Ask for the page after a key."""
    check: Callable[[Page, int | None], object]
    """Raises an error for a page that does not go on after a key."""
    key: Callable[[Record], int | None]
    """The record's key; None when it is unusable."""
    _asked: dict[int, Asked[int | None, Page]] = field(default_factory=dict)
    _keys_per_record: float = 1.0
    _page_length: int = 0

    def page_after(self, last: int | None) -> tuple[Page, int] | None:
        """The records behind a key, and how many the server sent together with them; None if they are not asked for."""
        begins = self._begins(last)
        if last is None or begins is None:
            return None
        asked = self._asked[begins]
        self._asked = {key: other for key, other in self._asked.items() if key > begins}
        page = replace(asked.result(), asked_at=asked.asked_at)
        self.learn(page, begins)
        records = page.records if begins == last else self._behind(page.records, last)
        return None if records is None else (replace(page, records=records), len(page.records))

    def _behind(self, records: list[Record], last: int) -> list[Record] | None:
        """Those with a key above `last`; None if there are none, or one without a key, which may have come before."""
        keys = [key for key in map(self.key, records) if key is not None]
        if len(keys) < len(records) or (keys and keys[-1] <= last):
            return None
        return records[bisect_right(keys, last) :]

    def ask_after(self, last: int | None, *, left: int) -> None:
        """Ask for what follows a key, behind which there are so many records."""
        if last is None or self.flights.at_once == 1:
            return
        place, reach = self._begins(last), self._page_length * self._keys_per_record
        if place is None:
            place = last
            self._asked[place] = self.flights.ask(place)
        while len(self._asked) < self.flights.at_once:
            others = [key for key in self._asked if place < key <= place + reach]
            place = max(others, default=place + max(int(FILLED * reach), 1))
            if (place - last) / self._keys_per_record >= left:
                break
            if not others:
                self._asked[place] = self.flights.ask(place)

    def learn(self, page: Page, after: int | None) -> None:
        """Check a page, and learn from it how close together keys are, and how long pages."""
        self.check(page, after)
        keys = [key for key in map(self.key, page.records) if key is not None]
        if len(keys) > 1:
            self._keys_per_record = max((keys[-1] - keys[0]) / (len(keys) - 1), 1.0)
        self._page_length = len(page.records)

    def forget(self) -> None:
        """Use nothing that was asked for ahead."""
        self._asked.clear()

    def _begins(self, last: int | None) -> int | None:
        """Where the page begins that was asked for and reaches furthest behind a key."""
        return max((key for key in self._asked if last is not None and key <= last), default=None)
