"""An open login at one tenant of Syncro: its lists, single records and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from include.connectors.common.values import InvalidValue, integer, pick
from include.http.auth import Keys
from include.http.client import HttpClient
from include.http.paging import Numbered, integer_key
from include.http.session import PsaLogin, mask
from include.model.errors import ConfigError, ShapeError
from include.model.limits import Pace
from include.model.page import Page

T = TypeVar("T")

API = "/api/v1"
ME = "/me"
SETTINGS = "/settings"
TICKET_SETTINGS = "/tickets/settings"


@dataclass(frozen=True)
class Entity:
    """A list, and the keys its answers have: of a page's records, and of a single one (empty: it stands bare).

    `template` is the path as the vendor writes it, where an id is in it.
    """

    path: str
    many: str
    one: str = ""
    always: Mapping[str, str | int] = field(default_factory=dict)
    template: str = ""

    @property
    def name(self) -> str:
        """The list as messages and the ledger call it."""
        return self.template or self.path


CUSTOMERS = Entity("/customers", "customers", "customer", {"include_disabled": "true"})
ASSETS = Entity("/customer_assets", "assets", "asset")
CONTACTS = Entity("/contacts", "contacts")
TICKETS = Entity("/tickets", "tickets", "ticket")


@dataclass
class SyncroClient:
    """An open login at one tenant."""

    http: HttpClient

    def document(self, path: str, params: Mapping[str, str | int] | None = None, *, endpoint: str = "") -> Any:
        """An object; `endpoint` is the path as the vendor writes it, where ids are in it."""
        body = self.http.get(API + path, params, endpoint=endpoint or path).body
        if not isinstance(body, dict):
            raise ShapeError(f"Syncro: {endpoint or path} answered with {type(body).__name__}, not with an object.")
        return body

    def record(self, entity: Entity, key: str) -> Any:
        """A single record; raises NotFound when it was deleted."""
        template = f"{entity.path}/{{id}}"
        body = self.document(f"{entity.path}/{int(key)}", endpoint=template)
        record = member(body, entity.one, dict, template) if entity.one else body
        if integer_key(record) != int(key):
            raise ShapeError(f"Syncro: {template} answered with another record than the one that was asked for.")
        return record

    def page(self, entity: Entity, number: int, /, **filters: str | int) -> Page:
        """One page; how long pages are is the server's affair."""
        body = self.document(entity.path, {**entity.always, **filters, "page": number}, endpoint=entity.name)
        records = member(body, entity.many, list, entity.name)
        return Page(records, total=_counted(body, "total_entries", entity), pages=_counted(body, "total_pages", entity))

    def listing(self, entity: Entity, **filters: str | int) -> Iterator[Page]:
        """A whole list, its end proven by `meta` where there is one."""
        return Numbered(
            f"Syncro {entity.path}", lambda number: self.page(entity, number, **filters), integer_key
        ).pages()


def member(body: Any, key: str, kind: type[T], path: str) -> T:
    """What the vendor documents under a key; an answer without it must never be taken for an empty one."""
    value = body.get(key)
    if not isinstance(value, kind):
        found = type(value).__name__ if key in body else "nothing"
        raise ShapeError(f"Syncro: {path} answered with {found} under '{key}', not with a {kind.__name__}.")
    return value


def _counted(body: Any, name: str, entity: Entity) -> int | None:
    """A number of `meta`; the vendor's own example of one list has no `meta`."""
    try:
        return pick(integer, body, "meta", name)
    except InvalidValue as error:
        raise ShapeError(f"Syncro: {entity.name}: {error}.") from None


def connect(session: Any, login: PsaLogin, pace: Pace) -> SyncroClient:
    """Check what was typed into the connection; asks the network nothing yet."""
    token = login.password
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"The password of the connection '{login.conn_id}' must be the API token and nothing else: it is empty, or "
            "holds a blank or a character that no token has, perhaps an invisible one. Paste it anew."
        )
    mask(token)
    client = HttpClient(
        vendor="Syncro",
        session=session,
        base_url=login.origin,
        pace=pace,
        auth=Keys({"Authorization": f"Bearer {token}"}),
        headers={"Accept": "application/json"},
        secrets=[token],
        proof=API + ME,
    )
    return SyncroClient(client)
