"""Reads the query of a request, finds its rows, and gives the address of the next page."""

from __future__ import annotations

import bisect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from simulator.autotask.filters import Comparison, Expression, Reader, invalid, lower_keys
from simulator.autotask.resource import Resource
from simulator.messages import ApiError, Listing, Request
from simulator.table import Rows, contains
from simulator.world import World

MAX_RECORDS = 500
LONGEST_QUERY = 2048
NEXT = "/query/next"


@dataclass(frozen=True)
class Query:
    """A valid query."""

    conditions: tuple[Expression, ...]  # without those that give the position
    after: int | None  # the position: only rows with greater ids
    include: tuple[str, ...]  # the selected fields; all if empty
    size: int  # rows per page


def read(request: Request, resource: Resource[Any], world: World) -> Query:
    """Read the query of a request. Raises `ApiError` for unknown fields and wrong values."""
    given = _read_request(request)
    udfs = [udf.name for udf in resource.udfs(world)]
    conditions = Reader(resource, udfs).read(given.get("filter"))
    size = _size(given.get("maxrecords"))
    positions = [at for at in map(_position, conditions) if at is not None]
    if request.endpoint.endswith(NEXT):
        token = _json(request.query.get("paging", ""))
        size, after = _size(token.get("pagesize")), token.get("nextids")
        if not isinstance(after, list) or not after or not isinstance(after[-1], int):
            raise invalid("the page is not known.")
        positions.append(after[-1])
    return Query(
        conditions=tuple(one for one in conditions if _position(one) is None),
        after=max(positions, default=None),
        include=tuple(name if name in udfs else resource.field_named(name) for name in _names(given)),
        size=size,
    )


def matching(conditions: Sequence[Expression], resource: Resource[Any], world: World, rows: Rows) -> Sequence[int]:
    """The ids of the rows that meet all conditions, ascending, whatever the position."""
    table, ids = rows
    if not conditions:
        return ids
    udfs = {udf.name: udf for udf in resource.udfs(world)}

    def passes(row: Any) -> bool:
        def get(one: Comparison) -> object:
            return udfs[one.field].value(row) if one.is_udf else resource.value(world, row, one.field)

        return all(one.holds(get) for one in conditions)

    return [id_ for id_ in _indexed_ids(conditions, resource, table, ids) if passes(table[id_])]


def window(found: Sequence[int], listing: Listing) -> tuple[list[int], int]:
    """The ids of the requested page, and the number of rows from its start to the end."""
    start = 0 if listing.after is None else bisect.bisect_right(found, listing.after)
    return list(found[start : start + listing.size]), len(found) - start


def next_page(request: Request, query: Query, last: int) -> str:
    """The address of the next page. For a GET it includes the search; a POST repeats its body."""
    token = {"pageSize": query.size, "previousIds": [query.after or 0], "nextIds": [last]}
    search = {name: value for name, value in request.query.items() if name == "search"}
    path = quote(request.path.removesuffix("/next"))
    return f"{request.origin}{path}/next?{urlencode({'paging': json.dumps(token, separators=(',', ':')), **search})}"


def _read_request(request: Request) -> Mapping[str, Any]:
    if request.method == "POST":
        if "json" not in request.headers.get("content-type", ""):
            raise ApiError(415, "The request entity's media type is not supported for this resource.")
        return _json(request.body.decode(errors="replace"))
    if request.method != "GET" or (request.endpoint.endswith(NEXT) and "search" not in request.query):
        raise ApiError(405, f"The requested resource does not support http method '{request.method}'.")
    if len(urlencode(request.query)) > LONGEST_QUERY:
        raise ApiError(404, "404 - File or directory not found.", code="html")
    return _json(request.query.get("search", ""))


def _json(text: str) -> Mapping[str, Any]:
    if not text:
        raise ApiError(500, "Value cannot be null.")
    try:
        return lower_keys(json.loads(text))
    except ValueError:
        raise invalid("the query is not JSON.") from None


def _size(given: object) -> int:
    if given is None:
        return MAX_RECORDS
    if not isinstance(given, int) or not 1 <= given <= MAX_RECORDS:
        raise invalid(f"MaxRecords must be between 1 and {MAX_RECORDS}.")
    return given


def _names(given: Mapping[str, Any]) -> list[str]:
    names = given.get("includefields") or []
    if not isinstance(names, list):
        raise invalid("IncludeFields wants a list.")
    return list(map(str, names))


def _position(one: Expression) -> int | None:
    """The N of `id gt N`, from which a listing continues."""
    if not isinstance(one, Comparison) or one.field != "id" or one.is_udf:
        return None
    return {"gt": one.value, "gte": one.value - 1}[one.op] if one.op in ("gt", "gte") else None


def _indexed_ids(
    conditions: Sequence[Expression], resource: Resource[Any], table: Mapping[int, Any], ids: Sequence[int]
) -> Sequence[int]:
    """The ids that an index finds for one of the conditions; all conditions are still to be tested."""
    for one in conditions:
        if not isinstance(one, Comparison) or one.op not in ("eq", "in"):
            continue
        wanted = one.value if isinstance(one.value, tuple) else (one.value,)
        if one.field == "id":
            return [id_ for id_ in sorted(set(wanted)) if contains(ids, id_)]
        if one.field in resource.indexes:
            index = table.by(resource.indexes[one.field])  # type: ignore[attr-defined]  # indexed resources are tables
            # Rows without a company are listed with company 0.
            found = {id_ for value in wanted for key in {value, value or None} for id_ in index.get(key, ())}
            return [id_ for id_ in sorted(found) if contains(ids, id_)]
    return ids
