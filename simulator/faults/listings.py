"""Faults of listings: rows are missing, duplicated or misplaced although every response looks correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from simulator.daily_changes import edited
from simulator.faults.base import Fault, Page, PageFault, RowFault
from simulator.messages import Listing


@dataclass(kw_only=True)
class RepeatedPage(PageFault):
    """Every page is the first one: page number, cursor and position filter are ignored."""

    name: ClassVar[str] = "repeated_page"

    def change_listing(self, listing: Listing) -> Listing:
        return replace(listing, after=None, page=1)


@dataclass(kw_only=True)
class CappedPage(PageFault):
    """A page never has more than `rows` rows, whatever page size was requested."""

    name: ClassVar[str] = "capped_page"
    rows: int = 100

    def change_listing(self, listing: Listing) -> Listing:
        return replace(listing, size=min(listing.size, self.rows))


@dataclass(kw_only=True)
class EarlyEnd(PageFault):
    """The listing ends after `rows` rows although the count includes all: with a short page or with an empty one."""

    name: ClassVar[str] = "early_end"
    rows: int = 1000

    def change_listing(self, listing: Listing) -> Listing:
        return replace(listing, ids=listing.ids[: self.rows])


@dataclass(kw_only=True)
class NarrowedList(Fault):
    """Only the first `rows` rows are visible, in counts too, as after a permission was restricted."""

    name: ClassVar[str] = "narrowed_list"
    rows: int = 3

    def visible_ids(self, listing: Listing) -> Sequence[int]:
        return listing.ids[: self.rows]


@dataclass(kw_only=True)
class EmptiedList(NarrowedList):
    """200 with no rows, and the count agrees."""

    name: ClassVar[str] = "emptied_list"
    rows: int = 0


@dataclass(kw_only=True)
class CountDisagrees(Fault):
    """The count is wrong by `by`."""

    name: ClassVar[str] = "count_disagrees"
    by: int = 7

    def change_count(self, count: int) -> int:
        return max(0, count + self.by)


@dataclass(kw_only=True)
class DuplicateRecord(RowFault):
    """One row comes twice on its page, which has one row more."""

    name: ClassVar[str] = "duplicate_record"

    def change_page(self, page: Page) -> Page:
        at = self.position(page)
        if at is not None:
            page.records.insert(at, dict(page.records[at]))
            page.ids.insert(at, page.ids[at])
        return page


@dataclass(kw_only=True)
class RowEditedBetweenPages(RowFault):
    """After a page was served, a row is edited, by default the first one."""

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
    """After a page was served, a row is deleted, by default the first one: all later rows move up by one."""

    name: ClassVar[str] = "row_deleted_between_pages"
    times: int = 1
    nth: int = 0

    def change_page(self, page: Page) -> Page:
        getattr(page.api.world, page.listing.kind, {}).pop(self.target(page.listing), None)
        return page
