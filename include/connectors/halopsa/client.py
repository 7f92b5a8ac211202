"""An open login at one HaloPSA: paged listings, unpaged lists, single records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from include.connectors.common.by_key import one_by_one
from include.connectors.common.responses import count_at, listed, member, required_count
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import integer
from include.connectors.halopsa.errors import explained
from include.http.client import TRIES, HttpClient
from include.http.numbered import Numbered
from include.model.errors import NotFound, ServerError, ShapeError, Truncated
from include.model.page import Page, Position, Record

ROOT = "/api"
PAGE_SIZE = 100  # the longest page that any server sends
ASSET_PAGE_SIZE = 50  # whatever is asked for
PAGE_STEP = 5  # pages of a server that does not page are 20, 25 or 50 records long, as someone configured
GONE_TRIES = 2  # an empty answer, elsewhere worth more tries, can mean that a record does not exist any more


@dataclass(frozen=True)
class Listing:
    """A list of records at the PSA."""

    path: str
    key: str  # in the answer, where its records are
    params: Mapping[str, str] = field(default_factory=dict)
    """Parameters of every request. Which records come without them is not documented: every sort is asked for."""


CLIENTS = Listing("/Client", "clients")
SITES = Listing(
    "/Site", "sites", {"includeaddress": "true", "includestocklocations": "true", "includenonstocklocations": "true"}
)
USERS = Listing(
    "/Users",
    "users",
    {"exclude_generaluser": "true", "includeserviceaccount": "true", "includenonserviceaccount": "true"},
)
ASSETS = Listing("/Asset", "assets")
TEAMS = Listing("/Team", "teams", {"showall": "true", "includeenabled": "true", "includedisabled": "true"})


@dataclass
class HaloClient:
    """An open login."""

    http: HttpClient

    def listing(self, what: Listing, resume: Position | None = None, /, **params: str) -> Iterator[Page]:
        """A whole listing, its end proven by as many different ids as the server counts."""

        def fetch(number: int) -> Page:
            records, total = self._page(what, number, PAGE_SIZE, params)
            is_suspicious = number == 1 and 1 < len(records) == total and not total % PAGE_STEP
            if is_suspicious and _paging_of(what) not in self.http.known:
                self._prove_paging(what, total, params)
            return Page(records, total=total)

        listing = f"{what.path} {params}"
        numbered = Numbered(f"HaloPSA {what.path}", fetch, record_key, at_once=self.http.at_once, listing=listing)
        return numbered.pages(resume)

    def _prove_paging(self, what: Listing, served: int, params: Mapping[str, str]) -> None:
        """Raise Truncated if the server does not page: then it counts only the records that it served.

        A server that pages sends one record when one is asked for. Where it sends long pages only, a longer list
        without paging decides.
        """
        if len(self._page(what, 1, 1, params)[0]) == 1:
            return
        unpaged, _ = self._ordered(what, {"count": served + 1, **params})
        if len(unpaged) > served:
            raise Truncated(f"HaloPSA: {what.path} counts {served:,} records and has more: it does not page.")

    def count(self, what: Listing, **params: str) -> int:
        """How many records the listing has, by the server's own count."""
        return self._page(what, 1, 1, params)[1]

    def first_page(self, what: Listing, **params: str) -> list[Record]:
        """The first page of a listing."""
        return self._page(what, 1, PAGE_SIZE, params)[0]

    def _page(self, what: Listing, number: int, size: int, params: Mapping[str, str]) -> tuple[list[Record], int]:
        """Always with all three paging parameters: without one of them the server does not page, and miscounts."""
        paged: dict[str, str | int] = {"pageinate": "true", "page_no": number, "page_size": size, **params}
        records, total = self._ordered(what, paged)
        if len(records) < total:
            self.http.known[_paging_of(what)] = "it pages"
        return records, total

    def _ordered(self, what: Listing, params: Mapping[str, str | int]) -> tuple[list[Record], int]:
        order = {"order": "id", "orderdesc": "false", "includeactive": "true", "includeinactive": "true"}
        return self.answer(what, {**order, **what.params, **params})

    def answer(self, what: Listing, params: Mapping[str, str | int], *, tries: int = TRIES) -> tuple[list[Record], int]:
        """The records of one answer to exactly these parameters, and how many the server counts in all."""
        source, body = f"HaloPSA: {what.path}", self._get(what.path, params, tries=tries)
        return member(body, what.key, list, source), required_count(body, source, "record_count")

    def unpaged(self, what: Listing, *, tries: int = TRIES, **params: str) -> list[Record]:
        """A list that is not paged: bare, or below a key in some versions."""
        source, body = f"HaloPSA: {what.path}", self._get(what.path, {**what.params, **params}, tries=tries)
        if not isinstance(body, dict):
            return listed(body, source)
        key = what.key if what.key in body or "results" not in body else "results"
        records, total = member(body, key, list, source), count_at(body, source, "record_count")
        if total not in (None, len(records)):
            raise Truncated(f"{source} listed {len(records):,} records and counts {total:,}.")
        return records

    def record(self, what: Listing, key: str, *, tries: int = TRIES) -> Record:
        """One record with all its fields; raises NotFound when it is gone, or this login may not see it."""
        path = f"{what.path}/{key}"
        try:
            body = self._get(path, {"includedetails": "true"}, template=f"{what.path}/{{id}}", tries=tries)
        except ServerError as error:
            if not error.empty:
                raise
            body = None
        if body is None:
            raise NotFound(f"HaloPSA: {path} answered with nothing.")
        if not isinstance(body, dict) or record_key(body) != int(key):
            raise ShapeError(f"HaloPSA: {path} did not answer with the record of this id.")
        return body

    def _get(self, path: str, params: Mapping[str, str | int], *, template: str = "", tries: int) -> Record:
        """The body of an answer; `template` is the path without a record's id."""
        try:
            return self.http.get(ROOT + path, params, endpoint=template or path, tries=tries).body
        except ServerError as error:
            raise explained(error) from None


def _paging_of(what: Listing) -> str:
    """The name, in what is known of the server, of the proof that it pages a list: it has counted more than it sent."""
    return f"paging of {what.path}"


def existing(client: HaloClient, what: Listing, keys: Sequence[str]) -> Iterator[Page]:
    """The records with these keys that still exist, one request each."""
    read = partial(client.record, what, tries=GONE_TRIES)
    return one_by_one(read, keys, what=f"HaloPSA {what.path}", at_once=client.http.at_once)


def by_key(client: HaloClient, what: Listing) -> Callable[[str], Record]:
    """Reads single records by their keys, each of them once; None for one that does not exist any more."""
    return cache(lambda key: next((page.records[0] for page in existing(client, what, [key])), None))


def record_key(record: Record) -> int | None:
    """The id as a whole number, also where it is spelled as text or with decimals; None when it is neither."""
    return try_pick(integer, record, "id")
