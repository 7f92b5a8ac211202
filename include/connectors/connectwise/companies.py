"""Which company of ConnectWise a person means by a name or a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from include.connectors.common.companies import one_company
from include.connectors.common.responses import required_key
from include.connectors.common.values import boolean, pick, text
from include.connectors.connectwise.client import ConnectWiseClient, Listing, at_path
from include.connectors.connectwise.listings import COMPANIES, chosen_companies
from include.model.company import Company
from include.model.errors import FormError
from include.model.setup import Setup

FIELDS = "id,name,deletedFlag"
UNSAFE = re.compile(r"[^\w .,&/+()'-]|_")  # how a quote inside a quoted text is escaped is not documented; `*` fits all
KEY = re.compile(r"[1-9][0-9]{0,9}")
KEYS = 2**31  # the vendor's ids are below
WORD = re.compile(r"[^\W_]+")
SIMILAR = 10


def find_company(api: ConnectWiseClient, setup: Setup, typed: str) -> Company:
    """By number or by whole name, in any case; raises FormError with what there is instead."""
    company = one_company(typed, exact(api, typed) or similar(api, typed))
    if setup.filters_companies:
        pages = chosen_companies(api, replace(setup, only_company=company.id), "id")
        if not any(page.records for page in pages):
            raise FormError(f"Setup leaves {company} out: see companies.types and companies.statuses there.")
    return company


def exact(api: ConnectWiseClient, typed: str) -> list[Company]:
    if not WORD.search(typed):  # a pattern of nothing but wildcards would list every company
        return []
    conditions = f'name like "{UNSAFE.sub("*", typed)}"'
    if is_key(typed):
        conditions = f"id={typed} or {conditions}"
    found = companies(api.records(Listing(COMPANIES, FIELDS, conditions, is_counted=False)))
    return [company for company in found if company.id == typed or company.name.casefold() == typed.casefold()]


def is_key(typed: str) -> bool:
    """Whether it may be an id; by its length first, since no more digits than 4,300 can be converted."""
    return bool(KEY.fullmatch(typed)) and int(typed) < KEYS


def similar(api: ConnectWiseClient, typed: str) -> list[Company]:
    """A few whose name has the longest word of what was typed."""
    words = WORD.findall(typed)
    if not words:
        return []
    params: dict[str, str | int] = {"conditions": f'name contains "{max(words, key=len)}"', "orderBy": "name asc"}
    body = api.get(COMPANIES, {**params, "fields": FIELDS, "page": 1, "pageSize": SIMILAR}).body
    return companies(body if isinstance(body, list) else [])


def companies(records: Iterable[Any]) -> list[Company]:
    return [
        Company(
            id=str(required_key(record, at_path(COMPANIES))),
            name=(pick(text, record, "name") or "").strip(),
            is_deleted=bool(pick(boolean, record, "deletedFlag")),
        )
        for record in records
    ]
