"""Companies, which Kaseya BMS calls accounts: the listing, setup's filter, and the search by name or number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from include.connectors import NAMES
from include.connectors.common.companies import ACTIVITY
from include.connectors.common.of_companies import selected_of
from include.connectors.common.values import InvalidValue, pick
from include.connectors.contract import CompanyChoices, CompanySearch, ReadContext, TypedCompany
from include.connectors.kaseya_bms.client import COMPANY, KaseyaClient, Listing, Params
from include.connectors.kaseya_bms.columns import COMPANY_COLUMNS, foreign_key
from include.http.parts import Part, in_parts
from include.http.positions import PageMark
from include.model.page import Page, Position, Record
from include.model.scope import Scope

COMPANIES = "/v2/crm/accounts/summary"
COMPANY_TYPES = "/v2/system/accounttypes/lookup"

CHOICES: CompanyChoices[KaseyaClient] = CompanyChoices(
    NAMES["kaseya_bms"],
    statuses=lambda _: ACTIVITY,
    types=lambda client: client.labels(COMPANY_TYPES),
    status_from_type=True,
)


def companies(context: ReadContext[KaseyaClient]) -> Iterator[Page]:
    """The companies that setup selects, or one of them. The server has no filter by type or by several companies."""
    client, key = context.client, context.scope.company
    pages = client.records("company", COMPANY, [key]) if key else all_pages(client, Listing(COMPANIES), context.resume)
    return selected(context, pages)


def selected(context: ReadContext[KaseyaClient], pages: Iterable[Page]) -> Iterator[Page]:
    """Of these companies, those that setup selects."""
    return selected_of(CHOICES, COMPANY_COLUMNS, context, pages, lambda r: [pick(foreign_key, r, "accounttypeid")])


def all_pages(client: KaseyaClient, listing: Listing, resume: Position | None) -> Iterator[Page]:
    """The active and the inactive records of a counted listing.

    A record that became active between the two is in neither, so that the active ones are read again when their number
    has changed.
    """
    active, inactive = (replace(listing, is_active=is_active) for is_active in (True, False))
    part, totals = client.part(active), list[int | None]()

    def pages(begun: Position | None) -> Iterator[Page]:
        for page in part.pages(begun):
            totals.append(page.expected)
            yield page

    def is_as_it_was(end: Position | None) -> bool:
        mark = PageMark.at(end, part.listing)
        totals.append(mark.total if mark else None)
        return part.is_as_it_was(end)

    yield from in_parts(listing.name, [Part(part.listing, pages, is_as_it_was), client.part(inactive)], resume)
    if client.total(active) != totals[-1]:
        yield from client.pages(active)


def by_company(scope: Scope) -> Params:
    """The filter of a listing that reads one company alone."""
    return {"Filter.AccountId": int(scope.company)} if scope.company else {}


def owner(record: Record) -> str | None:
    """The key of the company that a record belongs to. Every record has that field: one without it is invalid."""
    if isinstance(record, dict) and "accountid" not in record:
        raise InvalidValue("AccountId is missing")
    return pick(foreign_key, record, "accountid")


def _candidates(client: KaseyaClient, typed: TypedCompany) -> Iterator[Iterator[Page]]:
    """By number, by the text, by its longest word: whether the server wants the whole name is not documented."""
    if typed.key:
        yield client.records("company", COMPANY, [typed.key])
    for name in dict.fromkeys(filter(None, (typed.text, typed.word))):
        filters = {"Filter.AccountName": name}
        listings = [Listing(COMPANIES, filters=filters, is_active=is_active) for is_active in (True, False)]
        yield chain.from_iterable(map(client.pages, listings))


SEARCH: CompanySearch[KaseyaClient] = CompanySearch(2**31, COMPANY_COLUMNS, _candidates, companies)
