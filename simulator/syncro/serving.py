"""Serves a page, a single record or a list inside another record, changed by the faults that are on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.faults.base import Fault, Page
from simulator.messages import ApiError, Listing, Record, Request, VendorApi
from simulator.syncro.faults import ListFault
from simulator.syncro.query import Query, number
from simulator.syncro.resource import Resource
from simulator.world import World


@dataclass(frozen=True)
class Call:
    """A request, and the faults that apply to it."""

    api: VendorApi
    request: Request
    faults: Sequence[Fault]

    @property
    def world(self) -> World:
        """The world of the API."""
        return self.api.world

    @property
    def list_faults(self) -> list[ListFault]:
        """The faults that only Syncro's lists have."""
        return [fault for fault in self.faults if isinstance(fault, ListFault)]


def page(call: Call, resource: Resource) -> Record:
    """One page with its `meta`. A page after the last one is empty."""
    query: Query = call.request.query
    for own in call.list_faults:
        query = own.remaining(query)
    page_number = max(1, number(query, "page"))
    ids = resource.select(call.world, query)
    listing = _visible(call, Listing(resource.kind, ids, page=page_number, size=resource.size))
    total = len(listing.ids)
    cut = listing
    for fault in call.faults:
        cut = fault.change_listing(cut)
    start = (cut.page - 1) * cut.size
    records = _records(call, resource, cut, cut.ids[start : start + cut.size])
    meta = {
        "total_pages": max(1, math.ceil(total / cut.size)),
        "total_entries": _counted(call, total),
        "per_page": cut.size,
        "page": listing.page,
    }
    body: Record = {resource.key: records, "meta": {name: meta[name] for name in resource.meta}}
    for own in call.list_faults:
        body = own.change_envelope(body, resource.key)
    return body


def single(call: Call, resource: Resource, id_: int, ids: Sequence[int]) -> Record:
    """One record by its id."""
    listing = _visible(call, Listing(resource.kind, ids))
    if id_ not in listing.ids:
        raise ApiError(404, "Not found")
    return _records(call, resource, listing, [id_])[0]


def nested_records(
    call: Call,
    kind: str,
    ids: Sequence[int],
    record: Callable[[World, Any], Record],
    *,
    among: Sequence[int] | None = None,
) -> list[Record]:
    """The records of a list inside another record. `among` are all rows of the kind if the list has only some."""
    listing = _visible(call, Listing(kind, ids if among is None else among))
    shown = [id_ for id_ in ids if id_ in listing.ids] if call.faults else ids
    page = Page(call.api, listing, list(shown), [record(call.world, getattr(call.world, kind)[i]) for i in shown])
    for fault in call.faults:
        page = fault.change_page(page)
    return page.records


def _visible(call: Call, listing: Listing) -> Listing:
    for own in call.list_faults:
        listing = replace(listing, ids=own.visible_rows(call.world, listing.kind, listing.ids))
    for fault in call.faults:
        listing = replace(listing, ids=fault.visible_ids(listing))
    return listing


def _records(call: Call, resource: Resource, listing: Listing, ids: Sequence[int]) -> list[Record]:
    world = call.world
    page = Page(call.api, listing, list(ids), [resource.record(world, resource.found(world, id_)) for id_ in ids])
    for fault in call.faults:
        page = fault.change_page(page)
    return page.records


def _counted(call: Call, total: int) -> int:
    for fault in call.faults:
        total = fault.change_count(total)
    return total
