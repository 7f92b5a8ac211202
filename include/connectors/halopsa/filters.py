"""Which records of HaloPSA belong to the companies that setup wants, and whether a filter was obeyed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

from include.connectors.common.values import InvalidValue, pick
from include.connectors.halopsa.client import CLIENTS, HaloClient, Listing, existing, record_key
from include.connectors.halopsa.columns import STATUSES, reference_key, status_key
from include.model.errors import ConfigError, ShapeError
from include.model.page import Page
from include.model.setup import Setup, resolve


def chosen_companies(api: HaloClient, setup: Setup, **params: str) -> Iterator[Page]:
    """The companies that setup wants, or one of them; an odd record is left to its mapping to reject."""
    wanted = wanted_statuses(setup)
    only = setup.only_company
    pages = existing(api, CLIENTS, [only]) if only else api.listing(CLIENTS, **params)
    return kept(pages, lambda record: not wanted or status_key(record) in wanted)


def wanted_statuses(setup: Setup) -> list[str]:
    keys, problems = resolve(setup.companies.statuses, STATUSES, what="company status")
    if problems:
        raise ConfigError(" ".join(problems))
    return keys


def kept(pages: Iterable[Page], wanted: Callable[[Any], bool]) -> Iterator[Page]:
    """The pages without the records that setup leaves out."""
    for page in pages:
        yield replace(page, records=[record for record in page.records if wanted_or_odd(wanted, record)])


def wanted_or_odd(wanted: Callable[[Any], bool], record: Any) -> bool:
    try:
        return wanted(record)
    except InvalidValue:
        return True


def main_sites(api: HaloClient, setup: Setup) -> dict[str, Any]:
    """The companies that setup wants, each with the main site that it names."""
    pages = chosen_companies(api, setup)
    return {
        str(key): record.get("main_site_id")
        for page in pages
        for record in page.records
        if (key := record_key(record)) is not None
    }


def of_companies(
    api: HaloClient, what: Listing, setup: Setup, pages: Iterable[Page], companies: Container[str] | None = None
) -> Iterator[Page]:
    """The records of the companies that setup wants; a server that ignores the filter would deliver others."""
    if only := setup.only_company:
        yield from obeyed(pages, what, "client_id", only)
    elif setup.filters_companies:
        wanted = main_sites(api, setup) if companies is None else companies
        yield from kept(pages, lambda record: pick(reference_key, record, "client_id") in wanted)
    else:
        yield from pages


def obeyed(pages: Iterable[Page], what: Listing, name: str, value: str) -> Iterator[Page]:
    """The pages, unless a record says that it was not asked for: Halo ignores filters that it does not know."""
    for page in pages:
        for record in page.records:
            with suppress(InvalidValue):
                if pick(reference_key, record, name) not in (None, value):
                    raise ShapeError(f"HaloPSA: {what.path} delivered records that were filtered out by {name}.")
        yield page


def of_one(setup: Setup) -> dict[str, str]:
    """The filter for one company's records."""
    return {"client_id": setup.only_company} if setup.only_company else {}


def wanted_ones(api: HaloClient, setup: Setup, pages: Iterable[Page]) -> Iterator[Page]:
    """Of records that were asked for one by one, those of companies that setup wants."""
    wanted = wanted_statuses(setup)

    @cache
    def is_wanted(company: str) -> bool:
        return any(status_key(page.records[0]) in wanted for page in existing(api, CLIENTS, [company]))

    def is_of_one(record: Any) -> bool:
        company = pick(reference_key, record, "client_id")
        return company is not None and is_wanted(company)

    yield from kept(pages, is_of_one) if wanted else pages


def each(pages: Iterable[Page], change: Callable[[Any], Any]) -> Iterator[Page]:
    for page in pages:
        yield replace(page, records=[changed(change, record) for record in page.records])


def changed(change: Callable[[Any], Any], record: Any) -> Any:
    """An odd record is left to its mapping to reject."""
    try:
        return change(record)
    except InvalidValue:
        return record
