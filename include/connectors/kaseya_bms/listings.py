"""Which listings of Kaseya BMS fill which table, and how they follow setup's company filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from include.connectors.common.columns import Columns
from include.connectors.common.companies import ACTIVITY, fixed_statuses
from include.connectors.common.filters import change_records
from include.connectors.common.of_companies import of_companies, of_selected_companies
from include.connectors.contract import Details, ReadContext, Stream
from include.connectors.kaseya_bms import columns
from include.connectors.kaseya_bms.changes import changed_records
from include.connectors.kaseya_bms.client import ASSET, COMPANY, KaseyaClient, Listing, at_endpoint, usable_key
from include.connectors.kaseya_bms.companies import (
    COMPANIES,
    COMPANY_TYPES,
    SEARCH,
    all_pages,
    by_company,
    companies,
    owner,
    selected,
)
from include.connectors.kaseya_bms.details import USUAL_HOURS, asset_details, company_details, contact_details
from include.connectors.kaseya_bms.sites import sites_of
from include.http.parts import in_parts
from include.model.page import Page
from include.model.setup import Setup

CONTACTS = "/v2/crm/contacts/summary"
CONTACT = "/v2/crm/contacts/summary/{id}"
ASSETS = "/v2/servicedesk/hardwareasset/searchselect"
QUEUES = "/v2/system/queues/lookup"
PRIORITIES = "/v2/system/priorities/lookup"
TICKET_STATUSES = "/v2/system/statuses/lookup"

Context = ReadContext[KaseyaClient]


def statuses(context: Context) -> Iterator[Page]:
    """Kaseya BMS has no company statuses: a company is active or not, or setup takes its type."""
    if context.setup.companies.status_from == "type":
        yield Page(context.client.lookup(COMPANY_TYPES))
    else:
        yield from fixed_statuses(ACTIVITY)


def changed_companies(context: Context) -> Iterator[Page]:
    """The selected companies that changed. One company in scope is always read: it costs one request."""
    since = context.scope.since
    if since is None or context.scope.company:
        return companies(context)
    return selected(context, changed_records(context.client, COMPANIES, {}, since))


def sites(context: Context) -> Iterator[Page]:
    return sites_of(context.client, lambda resume: companies(replace(context, resume=resume)), context.resume)


def keys_of_changed_companies(context: Context) -> Iterator[str]:
    """The companies whose sites are read: a change of a site alone may leave its company's date as it is."""
    for page in changed_companies(context):
        yield from filter(None, map(usable_key, page.records))


def changed_sites(context: Context) -> Iterator[Page]:
    """The sites of the companies in the scope."""
    accounts = context.client.records("company", COMPANY, sorted(context.scope.companies, key=int))
    return sites_of(context.client, lambda _: accounts, None)


def contacts(context: Context) -> Iterator[Page]:
    pages = all_pages(context.client, Listing(CONTACTS, filters=by_company(context.scope)), context.resume)
    return of_companies(SEARCH, context, pages, owner, at_endpoint(CONTACTS))


def changed_contacts(context: Context) -> Iterator[Page]:
    since = context.scope.since
    if since is None:
        return contacts(context)
    pages = changed_records(context.client, CONTACTS, by_company(context.scope), since)
    return of_companies(SEARCH, context, pages, owner, at_endpoint(CONTACTS))


def find_contacts(context: Context, keys: Sequence[str]) -> Iterator[Page]:
    return of_selected_companies(SEARCH, context, context.client.records("contact", CONTACT, keys), owner)


def assets(context: Context) -> Iterator[Page]:
    """This listing is not counted. A tenant has active assets; a company may have none, nor any inactive ones."""
    filters = by_company(context.scope)
    active = Listing(ASSETS, (), filters, is_active=True, is_counted=False, may_be_null=bool(filters))
    inactive = replace(active, is_active=False, may_be_null=True)
    pages = in_parts(ASSETS, [context.client.part(listing) for listing in (active, inactive)], context.resume)
    return of_companies(SEARCH, context, pages, owner, at_endpoint(ASSETS))


def find_assets(context: Context, keys: Sequence[str]) -> Iterator[Page]:
    """The assets with these keys that still exist, by the names of the listing: single records have other ones."""
    pages = of_selected_companies(SEARCH, context, context.client.records("asset", ASSET, keys), owner)
    return change_records(pages, lambda r: r | {"assetname": r.get("name"), "categoryname": r.get("category")})


def _lookup(table: str, endpoint: str, mapping: Columns[Setup]) -> Stream[KaseyaClient]:
    """A stream that comes in one answer."""
    return Stream(table, lambda context: iter([Page(context.client.lookup(endpoint))]), mapping)


STREAMS: tuple[Stream[KaseyaClient], ...] = (
    Stream("company_statuses", statuses, columns.STATUS_COLUMNS),
    Stream(
        "companies",
        companies,
        columns.COMPANY_COLUMNS,
        essential=("id", "accountname", "isactive"),
        details=Details(company_details, USUAL_HOURS, columns.COMPANY_DETAIL_COLUMNS, columns.CUSTOM),
        changed=changed_companies,
    ),
    Stream(
        "company_sites",
        sites,
        columns.SITE_COLUMNS,
        essential=("id", "locationname"),
        changed=changed_sites,
        changed_companies=keys_of_changed_companies,
    ),
    Stream(
        "assets",
        assets,
        columns.ASSET_COLUMNS,
        essential=("id", "assetname", "accountid"),
        find=find_assets,
        details=Details(asset_details, USUAL_HOURS, columns.ASSET_DETAIL_COLUMNS, columns.CUSTOM),
        is_counted=False,
    ),
    Stream(
        "contacts",
        contacts,
        columns.CONTACT_COLUMNS,
        essential=("id", "firstname", "accountid"),
        find=find_contacts,
        details=Details(contact_details, USUAL_HOURS, columns.CONTACT_DETAIL_COLUMNS, columns.CUSTOM),
        changed=changed_contacts,
    ),
    _lookup("service_boards", QUEUES, columns.BOARD_COLUMNS),
    _lookup("ticket_statuses", TICKET_STATUSES, columns.TICKET_STATUS_COLUMNS),
    _lookup("ticket_priorities", PRIORITIES, columns.PRIORITY_COLUMNS),
)
