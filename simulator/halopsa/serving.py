"""Serves a page, a bare array or a single record of a resource, changed by the faults that are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.faults.base import Fault, Page
from simulator.halopsa.faults import ParameterFault, WrappedLookups
from simulator.halopsa.query import Query, between, read
from simulator.halopsa.resource import Resource
from simulator.messages import ApiError, Listing, Record, Request, VendorApi
from simulator.result_cache import ResultCache


@dataclass(frozen=True)
class Call:
    """A request for a resource, as the API understands it, and the faults that apply to it."""

    api: VendorApi
    resource: Resource
    query: Query
    faults: Sequence[Fault]

    def listing(self) -> Listing:
        """All rows that exist for the caller, before any filter."""
        names = ("id",) if "idonly" in self.query.flags else ()
        ids = self.resource.ids(self.api.world, self.query)
        listing = Listing(self.resource.kind, ids, fields=names, page=self.query.page, size=self.query.size)
        for fault in self.faults:
            listing = replace(listing, ids=fault.visible_ids(listing))
        return listing

    def records(self, listing: Listing, ids: Sequence[int], *, detailed: bool = False) -> list[Record]:
        """The records of these ids."""
        page = Page(self.api, listing, list(ids), [self._record(id_, detailed=detailed) for id_ in ids])
        for fault in self.faults:
            page = fault.change_page(page)
        return page.records

    def _record(self, id_: int, *, detailed: bool) -> Record:
        row = self.resource.row(self.api.world, id_, self.query)
        if detailed and self.resource.more:
            row |= self.resource.more(self.api.world, id_)
        return {"id": row["id"]} if "idonly" in self.query.flags else row


class Serving:
    """Serves calls."""

    def __init__(self) -> None:
        self._results = ResultCache()

    def list_rows(self, call: Call) -> Any:
        """One page in its envelope, or all rows as a bare array."""
        visible = call.listing()
        found = self._matching(call, visible)
        window = replace(visible, ids=found, size=max(1, len(found)) if call.resource.bare else visible.size)
        for fault in call.faults:
            window = fault.change_listing(window)
        records = call.records(visible, _slice(window, call))
        count = len(found) if call.query.paged else len(records)
        for fault in call.faults:
            count = fault.change_count(count)
        return _enveloped(call, records, count)

    def single(self, call: Call, id_: int) -> Record:
        """One record by its id; with `includedetails` it has fields that lists do not have."""
        listing = call.listing()
        if id_ not in listing.ids:
            raise ApiError(404, "")
        return call.records(listing, [id_], detailed="includedetails" in call.query.flags)[0]

    def _matching(self, call: Call, visible: Listing) -> Sequence[int]:
        """The visible ids that pass the filters: ascending, unless a search sorts them."""
        query, searched = call.query, call.resource.search is not None
        if not (searched or query.filters or any(query.changed)) and query.active and query.inactive:
            return visible.ids
        requested = (
            tuple(sorted((name, text) for name, text in query.given.items() if name != "page_no")) if searched else ()
        )
        choice = (query.filters, query.changed, query.active, query.inactive, query.flags, requested)
        key = (call.resource.envelope, *choice, len(visible.ids), call.api.world.version)
        return self._results.get(key, lambda: _filtered(call, visible.ids))


def make_call(api: VendorApi, resource: Resource, request: Request, faults: Sequence[Fault]) -> Call:
    """Read a call, without the parameters that a fault ignores."""
    given: Mapping[str, str] = request.query
    for fault in faults:
        given = fault.as_read(given) if isinstance(fault, ParameterFault) else given
    names, activity = tuple(resource.filters), resource.activity
    query = read(given, filters=names, activity=activity, largest_page=resource.largest_page, orders=resource.orders)
    return Call(api, resource, query, faults)


def _filtered(call: Call, ids: Sequence[int]) -> Sequence[int]:
    resource, world, query = call.resource, call.api.world, call.query
    if resource.search:
        return resource.search(world, query, ids)
    for name, values in query.filters:
        wanted = {id_ for value in values for id_ in resource.filters[name](world, value)}
        ids = [id_ for id_ in ids if id_ in wanted]
    if resource.changed_at and any(query.changed):
        ids = [id_ for id_ in ids if between(resource.changed_at(world, id_), *query.changed)]
    inactive = resource.inactive(world)
    return [id_ for id_ in ids if (query.inactive if id_ in inactive else query.active)]


def _slice(window: Listing, call: Call) -> Sequence[int]:
    """The ids of the page. For a page number after the last page, the last page comes again.

    Without an order each page begins with the last row of the page before, so that the last rows are on no page.
    """
    query = call.query
    as_found = query.ascending or not query.paged or call.resource.search is not None
    ids = window.ids if as_found else window.ids[::-1]
    last = max(1, -(-len(ids) // window.size))
    step = window.size if query.ordered else window.size - 1
    start = (min(window.page, last) - 1) * step
    return ids[start : start + window.size]


def _enveloped(call: Call, records: list[Record], count: int) -> Any:
    resource, query = call.resource, call.query
    if resource.bare and not any(isinstance(fault, WrappedLookups) for fault in call.faults):
        return records
    numbers = {"page_no": query.page, "page_size": query.shown_size} if query.paged else {}
    beside: Record = {"columns_id": 1, "columns": [{"id": 1, "name": "Name"}]} if resource.largest_page else {}
    return {**numbers, "record_count": count, **beside, resource.envelope: records}
