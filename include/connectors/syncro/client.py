"""A client of one Syncro tenant: its lists, single records and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from include.connectors.common.by_key import one_by_one
from include.connectors.common.responses import count_at, member
from include.http.client import HttpClient
from include.http.numbered import Numbered
from include.http.paging import integer_key
from include.model.errors import ShapeError
from include.model.page import Page, Position, Record

API = "/api/v1"
ME = "/me"
SETTINGS = "/settings"
TICKET_SETTINGS = "/tickets/settings"


@dataclass(frozen=True)
class Entity:
    """A list of records."""

    path: str
    many: str
    """The key of a page's records."""
    one: str = ""
    """The key of a single record; empty where it is the whole answer."""
    always: Mapping[str, str | int] = field(default_factory=dict)
    """Parameters of every request."""
    template: str = ""
    """The path as the vendor writes it, where it contains an id."""

    @property
    def name(self) -> str:
        """The list as messages and the ledger call it."""
        return self.template or self.path


CUSTOMERS = Entity("/customers", "customers", "customer", {"include_disabled": "true"})
ASSETS = Entity("/customer_assets", "assets", "asset")
CONTACTS = Entity("/contacts", "contacts")
TICKETS = Entity("/tickets", "tickets", "ticket")
ENTITIES = {"companies": CUSTOMERS, "assets": ASSETS, "contacts": CONTACTS}


@dataclass
class SyncroClient:
    """An open login at one tenant."""

    http: HttpClient

    def document(self, path: str, params: Mapping[str, str | int] | None = None, *, endpoint: str = "") -> Record:
        """An object; `endpoint` is the path as the vendor writes it, where it contains ids."""
        body = self.http.get(API + path, params, endpoint=endpoint or path).body
        if not isinstance(body, dict):
            raise ShapeError(f"Syncro: {endpoint or path} answered with {type(body).__name__}, not with an object.")
        return body

    def record(self, entity: Entity, key: str) -> Record:
        """A single record; raises NotFound when it was deleted."""
        template = f"{entity.path}/{{id}}"
        body = self.document(f"{entity.path}/{int(key)}", endpoint=template)
        record = member(body, entity.one, dict, f"Syncro: {template}") if entity.one else body
        if integer_key(record) != int(key):
            raise ShapeError(f"Syncro: {template} answered with another record than the one that was asked for.")
        return record

    def existing(
        self, entity: Entity, keys: list[str], resume: Position | None = None, *, max_gone: float = float("inf")
    ) -> Iterator[Page]:
        """A page for each of these records that was not deleted."""
        what, read = f"Syncro {entity.path}", partial(self.record, entity)
        return one_by_one(read, keys, resume, what=what, max_gone=max_gone, at_once=self.http.at_once)

    def page(self, entity: Entity, number: int, /, **filters: str | int) -> Page:
        """One page; the server decides how long it is."""
        body = self.document(entity.path, {**entity.always, **filters, "page": number}, endpoint=entity.name)
        what = f"Syncro: {entity.name}"
        return Page(
            member(body, entity.many, list, what),
            total=count_at(body, what, "meta", "total_entries"),  # the vendor's own example of one list has no `meta`
            pages=count_at(body, what, "meta", "total_pages"),
        )

    def listing(self, entity: Entity, resume: Position | None = None, **filters: str | int) -> Iterator[Page]:
        """A whole list; `meta`, where there is one, proves its end."""
        what, fetch = f"Syncro {entity.path}", partial(self.page, entity, **filters)
        listing = f"{entity.path} {filters}"
        return Numbered(what, fetch, integer_key, at_once=self.http.at_once, listing=listing).pages(resume)
