"""The companies of a run, and the records that belong to them: one company, those that setup selects, or all."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache

from include.connectors.common.by_key import in_chunks
from include.connectors.common.columns import Columns
from include.connectors.common.companies import company_filter, is_selected
from include.connectors.common.filters import keep_wanted, require_filter
from include.connectors.contract import C, CompanyChoices, CompanySearch, ReadContext
from include.http.parts import Part, in_parts
from include.model.page import Page, Record, Reject
from include.model.setup import Setup

Owner = Callable[[Record], "str | None"]
"""The key of the company that a record belongs to; raises InvalidValue."""


def company_keys(search: CompanySearch[C], context: ReadContext[C]) -> tuple[list[str], list[Page]]:
    """The keys of the run's companies, also of those that the server cannot deliver.

    Second, for companies without a usable key, a page of rejects: what belongs to them is unknown.
    """
    if context.scope.company:
        return [context.scope.company], []
    keys: list[object] = []
    for page in search.companies(ReadContext(context.client, context.setup)):
        keys += [reject.source_id for reject in page.rejects]
        keys += [search.columns["source_id"].if_readable(record, context.setup) for record in page.records]
    known = [str(key) for key in keys if key]
    rejects = [Reject(None, "its company has no usable 'id'")] * (len(keys) - len(known))
    return known, [Page([], rejects)] if rejects else []


def selected_of(
    choices: CompanyChoices[C],
    columns: Columns[Setup],
    context: ReadContext[C],
    pages: Iterable[Page],
    types: Callable[[Record], Iterable[str | None]] = lambda _: (),
) -> Iterator[Page]:
    """Of companies that the server cannot filter, those that setup selects; `types` gives the types of a company."""
    setup, status = context.setup, columns["status_source_id"]
    chosen = company_filter(choices, context.client, setup)
    return keep_wanted(pages, lambda record: chosen.selects(status=status.read(record, setup), types=types(record)))


def by_companies(
    search: CompanySearch[C], context: ReadContext[C], listing: str, part: Callable[[list[str]], Part], size: int
) -> Iterator[Page]:
    """The records of the run's companies, of a listing that the server can filter by `size` companies at a time.

    `part` is the listing for some of them; `listing` names all of it.
    """
    keys, unknown = company_keys(search, context)
    yield from in_parts(listing, [part(some) for some in in_chunks(keys, size)], context.resume)
    yield from unknown


def of_companies(
    search: CompanySearch[C],
    context: ReadContext[C],
    pages: Iterable[Page],
    owner: Owner,
    what: str,
    selected: Container[str | None] | None = None,
) -> Iterator[Page]:
    """The records of the run's companies, of a listing that the server can filter by a single company only.

    `selected` are the keys of the companies, where they are known; `what` names vendor and listing.
    """
    if only := context.scope.company:
        yield from require_filter(pages, lambda record: owner(record) == only, what)
    elif context.setup.filters_companies:
        keys, unknown = company_keys(search, context) if selected is None else (selected, [])
        known = frozenset(keys) if isinstance(keys, list) else keys
        yield from keep_wanted(pages, lambda record: owner(record) in known)
        yield from unknown
    else:
        yield from pages


def of_selected_companies(
    search: CompanySearch[C], context: ReadContext[C], pages: Iterable[Page], owner: Owner
) -> Iterator[Page]:
    """Of records that were asked for by their keys, those of companies that setup selects: each is asked for once."""
    if not context.setup.filters_companies:
        return iter(pages)

    @cache
    def selects(company: str | None) -> bool:
        return company is not None and is_selected(search, context, company)

    return keep_wanted(pages, lambda record: selects(owner(record)))
