"""Serves a page, a whole list or a single record of a resource, changed by the faults that are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.faults.base import Fault, Page
from simulator.kaseya_bms import filters
from simulator.kaseya_bms.faults import FilterIgnored, LocalTimes
from simulator.kaseya_bms.query import Query, read
from simulator.kaseya_bms.resource import Resource
from simulator.messages import ApiError, Listing, Record, Request, VendorApi
from simulator.result_cache import ResultCache
from simulator.table import contains
from simulator.world import World


@dataclass(frozen=True)
class Call:
    """A request for a resource, the ids in its path, and the faults that apply to it."""

    api: VendorApi
    request: Request
    faults: Sequence[Fault]
    resource: Resource
    ids: tuple[int, ...]

    @property
    def world(self) -> World:
        """The world of the API."""
        return self.api.world


class Serving:
    """Serves calls."""

    def __init__(self) -> None:
        self._results = ResultCache()

    def body(self, call: Call) -> Record:
        """The body of a successful response."""
        if call.resource.shape in ("one", "bare"):
            record = _one(call)
            return record if call.resource.shape == "bare" else envelope(record)
        return self._listed(call)

    def _listed(self, call: Call) -> Record:
        table, ids = call.resource.rows(call.world, call.ids)
        query = read(call.request, call.resource)
        listing = _visible(call, query.listing(self._filtered(call, query, table, ids)))
        total = len(listing.ids)
        for fault in call.faults:
            listing, total = fault.change_listing(listing), fault.change_count(total)
        if call.resource.shape == "count":
            return envelope({"count": total})
        start = (listing.page - 1) * listing.size
        records = _records(call, table, listing, listing.ids[start : start + listing.size])
        if call.resource.shape == "pages with total":
            return envelope(records, totalRecords=total)
        return envelope(records or (None if start else []))  # after its last page, a list without total is null

    def _filtered(self, call: Call, query: Query, table: Mapping[int, Any], ids: Sequence[int]) -> Sequence[int]:
        asked = query.filters()
        for fault in call.faults:
            asked = fault.remaining(asked) if isinstance(fault, FilterIgnored) else asked
        if not asked:
            return ids
        hours = [fault.hours for fault in call.faults if isinstance(fault, LocalTimes)]
        key = (call.resource.path, call.world.version, tuple(sorted(asked.items())), *hours)
        return self._results.get(key, lambda: _matching(call, asked, table, ids))


def envelope(result: object, **more: object) -> Record:
    """The envelope of a successful response."""
    return {"success": True, "error": None, "result": result, **more}


def _matching(call: Call, asked: Mapping[str, str], table: Mapping[int, Any], ids: Sequence[int]) -> Sequence[int]:
    tests = [filters.read(call.resource.filters, name, value) for name, value in asked.items()]
    for fault in call.faults:
        tests = [(one, fault.meant(value)) for one, value in tests] if isinstance(fault, LocalTimes) else tests
    return [id_ for id_ in ids if all(one.holds(call.world, table[id_], value) for one, value in tests)]


def _one(call: Call) -> Record:
    *above, id_ = call.ids
    table, ids = call.resource.rows(call.world, above)
    listing = _visible(call, Listing(call.resource.kind, ids))
    if not contains(listing.ids, id_):
        raise ApiError(200, "Object not found", code="404")
    return _records(call, table, listing, [id_])[0]


def _visible(call: Call, listing: Listing) -> Listing:
    for fault in call.faults:
        listing = replace(listing, ids=fault.visible_ids(listing))
    return listing


def _records(call: Call, table: Mapping[int, Any], listing: Listing, ids: Sequence[int]) -> list[Record]:
    page = Page(call.api, listing, list(ids), [call.resource.record(call.world, table[id_]) for id_ in ids])
    for fault in call.faults:
        page = fault.change_page(page)
    return page.records
