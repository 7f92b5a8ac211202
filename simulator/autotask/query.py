"""Reads what a request asks of a listing, finds the rows, and says where the next page is."""

from __future__ import annotations

import bisect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from simulator.autotask.filters import Comparison, Expression, Reader, invalid, spelled
from simulator.autotask.resource import Entity
from simulator.messages import ApiError, Listing, Request
from simulator.world import World

MAX_RECORDS = 500
LONGEST_QUERY = 2048
NEXT = "/query/next"


@dataclass(frozen=True)
class Query:
    """A query, understood and allowed; `after` is the position that a condition on the id or a page's token gives."""

    conditions: tuple[Expression, ...]
    after: int | None
    include: tuple[str, ...]
    size: int


def read(request: Request, entity: Entity[Any], world: World) -> Query:
    """The query; a name or a value the API would not take is refused."""
    given = _given(request)
    udfs = [udf.name for udf in entity.udfs(world)]
    conditions = Reader(entity, udfs).read(given.get("filter"))
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
        include=tuple(name if name in udfs else entity.field_named(name) for name in _names(given)),
        size=size,
    )


def matching(
    conditions: Sequence[Expression], entity: Entity[Any], world: World, table: Mapping[int, Any], ids: Sequence[int]
) -> Sequence[int]:
    """The ids, in order, of every row that the conditions let through; the position is not looked at yet."""
    if not conditions:
        return ids
    udfs = {udf.name: udf for udf in entity.udfs(world)}

    def passes(row: Any) -> bool:
        def get(one: Comparison) -> object:
            return udfs[one.field].value(row) if one.is_udf else entity.value(world, row, one.field)

        return all(one.holds(get) for one in conditions)

    return [id_ for id_ in _candidates(conditions, entity, table, ids) if passes(table[id_])]


def window(found: Sequence[int], listing: Listing) -> tuple[list[int], int]:
    """The ids of the page asked for, and how many there are from its start on."""
    start = 0 if listing.after is None else bisect.bisect_right(found, listing.after)
    return list(found[start : start + listing.size]), len(found) - start


def next_page(request: Request, query: Query, last: int) -> str:
    """Where the next page is, for the verb of this request: a GET carries its search along, a POST its body."""
    token = {"pageSize": query.size, "previousIds": [query.after or 0], "nextIds": [last]}
    search = {name: value for name, value in request.query.items() if name == "search"}
    path = quote(request.path.removesuffix("/next"))
    return f"{request.origin}{path}/next?{urlencode({'paging': json.dumps(token, separators=(',', ':')), **search})}"


def holds(ids: Sequence[int], id_: int) -> bool:
    """Whether the id is among the ascending ids."""
    at = bisect.bisect_left(ids, id_)
    return at < len(ids) and ids[at] == id_


def _given(request: Request) -> Mapping[str, Any]:
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
        return spelled(json.loads(text))
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
    """The N of `id gt N`, which is where a listing goes on."""
    if not isinstance(one, Comparison) or one.field != "id" or one.is_udf:
        return None
    return {"gt": one.value, "gte": one.value - 1}[one.op] if one.op in ("gt", "gte") else None


def _candidates(
    conditions: Sequence[Expression], entity: Entity[Any], table: Mapping[int, Any], ids: Sequence[int]
) -> Sequence[int]:
    """As few ids as an index can tell apart; every condition still looks at them."""
    for one in conditions:
        if not isinstance(one, Comparison) or one.op not in ("eq", "in"):
            continue
        wanted = one.value if isinstance(one.value, tuple) else (one.value,)
        if one.field == "id":
            return [id_ for id_ in sorted(set(wanted)) if holds(ids, id_)]
        if one.field in entity.indexes:
            index = table.by(entity.indexes[one.field])  # type: ignore[attr-defined]  # indexed entities are tables
            # Rows that belong to nobody are shown with company 0.
            found = {id_ for value in wanted for key in {value, value or None} for id_ in index.get(key, ())}
            return [id_ for id_ in sorted(found) if holds(ids, id_)]
    return ids
