"""Serves one resource: a page, a count or a single record, as far as the faults that are on let it through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.connectwise.query import Query, holds, links, matching, read, window
from simulator.connectwise.references import Tenant
from simulator.connectwise.resource import Resource
from simulator.faults.base import Fault, Page
from simulator.messages import ApiError, Listing, Record, Request, VendorApi

KEPT_QUERIES = 16


@dataclass(frozen=True)
class Call:
    """A request and the resource it is about; `parent` is the id of what the resource lies below, 0 for nothing."""

    api: VendorApi
    request: Request
    faults: Sequence[Fault]
    resource: Resource[Any]
    parent: int = 0

    @property
    def tenant(self) -> Tenant:
        """The world as this caller sees it."""
        root = self.request.origin + self.request.path.removesuffix(self.request.endpoint)
        return Tenant(self.api.world, root)


class Serving:
    """Answers calls; remembers the rows of the last filters, since every page of a listing asks for the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Sequence[int]] = {}

    def page(self, call: Call) -> tuple[list[Record], Mapping[str, str]]:
        """The records of one page, and the header that links to the others."""
        query, table, listing = _asked(call)
        for fault in call.faults:
            listing = fault.change_listing(listing)
        found = self._matching(call, query, table, listing)
        ids, total = window(found, listing, by_id=not query.order)
        records = _records(call, query, table, listing, ids)
        return records, links(call.request, query, listing, page_ids=ids, total=total)

    def count(self, call: Call) -> int:
        """How many rows the conditions let through."""
        query, table, listing = _asked(call)
        _, count = window(self._matching(call, query, table, listing), listing, by_id=not query.order)
        for fault in call.faults:
            count = fault.change_count(count)
        return count

    def single(self, call: Call, id_: int) -> Record:
        """One record by its id."""
        query, table, listing = _asked(call)
        if not holds(listing.ids, id_):
            raise ApiError(404, f"{call.resource.model} {id_} not found")
        return _records(call, query, table, listing, [id_])[0]

    def _matching(self, call: Call, query: Query, table: Mapping[int, Any], listing: Listing) -> Sequence[int]:
        filters = (query.filters, query.child, query.custom, query.order)
        if not any(filters):
            return listing.ids
        key = (call.resource.path, call.parent, len(listing.ids), call.api.world.version, filters)
        if key not in self._found:
            while len(self._found) >= KEPT_QUERIES:
                del self._found[next(iter(self._found))]
            self._found[key] = matching(query, call.resource, call.tenant, listing, table)
        return self._found[key]


def _asked(call: Call) -> tuple[Query, Mapping[int, Any], Listing]:
    """What the request asks for, the rows it asks about, and which of them can be seen at all."""
    resource, world = call.resource, call.api.world
    query = read(call.request, resource)
    if resource.parent and not holds(resource.parent(world, 0)[1], call.parent):
        raise ApiError(404, f"The parent {call.parent} was not found.")
    table, ids = resource.source(world, call.parent)
    fields = tuple(query.selection)
    listing = Listing(resource.kind, ids, fields=fields, after=query.after, page=query.page, size=query.size)
    for fault in call.faults:
        listing = replace(listing, ids=fault.visible_ids(listing))
    return query, table, listing


def _records(call: Call, query: Query, table: Mapping[int, Any], listing: Listing, ids: Sequence[int]) -> list[Record]:
    tenant = call.tenant
    records = [call.resource.record(tenant, table[id_], id_, query.selection) for id_ in ids]
    page = Page(call.api, listing, list(ids), records)
    for fault in call.faults:
        page = fault.change_page(page)
    return page.records
