"""Which company of Kaseya BMS a person means by a name or a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from include.connectors.common.companies import one_company
from include.connectors.common.values import pick, text
from include.connectors.kaseya_bms.chosen import COMPANIES, chosen_companies
from include.connectors.kaseya_bms.client import COMPANY, KaseyaClient, known_key
from include.connectors.kaseya_bms.filters import existing, listing
from include.model.company import Company
from include.model.errors import FormError
from include.model.setup import Setup

KEYS = 2**31  # the vendor's ids are below
WORD = re.compile(r"[^\W_]+")
SIMILAR = 10


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
    return companies(record for page in existing(api, COMPANY, [str(int(typed))]) for record in page.records)


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
    filters = {"Filter.AccountName": name}
    pages = [page for active in (True, False) for page in listing(api, COMPANIES, filters, active, counted=True)]
    return companies(record for page in pages for record in page.records)


def companies(records: Iterable[Any]) -> list[Company]:
    return [
        Company(known_key(record, COMPANIES), (pick(text, record, "accountname") or "").strip()) for record in records
    ]
