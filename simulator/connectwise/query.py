"""Reads the query of a request, finds its rows, and links the pages."""

from __future__ import annotations

import bisect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from simulator.connectwise.filter_parser import parse
from simulator.connectwise.filters import Comparison, Expression, Get, conjuncts, field_names
from simulator.connectwise.references import Tenant
from simulator.connectwise.resource import Resource, unknown_name
from simulator.messages import ApiError, Listing, Request
from simulator.table import contains

DEFAULT_SIZE, MAX_SIZE = 25, 1000


Order = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Query:
    """The valid parameters of a request."""

    filters: tuple[Expression, ...]  # without those that give the position
    child: Expression | None  # `childConditions`
    custom: Expression | None  # `customFieldConditions`
    order: Order  # field and whether it is descending
    selection: Mapping[str, frozenset[str]]  # the selected fields and their selected parts; all if empty
    after: int | None  # the position, from `id > N` or a page id: only rows with greater ids
    page: int
    size: int  # rows per page
    forward_only: bool


def read(request: Request, resource: Resource[Any]) -> Query:
    """Read the query of a request. Raises `ApiError` for unknown names and wrong values."""
    given = {**request.query, **_search_body(request)}
    forward_only = request.headers.get("pagination-type") == "forward-only" and resource.forward_only
    if forward_only and given.get("orderBy"):
        raise ApiError(400, "orderBy cannot be used with forward-only pagination.", code="InvalidObject")
    filters = conjuncts(_expression(given.get("conditions")))
    child = _expression(given.get("childConditions", given.get("childconditions")))
    _check_names(filters, child, resource)
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
    """The ids of the rows that pass all filters, in the requested order, whatever the position."""
    ids = _indexed_ids(query.filters, resource, listing.ids, table)
    tests: list[Expression | _InList] = [*query.filters]
    tests += [_InList(one) for one in (query.child, query.custom) if one is not None]
    if tests:
        ids = [id_ for id_ in ids if _passes(tests, resource, tenant, table[id_])]
    for name, descending in reversed(query.order):
        ids = sorted(ids, key=lambda id_: _sortable(resource.value(tenant, table[id_], name)), reverse=descending)
    return list(ids)


def window(ids: Sequence[int], listing: Listing, *, by_id: bool) -> tuple[list[int], int]:
    """The ids of the requested page, and the number of rows of all pages."""
    if listing.after is not None:
        after = listing.after
        ids = ids[bisect.bisect_right(ids, after) :] if by_id else [id_ for id_ in ids if id_ > after]
    start = (listing.page - 1) * listing.size
    return list(ids[start : start + listing.size]), len(ids)


def links(
    request: Request, query: Query, listing: Listing, *, page_ids: Sequence[int], total: int
) -> Mapping[str, str]:
    """The Link header. With forward-only pagination it is empty on the last page."""
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


def _check_names(filters: Sequence[Expression], child: Expression | None, resource: Resource[Any]) -> None:
    for one in filters:
        for name in field_names(one):
            resource.check_filterable(name)
    for name in field_names(child) if child else ():
        if not resource.is_list_element(name):
            raise unknown_name(name)


def _position(one: Expression) -> int | None:
    """The N of `id > N`, from which a listing continues."""
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
        resource.check_filterable(name)
        if direction.strip().lower() not in ("", "asc", "desc"):
            raise ApiError(400, f"{direction} is not a recognized direction.", code="InvalidObject")
        order.append((name, direction.strip().lower() == "desc"))
    # Rows are ordered by id by default.
    return () if order == [("id", False)] else tuple(order)


def _selection(text: str | None, resource: Resource[Any]) -> dict[str, frozenset[str]]:
    """The selected fields, with the selected parts of each; none means all of it."""
    selection: dict[str, frozenset[str]] = {}
    for name in filter(None, (part.strip() for part in (text or "").split(","))):
        top, _, rest = name.partition("/")
        if not resource.has_field(name) or top in resource.unselectable:
            raise ApiError(400, f"{name} is not a recognized name.", code="InvalidObject")
        all_rows = not rest or (top in selection and not selection[top])
        selection[top] = frozenset() if all_rows else selection.get(top, frozenset()) | {rest}
    return selection


def _indexed_ids(
    filters: Sequence[Expression], resource: Resource[Any], ids: Sequence[int], table: Mapping[int, Any]
) -> Sequence[int]:
    """The ids that an index finds for one of the filters; all filters are still to be tested."""
    for one in filters:
        if not isinstance(one, Comparison) or one.sign not in ("=", "in"):
            continue
        values = one.value if isinstance(one.value, tuple) else (one.value,)
        if one.name == "id":
            return [id_ for id_ in sorted({value for value in values if isinstance(value, int)}) if contains(ids, id_)]
        if one.name in resource.indexes:
            index = table.by(resource.indexes[one.name])  # type: ignore[attr-defined]  # indexed resources serve tables
            found = {id_ for value in values if isinstance(value, int) for id_ in index.get(value, ())}
            return [id_ for id_ in sorted(found) if contains(ids, id_)]
    return ids


@dataclass(frozen=True)
class _InList:
    """A condition on the elements of a list, which one element must meet. The list `customFields` need not be named."""

    inside: Expression

    def holds(self, get: Get) -> bool:
        """Whether an element of the list meets the condition."""
        name, slash, _ = next(field_names(self.inside)).partition("/")
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
