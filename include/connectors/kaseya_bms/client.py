"""An open login at one tenant of Kaseya BMS: addresses, envelopes, paging. Names in answers come in lower case."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock

from include.connectors.common.by_key import one_by_one
from include.connectors.common.filters import require_filter
from include.connectors.common.responses import listed, required_count, required_key
from include.connectors.common.tickets import try_pick, words
from include.connectors.common.values import boolean, pick, whole_key
from include.connectors.kaseya_bms.lower_case import lowered
from include.http.client import TRIES, HttpClient
from include.http.numbered import Numbered
from include.http.paging import integer_key
from include.http.parts import Part
from include.model.errors import NotFound, RequestRefused, ServerError, ShapeError
from include.model.page import Page, Position, Record

PAGE_SIZE = 100  # the largest is not documented
COMPANY = "/v2/crm/accounts/summary/{id}"
ASSET = "/v2/servicedesk/hardwareasset/{assetId}"

Params = Mapping[str, str | int]
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Listing:
    """Records that come in numbered pages."""

    endpoint: str
    """The path as the vendor's document spells it."""
    keys: tuple[str, ...] = ()
    """What fills the placeholders of the path, in their order."""
    filters: Params = field(default_factory=dict)
    is_active: bool | None = None
    """Only the active or only the inactive records: whether it has both without this filter is not documented."""
    is_counted: bool = True
    """Whether its answers have TotalRecords, which must agree with the records that came."""
    may_be_null: bool = True
    """Whether null as the first page means that there are no records. Otherwise it proves nothing and is refused."""
    tries: int = TRIES
    page_size: int = PAGE_SIZE

    @property
    def name(self) -> str:
        """What is listed, for positions in it."""
        return f"{self.endpoint} {self.keys} {self.filters} {self.is_active}"


@dataclass
class KaseyaClient:
    """An open login."""

    http: HttpClient
    first_page: int | None = None
    """The number of a listing's first page: 1 at most servers, 0 at some. None until a listing has shown it."""
    options: dict[str, dict[tuple[int | None, int | None], str]] = field(default_factory=dict)
    """The options of custom fields by module, once they were read: (field, option) → label."""
    reading_options: Lock = field(default_factory=Lock, repr=False)

    def result(
        self, endpoint: str, *keys: str, params: Params | None = None, bare: Collection[str] = (), tries: int = TRIES
    ) -> Record:
        """The Result of an answer, which can be null. An object with one of the names `bare` needs no envelope."""
        body = lowered(self.http.get(_filled(endpoint, keys), params, tries=tries, endpoint=endpoint).body)
        if isinstance(body, dict) and "success" not in body and not body.keys().isdisjoint(bare):
            return body
        return enveloped(body, endpoint)["result"]

    def lookup(self, endpoint: str, *keys: str) -> list[Record]:
        """A list that comes in one answer."""
        return listed(self.result(endpoint, *keys), at_endpoint(endpoint))

    def labels(self, endpoint: str) -> dict[str, str]:
        """Id → name of a list that comes in one answer."""
        return {key_of(record, endpoint): words(record, "name") for record in self.lookup(endpoint)}

    def record(self, endpoint: str, *keys: str, tries: int = TRIES) -> Record:
        """The record with the last of these keys, which some paths give without envelope; raises NotFound."""
        key = keys[-1]
        record = self.result(endpoint, *keys, bare=("id",), tries=tries)
        if record is None:
            raise NotFound(f"{at_endpoint(endpoint)} has nothing under {key}.")
        if not isinstance(record, dict) or (record.get("id") and usable_key(record) != key):
            raise ShapeError(f"{at_endpoint(endpoint)} was asked for {key} and answered with something else.")
        return record if record.get("id") else record | {"id": int(key)}

    def records(self, what: str, endpoint: str, keys: Sequence[str], *parents: str) -> Iterator[Page]:
        """The records with these keys that still exist, one request each; `what` names one in the log."""
        read = lambda key: self.record(endpoint, *parents, key)  # noqa: E731
        return one_by_one(read, keys, what=f"Kaseya BMS {what}", at_once=self.http.at_once)

    def total(self, listing: Listing) -> int:
        """How many records a counted listing has."""
        return _total(self._envelope(listing, 1, size=1), listing)

    def page(self, listing: Listing, number: int, *, size: int | None = None) -> Page:
        """One page by its number."""
        return _page(self._envelope(listing, number, size=size), listing)

    def pages(self, listing: Listing, resume: Position | None = None) -> Iterator[Page]:
        """Every page; raises an error unless the end of the listing is proven, and when a filter was ignored."""
        pages = self._numbered(listing).pages(resume)
        if listing.is_active is None:
            return pages
        is_wanted = lambda record: pick(boolean, record, "isactive") is listing.is_active  # noqa: E731
        return require_filter(pages, is_wanted, at_endpoint(listing.endpoint))

    def part(self, listing: Listing) -> Part:
        """A listing as a part of a longer one."""
        pages, numbered = partial(self.pages, listing), partial(self._numbered, listing)
        return Part(listing.name, pages, lambda end: numbered().is_as_it_was(end))

    def _numbered(self, listing: Listing) -> Numbered:
        """How its pages are asked for, as far as it is known by now which one is the first."""
        what, first = f"Kaseya BMS {listing.endpoint}", 1 if self.first_page is None else self.first_page
        nulls, looked = set[int](), self._looking(listing)

        def fetch(number: int) -> Page:
            envelope = self._envelope(listing, number)
            if envelope["result"] is None:
                nulls.add(number)
            return _page(envelope, listing)

        def in_order(number: int, page: Page) -> Page:
            page = looked(number, page)
            if number == first and number in nulls and not (listing.may_be_null or page.records):
                raise ShapeError(
                    f"{at_endpoint(listing.endpoint)} answered null, which does not prove that there is nothing."
                )
            return page

        return Numbered(what, fetch, integer_key, first, PAGE_SIZE, self.http.at_once, listing.name, in_order)

    def opening(self, listing: Listing) -> tuple[Page, int]:
        """The first page of a listing and its number. Page 0 is asked for unless page 1 shows that it is the first."""
        number = 1 if self.first_page is None else self.first_page
        page = self.page(listing, number)
        if self.first_page is not None or (page.records and not listing.is_counted):
            return page, number
        if page.total == len(page.records):
            self.first_page = 1 if page.records else None
            return page, number
        zero = self._page_zero(listing, set(map(integer_key, page.records)))
        return (zero, 0) if zero else (page, number)

    def _looking(self, listing: Listing) -> Callable[[int, Page], Page]:
        """Looks for a page before page 1 in place of the first page that is empty."""
        opening: set[Hashable] | None = None
        has_looked = False

        def looked(number: int, page: Page) -> Page:
            nonlocal has_looked, opening
            if number == 1:
                opening = set(map(integer_key, page.records))
            if page.records or page.total == 0 or self.first_page is not None or has_looked:
                return page
            has_looked = True
            if opening is None:  # an earlier attempt has read page 1
                opening = set(map(integer_key, self.page(listing, 1).records))
            return self._page_zero(listing, opening) or page

        return looked

    def _page_zero(self, listing: Listing, opening: set[Hashable]) -> Page | None:
        """Page 0, where pages are counted from 0: then few of its records are on page 1, which was read before it.

        Records move between pages meanwhile, so that `first_page` is set only when all or none of them are there.
        """
        try:
            page = self.page(replace(listing, tries=1), 0)
        except (RequestRefused, NotFound):
            page = Page([])
        except ServerError as error:
            if error.status != 500:  # any other error is a passing one, and says nothing about page 0
                raise
            page = Page([])
        keys = set(map(integer_key, page.records))
        common = len(keys & opening)
        is_page_one = not keys or 2 * common > len(keys)
        if opening and common in (0, len(keys)):
            self.first_page = int(is_page_one)
        return None if is_page_one else page

    def _envelope(self, listing: Listing, number: int, *, size: int | None = None) -> dict[str, Record]:
        asked = {"PageSize": size or listing.page_size, **listing.filters, "PageNumber": number}
        if listing.is_active is not None:
            asked["Filter.IsActive"] = str(listing.is_active).lower()
        path = _filled(listing.endpoint, listing.keys)
        answer = self.http.get(path, asked, tries=listing.tries, endpoint=listing.endpoint)
        return enveloped(lowered(answer.body), listing.endpoint)


def enveloped(body: Record, endpoint: str) -> dict[str, Record]:
    """The envelope of a good answer. Version 1 of the API and other products answer with another one."""
    if not isinstance(body, dict) or body.get("success") is not True or "result" not in body:
        raise ShapeError(
            f"{at_endpoint(endpoint)} did not answer with Success and Result, as version 2 of the API does. Is the "
            "connection's host the API's, such as api.bms.kaseya.com?"
        )
    return body


def usable_key(record: Record) -> str | None:
    """The id of a record as its row has it; None where it cannot be one."""
    return try_pick(whole_key, record, "id")


def key_of(record: Record, endpoint: str) -> str:
    """The id of a record that other requests depend on, so that it cannot be passed over."""
    return str(required_key(record, at_endpoint(endpoint)))


def at_endpoint(endpoint: str) -> str:
    """An endpoint as messages name it."""
    return f"Kaseya BMS: {endpoint}"


def _page(envelope: Mapping[str, Record], listing: Listing) -> Page:
    """A page; some listings answer null where there are no more records."""
    records = [] if envelope["result"] is None else listed(envelope["result"], at_endpoint(listing.endpoint))
    return Page(records, total=_total(envelope, listing) if listing.is_counted else None)


def _total(envelope: Mapping[str, Record], listing: Listing) -> int:
    return required_count(envelope, at_endpoint(listing.endpoint), "totalrecords")


def _filled(endpoint: str, keys: Sequence[str]) -> str:
    rest = iter(keys)
    return _PLACEHOLDER.sub(lambda _: next(rest), endpoint)
