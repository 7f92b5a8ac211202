"""Serves rows: a page, a whole list or one record, as far as the faults that are on let it through."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from simulator.faults.base import Fault, Rows
from simulator.kaseya_bms import filters
from simulator.kaseya_bms.faults import FilterIgnored
from simulator.kaseya_bms.routes import Route
from simulator.messages import Listing, Record, Refused, Request, Vendor
from simulator.world import World

# The document names neither; clients are content with a hundred, and whoever asks for more gets no more.
USUAL_PAGE, LARGEST_PAGE = 25, 100
KEPT_QUERIES = 16


@dataclass(frozen=True)
class Call:
    """A request, the route that serves it, and the ids in its path."""

    vendor: Vendor
    request: Request
    faults: Sequence[Fault]
    route: Route
    ids: tuple[int, ...]

    @property
    def world(self) -> World:
        """The world it is about."""
        return self.vendor.world

    @cached_property
    def query(self) -> Mapping[str, str]:
        """What was asked, by lower-case name: the server minds neither the case nor names it does not know.

        `Sort` is one of those: the document has it, and not how to say by what.
        """
        given = searched(self.request) if self.route.method == "POST" else self.request.query
        return {name.lower(): value for name, value in given.items()}

    def number(self, name: str, default: int) -> int:
        """A whole number of the query; anything below one counts as not given."""
        given = self.query.get(name.lower()) or str(default)
        try:
            found = int(given)
        except ValueError:
            raise Refused(400, f"The value '{given}' is not valid for {name}.") from None
        return found if found > 0 else default


def searched(request: Request) -> dict[str, str]:
    """What the body of a search asks, as an address would have it."""
    if "json" not in request.headers.get("content-type", ""):
        raise Refused(415, "Unsupported Media Type")
    try:
        body = json.loads(request.body)
        sought = next((value for name, value in body.items() if name.lower() == "filter"), None) or {}
        asked = {**body, **{f"Filter.{name}": value for name, value in sought.items()}}
    except (ValueError, AttributeError):
        raise Refused(400, "The request body is not valid.") from None
    given = {name: value for name, value in asked.items() if name.lower() != "filter" and value is not None}
    if any(isinstance(value, (dict, list)) for value in given.values()):
        raise Refused(400, "The request body is not valid.")
    return {name: str(value) for name, value in given.items()}


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
        listing = _visible(call, _window(call, self._filtered(call, table, ids)))
        total = len(listing.ids)
        for fault in call.faults:
            listing, total = fault.window(listing), fault.count(total)
        if call.route.shape == "count":
            return envelope({"count": total})
        start = (listing.page - 1) * listing.size
        records = _records(call, table, listing, listing.ids[start : start + listing.size])
        if call.route.shape == "pages with total":
            return envelope(records, totalRecords=total)
        return envelope(records or (None if start else []))  # past their end, lists without a total say null

    def _filtered(self, call: Call, table: Mapping[int, Any], ids: Sequence[int]) -> Sequence[int]:
        asked = _asked(call)
        if not asked:
            return ids
        key = (call.route.path, call.world.version, tuple(sorted(asked.items())))
        if key not in self._found:
            while len(self._found) >= KEPT_QUERIES:
                del self._found[next(iter(self._found))]
            read = [filters.read(call.route.filters, name, value) for name, value in asked.items()]
            self._found[key] = [
                id_ for id_ in ids if all(one.holds(call.world, table[id_], value) for one, value in read)
            ]
        return self._found[key]


def envelope(result: object, **more: object) -> Record:
    """What good answers are wrapped in."""
    return {"success": True, "error": None, "result": result, **more}


def _asked(call: Call) -> dict[str, str]:
    """The filters of the request. Who says nothing about it gets what is active."""
    if any(isinstance(fault, FilterIgnored) for fault in call.faults):
        return {}
    given = {name: call.query.get(f"{call.route.prefix}{name}".lower()) for name in call.route.filters}
    if "IsActive" in given:
        given["IsActive"] = given["IsActive"] or "true"
    return {name: value for name, value in given.items() if value}


def _window(call: Call, found: Sequence[int]) -> Listing:
    if call.route.shape in ("all", "count"):
        return Listing(call.route.kind, found, size=len(found) or 1)
    size = min(call.number("PageSize", USUAL_PAGE), LARGEST_PAGE)
    return Listing(call.route.kind, found, page=call.number("PageNumber", 1), size=size)


def _one(call: Call) -> Record:
    *above, id_ = call.ids
    table, ids = call.route.rows(call.world, above)
    listing = _visible(call, Listing(call.route.kind, ids))
    at = bisect_left(listing.ids, id_)
    if listing.ids[at : at + 1] != [id_]:
        raise Refused(200, "Object not found", code="404")
    return _records(call, table, listing, [id_])[0]


def _visible(call: Call, listing: Listing) -> Listing:
    for fault in call.faults:
        listing = replace(listing, ids=fault.visible(listing))
    return listing


def _records(call: Call, table: Mapping[int, Any], listing: Listing, ids: Sequence[int]) -> list[Record]:
    rows = Rows(call.vendor, listing, list(ids), [call.route.record(call.world, table[id_]) for id_ in ids])
    for fault in call.faults:
        rows = fault.records(rows)
    return rows.records
