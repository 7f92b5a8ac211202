"""The companies that setup wants, what belongs to them, and which company a person means."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from include.connectors.common.companies import ACTIVITY, one_company
from include.connectors.common.filters import Predicate, keep_wanted, require_filter
from include.connectors.common.values import InvalidValue, pick, text
from include.connectors.kaseya_bms.activity import pages_of_activity, pages_of_both
from include.connectors.kaseya_bms.client import COMPANY, KaseyaClient, Listing, Params, at_endpoint, key_of
from include.connectors.kaseya_bms.columns import foreign_key, status_key
from include.model.company import Company
from include.model.errors import ConfigError, FormError
from include.model.page import Page
from include.model.setup import Setup, resolve

COMPANIES = "/v2/crm/accounts/summary"
COMPANY_TYPES = "/v2/system/accounttypes/lookup"
KEYS = 2**31  # the vendor's ids are below
WORD = re.compile(r"[^\W_]+")
SIMILAR = 10


def wanted_company(api: KaseyaClient, setup: Setup) -> Predicate:
    """Whether setup wants a company."""
    statuses, types = company_filter(api, setup)
    return lambda r: (
        (not statuses or status_key(r, setup) in statuses)
        and (not types or pick(foreign_key, r, "accounttypeid") in types)
    )


def company_filter(api: KaseyaClient, setup: Setup) -> tuple[list[str], list[str]]:
    """Ids of the statuses and of the types that setup wants; empty means all."""
    statuses, types, problems = resolved_filter(api, setup)
    if problems:
        raise ConfigError(" ".join(problems))
    return statuses, types


def resolved_filter(api: KaseyaClient, setup: Setup) -> tuple[list[str], list[str], list[str]]:
    """Ids of statuses, ids of types, and a sentence for each choice that the tenant does not have."""
    by_type = setup.companies.status_from == "type"
    types = api.labels(COMPANY_TYPES) if setup.companies.types or (setup.companies.statuses and by_type) else {}
    statuses, problems = resolve(setup.companies.statuses, types if by_type else ACTIVITY, what="company status")
    kinds, more_problems = resolve(setup.companies.types, types, what="company type")
    return statuses, kinds, problems + more_problems


def chosen_companies(api: KaseyaClient, setup: Setup) -> Iterator[Page]:
    """The companies that setup wants, or one of them."""
    wanted = wanted_company(api, setup)
    if setup.only_company:
        yield from keep_wanted(api.records("company", COMPANY, [setup.only_company]), wanted)
    else:
        yield from keep_wanted(pages_of_both(api, Listing(COMPANIES)), wanted)


def company_ids(api: KaseyaClient, setup: Setup) -> frozenset[str] | None:
    """Ids of the companies whose records are wanted; None where all are."""
    if setup.only_company:
        return frozenset((setup.only_company,))
    if not setup.filters_companies:
        return None
    pages = chosen_companies(api, setup)
    return frozenset(key_of(record, COMPANIES) for page in pages for record in page.records)


def belonging(pages: Iterable[Page], setup: Setup, ids: frozenset[str] | None, path: str) -> Iterator[Page]:
    """The records of the wanted companies: the server filters by one company, nobody but us by several."""
    if ids is None:
        return iter(pages)
    wanted = partial(is_of, ids)
    what = at_endpoint(path)
    return require_filter(pages, wanted, what) if setup.only_company else keep_wanted(pages, wanted)


def is_of(companies: Container[str | None], record: Any) -> bool:
    """Whether a record is of these; every record has the key, so that one without it is odd and not another's."""
    if isinstance(record, dict) and "accountid" not in record:
        raise InvalidValue("AccountId is missing")
    return pick(foreign_key, record, "accountid") in companies


def by_company(setup: Setup) -> Params:
    return {"Filter.AccountId": int(setup.only_company)} if setup.only_company else {}


def find_company(api: KaseyaClient, setup: Setup, typed: str) -> Company:
    """By number or by whole name, in any case; raises FormError with what there is instead."""
    company = one_company(typed, by_number(api, typed) or by_name(api, typed) or similar(api, typed))
    if setup.filters_companies:
        pages = chosen_companies(api, replace(setup, only_company=company.id))
        if not any(page.records for page in pages):
            raise FormError(f"Setup leaves {company} out: see companies.types and companies.statuses there.")
    return company


def by_number(api: KaseyaClient, typed: str) -> list[Company]:
    if not (typed.isascii() and typed.isdigit() and int(typed) < KEYS):
        return []
    return companies(record for page in api.records("company", COMPANY, [str(int(typed))]) for record in page.records)


def by_name(api: KaseyaClient, typed: str) -> list[Company]:
    """Whether the server's filter wants the whole name is not documented: that is checked here."""
    return [company for company in named_like(api, typed) if company.name.casefold() == typed.casefold()]


def similar(api: KaseyaClient, typed: str) -> list[Company]:
    """A few whose name has the longest word of what was typed."""
    words = WORD.findall(typed)
    if not words:
        return []
    word = max(words, key=len)
    found = [company for company in named_like(api, word) if word.casefold() in company.name.casefold()]
    return sorted(found, key=lambda company: company.name)[:SIMILAR]


def named_like(api: KaseyaClient, name: str) -> list[Company]:
    """What the server finds under a name, active or not."""
    listing = Listing(COMPANIES, filters={"Filter.AccountName": name})
    pages = [page for is_active in (True, False) for page in pages_of_activity(api, listing, is_active=is_active)]
    return companies(record for page in pages for record in page.records)


def companies(records: Iterable[Any]) -> list[Company]:
    return [Company(key_of(record, COMPANIES), (pick(text, record, "accountname") or "").strip()) for record in records]
