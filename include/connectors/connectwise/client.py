"""An open login at one tenant of ConnectWise: where its API is, paging by key, counts."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from include.connectors.common.responses import listed, required_count, required_key
from include.connectors.common.tickets import words
from include.http.call import Answer, Call
from include.http.client import TRIES, HttpClient
from include.http.paging import Keyset, integer_key
from include.http.parts import Part
from include.model.errors import AuthError, ConfigError, NotFound, RequestRefused, RightsError, ServerError
from include.model.page import Page, Position, Record

log = logging.getLogger(__name__)

ROUTER_CODEBASE = "v4_6_release/"
CODEBASE = "codebase"
"""The first part of the API's path, in what is known of the server."""
PAGE_SIZE = 1000
DEFAULT_PAGE_SIZE = 25  # what a server uses that ignores the size it was asked for

Params = dict[str, str | int]


@dataclass(frozen=True)
class Listing:
    """The records at a path, in the order of their ids."""

    path: str
    fields: str = ""
    """The only fields to send, separated by commas; all where it is empty."""
    conditions: str = ""
    child_conditions: str = ""
    """Conditions on the entries of a list in the record."""
    is_counted: bool = True
    """Whether the server's total is asked for and proves the end. Otherwise a page shorter than the default size proves
    it: for listings of a page or two, and for those below a parent, which have no total."""

    @property
    def params(self) -> Params:
        """The parameters of its requests."""
        return filled(conditions=self.conditions, childConditions=self.child_conditions, fields=self.fields)


@dataclass
class ConnectWiseClient:
    """An open login."""

    http: HttpClient
    company_id: str
    """The company that people type when they sign in."""
    ticket_order: str = "lastUpdated desc,id desc"
    """The order in which tickets are listed. Without the id, tickets that changed together may come twice."""

    def get(self, path: str, params: Params | None = None, *, tries: int = TRIES) -> Answer:
        """GET below the API root."""
        return self._send(Call("GET", path, params or {}), tries)

    def post(self, path: str, params: Params, json: Record, *, tries: int = TRIES) -> Answer:
        """A query that is too long for an address, below the API root: nothing at the PSA changes by it."""
        return self._send(Call("POST", path, params, json=json), tries)

    def _send(self, call: Call, tries: int) -> Answer:
        """The answer; after a 404 the request is repeated once if the tenant was moved to another codebase."""
        known = self.http.known
        codebase = known.get(CODEBASE) or self._published_codebase() or ROUTER_CODEBASE
        known[CODEBASE] = codebase
        try:
            return self._send_below(codebase, call, tries)
        except NotFound:
            published = self._published_codebase()
            if published in (None, codebase):
                raise
            log.info("ConnectWise moved this tenant from %s to %s.", codebase, published)
            known[CODEBASE] = published
        return self._send_below(published, call, tries)

    def _send_below(self, codebase: str, call: Call, tries: int) -> Answer:
        root, endpoint = f"/{codebase}apis/3.0", re.sub(r"(?<=/)\d+(?=/|$)", "{id}", call.path)
        return self.http.send(replace(call, path=f"{root}{call.path}", endpoint=endpoint), tries=tries)

    def _published_codebase(self) -> str | None:
        """The codebase that the server publishes; None where it publishes none, as some self-hosted ones."""
        path = f"/login/companyinfo/{quote(self.company_id, safe='')}"
        try:
            info = self.http.get(path, anonymous=True, tries=2).body
        except (NotFound, AuthError, RequestRefused):
            return None
        except ServerError as error:
            if error.status != 200:
                raise
            return None
        if info is None:
            raise ConfigError(
                f"{self.http.base_url} knows no company '{self.company_id}'. It is what stands before the '+' in "
                "the connection's login: the company name of your ConnectWise sign-in page."
            )
        codebase = words(info, "Codebase").strip("/")
        return f"{codebase}/" if codebase else None

    def count(self, listing: Listing, after: int | None = None) -> int | None:
        """The server's own total, of the records with an id above `after`; None where it does not count."""
        path = f"{listing.path}/count"
        try:
            body = self.get(path, replace(_above(listing, after), fields="").params).body
        except (NotFound, RequestRefused, RightsError):
            return None
        return required_count(body, at_path(path), "count")

    def pages(self, listing: Listing, resume: Position | None = None) -> Iterator[Page]:
        """Every page of a listing, its end proven. Each page is asked for by the last id of the one before."""
        return self.part(listing).pages(resume)

    def part(self, listing: Listing) -> Part:
        """A listing as a part of a longer one."""

        def next_key(after: int | None) -> int | None:
            records = self._page(replace(listing, fields="id"), after, 1, TRIES).records
            return integer_key(records[0]) if records else None

        keyset = Keyset(
            at_path(listing.path),
            fetch=lambda after, size, tries: self._page(listing, after, size, tries),
            next_key=next_key,
            count=lambda after: self.count(listing, after) if listing.is_counted else None,
            page_size=PAGE_SIZE,
            least_page=DEFAULT_PAGE_SIZE,
            tries=TRIES,
            listing=f"{listing.path}?{listing.conditions}&{listing.child_conditions}",
            at_once=self.http.at_once,
        )
        return Part(keyset.listing, keyset.pages, keyset.is_as_it_was)

    def records(self, listing: Listing) -> Iterator[Record]:
        """Every record of a listing."""
        return (record for page in self.pages(listing) for record in page.records)

    def labels(self, path: str, fields: str = "id,name") -> dict[str, str]:
        """id → name of a setup table."""
        listing = Listing(path, fields)
        return {str(required_key(record, at_path(path))): words(record, "name") for record in self.records(listing)}

    def _page(self, listing: Listing, after: int | None, size: int, tries: int) -> Page:
        """The records with an id above `after`, at most so many."""
        params = {**_above(listing, after).params, "orderBy": "id asc", "page": 1, "pageSize": size}
        answer = self.get(listing.path, params, tries=tries)
        return Page(listed(answer.body, at_path(listing.path)), has_next=answer.has_next)


def _above(listing: Listing, after: int | None) -> Listing:
    if after is None:
        return listing
    conditions = f"({listing.conditions}) and id>{after}" if listing.conditions else f"id>{after}"
    return replace(listing, conditions=conditions)


def at_path(path: str) -> str:
    """The path as messages name it."""
    return f"ConnectWise: {path}"


def filled(**params: str) -> Params:
    """Parameters without the empty ones."""
    return {name: value for name, value in params.items() if value}
