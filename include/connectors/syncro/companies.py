"""The companies of Syncro: which ones setup selects, and how one is found by name or number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from include.connectors.common.companies import company_filter
from include.connectors.common.filters import Predicate, keep_wanted
from include.connectors.common.values import integer, pick
from include.connectors.contract import CompanyChoices, CompanySearch, ReadContext, TypedCompany
from include.connectors.syncro.client import CUSTOMERS, SyncroClient
from include.connectors.syncro.columns import COMPANY_COLUMNS, STATUSES, company_status
from include.http.paging import integer_key
from include.model.page import Page, Record, Reject

CHOICES: CompanyChoices[SyncroClient] = CompanyChoices("Syncro", statuses=lambda _: STATUSES)


def companies(context: ReadContext[SyncroClient]) -> Iterator[Page]:
    """The companies that setup selects, or the one in scope."""
    only = context.scope.company
    client = context.client
    pages = client.existing(CUSTOMERS, [only]) if only else client.listing(CUSTOMERS, context.resume)
    return keep_wanted(pages, is_selected(context))


def find_companies(context: ReadContext[SyncroClient], keys: Sequence[str]) -> Iterator[Page]:
    """The companies with these keys that exist and that setup selects."""
    return keep_wanted(context.client.existing(CUSTOMERS, list(keys)), is_selected(context))


def is_selected(context: ReadContext[SyncroClient]) -> Predicate:
    """Whether setup selects a company."""
    chosen = company_filter(CHOICES, context.client, context.setup)
    return lambda record: chosen.selects(status=company_status(record), types=())


def of_selected_companies(context: ReadContext[SyncroClient]) -> tuple[Predicate, list[Reject]]:
    """Whether setup selects the company of a record; and a reject for each company without a usable key."""
    if not context.setup.filters_companies:
        return (lambda _: True), []
    keys, unknown = company_keys(keep_wanted(context.client.listing(CUSTOMERS), is_selected(context)))
    ids = frozenset(keys)
    return (lambda record: owner(record) in ids), unknown


def owner(record: Record) -> int | None:
    """The id of the company that a record belongs to."""
    return pick(integer, record, "customer_id")


def company_keys(pages: Iterable[Page]) -> tuple[list[int], list[Reject]]:
    """The ids of companies; and a reject for each without a usable one, because what belongs to it is unknown."""
    keys = [integer_key(record) for page in pages for record in page.records]
    unknown = [Reject(None, "its company has no usable 'id'")] * keys.count(None)
    return [key for key in keys if key is not None], unknown


def _candidates(client: SyncroClient, typed: TypedCompany) -> Iterator[Iterator[Page]]:
    """By number; else from the whole list: how the server compares names is not documented."""
    if typed.key:
        yield client.existing(CUSTOMERS, [typed.key])
    yield client.listing(CUSTOMERS)


SEARCH: CompanySearch[SyncroClient] = CompanySearch(2**63, COMPANY_COLUMNS, _candidates, companies)
