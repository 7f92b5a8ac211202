"""What a fault is: a named way of going wrong, with a place, a start and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from simulator.messages import Listing, Record, Request, Response, VendorApi


@dataclass(kw_only=True)
class Fault:
    """`path` is a glob over endpoints and their counts; `after` requests go well, then `times` (0: all) go wrong."""

    name: ClassVar[str]
    applies_to_counts: ClassVar[bool] = True

    path: str = "*"
    after: int = 0
    times: int = 0

    def __post_init__(self) -> None:
        self._seen = 0

    def applies_to(self, request: Request) -> bool:
        """Whether this request is one that goes wrong; to be asked once per request."""
        listed = request.endpoint.removesuffix("/count")
        if not fnmatchcase(listed, self.path) or (listed != request.endpoint and not self.applies_to_counts):
            return False
        self._seen += 1
        return self._seen > self.after and (not self.times or self._seen <= self.after + self.times)

    def replacement(self) -> Response | None:
        """The answer that is given without asking the vendor at all; may be a refusal."""
        return None

    def change_response(self, response: Response) -> Response:
        """What becomes of an answer, refusals included, on its way out."""
        return response

    def visible_ids(self, listing: Listing) -> Sequence[int]:
        """Which rows exist for the caller, in listings and in counts."""
        return listing.ids

    def change_listing(self, listing: Listing) -> Listing:
        """Which part of the listing is served."""
        return listing

    def change_count(self, count: int) -> int:
        """What the count says."""
        return count

    def change_page(self, page: Page) -> Page:
        """What a page holds."""
        return page


@dataclass
class Page:
    """A page about to be served: each row's id beside its record, since the record may not show it."""

    api: VendorApi
    listing: Listing
    ids: list[int]
    records: list[Record]


@dataclass(kw_only=True)
class PageFault(Fault):
    """A fault that only pages of records can have, so a count neither suffers it nor uses it up."""

    applies_to_counts: ClassVar[bool] = False


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

    def position(self, page: Page) -> int | None:
        """Where on this page that row is, if it is."""
        target = self.target(page.listing)
        return page.ids.index(target) if target in page.ids else None
