"""The sites of companies. A site's row shows two facts of its company: the name, and which site is the main one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from include.connectors.common.filters import change_records, keep_wanted
from include.connectors.common.of_companies import company_keys, of_selected_companies
from include.connectors.common.values import pick
from include.connectors.contract import ReadContext
from include.connectors.halopsa.changes import FEW, changed_since, pages_of
from include.connectors.halopsa.client import CLIENTS, SITES, HaloClient, by_key, existing
from include.connectors.halopsa.columns import MAIN_SITE, reference_key
from include.connectors.halopsa.companies import SEARCH, main_sites, of_run, owner, selected_companies
from include.model.page import Page, Record
from include.model.scope import Scope


def sites(context: ReadContext[HaloClient]) -> Iterator[Page]:
    """Each with the main site that its company names."""
    mains = main_sites(context)
    pages = context.client.listing(SITES, context.resume, **context.scope.filter_by("client_id"))
    return change_records(of_run(context, SITES, pages, mains), partial(_with_main_site, mains.get))


def find_sites(context: ReadContext[HaloClient], keys: Sequence[str]) -> Iterator[Page]:
    """Of these sites, those that still exist and whose company setup selects."""
    company = by_key(context.client, CLIENTS)
    found = of_selected_companies(SEARCH, context, existing(context.client, SITES, keys), owner)
    return change_records(found, partial(_with_main_site, lambda key: (company(key) or {}).get(MAIN_SITE)))


def changed_sites(context: ReadContext[HaloClient]) -> Iterator[Page]:
    """The sites that changed, and all those of companies that changed; all sites, if that costs fewer requests."""
    changed = changed_since(context, CLIENTS)
    only_changed = replace(SEARCH, companies=lambda everything: selected_companies(everything, None, **changed))
    companies, _ = company_keys(only_changed, context)
    if len(companies) > FEW and len(companies) > pages_of(context.client, SITES):
        return sites(replace(context, resume=None))
    mains: dict[str, Record] = {}
    return change_records(_changed(context, companies, mains), partial(_with_main_site, mains.get))


def _changed(context: ReadContext[HaloClient], companies: Sequence[str], mains: dict[str, Record]) -> Iterator[Page]:
    """The sites that changed themselves, then those of each company; `mains` is filled before the first one."""

    def listing(**params: str) -> Iterator[Page]:
        for page in context.client.listing(SITES, **params):
            if page.records and not mains:
                mains.update(main_sites(context))
            yield page

    params = context.scope.filter_by("client_id") | changed_since(context, SITES)
    others = keep_wanted(listing(**params), lambda site: owner(site) not in companies)
    yield from of_run(context, SITES, others, mains)
    for key in companies:
        yield from of_run(replace(context, scope=Scope(key)), SITES, listing(client_id=key))


def _with_main_site(main_of: Callable[[str], Record], site: Record) -> Record:
    company = pick(reference_key, site, "client_id")
    return {**site, MAIN_SITE: main_of(company) if company else None}
