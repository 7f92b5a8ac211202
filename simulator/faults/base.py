"""What a fault is: a named way of going wrong that applies to some requests and changes their responses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from simulator.messages import Listing, Record, Request, Response, VendorApi


@dataclass(kw_only=True)
class Fault:
    """Base class of all faults. A subclass overrides the methods for what it changes."""

    name: ClassVar[str]
    applies_to_counts: ClassVar[bool] = True

    path: str = "*"  # glob over endpoints; a listing's count belongs to its path
    after: int = 0  # this many requests are answered correctly first
    times: int = 0  # then this many go wrong; 0: all

    def __post_init__(self) -> None:
        self._seen = 0

    def applies_to(self, request: Request) -> bool:
        """Whether this request goes wrong. Must be called exactly once per request."""
        listed = request.endpoint.removesuffix("/count")
        if not fnmatchcase(listed, self.path) or (listed != request.endpoint and not self.applies_to_counts):
            return False
        self._seen += 1
        return self._seen > self.after and (not self.times or self._seen <= self.after + self.times)

    def replacement(self) -> Response | None:
        """A response in place of the vendor's; may raise `ApiError`."""
        return None

    def change_response(self, response: Response) -> Response:
        """Change a response, which may be a refusal, before it is sent."""
        return response

    def visible_ids(self, listing: Listing) -> Sequence[int]:
        """Which rows exist for the caller, in listings, counts and as single records."""
        return listing.ids

    def change_listing(self, listing: Listing) -> Listing:
        """Change which part of a listing is served."""
        return listing

    def change_count(self, count: int) -> int:
        """Change a count."""
        return count

    def change_page(self, page: Page) -> Page:
        """Change the records of a page."""
        return page


@dataclass
class Page:
    """A page before it is sent."""

    api: VendorApi
    listing: Listing
    ids: list[int]  # of the rows, in the order of `records`, which may not contain them
    records: list[Record]


@dataclass(kw_only=True)
class PageFault(Fault):
    """A fault of pages. It neither changes counts nor counts them as requests."""

    applies_to_counts: ClassVar[bool] = False


@dataclass(kw_only=True)
class RowFault(PageFault):
    """A fault of one row."""

    row: int = 0  # the id of the row; 0: use `nth`
    nth: int = 5  # its place in the listing, counted from 0

    def target(self, listing: Listing) -> int:
        """The id of the row that goes wrong; 0 if the listing is empty."""
        if self.row or not listing.ids:
            return self.row
        return listing.ids[min(self.nth, len(listing.ids) - 1)]

    def position(self, page: Page) -> int | None:
        """The row's place on this page, or None."""
        target = self.target(page.listing)
        return page.ids.index(target) if target in page.ids else None
