"""Which company of HaloPSA a person means by a name or a number."""

from __future__ import annotations

import re
from itertools import islice

from include.connectors.common.companies import ACTIVITY, CompanyChoices, one_company
from include.connectors.common.values import pick, text
from include.connectors.halopsa.client import CLIENTS, HaloClient, existing, record_key
from include.connectors.halopsa.columns import status_key
from include.connectors.halopsa.filters import wanted_statuses
from include.model.company import Company
from include.model.errors import FormError
from include.model.setup import Setup

CHOICES: CompanyChoices[HaloClient] = CompanyChoices("HaloPSA", statuses=lambda _: ACTIVITY)
KEYS = 2**31  # the vendor's ids are below
WORD = re.compile(r"[^\W_]+")
SIMILAR = 10


def find_company(api: HaloClient, setup: Setup, typed: str) -> Company:
    """By number or by whole name, in any case; raises FormError with what there is instead."""
    company = one_company(typed, candidates(api, typed))
    wanted = wanted_statuses(setup)
    if wanted and not any(
        status_key(record) in wanted for page in existing(api, CLIENTS, [company.id]) for record in page.records
    ):
        raise FormError(f"Setup leaves {company} out: see companies.statuses there.")
    return company


def candidates(api: HaloClient, typed: str) -> list[Company]:
    """Those of that number or name, else a few with its longest word.

    The search is asked for that word alone, and its answer is looked through here: how it reads a phrase is not
    documented, and a server that ignores it delivers every company.
    """
    numbered = existing(api, CLIENTS, [typed]) if typed.isascii() and typed.isdigit() and int(typed) < KEYS else ()
    words = WORD.findall(typed)
    longest = max(words, key=len, default="")
    named = api.listing(CLIENTS, search=longest) if words else ()
    companies = [
        Company(str(key), (pick(text, record, "name") or "").strip())
        for pages in (numbered, named)
        for page in pages
        for record in page.records
        if (key := record_key(record)) is not None
    ]
    matches = [company for company in companies if company.id == typed or company.name.casefold() == typed.casefold()]
    similar = (company for company in companies if longest and longest.casefold() in company.name.casefold())
    return list(dict.fromkeys(matches)) or list(islice(similar, SIMILAR))
