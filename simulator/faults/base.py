"""What a fault is: a named way of going wrong, with a place, a start and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from simulator.messages import Answer, Listing, Record, Request, Vendor


@dataclass(kw_only=True)
class Fault:
    """`path` is a glob over endpoints and their counts; `after` requests go well, then `times` (0: all) go wrong."""

    name: ClassVar[str]
    strikes_counts: ClassVar[bool] = True

    path: str = "*"
    after: int = 0
    times: int = 0

    def __post_init__(self) -> None:
        self._seen = 0

    def strikes(self, request: Request) -> bool:
        """Whether this request is one that goes wrong; to be asked once per request."""
        listed = request.endpoint.removesuffix("/count")
        if not fnmatchcase(listed, self.path) or (listed != request.endpoint and not self.strikes_counts):
            return False
        self._seen += 1
        return self._seen > self.after and (not self.times or self._seen <= self.after + self.times)

    def instead(self) -> Answer | None:
        """The answer that is given without asking the vendor at all; may be a refusal."""
        return None

    def afterwards(self, answer: Answer) -> Answer:
        """What becomes of an answer, refusals included, on its way out."""
        return answer

    def visible(self, listing: Listing) -> Sequence[int]:
        """Which rows exist for the caller, in listings and in counts."""
        return listing.ids

    def window(self, listing: Listing) -> Listing:
        """Which part of the listing is served."""
        return listing

    def count(self, count: int) -> int:
        """What the count says."""
        return count

    def records(self, rows: Rows) -> Rows:
        """What a page holds."""
        return rows


@dataclass
class Rows:
    """A page about to be served: each row's id beside its record, since the record may not show it."""

    vendor: Vendor
    listing: Listing
    ids: list[int]
    records: list[Record]


@dataclass(kw_only=True)
class PageFault(Fault):
    """A fault that only pages of records can have, so a count neither suffers it nor uses it up."""

    strikes_counts: ClassVar[bool] = False


@dataclass(kw_only=True)
class RowFault(PageFault):
    """A fault of one row: `row` by id, else the `nth` of the collection by id order, counted from 0."""

    row: int = 0
    nth: int = 5

    def target(self, listing: Listing) -> int:
        """The id of the row that goes wrong, 0 when the collection is empty."""
        if self.row or not listing.ids:
            return self.row
        return listing.ids[min(self.nth, len(listing.ids) - 1)]

    def position(self, rows: Rows) -> int | None:
        """Where on this page that row is, if it is."""
        target = self.target(rows.listing)
        return rows.ids.index(target) if target in rows.ids else None
