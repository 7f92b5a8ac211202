"""Which company of Syncro a person means by a name or a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from include.connectors.common.companies import one_company
from include.connectors.common.values import InvalidValue
from include.connectors.syncro.client import CUSTOMERS, SyncroClient
from include.connectors.syncro.columns import company_name
from include.connectors.syncro.filters import wanted_companies
from include.http.paging import integer_key
from include.model.company import Company
from include.model.errors import FormError, NotFound
from include.model.setup import Setup

WORD = re.compile(r"[^\W_]+")
KEYS = 2**63
SIMILAR = 10


def find_company(api: SyncroClient, setup: Setup, typed: str) -> Company:
    """By number or by whole name, in any case; raises FormError with what there is instead."""
    company = one_company(typed, by_number(api, typed) or by_name(api, typed))
    if setup.filters_companies and not wanted_companies(setup)(api.record(CUSTOMERS, company.id)):
        raise FormError(f"Setup leaves {company} out: see companies.statuses there.")
    return company


def by_number(api: SyncroClient, typed: str) -> list[Company]:
    if not (typed.isascii() and typed.isdigit() and int(typed) < KEYS):
        return []
    try:
        return [company(api.record(CUSTOMERS, typed))]
    except NotFound:
        return []


def by_name(api: SyncroClient, typed: str) -> list[Company]:
    """From the whole list: how the server compares names is not documented, and it knows persons by other fields."""
    wanted, words = typed.casefold(), WORD.findall(typed.casefold())
    exact: list[Company] = []
    similar: list[Company] = []
    for each in every_company(api):
        if each.name.casefold() == wanted:
            exact.append(each)
        elif words and max(words, key=len) in each.name.casefold() and len(similar) < SIMILAR:
            similar.append(each)
    return exact or similar


def every_company(api: SyncroClient) -> Iterator[Company]:
    for page in api.listing(CUSTOMERS):
        for record in page.records:
            with suppress(InvalidValue):
                if integer_key(record) is not None:
                    yield company(record)


def company(record: Any) -> Company:
    return Company(str(integer_key(record)), (company_name(record) or "").strip())
