"""What a request asks of a list: its parameters, from the address or from the body of a search."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.kaseya_bms.resource import Route
from simulator.messages import ApiError, Listing, Request

# The document names neither; clients are content with a hundred, and whoever asks for more gets no more.
USUAL_PAGE, LARGEST_PAGE = 25, 100


@dataclass(frozen=True)
class Query:
    """The parameters of a request, by lower-case name: neither case nor unknown names matter to the server.

    `Sort` is one of the unknown: the document has it, and not how to say by what.
    """

    given: Mapping[str, str]
    route: Route

    def filters(self) -> dict[str, str]:
        """The filters that were given, by name. Without one by activity, only what is active is listed."""
        given = {name: self.given.get(f"{self.route.prefix}{name}".lower()) for name in self.route.filters}
        if "IsActive" in given:
            given["IsActive"] = given["IsActive"] or "true"
        return {name: value for name, value in given.items() if value}

    def listing(self, ids: Sequence[int]) -> Listing:
        """Which page of these ids is asked for."""
        if self.route.shape in ("all", "count"):
            return Listing(self.route.kind, ids, size=len(ids) or 1)
        size = min(self._number("PageSize", USUAL_PAGE), LARGEST_PAGE)
        return Listing(self.route.kind, ids, page=self._number("PageNumber", 1), size=size)

    def _number(self, name: str, default: int) -> int:
        """A whole number; anything below one counts as not given."""
        given = self.given.get(name.lower()) or str(default)
        try:
            found = int(given)
        except ValueError:
            raise ApiError(400, f"The value '{given}' is not valid for {name}.") from None
        return found if found > 0 else default


def read(request: Request, route: Route) -> Query:
    """The query of a request."""
    given = _searched(request) if route.method == "POST" else request.query
    return Query({name.lower(): value for name, value in given.items()}, route)


def _searched(request: Request) -> dict[str, str]:
    """The body of a search, as parameters of an address."""
    if "json" not in request.headers.get("content-type", ""):
        raise ApiError(415, "Unsupported Media Type")
    try:
        body = json.loads(request.body)
        sought = next((value for name, value in body.items() if name.lower() == "filter"), None) or {}
        asked = {**body, **{f"Filter.{name}": value for name, value in sought.items()}}
    except (ValueError, AttributeError):
        raise ApiError(400, "The request body is not valid.") from None
    given = {name: value for name, value in asked.items() if name.lower() != "filter" and value is not None}
    if any(isinstance(value, (dict, list)) for value in given.values()):
        raise ApiError(400, "The request body is not valid.")
    return {name: str(value) for name, value in given.items()}
