"""Which lists of Kaseya BMS are read, and how they follow setup's company filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from include.connectors.common.columns import Columns
from include.connectors.common.companies import ACTIVITY
from include.connectors.contract import Details, Stream
from include.connectors.kaseya_bms.activity import pages_of_activity, pages_of_both
from include.connectors.kaseya_bms.client import ASSET, KaseyaClient, Listing
from include.connectors.kaseya_bms.columns import (
    ASSET_COLUMNS,
    ASSET_DETAIL_COLUMNS,
    BOARD_COLUMNS,
    COMPANY_COLUMNS,
    COMPANY_DETAIL_COLUMNS,
    CONTACT_COLUMNS,
    CONTACT_DETAIL_COLUMNS,
    CUSTOM,
    PRIORITY_COLUMNS,
    SITE_COLUMNS,
    STATUS_COLUMNS,
    TICKET_STATUS_COLUMNS,
)
from include.connectors.kaseya_bms.companies import (
    COMPANY_TYPES,
    belonging,
    by_company,
    chosen_companies,
    company_ids,
)
from include.connectors.kaseya_bms.details import asset_details, company_details, contact_details
from include.connectors.kaseya_bms.sites import sites_of
from include.model.page import Page
from include.model.setup import Setup

CONTACTS = "/v2/crm/contacts/summary"
CONTACT = "/v2/crm/contacts/summary/{id}"
ASSETS = "/v2/servicedesk/hardwareasset/searchselect"
QUEUES = "/v2/system/queues/lookup"
PRIORITIES = "/v2/system/priorities/lookup"
TICKET_STATUSES = "/v2/system/statuses/lookup"


def sites(api: KaseyaClient, setup: Setup) -> Iterator[Page]:
    return sites_of(api, chosen_companies(api, setup))


def contacts(api: KaseyaClient, setup: Setup) -> Iterator[Page]:
    ids = company_ids(api, setup)
    yield from belonging(pages_of_both(api, Listing(CONTACTS, filters=by_company(setup))), setup, ids, CONTACTS)


def found_contacts(api: KaseyaClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
    ids = company_ids(api, setup) if keys else None
    yield from belonging(api.records("contact", CONTACT, keys), setup, ids, CONTACT)


def assets(api: KaseyaClient, setup: Setup) -> Iterator[Page]:
    """Nothing counts this list."""
    ids = company_ids(api, setup)
    filters = by_company(setup)
    for is_active in (True, False):
        # A tenant has active assets; a company may have none, and there may be no inactive ones.
        may_be_null = bool(filters) or not is_active
        listing = Listing(ASSETS, filters=filters, is_counted=False, may_be_null=may_be_null)
        pages = pages_of_activity(api, listing, is_active=is_active)
        yield from belonging(pages, setup, ids, ASSETS)


def found_assets(api: KaseyaClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
    """Single records spell some of the list's names differently."""
    ids = company_ids(api, setup) if keys else None
    for page in belonging(api.records("asset", ASSET, keys), setup, ids, ASSET):
        records = [r | {"assetname": r.get("name"), "categoryname": r.get("category")} for r in page.records]
        yield replace(page, records=records)


def statuses(api: KaseyaClient, setup: Setup) -> Iterator[Page]:
    """Kaseya BMS has no such thing: a company is active or not, or it is of a type."""
    if setup.companies.status_from == "type":
        yield Page(api.lookup(COMPANY_TYPES))
    else:
        yield Page([{"id": key, "name": name, "isdefault": key == "active"} for key, name in ACTIVITY.items()])


def table(name: str, path: str, columns: Columns[Setup]) -> Stream[KaseyaClient]:
    """A stream that is one request."""
    return Stream(name, lambda api, _: iter([Page(api.lookup(path))]), columns)


STREAMS: tuple[Stream[KaseyaClient], ...] = (
    Stream("company_statuses", statuses, STATUS_COLUMNS),
    Stream(
        "companies",
        chosen_companies,
        COMPANY_COLUMNS,
        essential=("id", "accountname", "isactive"),
        details=Details(company_details, COMPANY_DETAIL_COLUMNS, (), CUSTOM),
    ),
    Stream("company_sites", sites, SITE_COLUMNS, essential=("id", "locationname")),
    Stream(
        "assets",
        assets,
        ASSET_COLUMNS,
        essential=("id", "assetname", "accountid"),
        find=found_assets,
        details=Details(asset_details, ASSET_DETAIL_COLUMNS, tuple(ASSET_DETAIL_COLUMNS), CUSTOM),
        is_counted=False,
    ),
    Stream(
        "contacts",
        contacts,
        CONTACT_COLUMNS,
        essential=("id", "firstname", "accountid"),
        find=found_contacts,
        details=Details(contact_details, CONTACT_DETAIL_COLUMNS, tuple(CONTACT_DETAIL_COLUMNS), CUSTOM),
    ),
    table("service_boards", QUEUES, BOARD_COLUMNS),
    table("ticket_statuses", TICKET_STATUSES, TICKET_STATUS_COLUMNS),
    table("ticket_priorities", PRIORITIES, PRIORITY_COLUMNS),
)
