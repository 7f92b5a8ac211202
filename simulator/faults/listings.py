"""Faults of listings: rows missing, doubled or out of place while every answer looks fine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from simulator.daily_changes import edited
from simulator.faults.base import Fault, Page, PageFault, RowFault
from simulator.messages import Listing


@dataclass(kw_only=True)
class RepeatedPage(PageFault):
    """Every page is the first: page number, cursor and position filter are ignored."""

    name: ClassVar[str] = "repeated_page"

    def change_listing(self, listing: Listing) -> Listing:
        return replace(listing, after=None, page=1)


@dataclass(kw_only=True)
class CappedPage(PageFault):
    """Never more than `rows` a page, whatever was asked for."""

    name: ClassVar[str] = "capped_page"
    rows: int = 100

    def change_listing(self, listing: Listing) -> Listing:
        return replace(listing, size=min(listing.size, self.rows))


@dataclass(kw_only=True)
class EarlyEnd(PageFault):
    """The listing ends after `rows`, while the count knows of all: a short page, or [] when a page ends there."""

    name: ClassVar[str] = "early_end"
    rows: int = 1000

    def change_listing(self, listing: Listing) -> Listing:
        return replace(listing, ids=listing.ids[: self.rows])


@dataclass(kw_only=True)
class NarrowedList(Fault):
    """Only the first `rows` can be seen, counts included: a right was narrowed."""

    name: ClassVar[str] = "narrowed_list"
    rows: int = 3

    def visible_ids(self, listing: Listing) -> Sequence[int]:
        return listing.ids[: self.rows]


@dataclass(kw_only=True)
class EmptiedList(NarrowedList):
    """200 and no rows, and the count agrees."""

    name: ClassVar[str] = "emptied_list"
    rows: int = 0


@dataclass(kw_only=True)
class CountDisagrees(Fault):
    """The count is off by `by`."""

    name: ClassVar[str] = "count_disagrees"
    by: int = 7

    def change_count(self, count: int) -> int:
        return max(0, count + self.by)


@dataclass(kw_only=True)
class DuplicateRecord(RowFault):
    """One row comes twice on its page, which is one row longer for it."""

    name: ClassVar[str] = "duplicate_record"

    def change_page(self, page: Page) -> Page:
        at = self.position(page)
        if at is not None:
            page.records.insert(at, dict(page.records[at]))
            page.ids.insert(at, page.ids[at])
        return page


@dataclass(kw_only=True)
class RowEditedBetweenPages(RowFault):
    """Once a page was served, a row is edited: one that was already read, unless `nth` or `row` points further on."""

    name: ClassVar[str] = "row_edited_between_pages"
    times: int = 1
    nth: int = 0

    def change_page(self, page: Page) -> Page:
        table: Any = getattr(page.api.world, page.listing.kind, {})
        row = table.get(self.target(page.listing))
        if row is not None:
            table.add(edited(row, at=page.api.world.now))
        return page


@dataclass(kw_only=True)
class RowDeletedBetweenPages(RowFault):
    """Once a page was served, a row is gone, by default the first: what follows moves up by one."""

    name: ClassVar[str] = "row_deleted_between_pages"
    times: int = 1
    nth: int = 0

    def change_page(self, page: Page) -> Page:
        getattr(page.api.world, page.listing.kind, {}).pop(self.target(page.listing), None)
        return page
