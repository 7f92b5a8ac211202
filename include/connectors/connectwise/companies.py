"""Companies of ConnectWise: the ones that a run reads, the records that belong to them, and the one a person means."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from include.connectors.common.by_key import in_chunks
from include.connectors.common.companies import CompanyFilter, company_filter
from include.connectors.common.filters import keep_wanted, require_filter
from include.connectors.common.of_companies import by_companies, company_keys
from include.connectors.common.responses import listed
from include.connectors.common.values import items, pick, whole_key
from include.connectors.connectwise.changes import changes
from include.connectors.connectwise.client import ConnectWiseClient, Listing, Params, at_path
from include.connectors.connectwise.columns import COMPANY_COLUMNS, requested
from include.connectors.contract import CompanyChoices, CompanySearch, ReadContext, TypedCompany
from include.http.parts import Part
from include.model.page import Page, Record

COMPANIES = "/company/companies"
COMPANY_STATUSES = "/company/companies/statuses"
COMPANY_TYPES = "/company/companies/types"
MAX_KEY = 2**31  # the vendor's ids are below
KEYS_PER_REQUEST = 100  # keeps an address well under 2,000 characters
NAME_FIELDS = "id,name,deletedFlag"
MAX_SIMILAR = 10
# How a quote or a wildcard is escaped in a condition is not documented: `*` stands in for it, and fits anything.
UNSAFE = re.compile(r"[^\w .,&/+()'-]|_")
CHOICES: CompanyChoices[ConnectWiseClient] = CompanyChoices(
    "ConnectWise",
    statuses=lambda client: client.labels(COMPANY_STATUSES),
    types=lambda client: client.labels(COMPANY_TYPES),
    has_statuses=True,
)


def companies(context: ReadContext[ConnectWiseClient]) -> Iterator[Page]:
    """The companies of the run, with their columns."""
    with_custom = bool(context.setup.field_ids("companies"))
    return selected_companies(context, requested(COMPANY_COLUMNS, with_custom=with_custom))


def company_ids(context: ReadContext[ConnectWiseClient]) -> Iterator[Page]:
    """The same companies, with no more than what a list of keys needs."""
    return selected_companies(context, "id,deletedFlag")


def changed_companies(context: ReadContext[ConnectWiseClient]) -> Iterator[str]:
    """The keys of companies that changed since the moment of the scope."""
    key = COMPANY_COLUMNS["source_id"]
    for page in selected_companies(context, "id,_info"):
        yield from (str(found) for record in page.records if (found := key.if_readable(record, context.setup)))


def selected_companies(context: ReadContext[ConnectWiseClient], fields: str) -> Iterator[Page]:
    """The companies that setup selects, deleted ones included, or the one in the run's scope."""
    chosen, only = company_filter(CHOICES, context.client, context.setup), context.scope.company

    def is_selected(record: Record) -> bool:
        types = {pick(whole_key, one, "id") for one in pick(items, record, "types")} if chosen.types else ()
        is_in_scope = only in (None, pick(whole_key, record, "id"))
        return is_in_scope and chosen.selects(status=pick(whole_key, record, "status", "id"), types=types)

    needed = ["status/id"] * bool(chosen.statuses) + ["types"] * bool(chosen.types)
    listing = replace(_listing(context, chosen), fields=",".join(dict.fromkeys([*fields.split(","), *needed])))
    return require_filter(changes(context, listing), is_selected, at_path(COMPANIES))


def _listing(context: ReadContext[ConnectWiseClient], chosen: CompanyFilter) -> Listing:
    only = context.scope.company
    return Listing(
        COMPANIES,
        conditions=all_of(one_of("id", [only] if only else []), one_of("status/id", sorted(chosen.statuses))),
        child_conditions=one_of("types/id", sorted(chosen.types)),
        is_counted=not only,
    )


def of_companies(context: ReadContext[ConnectWiseClient], listing: Listing) -> Iterator[Page]:
    """The records of a listing that belong to companies of the run."""
    if not (context.setup.filters_companies or context.scope.company):
        return changes(context, listing)
    if context.scope.since:  # few records, so that no company need be named
        return _of_selected(context, changes(context, listing))
    counted = replace(listing, is_counted=not context.scope.company)
    part = partial(_with_keys, context.client, counted, "company/id")
    return by_companies(SEARCH, context, listing.path, part, KEYS_PER_REQUEST)


def _of_selected(context: ReadContext[ConnectWiseClient], pages: Iterable[Page]) -> Iterator[Page]:
    keys, unknown = company_keys(SEARCH, context)
    yield from keep_wanted(pages, partial(_has_one_of, "company/id", frozenset(keys)))
    yield from unknown


def with_keys(client: ConnectWiseClient, listing: Listing, field: str, keys: Sequence[str]) -> Iterator[Page]:
    """The records of a listing in which a field is one of these keys, a hundred keys a request."""
    for some in in_chunks(keys, KEYS_PER_REQUEST):
        yield from _with_keys(client, listing, field, some).pages(None)


def _with_keys(client: ConnectWiseClient, listing: Listing, field: str, keys: Sequence[str]) -> Part:
    part = client.part(replace(listing, conditions=one_of(field, keys)))
    is_wanted, what = partial(_has_one_of, field, keys), at_path(listing.path)
    return replace(part, pages=lambda resume: require_filter(part.pages(resume), is_wanted, what))


def _has_one_of(field: str, keys: Container[str | None], record: Record) -> bool:
    return pick(whole_key, record, *field.split("/")) in keys


def one_of(field: str, keys: Iterable[str]) -> str:
    """The condition that a field is one of these keys; empty where there are none."""
    joined = ",".join(keys)
    return f"{field} in ({joined})" if joined else ""


def all_of(*conditions: str) -> str:
    """The condition that all of these hold; empty ones are left out."""
    return " and ".join(filter(None, conditions))


def candidates(client: ConnectWiseClient, typed: TypedCompany) -> Iterator[Iterable[Page]]:
    """By number or whole name in one request, then a few whose name has the longest word."""
    if not typed.word:  # a pattern of nothing but wildcards would list every company
        return
    name = f'name like "{UNSAFE.sub("*", typed.text)}"'
    exact = f"id={typed.key} or {name}" if typed.key == typed.text else name
    yield client.pages(Listing(COMPANIES, NAME_FIELDS, exact, is_counted=False))
    params: Params = {"conditions": f'name contains "{typed.word}"', "orderBy": "name asc", "fields": NAME_FIELDS}
    body = client.get(COMPANIES, {**params, "page": 1, "pageSize": MAX_SIMILAR}).body
    yield [Page(listed(body, at_path(COMPANIES)))]


SEARCH: CompanySearch[ConnectWiseClient] = CompanySearch(
    MAX_KEY, COMPANY_COLUMNS, candidates, lambda context: selected_companies(context, "id,deletedFlag")
)
