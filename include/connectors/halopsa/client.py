"""An open login at one HaloPSA: paged listings, unpaged lists, single records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from include.connectors.common.values import InvalidValue, integer, pick
from include.connectors.halopsa.auth import auth_server, explained, extra, judge, new_grant
from include.http.auth import Token
from include.http.call import Answer
from include.http.client import TRIES, HttpClient
from include.http.paging import Numbered
from include.http.session import PsaLogin, mask
from include.model.errors import ConfigError, NotFound, ServerError, ShapeError, Truncated
from include.model.limits import Pace
from include.model.page import Page

ROOT = "/api"
PAGE_SIZE = 100  # the most that any server deals in
ASSET_PAGE_SIZE = 50  # what /Asset deals in, whatever is asked for
ROUND = 5  # the pages that a server deals out unasked are as long as somebody chose: 20, 25, 50


@dataclass(frozen=True)
class Listing:
    """A paged list: its path, the key that its rows stand under, and what is always asked for.

    Which rows come when nothing is said is not documented, so all kinds of them are named.
    """

    path: str
    rows: str
    params: Mapping[str, str] = field(default_factory=dict)


CLIENTS = Listing("/Client", "clients")
SITES = Listing(
    "/Site",
    "sites",
    {"includeaddress": "true", "includestocklocations": "true", "includenonstocklocations": "true"},
)
USERS = Listing(
    "/Users",
    "users",
    {"exclude_generaluser": "true", "includeserviceaccount": "true", "includenonserviceaccount": "true"},
)
ASSETS = Listing("/Asset", "assets")
TEAMS = "/Team"
ALL_TEAMS = {"showall": "true", "includeenabled": "true", "includedisabled": "true"}


@dataclass
class HaloClient:
    """An open login."""

    http: HttpClient

    def get(
        self, path: str, params: Mapping[str, str | int] | None = None, *, template: str = "", tries: int = TRIES
    ) -> Answer:
        """GET below the API root; `template` is the path without a record's id."""
        try:
            return self.http.get(ROOT + path, params, endpoint=template or path, tries=tries)
        except ServerError as error:
            raise explained(error) from None

    def listing(self, what: Listing, **params: str) -> Iterator[Page]:
        """A whole listing, its end proven by as many different ids as the server counts."""

        def fetch(number: int) -> Page:
            records, total = self._page(what, number, PAGE_SIZE, params)
            if number == 1 and 1 < len(records) == total and not total % ROUND:
                self._prove_paging(what, total, params)
            return Page(records, total=total)

        return Numbered(f"HaloPSA {what.path}", fetch, row_key).pages()

    def _prove_paging(self, what: Listing, served: int, params: Mapping[str, str]) -> None:
        """A server that does not page counts what it served; one that pages brings one row when one is asked for.

        Where it deals in long pages only, a longer list without paging tells.
        """
        if len(self._page(what, 1, 1, params)[0]) == 1:
            return
        unpaged, _ = self._rows(what, {"count": served + 1, **params})
        if len(unpaged) > served:
            raise Truncated(f"HaloPSA: {what.path} counts {served:,} records and has more: it does not page.")

    def count(self, what: Listing, params: Mapping[str, str]) -> int:
        """How many records the listing has, by the server's own count."""
        return self._page(what, 1, 1, params)[1]

    def first(self, what: Listing, **params: str) -> list[Any]:
        """The first page of a listing."""
        return self._page(what, 1, PAGE_SIZE, params)[0]

    def _page(self, what: Listing, number: int, size: int, params: Mapping[str, str]) -> tuple[list[Any], int]:
        """All three paging parameters, always: without one of them the server does not page, and miscounts."""
        return self._rows(what, {"pageinate": "true", "page_no": number, "page_size": size, **params})

    def _rows(self, what: Listing, params: Mapping[str, str | int]) -> tuple[list[Any], int]:
        order = {"order": "id", "orderdesc": "false", "includeactive": "true", "includeinactive": "true"}
        return self.rows(what, {**order, **what.params, **params})

    def rows(self, what: Listing, params: Mapping[str, str | int], *, tries: int = TRIES) -> tuple[list[Any], int]:
        """The records of one answer to just these parameters, and how many the server counts in all."""
        body = self.get(what.path, params, tries=tries).body
        records = body.get(what.rows) if isinstance(body, dict) else None
        if not isinstance(records, list):
            raise ShapeError(f"HaloPSA: {what.path} did not answer with a list of '{what.rows}'.")
        total = counted(what.path, body)
        if total is None:
            raise ShapeError(f"HaloPSA: {what.path} answered without 'record_count'.")
        return records, total

    def table(self, path: str, rows: str, params: Mapping[str, str] | None = None, *, tries: int = TRIES) -> list[Any]:
        """A list that is not paged: bare, or below a key in some versions."""
        body = self.get(path, dict(params or {}), tries=tries).body
        records = body if isinstance(body, list) else None
        if isinstance(body, dict):
            records = next((body[key] for key in (rows, "results") if isinstance(body.get(key), list)), None)
        if records is None:
            raise ShapeError(f"HaloPSA: {path} did not answer with a list of '{rows}'.")
        total = counted(path, body) if isinstance(body, dict) else None
        if total not in (None, len(records)):
            raise Truncated(f"HaloPSA: {path} listed {len(records):,} records and counts {total:,}.")
        return records

    def record(self, what: Listing, key: str, *, tries: int = TRIES) -> Any:
        """One record with all that is known of it; raises NotFound when it is gone or not to be seen."""
        path = f"{what.path}/{key}"
        try:
            body = self.get(path, {"includedetails": "true"}, template=f"{what.path}/{{id}}", tries=tries).body
        except ServerError as error:
            if not error.empty:
                raise
            body = None
        if body is None:
            raise NotFound(f"HaloPSA: {path} answered with nothing.")
        if not isinstance(body, dict) or row_key(body) != int(key):
            raise ShapeError(f"HaloPSA: {path} did not answer with the record of this id.")
        return body


def counted(path: str, body: Any) -> int | None:
    """The server's own count, also where it is spelled as text; None where it gives none."""
    try:
        return pick(integer, body, "record_count")
    except InvalidValue as odd:
        raise ShapeError(f"HaloPSA: {path} does not count its records: {odd}") from None


def row_key(record: Any) -> int | None:
    """The id as a whole number, also where it is spelled as text or with decimals; None when it is neither."""
    try:
        return pick(integer, record, "id")
    except InvalidValue:
        return None


def budget_of(login: PsaLogin) -> str:
    """Whose budget a login spends: the instance's."""
    return f"{login.origin} {extra(login, 'tenant')}".strip().lower()


def connect(session: Any, login: PsaLogin, pace: Pace) -> HaloClient:
    """Check what was typed into the connection; asks the network nothing yet."""
    for name, typed in (("login", login.login), ("password", login.password)):
        if not typed.isascii() or not typed.isprintable() or " " in typed:
            raise ConfigError(
                f"The {name} of the connection '{login.conn_id}' holds a character that no key has, perhaps an "
                "invisible one: type or paste it anew."
            )
    for name in ("tenant", "scope"):
        extra(login, name)
    auth_server(login)
    mask(login.password)
    client: HttpClient = HttpClient(
        vendor="HaloPSA",
        session=session,
        base_url=login.origin,
        pace=pace,
        auth=Token(lambda _: new_grant(client, login)),
        headers={"Accept": "application/json"},
        secrets=[login.password],
        proof=f"{ROOT}{TEAMS}",
        judge=judge,
    )
    return HaloClient(client)
