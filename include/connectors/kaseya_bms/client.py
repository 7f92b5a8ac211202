"""An open login at one tenant of Kaseya BMS: envelopes, listings, single records. All names come in lower case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from include.connectors.common.values import InvalidValue, integer, pick, text, whole_key
from include.connectors.kaseya_bms.errors import lowered
from include.http.client import TRIES, HttpClient
from include.http.paging import Numbered, integer_key
from include.model.errors import NotFound, RequestRefused, ServerError, ShapeError
from include.model.page import Page

PAGE_SIZE = 100  # the largest is not documented
COMPANY = "/v2/crm/accounts/summary/{id}"
ASSET = "/v2/servicedesk/hardwareasset/{assetId}"

Params = Mapping[str, str | int]


@dataclass
class KaseyaClient:
    """An open login.

    `first_page` is the number of a listing's first page, 1 in most accounts of the API, 0 in one: None until a listing
    has shown it. `options` are the choices of custom fields by module, once they were asked for.
    """

    http: HttpClient
    first_page: int | None = None
    options: dict[str, dict[tuple[Any, Any], str]] = field(default_factory=dict)

    def result(
        self,
        path: str,
        params: Params | None = None,
        *,
        endpoint: str = "",
        bare: Collection[str] = (),
        tries: int = TRIES,
    ) -> Any:
        """What the envelope holds; null too. An object with one of the names `bare` is taken without envelope."""
        body = lowered(self.http.get(path, params, tries=tries, endpoint=endpoint or path).body)
        if isinstance(body, dict) and "success" not in body and not body.keys().isdisjoint(bare):
            return body
        return enveloped(body, endpoint or path)["result"]

    def lookup(self, path: str) -> list[Any]:
        """A table that comes whole."""
        return listed(self.result(path), path)

    def record(self, path: str, key: str, *, endpoint: str, tries: int = TRIES) -> dict[str, Any]:
        """One record, which some paths give without an envelope; raises NotFound."""
        record = self.result(path, endpoint=endpoint, bare=("id",), tries=tries)
        if record is None:
            raise NotFound(f"Kaseya BMS: {endpoint} has nothing under {key}.")
        if not isinstance(record, dict) or (record.get("id") and usable_key(record) != key):
            raise ShapeError(f"Kaseya BMS: {endpoint} was asked for {key} and answered with something else.")
        return record | {"id": key}

    def first(self, path: str) -> list[Any]:
        """One record of a listing, if it has any."""
        return sheet_of(self._page(path, {"PageSize": 1}, 1), path, counted=False).records

    def total(self, path: str, params: Params) -> int:
        """How many records a counted listing has."""
        return total_of(self._page(path, {**params, "PageSize": 1}, 1), path)

    def listing(self, path: str, params: Params, *, counted: bool, null_ends: bool = True) -> Iterator[Page]:
        """Every page. A `counted` listing carries TotalRecords, which must agree.

        Unless `null_ends`, a listing that begins with null is refused: it does not prove that there is nothing.
        """
        fetch = self._fetching(path, params, counted=counted, null_ends=null_ends)
        first = 1 if self.first_page is None else self.first_page
        return Numbered(f"Kaseya BMS {path}", fetch, integer_key, first, PAGE_SIZE).pages()

    def _fetching(self, path: str, params: Params, *, counted: bool, null_ends: bool) -> Callable[[int], Page]:
        """One listing's pages. The first that is empty makes it ask for a page before page 1."""
        opening: set[Any] = set()
        ended = False

        def fetch(number: int) -> Page:
            nonlocal ended
            envelope = self._page(path, params, number)
            sheet = sheet_of(envelope, path, counted=counted)
            if number == 1:
                opening.update(map(integer_key, sheet.records))
            if not sheet.records and sheet.total != 0 and self.first_page is None and not ended:
                ended = True
                sheet = self._page_zero(path, params, opening, counted=counted) or sheet
            if number == 1 and envelope["result"] is None and not (null_ends or sheet.records):
                raise ShapeError(f"Kaseya BMS: {path} answered null, which does not prove that there is nothing.")
            return sheet

        return fetch

    def opening(self, path: str, params: Params, *, counted: bool, tries: int, endpoint: str = "") -> tuple[Page, int]:
        """The first page of a listing and its number: page 0 is looked for unless page 1 shows that it is the first."""
        number = 1 if self.first_page is None else self.first_page
        sheet = self.sheet(path, params, number, counted=counted, tries=tries, endpoint=endpoint)
        if self.first_page is not None or (sheet.records and not counted):
            return sheet, number
        if sheet.total == len(sheet.records):
            self.first_page = 1 if sheet.records else None
            return sheet, number
        opening = set(map(integer_key, sheet.records))
        zero = self._page_zero(path, params, opening, counted=counted, endpoint=endpoint)
        return (zero, 0) if zero else (sheet, number)

    def sheet(self, path: str, params: Params, number: int, *, counted: bool, tries: int, endpoint: str = "") -> Page:
        """One page by its number."""
        envelope = self._page(path, params, number, tries=tries, endpoint=endpoint)
        return sheet_of(envelope, endpoint or path, counted=counted)

    def _page_zero(
        self, path: str, params: Params, opening: set[Any], *, counted: bool, endpoint: str = ""
    ) -> Page | None:
        """Page 0, where pages are counted from 0: then little of it is on page 1, which was read before it.

        Records move over meanwhile, so that only all or nothing in common is remembered.
        """
        try:
            sheet = self.sheet(path, params, 0, counted=counted, tries=1, endpoint=endpoint)
        except (RequestRefused, NotFound):
            sheet = Page([])
        except ServerError as error:
            if error.status != 500:  # of any other trouble this is no more than the moment
                raise
            sheet = Page([])
        keys = set(map(integer_key, sheet.records))
        common = len(keys & opening)
        from_one = not keys or 2 * common > len(keys)
        if opening and common in (0, len(keys)):
            self.first_page = int(from_one)
        return None if from_one else sheet

    def _page(
        self, path: str, params: Params, number: int, *, tries: int = TRIES, endpoint: str = ""
    ) -> dict[str, Any]:
        asked = {"PageSize": PAGE_SIZE, **params, "PageNumber": number}
        endpoint = endpoint or path
        return enveloped(self.http.get(path, asked, tries=tries, endpoint=endpoint).body, endpoint)

    def labels(self, path: str) -> dict[str, str]:
        """Id → name of a table that comes whole."""
        return {known_key(record, path): pick(text, record, "name") or "" for record in self.lookup(path)}


def enveloped(body: Any, path: str) -> dict[str, Any]:
    """The envelope of a good answer. Version 1 of the API and other products have none like it."""
    envelope = lowered(body)
    if not isinstance(envelope, dict) or envelope.get("success") is not True or "result" not in envelope:
        raise ShapeError(
            f"Kaseya BMS: {path} did not answer with Success and Result, as version 2 of the API does. Is the "
            "connection's host the API's, such as api.bms.kaseya.com?"
        )
    return envelope


def sheet_of(envelope: Mapping[str, Any], path: str, *, counted: bool) -> Page:
    """A page; null is how some lists say that there is no more."""
    records = [] if envelope["result"] is None else listed(envelope["result"], path)
    return Page(records, total=total_of(envelope, path) if counted else None)


def listed(result: Any, path: str) -> list[Any]:
    """The records of a list."""
    if not isinstance(result, list):
        raise ShapeError(f"Kaseya BMS: the Result of {path} is {type(result).__name__}, not a list.")
    return result


def total_of(envelope: Mapping[str, Any], path: str) -> int:
    """The server's own count."""
    try:
        total = pick(integer, envelope, "totalrecords")
    except InvalidValue as error:
        raise ShapeError(f"Kaseya BMS: {path} answered with an odd {error}.") from None
    if total is None:
        raise ShapeError(f"Kaseya BMS: {path} did not answer with TotalRecords.")
    return total


def known_key(record: Any, path: str) -> str:
    """The id of a record that other requests hang on, so that it cannot be passed over."""
    key = usable_key(record)
    if key is None:
        raise ShapeError(f"Kaseya BMS: a record of {path} has no usable 'Id'.")
    return key


def usable_key(record: Any) -> str | None:
    """The id of a record as a row has it, None where it cannot be one."""
    with suppress(InvalidValue):
        return pick(whole_key, record, "id")
    return None
