"""Reads what a request asks of a listing, finds the rows, and links the pages."""

from __future__ import annotations

import bisect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from simulator.connectwise.filter_parser import parse
from simulator.connectwise.filters import Comparison, Expression, Get, names, required
from simulator.connectwise.references import Tenant
from simulator.connectwise.resource import Resource, unrecognized
from simulator.messages import ApiError, Listing, Request

DEFAULT_SIZE, MAX_SIZE = 25, 1000


Order = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Query:
    """A request's parameters, understood and allowed; `after` is the position that `id > N` or a page id asks for."""

    filters: tuple[Expression, ...]
    child: Expression | None
    custom: Expression | None
    order: Order
    selection: Mapping[str, frozenset[str]]
    after: int | None
    page: int
    size: int
    forward_only: bool


def read(request: Request, resource: Resource[Any]) -> Query:
    """The query; a name or a value the API would not take is refused."""
    given = {**request.query, **_search_body(request)}
    forward_only = request.headers.get("pagination-type") == "forward-only" and resource.forward_only
    if forward_only and given.get("orderBy"):
        raise ApiError(400, "orderBy cannot be used with forward-only pagination.", code="InvalidObject")
    filters = required(_expression(given.get("conditions")))
    child = _expression(given.get("childConditions", given.get("childconditions")))
    _must_know(filters, child, resource)
    positions = [at for at in map(_position, filters) if at is not None]
    if forward_only:
        positions.append(_number(given, "pageId", 0))
    return Query(
        filters=tuple(one for one in filters if _position(one) is None),
        child=child,
        custom=_expression(given.get("customFieldConditions", given.get("customfieldconditions"))),
        order=_order(given.get("orderBy"), resource),
        selection=_selection(given.get("fields"), resource),
        after=max(positions, default=None),
        page=1 if forward_only else max(1, _number(given, "page", 1)),
        size=min(MAX_SIZE, _number(given, "pageSize", DEFAULT_SIZE) or DEFAULT_SIZE),
        forward_only=forward_only,
    )


def matching(
    query: Query, resource: Resource[Any], tenant: Tenant, listing: Listing, table: Mapping[int, Any]
) -> list[int]:
    """The ids, in order, of every row the filters let through; the position is not looked at yet."""
    ids = _candidates(query.filters, resource, listing.ids, table)
    tests: list[Expression | _InList] = [*query.filters]
    tests += [_InList(one) for one in (query.child, query.custom) if one is not None]
    if tests:
        ids = [id_ for id_ in ids if _passes(tests, resource, tenant, table[id_])]
    for name, descending in reversed(query.order):
        ids = sorted(ids, key=lambda id_: _sortable(resource.value(tenant, table[id_], name)), reverse=descending)
    return list(ids)


def window(ids: Sequence[int], listing: Listing, *, by_id: bool) -> tuple[list[int], int]:
    """The ids of the page asked for, and how many there are in all pages."""
    if listing.after is not None:
        after = listing.after
        ids = ids[bisect.bisect_right(ids, after) :] if by_id else [id_ for id_ in ids if id_ > after]
    start = (listing.page - 1) * listing.size
    return list(ids[start : start + listing.size]), len(ids)


def links(
    request: Request, query: Query, listing: Listing, *, page_ids: Sequence[int], total: int
) -> Mapping[str, str]:
    """The Link header; with forward-only it is there to the end, and empty at the end."""
    if query.forward_only:
        more = total > len(page_ids)
        return {"Link": _link(request, "next", pageId=page_ids[-1]) if more else ""}
    if request.headers.get("pagination-type") == "forward-only":
        return {}
    last = -(-total // listing.size)
    found = []
    if listing.page < last:
        found += [_link(request, "next", page=listing.page + 1), _link(request, "last", page=last)]
    if listing.page > 1:
        found += [_link(request, "prev", page=listing.page - 1), _link(request, "first", page=1)]
    return {"Link": ", ".join(found)} if found else {}


def _search_body(request: Request) -> Mapping[str, str]:
    if request.method != "POST":
        return {}
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        raise ApiError(400, "The request body is not valid JSON.", code="InvalidObject") from None
    return {name: value for name, value in body.items() if isinstance(value, str)} if isinstance(body, dict) else {}


def _expression(text: str | None) -> Expression | None:
    return parse(text) if text and text.strip() else None


def _must_know(filters: Sequence[Expression], child: Expression | None, resource: Resource[Any]) -> None:
    for one in filters:
        for name in names(one):
            resource.must_filter(name)
    for name in names(child) if child else ():
        if not resource.lists(name):
            raise unrecognized(name)


def _position(one: Expression) -> int | None:
    """The N of `id > N`, which is where a listing goes on."""
    if not isinstance(one, Comparison) or (one.name, one.sign) != ("id", ">"):
        return None
    return one.value if isinstance(one.value, int) else None


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, "")
    if text and not text.isdecimal():
        raise ApiError(400, f"The value '{text}' is not valid for {name}.", code="InvalidObject")
    return int(text) if text else default


def _order(text: str | None, resource: Resource[Any]) -> Order:
    order = []
    for part in filter(None, (text or "").split(",")):
        name, _, direction = part.strip().partition(" ")
        resource.must_filter(name)
        if direction.strip().lower() not in ("", "asc", "desc"):
            raise ApiError(400, f"{direction} is not a recognized direction.", code="InvalidObject")
        order.append((name, direction.strip().lower() == "desc"))
    # Rows come by id anyhow.
    return () if order == [("id", False)] else tuple(order)


def _selection(text: str | None, resource: Resource[Any]) -> dict[str, frozenset[str]]:
    """For each field asked for, the parts of it asked for: none means all."""
    selection: dict[str, frozenset[str]] = {}
    for name in filter(None, (part.strip() for part in (text or "").split(","))):
        top, _, rest = name.partition("/")
        if not resource.knows(name) or top in resource.unselectable:
            raise ApiError(400, f"{name} is not a recognized name.", code="InvalidObject")
        whole = not rest or (top in selection and not selection[top])
        selection[top] = frozenset() if whole else selection.get(top, frozenset()) | {rest}
    return selection


def _candidates(
    filters: Sequence[Expression], resource: Resource[Any], ids: Sequence[int], table: Mapping[int, Any]
) -> Sequence[int]:
    """As few ids as an index can tell apart; every filter still looks at them."""
    for one in filters:
        if not isinstance(one, Comparison) or one.sign not in ("=", "in"):
            continue
        values = one.value if isinstance(one.value, tuple) else (one.value,)
        if one.name == "id":
            return [id_ for id_ in sorted({value for value in values if isinstance(value, int)}) if holds(ids, id_)]
        if one.name in resource.indexes:
            index = table.by(resource.indexes[one.name])  # type: ignore[attr-defined]  # indexed resources serve tables
            found = {id_ for value in values if isinstance(value, int) for id_ in index.get(value, ())}
            return [id_ for id_ in sorted(found) if holds(ids, id_)]
    return ids


def holds(ids: Sequence[int], id_: int) -> bool:
    """Whether the id is among the ascending ids."""
    at = bisect.bisect_left(ids, id_)
    return at < len(ids) and ids[at] == id_


@dataclass(frozen=True)
class _InList:
    """A condition on the elements of a list: one element must fulfil all of it. Custom fields need not be named."""

    inside: Expression

    def holds(self, get: Get) -> bool:
        """Whether an element of the list fulfils it."""
        name, slash, _ = next(names(self.inside)).partition("/")
        elements = get(name if slash else "customFields")
        prefix = f"{name}/" if slash else ""
        return isinstance(elements, list) and any(self.inside.holds(partial(_step, one, prefix)) for one in elements)


def _step(element: object, prefix: str, path: str) -> object:
    for name in path.removeprefix(prefix).split("/"):
        element = element.get(name) if isinstance(element, dict) else None
    return element


def _passes(tests: Sequence[Expression | _InList], resource: Resource[Any], tenant: Tenant, row: Any) -> bool:
    return all(test.holds(lambda name: resource.value(tenant, row, name)) for test in tests)


def _sortable(value: object) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    return (1, value.casefold()) if isinstance(value, str) else (1, value)


def _link(request: Request, relation: str, **changed: int) -> str:
    query = {**request.query, **{name: str(value) for name, value in changed.items()}}
    return f'<{request.origin}{quote(request.path)}?{urlencode(query, quote_via=quote)}>; rel="{relation}"'
