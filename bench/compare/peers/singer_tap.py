"""A Singer tap, as its SDK's template makes it: every field, each kind a stream, all records in each run.

Its schema is found as in most taps for such APIs: by a look at the first page of each listing.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import requests
from requests.auth import HTTPBasicAuth
from singer_sdk import RESTStream, Tap
from singer_sdk.pagination import BaseHATEOASPaginator

from bench.compare.job import Job

TYPES: dict[type, list[str]] = {
    bool: ["boolean", "null"],
    int: ["number", "null"],
    float: ["number", "null"],
    str: ["string", "null"],
    dict: ["object", "null"],
    list: ["array", "null"],
}


class LinkPaginator(BaseHATEOASPaginator):  # the PSA links each page to the next one
    """Follows the Link header."""

    def get_next_url(self, response: requests.Response) -> str | None:
        """The address of the next page."""
        return response.links["next"]["url"] if "next" in response.links else None


class Listing(RESTStream[Any]):
    """One kind of records."""

    primary_keys = ("id",)
    records_jsonpath = "$[*]"

    def __init__(self, tap: PsaTap, kind: str) -> None:
        self.given = tap.given
        self.name, self.path = kind, tap.given.listings[kind]
        super().__init__(tap)

    @property
    def url_base(self) -> str:
        """The address below which the listings are."""
        return self.given.root

    @property
    def schema(self) -> dict[str, Any]:
        """The type of each field on the first page."""
        if not hasattr(self, "_found"):
            page = requests.get(
                f"{self.given.root}{self.path}",
                params={"pageSize": self.given.page_size},
                headers=dict(self.given.headers),
                timeout=60,
            )
            values = {name: value for record in page.json() for name, value in record.items() if value is not None}
            found = {name: {"type": TYPES[type(value)]} for name, value in values.items()}
            self._found = {"type": "object", "properties": {**found, "id": {"type": ["integer"]}}}
        return self._found

    @property
    def authenticator(self) -> HTTPBasicAuth:
        """The credentials of each request."""
        return HTTPBasicAuth(self.given.connection["login"], self.given.connection["password"])

    @property
    def http_headers(self) -> dict[str, str]:
        """What else each request needs."""
        return {"clientId": self.given.headers["clientId"]}

    def get_url_params(self, _context: Any, next_page_token: Any) -> Any:
        """The size of a page; the address of the next one has it."""
        return next_page_token.query if next_page_token else {"pageSize": self.given.page_size}

    def get_new_paginator(self) -> LinkPaginator:
        """A new one for each listing."""
        return LinkPaginator()


class PsaTap(Tap):
    """All kinds."""

    name = "tap-psa"
    config_jsonschema: dict[str, Any] = {"type": "object", "properties": {}}  # noqa: RUF012 - the SDK's own shape

    def __init__(self, given: Job) -> None:
        self.given = given
        super().__init__(config={}, parse_env_config=False)

    def discover_streams(self) -> list[Listing]:
        """A stream for each kind."""
        return [Listing(self, kind) for kind in self.given.listings]


if __name__ == "__main__":
    PsaTap(Job(**json.loads(sys.argv[1]))).sync_all()
