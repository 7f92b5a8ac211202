"""Companies of HaloPSA: which ones a run reads, which records belong to them, and which one a person means."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from include.connectors.common.companies import ACTIVITY
from include.connectors.common.filters import require_filter
from include.connectors.common.of_companies import of_companies, selected_of
from include.connectors.common.values import pick
from include.connectors.contract import CompanyChoices, CompanySearch, ReadContext, TypedCompany
from include.connectors.halopsa.client import CLIENTS, HaloClient, Listing, existing, record_key
from include.connectors.halopsa.columns import COLUMNS, MAIN_SITE, reference_key
from include.connectors.halopsa.details import asked, completed
from include.model.page import Page, Position, Record

CHOICES: CompanyChoices[HaloClient] = CompanyChoices("HaloPSA", statuses=lambda _: ACTIVITY)


def companies(context: ReadContext[HaloClient], **params: str) -> Iterator[Page]:
    """The companies of the run. A single record has all its custom fields; a listing has to be asked for them.

    `params` are further parameters of the listing.
    """
    if context.scope.company:
        yield from selected_companies(context)
    else:
        pages = selected_companies(context, context.resume, **asked(context.setup, "companies"), **params)
        yield from completed(context, CLIENTS, pages, "companies")


def selected_companies(
    context: ReadContext[HaloClient], resume: Position | None = None, **params: str
) -> Iterator[Page]:
    """The companies that setup selects, or the one in the run's scope."""
    if context.scope.company:
        return find_companies(context, [context.scope.company])
    return selected_of(CHOICES, COLUMNS["companies"], context, context.client.listing(CLIENTS, resume, **params))


def find_companies(context: ReadContext[HaloClient], keys: Sequence[str]) -> Iterator[Page]:
    """Of these companies, those that still exist and that setup selects."""
    return selected_of(CHOICES, COLUMNS["companies"], context, existing(context.client, CLIENTS, keys))


def main_sites(context: ReadContext[HaloClient]) -> dict[str, Record]:
    """The companies of the run, each with the main site that it names."""
    records = (record for page in selected_companies(context) for record in page.records)
    return {str(key): record.get(MAIN_SITE) for record in records if (key := record_key(record)) is not None}


def of_run(
    context: ReadContext[HaloClient],
    what: Listing,
    pages: Iterable[Page],
    selected: Container[str | None] | None = None,
) -> Iterator[Page]:
    """The records of a listing that belong to companies of the run. One that names no company contradicts no filter."""
    only = context.scope.company
    return of_companies(
        SEARCH, context, pages, lambda record: owner(record) or only, f"HaloPSA: {what.path}?client_id={only}", selected
    )


def owner(record: Record) -> str | None:
    """The key of the company that a record belongs to."""
    return pick(reference_key, record, "client_id")


def honoured(pages: Iterable[Page], what: Listing, name: str, value: str) -> Iterator[Page]:
    """The pages; raises ShapeError where a record contradicts the filter, since Halo ignores unknown filters."""
    source = f"HaloPSA: {what.path}?{name}={value}"
    return require_filter(pages, lambda record: pick(reference_key, record, name) in (None, value), source)


def candidates(client: HaloClient, typed: TypedCompany) -> Iterator[Iterator[Page]]:
    """By number, then by word: how the search reads a phrase is not documented."""
    if typed.key:
        yield existing(client, CLIENTS, [typed.key])
    if typed.word:
        yield client.listing(CLIENTS, search=typed.word)


SEARCH: CompanySearch[HaloClient] = CompanySearch(2**31, COLUMNS["companies"], candidates, selected_companies)
