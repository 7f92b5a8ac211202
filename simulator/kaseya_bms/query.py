"""Reads the parameters of a list, from the address or from the body of a search."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.kaseya_bms.resource import Resource
from simulator.messages import ApiError, Listing, Request

# Neither is documented. A request for more than the maximum gets the maximum.
DEFAULT_SIZE, MAX_SIZE = 25, 100


@dataclass(frozen=True)
class Query:
    """The parameters of a request. Their case does not matter, and unknown names are ignored.

    `Sort` counts as unknown, since the document does not describe its values.
    """

    given: Mapping[str, str]  # by lower-case name
    resource: Resource

    def filters(self) -> dict[str, str]:
        """The given filters by name. Without a filter by activity, only active rows are listed."""
        given = {name: self.given.get(f"{self.resource.prefix}{name}".lower()) for name in self.resource.filters}
        if "IsActive" in given:
            given["IsActive"] = given["IsActive"] or "true"
        return {name: value for name, value in given.items() if value}

    def listing(self, ids: Sequence[int]) -> Listing:
        """The requested page of these ids."""
        if self.resource.shape in ("all", "count"):
            return Listing(self.resource.kind, ids, size=len(ids) or 1)
        size = min(self._number("PageSize", DEFAULT_SIZE), MAX_SIZE)
        return Listing(self.resource.kind, ids, page=self._number("PageNumber", 1), size=size)

    def _number(self, name: str, default: int) -> int:
        """A whole number; anything below one counts as not given."""
        given = self.given.get(name.lower()) or str(default)
        try:
            found = int(given)
        except ValueError:
            raise ApiError(400, f"The value '{given}' is not valid for {name}.") from None
        return found if found > 0 else default


def read(request: Request, resource: Resource) -> Query:
    """The query of a request."""
    given = _searched(request) if resource.method == "POST" else request.query
    return Query({name.lower(): value for name, value in given.items()}, resource)


def _searched(request: Request) -> dict[str, str]:
    """The body of a search, converted to parameters of an address."""
    if "json" not in request.headers.get("content-type", ""):
        raise ApiError(415, "Unsupported Media Type")
    try:
        body = json.loads(request.body)
        filters = next((value for name, value in body.items() if name.lower() == "filter"), None) or {}
        asked = {**body, **{f"Filter.{name}": value for name, value in filters.items()}}
    except (ValueError, AttributeError):
        raise ApiError(400, "The request body is not valid.") from None
    given = {name: value for name, value in asked.items() if name.lower() != "filter" and value is not None}
    if any(isinstance(value, (dict, list)) for value in given.values()):
        raise ApiError(400, "The request body is not valid.")
    return {name: str(value) for name, value in given.items()}
