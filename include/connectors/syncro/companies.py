"""The companies of Syncro: which ones setup selects, and how one is found by name or number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.connectors.common.of_companies import selected_of
from include.connectors.common.values import pick, whole_key
from include.connectors.contract import CompanyChoices, CompanySearch, ReadContext, TypedCompany
from include.connectors.syncro.changes import changed_customers
from include.connectors.syncro.client import CUSTOMERS, SyncroClient
from include.connectors.syncro.columns import COMPANY_COLUMNS, STATUSES
from include.model.page import Page, Record

CHOICES: CompanyChoices[SyncroClient] = CompanyChoices("Syncro", statuses=lambda _: STATUSES)


def companies(context: ReadContext[SyncroClient]) -> Iterator[Page]:
    """The companies that setup selects, or the one in scope."""
    if context.scope.company:
        return find_companies(context, [context.scope.company])
    return selected_of(CHOICES, COMPANY_COLUMNS, context, context.client.listing(CUSTOMERS, context.resume))


def changed_companies(context: ReadContext[SyncroClient]) -> Iterator[Page]:
    """The selected companies that changed. One company in scope is always read: it costs one request."""
    since = context.scope.since
    if since is None or context.scope.company:
        return companies(context)
    return selected_of(CHOICES, COMPANY_COLUMNS, context, changed_customers(context.client, since))


def find_companies(context: ReadContext[SyncroClient], keys: Sequence[str]) -> Iterator[Page]:
    """The companies with these keys that exist and that setup selects."""
    return selected_of(CHOICES, COMPANY_COLUMNS, context, context.client.existing(CUSTOMERS, list(keys)))


def owner(record: Record) -> str | None:
    """The key of the company that a record belongs to."""
    return pick(whole_key, record, "customer_id")


def _candidates(client: SyncroClient, typed: TypedCompany) -> Iterator[Iterator[Page]]:
    """By number; else from the whole list: how the server compares names is not documented."""
    if typed.key:
        yield client.existing(CUSTOMERS, [typed.key])
    yield client.listing(CUSTOMERS)


SEARCH: CompanySearch[SyncroClient] = CompanySearch(2**63, COMPANY_COLUMNS, _candidates, companies)
