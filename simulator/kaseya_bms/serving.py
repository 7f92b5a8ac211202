"""Serves rows: a page, a whole list or one record, as far as the faults that are on let it through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.faults.base import Fault, Page
from simulator.kaseya_bms import filters
from simulator.kaseya_bms.faults import FilterIgnored
from simulator.kaseya_bms.query import Query, read
from simulator.kaseya_bms.resource import Route
from simulator.messages import ApiError, Listing, Record, Request, VendorApi
from simulator.table import contains
from simulator.world import World

KEPT_QUERIES = 16


@dataclass(frozen=True)
class Call:
    """A request, the route that serves it, and the ids in its path."""

    api: VendorApi
    request: Request
    faults: Sequence[Fault]
    route: Route
    ids: tuple[int, ...]

    @property
    def world(self) -> World:
        """The world it is about."""
        return self.api.world


class Serving:
    """Answers calls; remembers the rows of the last filters, since every page of a listing asks for the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Sequence[int]] = {}

    def body(self, call: Call) -> Record:
        """The body of a good answer."""
        if call.route.shape in ("one", "bare"):
            record = _one(call)
            return record if call.route.shape == "bare" else envelope(record)
        return self._listed(call)

    def _listed(self, call: Call) -> Record:
        table, ids = call.route.rows(call.world, call.ids)
        query = read(call.request, call.route)
        listing = _visible(call, query.listing(self._filtered(call, query, table, ids)))
        total = len(listing.ids)
        for fault in call.faults:
            listing, total = fault.change_listing(listing), fault.change_count(total)
        if call.route.shape == "count":
            return envelope({"count": total})
        start = (listing.page - 1) * listing.size
        records = _records(call, table, listing, listing.ids[start : start + listing.size])
        if call.route.shape == "pages with total":
            return envelope(records, totalRecords=total)
        return envelope(records or (None if start else []))  # past their end, lists without a total say null

    def _filtered(self, call: Call, query: Query, table: Mapping[int, Any], ids: Sequence[int]) -> Sequence[int]:
        is_ignored = any(isinstance(fault, FilterIgnored) for fault in call.faults)
        asked = {} if is_ignored else query.filters()
        if not asked:
            return ids
        key = (call.route.path, call.world.version, tuple(sorted(asked.items())))
        if key not in self._found:
            while len(self._found) >= KEPT_QUERIES:
                del self._found[next(iter(self._found))]
            tests = [filters.read(call.route.filters, name, value) for name, value in asked.items()]
            self._found[key] = [
                id_ for id_ in ids if all(one.holds(call.world, table[id_], value) for one, value in tests)
            ]
        return self._found[key]


def envelope(result: object, **more: object) -> Record:
    """What good answers are wrapped in."""
    return {"success": True, "error": None, "result": result, **more}


def _one(call: Call) -> Record:
    *above, id_ = call.ids
    table, ids = call.route.rows(call.world, above)
    listing = _visible(call, Listing(call.route.kind, ids))
    if not contains(listing.ids, id_):
        raise ApiError(200, "Object not found", code="404")
    return _records(call, table, listing, [id_])[0]


def _visible(call: Call, listing: Listing) -> Listing:
    for fault in call.faults:
        listing = replace(listing, ids=fault.visible_ids(listing))
    return listing


def _records(call: Call, table: Mapping[int, Any], listing: Listing, ids: Sequence[int]) -> list[Record]:
    page = Page(call.api, listing, list(ids), [call.route.record(call.world, table[id_]) for id_ in ids])
    for fault in call.faults:
        page = fault.change_page(page)
    return page.records
