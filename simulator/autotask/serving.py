"""Serves a page, a count or a single record of a resource, changed by the faults that are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.autotask.faults import ConditionFault
from simulator.autotask.filters import Comparison
from simulator.autotask.query import MAX_RECORDS, Query, matching, next_page, read, window
from simulator.autotask.resource import Resource
from simulator.faults.base import Fault, Page
from simulator.messages import ApiError, Listing, Record, Request, VendorApi
from simulator.result_cache import ResultCache
from simulator.table import contains


@dataclass(frozen=True)
class Call:
    """A request for a resource, and the faults that apply to it."""

    api: VendorApi
    request: Request
    faults: Sequence[Fault]
    resource: Resource[Any]

    def visible(self, query: Query) -> tuple[Mapping[int, Any], Listing]:
        """The rows of the resource, and which of them exist for the caller."""
        table, ids = self.resource.source(self.api.world)
        listing = Listing(self.resource.kind, ids, fields=query.include, after=query.after, size=query.size)
        for fault in self.faults:
            listing = replace(listing, ids=fault.visible_ids(listing))
        return table, listing


class Serving:
    """Serves calls."""

    def __init__(self) -> None:
        self._results = ResultCache()

    def page(self, call: Call) -> Record:
        """One page. It has the address of the next one, but not the total number of rows."""
        return self._page(call, read(call.request, call.resource, call.api.world))

    def below(self, call: Call, field: str, parent: int) -> Record:
        """All rows that belong to one record of another resource, on one page. An unknown parent has none."""
        every = max(MAX_RECORDS, len(call.resource.source(call.api.world)[1]))
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
        """The number of rows that meet the conditions."""
        query = read(call.request, call.resource, call.api.world)
        table, listing = call.visible(query)
        _, count = window(self._matching(call, query, table, listing), listing)
        for fault in call.faults:
            count = fault.change_count(count)
        return {"queryCount": count}

    def single(self, call: Call, id_: int) -> Record:
        """One record by its id, or null. An inactive contact is shown without its company."""
        table, listing = call.visible(Query((), None, (), 1))
        if not contains(listing.ids, id_):
            return {"item": None}
        record = _records(call, table, listing, [id_])[0]
        if call.resource.name == "Contact" and record.get("isActive") == 0:
            record["companyID"] = 0
        return {"item": record}

    def _matching(self, call: Call, query: Query, table: Mapping[int, Any], listing: Listing) -> Sequence[int]:
        conditions = query.conditions
        for fault in call.faults:
            conditions = fault.as_read(conditions) if isinstance(fault, ConditionFault) else conditions
        if not conditions:
            return listing.ids
        world = call.api.world
        key = (call.resource.path, len(listing.ids), world.version, conditions)
        return self._results.get(key, lambda: matching(conditions, call.resource, world, (table, listing.ids)))


def _records(call: Call, table: Mapping[int, Any], listing: Listing, ids: Sequence[int]) -> list[Record]:
    records = call.resource.records(call.api.world, ((id_, table[id_]) for id_ in ids), listing.fields)
    page = Page(call.api, listing, list(ids), records)
    for fault in call.faults:
        page = fault.change_page(page)
    return page.records
