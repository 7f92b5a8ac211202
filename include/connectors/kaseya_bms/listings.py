"""Which lists of Kaseya BMS are read, and how they follow setup's company filter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from include.connectors.contract import Cell, Details, Stream
from include.connectors.kaseya_bms.chosen import (
    COMPANY_TYPES,
    belonging,
    by_company,
    chosen_companies,
    company_ids,
)
from include.connectors.kaseya_bms.client import ASSET, KaseyaBms
from include.connectors.kaseya_bms.columns import (
    ACTIVITIES,
    ASSET_CELLS,
    ASSET_DETAIL_CELLS,
    BOARD_CELLS,
    COMPANY_CELLS,
    COMPANY_DETAIL_CELLS,
    CONTACT_CELLS,
    CONTACT_DETAIL_CELLS,
    CUSTOM,
    PRIORITY_CELLS,
    SITE_CELLS,
    STATUS_CELLS,
    TICKET_STATUS_CELLS,
)
from include.connectors.kaseya_bms.details import asset_details, company_details, contact_details
from include.connectors.kaseya_bms.filters import counted_listing, existing, listing
from include.connectors.kaseya_bms.sites import sites_of
from include.model.page import Page
from include.model.setup import Settings

CONTACTS = "/v2/crm/contacts/summary"
CONTACT = "/v2/crm/contacts/summary/{id}"
ASSETS = "/v2/servicedesk/hardwareasset/searchselect"
QUEUES = "/v2/system/queues/lookup"
PRIORITIES = "/v2/system/priorities/lookup"
TICKET_STATUSES = "/v2/system/statuses/lookup"


def sites(api: KaseyaBms, settings: Settings) -> Iterator[Page]:
    return sites_of(api, chosen_companies(api, settings))


def contacts(api: KaseyaBms, settings: Settings) -> Iterator[Page]:
    ids = company_ids(api, settings)
    yield from belonging(counted_listing(api, CONTACTS, by_company(settings)), settings, ids, CONTACTS)


def found_contacts(api: KaseyaBms, settings: Settings, keys: Sequence[str]) -> Iterator[Page]:
    ids = company_ids(api, settings) if keys else None
    yield from belonging(existing(api, CONTACT, keys), settings, ids, CONTACT)


def assets(api: KaseyaBms, settings: Settings) -> Iterator[Page]:
    """Nothing counts this list."""
    ids = company_ids(api, settings)
    filters = by_company(settings)
    for active in (True, False):
        # A tenant has active assets; a company, or all the inactive ones, may be none.
        null_ends = bool(filters) or not active
        pages = listing(api, ASSETS, filters, active, counted=False, null_ends=null_ends)
        yield from belonging(pages, settings, ids, ASSETS)


def found_assets(api: KaseyaBms, settings: Settings, keys: Sequence[str]) -> Iterator[Page]:
    """Single records spell some of the list's names differently."""
    ids = company_ids(api, settings) if keys else None
    for page in belonging(existing(api, ASSET, keys), settings, ids, ASSET):
        records = [r | {"assetname": r.get("name"), "categoryname": r.get("category")} for r in page.records]
        yield replace(page, records=records)


def statuses(api: KaseyaBms, settings: Settings) -> Iterator[Page]:
    """Kaseya BMS has no such thing: a company is active or not, or it is of a type."""
    if settings.status_from == "type":
        yield Page(api.lookup(COMPANY_TYPES))
    else:
        yield Page([{"id": key, "name": name, "isdefault": key == "active"} for key, name in ACTIVITIES.items()])


def table(name: str, path: str, cells: Mapping[str, Cell]) -> Stream:
    """A stream that is one request."""
    return Stream(name, lambda api, _: iter([Page(api.lookup(path))]), cells)


STREAMS = (
    Stream("company_statuses", statuses, STATUS_CELLS),
    Stream(
        "companies",
        chosen_companies,
        COMPANY_CELLS,
        essential=("id", "accountname", "isactive"),
        details=Details((), company_details, COMPANY_DETAIL_CELLS, CUSTOM),
    ),
    Stream("company_sites", sites, SITE_CELLS, essential=("id", "locationname")),
    Stream(
        "assets",
        assets,
        ASSET_CELLS,
        essential=("id", "assetname", "accountid"),
        find=found_assets,
        details=Details(tuple(ASSET_DETAIL_CELLS), asset_details, ASSET_DETAIL_CELLS, CUSTOM),
        counted=False,
    ),
    Stream(
        "contacts",
        contacts,
        CONTACT_CELLS,
        essential=("id", "firstname", "accountid"),
        find=found_contacts,
        details=Details(tuple(CONTACT_DETAIL_CELLS), contact_details, CONTACT_DETAIL_CELLS, CUSTOM),
    ),
    table("service_boards", QUEUES, BOARD_CELLS),
    table("ticket_statuses", TICKET_STATUSES, TICKET_STATUS_CELLS),
    table("ticket_priorities", PRIORITIES, PRIORITY_CELLS),
)
