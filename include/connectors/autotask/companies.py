"""Which company of Autotask a person means by a name or a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.conditions import Condition, called, containing
from include.connectors.autotask.listings import COMPANY_FILTER_FIELDS, chosen_companies, company_key
from include.connectors.common.companies import one_company
from include.connectors.common.values import pick, text
from include.model.company import Company
from include.model.errors import FormError
from include.model.setup import Setup

FIELDS = ("id", "companyName")
KEYS = 2**63
WORD = re.compile(r"[^\W_]+")
SIMILAR = 10


def find_company(api: AutotaskClient, setup: Setup, typed: str) -> Company:
    """By number or by whole name, in any case; raises FormError with what there is instead."""
    company = one_company(typed, exact(api, typed) or similar(api, typed))
    if setup.filters_companies:
        pages = chosen_companies(api, replace(setup, only_company=company.id), COMPANY_FILTER_FIELDS)
        if not any(page.records for page in pages):
            raise FormError(f"Setup leaves {company} out: see companies.types and companies.statuses there.")
    return company


def exact(api: AutotaskClient, typed: str) -> list[Company]:
    is_key = typed.isascii() and typed.isdigit() and int(typed) < KEYS
    found = listed(api, [called("companyName", typed, int(typed) if is_key else None)])
    return [company for company in found if company.id == typed or company.name.casefold() == typed.casefold()]


def similar(api: AutotaskClient, typed: str) -> list[Company]:
    """A few whose name has the longest word of what was typed, those that are called just so first."""
    words = WORD.findall(typed)
    found = listed(api, [containing("companyName", max(words, key=len))]) if words else []
    return sorted(found, key=lambda company: company.name.casefold() != typed.casefold())[:SIMILAR]


def listed(api: AutotaskClient, conditions: Sequence[Condition]) -> list[Company]:
    pages = api.listing("Companies", FIELDS, conditions, counted=False)
    return [
        Company(key, (pick(text, record, "companyName") or "").strip())
        for page in pages
        for record in page.records
        if (key := company_key(record)) is not None
    ]
