"""Serves one entity: a page, a count or a single record, as far as the faults that are on let it through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.autotask.faults import FilterIgnored
from simulator.autotask.filters import Comparison
from simulator.autotask.query import MAX_RECORDS, Query, holds, matching, next_page, read, window
from simulator.autotask.resource import Entity
from simulator.faults.base import Fault, Page
from simulator.messages import ApiError, Listing, Record, Request, VendorApi

KEPT_QUERIES = 16


@dataclass(frozen=True)
class Call:
    """A request and the entity it is about."""

    api: VendorApi
    request: Request
    faults: Sequence[Fault]
    entity: Entity[Any]

    def visible(self, query: Query) -> tuple[Mapping[int, Any], Listing]:
        """The rows of the entity, and which of them can be seen at all."""
        table, ids = self.entity.source(self.api.world)
        listing = Listing(self.entity.kind, ids, fields=query.include, after=query.after, size=query.size)
        for fault in self.faults:
            listing = replace(listing, ids=fault.visible_ids(listing))
        return table, listing


class Serving:
    """Answers calls; remembers the rows of the last filters, since every page of a listing asks for the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Sequence[int]] = {}

    def page(self, call: Call) -> Record:
        """One page; it says where the next is, and never how many rows there are in all."""
        return self._page(call, read(call.request, call.entity, call.api.world))

    def below(self, call: Call, field: str, parent: int) -> Record:
        """All rows that belong to one record of another entity; it is not paged, and an unknown parent has none."""
        every = max(MAX_RECORDS, len(call.entity.source(call.api.world)[1]))
        return self._page(call, Query((Comparison("eq", field, parent),), None, (), every))

    def _page(self, call: Call, query: Query) -> Record:
        table, listing = call.visible(query)
        for fault in call.faults:
            listing = fault.change_listing(listing)
        ids, remaining = window(self._matching(call, query, table, listing), listing)
        if remaining > MAX_RECORDS and query.include and "id" not in query.include:
            raise ApiError(500, f"IncludeFields must name id when more than {MAX_RECORDS} records are found.")
        items = _records(call, table, listing, ids)
        count = len(items)
        for fault in call.faults:
            count = fault.change_count(count)
        details = {
            "count": count,
            "requestCount": query.size,
            "prevPageUrl": None,
            "nextPageUrl": next_page(call.request, query, ids[-1]) if remaining > len(ids) else None,
        }
        return {"items": items, "pageDetails": details}

    def count(self, call: Call) -> Record:
        """How many rows the filter lets through."""
        query = read(call.request, call.entity, call.api.world)
        table, listing = call.visible(query)
        _, count = window(self._matching(call, query, table, listing), listing)
        for fault in call.faults:
            count = fault.change_count(count)
        return {"queryCount": count}

    def single(self, call: Call, id_: int) -> Record:
        """One record by its id, null when there is none. Of an inactive contact it hides the company."""
        table, listing = call.visible(Query((), None, (), 1))
        if not holds(listing.ids, id_):
            return {"item": None}
        record = _records(call, table, listing, [id_])[0]
        if call.entity.name == "Contact" and record.get("isActive") == 0:
            record["companyID"] = 0
        return {"item": record}

    def _matching(self, call: Call, query: Query, table: Mapping[int, Any], listing: Listing) -> Sequence[int]:
        conditions = query.conditions
        for fault in call.faults:
            conditions = fault.kept(conditions) if isinstance(fault, FilterIgnored) else conditions
        if not conditions:
            return listing.ids
        world = call.api.world
        key = (call.entity.path, len(listing.ids), world.version, conditions)
        if key not in self._found:
            while len(self._found) >= KEPT_QUERIES:
                del self._found[next(iter(self._found))]
            self._found[key] = matching(conditions, call.entity, world, table, listing.ids)
        return self._found[key]


def _records(call: Call, table: Mapping[int, Any], listing: Listing, ids: Sequence[int]) -> list[Record]:
    records = call.entity.records(call.api.world, ((id_, table[id_]) for id_ in ids), listing.fields)
    page = Page(call.api, listing, list(ids), records)
    for fault in call.faults:
        page = fault.change_page(page)
    return page.records
