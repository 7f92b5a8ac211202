"""Serves a page, a count or a single record of a resource, changed by the faults that are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.connectwise.faults import DateFault
from simulator.connectwise.query import Query, links, matching, read, window
from simulator.connectwise.references import Tenant
from simulator.connectwise.resource import Resource
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
    parent: int = 0  # the id in the path before the resource; 0: none

    @property
    def tenant(self) -> Tenant:
        """What the fields of records are computed from."""
        root = self.request.origin + self.request.path.removesuffix(self.request.endpoint)
        return Tenant(self.api.world, root)


class Serving:
    """Serves calls."""

    def __init__(self) -> None:
        self._results = ResultCache()

    def page(self, call: Call) -> tuple[list[Record], Mapping[str, str]]:
        """The records of one page, and the header that links to other pages."""
        query, table, listing = _prepare(call)
        for fault in call.faults:
            listing = fault.change_listing(listing)
        found = self._matching(call, query, table, listing)
        ids, total = window(found, listing, by_id=not query.order)
        records = _records(call, query, table, listing, ids)
        return records, links(call.request, query, listing, page_ids=ids, total=total)

    def count(self, call: Call) -> int:
        """The number of rows that meet the conditions."""
        query, table, listing = _prepare(call)
        _, count = window(self._matching(call, query, table, listing), listing, by_id=not query.order)
        for fault in call.faults:
            count = fault.change_count(count)
        return count

    def single(self, call: Call, id_: int) -> Record:
        """One record by its id."""
        query, table, listing = _prepare(call)
        if not contains(listing.ids, id_):
            raise ApiError(404, f"{call.resource.model} {id_} not found")
        return _records(call, query, table, listing, [id_])[0]

    def _matching(self, call: Call, query: Query, table: Mapping[int, Any], listing: Listing) -> Sequence[int]:
        filters = (query.filters, query.child, query.custom, query.order)
        if not any(filters):
            return listing.ids
        key = (call.resource.path, call.parent, len(listing.ids), call.api.world.version, filters)
        return self._results.get(key, lambda: matching(query, call.resource, call.tenant, listing, table))


def _prepare(call: Call) -> tuple[Query, Mapping[int, Any], Listing]:
    """The query of the request, the rows of its resource, and which of them exist for the caller."""
    resource, world = call.resource, call.api.world
    query = read(call.request, resource)
    for fault in call.faults:
        if isinstance(fault, DateFault):
            query = replace(query, filters=fault.conditions(query.filters))
    if resource.parent and not contains(resource.parent(world, 0)[1], call.parent):
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
