"""The companies that setup wants, and what belongs to them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import partial
from typing import Any

from include.connectors.common.values import OddValue, pick
from include.connectors.kaseya_bms.client import COMPANY, KaseyaBms, Params, known_key
from include.connectors.kaseya_bms.columns import ACTIVITIES, reference, status_key
from include.connectors.kaseya_bms.filters import Wanted, counted_listing, existing, obeyed, only
from include.model.errors import ConfigError
from include.model.page import Page
from include.model.setup import Settings, resolve

COMPANIES = "/v2/crm/accounts/summary"
COMPANY_TYPES = "/v2/system/accounttypes/lookup"


def wanted_company(api: KaseyaBms, settings: Settings) -> Wanted:
    """Whether setup wants a company."""
    statuses, types = company_filter(api, settings)
    return lambda r: (
        (not statuses or status_key(r, settings) in statuses)
        and (not types or pick(reference, r, "accounttypeid") in types)
    )


def company_filter(api: KaseyaBms, settings: Settings) -> tuple[list[str], list[str]]:
    """Ids of the statuses and of the types that setup wants; empty means all."""
    statuses, types, problems = resolved_filter(api, settings)
    if problems:
        raise ConfigError(" ".join(problems))
    return statuses, types


def resolved_filter(api: KaseyaBms, settings: Settings) -> tuple[list[str], list[str], list[str]]:
    """Ids of statuses, ids of types, and a sentence for each choice that the tenant does not have."""
    by_type = settings.status_from == "type"
    types = api.labels(COMPANY_TYPES) if settings.company_types or (settings.company_statuses and by_type) else {}
    statuses, problems = resolve(settings.company_statuses, types if by_type else ACTIVITIES, what="company status")
    kinds, more_problems = resolve(settings.company_types, types, what="company type")
    return statuses, kinds, problems + more_problems


def chosen_companies(api: KaseyaBms, settings: Settings) -> Iterator[Page]:
    """The companies that setup wants, or one of them."""
    wanted = wanted_company(api, settings)
    if settings.only_company:
        yield from only(existing(api, COMPANY, [settings.only_company]), wanted)
    else:
        yield from only(counted_listing(api, COMPANIES, {}), wanted)


def company_ids(api: KaseyaBms, settings: Settings) -> frozenset[str] | None:
    """Ids of the companies whose records are wanted; None where all are."""
    if settings.only_company:
        return frozenset((settings.only_company,))
    if not settings.filters_companies:
        return None
    pages = chosen_companies(api, settings)
    return frozenset(known_key(record, COMPANIES) for page in pages for record in page.records)


def belonging(pages: Iterable[Page], settings: Settings, ids: frozenset[str] | None, path: str) -> Iterator[Page]:
    """The records of the wanted companies: the server filters by one company, nobody but us by several."""
    if ids is None:
        return iter(pages)
    wanted = partial(is_of, ids)
    return obeyed(pages, wanted, path) if settings.only_company else only(pages, wanted)


def is_of(companies: Container[str | None], record: Any) -> bool:
    """Whether a record is of these; every record has the key, so that one without it is odd and not another's."""
    if isinstance(record, dict) and "accountid" not in record:
        raise OddValue("AccountId is missing")
    return pick(reference, record, "accountid") in companies


def by_company(settings: Settings) -> Params:
    return {"Filter.AccountId": int(settings.only_company)} if settings.only_company else {}
