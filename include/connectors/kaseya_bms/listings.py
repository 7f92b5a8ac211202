"""Which listings of Kaseya BMS fill which table, and how they follow setup's company filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from include.connectors.common.columns import Columns
from include.connectors.common.companies import ACTIVITY, fixed_statuses
from include.connectors.common.filters import change_records
from include.connectors.common.of_companies import of_companies, of_selected_companies
from include.connectors.common.responses import listed
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import InvalidValue, boolean, objects, pick
from include.connectors.contract import Details, ReadContext, Stream
from include.connectors.kaseya_bms import columns
from include.connectors.kaseya_bms.client import ASSET, COMPANY, KaseyaClient, Listing, at_endpoint, key_of, usable_key
from include.connectors.kaseya_bms.companies import COMPANY_TYPES, SEARCH, by_company, companies, owner
from include.connectors.kaseya_bms.details import USUAL_COUNT, asset_details, company_details, contact_details
from include.http.in_flight import in_flight
from include.http.paging import MOST_SKIPPED, integer_key
from include.model.errors import NotFound, ShapeError
from include.model.page import Page, Record, Reject
from include.model.setup import Setup

CONTACTS = "/v2/crm/contacts/summary"
CONTACT = "/v2/crm/contacts/summary/{id}"
ASSETS = "/v2/servicedesk/hardwareasset/searchselect"
QUEUES = "/v2/system/queues/lookup"
PRIORITIES = "/v2/system/priorities/lookup"
TICKET_STATUSES = "/v2/system/statuses/lookup"
LOCATIONS = "/v2/crm/accounts/{accountId}/locations/lookup"
LOCATION = "/v2/crm/accounts/{accountId}/locations/{locationId}"

Context = ReadContext[KaseyaClient]


def statuses(context: Context) -> Iterator[Page]:
    """Kaseya BMS has no company statuses: a company is active or not, or setup takes its type."""
    if context.setup.companies.status_from == "type":
        yield Page(context.client.lookup(COMPANY_TYPES))
    else:
        yield from fixed_statuses(ACTIVITY)


def sites(context: Context) -> Iterator[Page]:
    """The sites of accounts, which come with them. Where those of an account cannot be read, its stored rows stay."""
    client, unread = context.client, 0
    for page in companies(context):
        records: list[Record] = []
        rejects: list[Reject] = []
        for asked in in_flight(partial(_locations, client), page.records, client.http.at_once):
            try:
                records += asked.result()
            except InvalidValue as error:
                rejects.append(_unread(usable_key(asked.item), str(error)))
        unread += len(rejects)
        if unread > MOST_SKIPPED:  # so many are no longer about single accounts
            raise ShapeError(f"Kaseya BMS: the sites of {unread} accounts cannot be read, such as {rejects[0].reason}")
        yield replace(page, records=records, rejects=rejects)


def _unread(account: str | None, reason: str) -> Reject:
    if account is None:
        return Reject(None, "the sites of an account without a usable Id")
    return Reject(None, f"the sites of account {account}: {reason}", scope=("company_source_id", account))


def _locations(client: KaseyaClient, account: Record) -> list[Record]:
    """The account's own list; where that is null or empty the server may not fill it, and the look-up is asked."""
    key = usable_key(account)
    if key is None:
        raise InvalidValue("it has no usable Id")
    sites = _with_one_main(pick(objects, account, "locations") or _looked_up(client, key))
    return [site | {"accountid": key} for site in sites]


def _looked_up(client: KaseyaClient, account: str) -> list[Record]:
    """Each location by its own request: the look-up has their ids, but neither address nor activity."""
    try:
        found = client.result(LOCATIONS, account)
    except NotFound as error:
        if not any(client.records("account", COMPANY, [account])):
            return []
        raise InvalidValue(f"they are not there, though it is: {error.said}") from None
    if found is None:
        raise InvalidValue("their look-up answered null, which does not prove that there are none")
    keys = [key_of(record, LOCATIONS) for record in listed(found, at_endpoint(LOCATIONS))]
    return [site for page in client.records("location", LOCATION, keys, account) for site in page.records]


def _with_one_main(sites: list[Record]) -> list[Record]:
    """Several locations can claim to be the main one; the one with the lowest id is."""
    mains = [key for site in sites if try_pick(boolean, site, "ismain") and (key := integer_key(site)) is not None]
    return [site | {"ismain": False} if integer_key(site) in sorted(mains)[1:] else site for site in sites]


def contacts(context: Context) -> Iterator[Page]:
    pages = context.client.all_pages(Listing(CONTACTS, filters=by_company(context.scope)))
    return of_companies(SEARCH, context, pages, owner, at_endpoint(CONTACTS))


def find_contacts(context: Context, keys: Sequence[str]) -> Iterator[Page]:
    return of_selected_companies(SEARCH, context, context.client.records("contact", CONTACT, keys), owner)


def assets(context: Context) -> Iterator[Page]:
    """This listing is not counted. A tenant has active assets; a company may have none, nor any inactive ones."""
    filters = by_company(context.scope)
    active = Listing(ASSETS, (), filters, is_active=True, is_counted=False, may_be_null=bool(filters))
    inactive = replace(active, is_active=False, may_be_null=True)
    pages = (page for listing in (active, inactive) for page in context.client.pages(listing))
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
        details=Details(company_details, USUAL_COUNT, columns.COMPANY_DETAIL_COLUMNS, columns.CUSTOM),
    ),
    Stream("company_sites", sites, columns.SITE_COLUMNS, essential=("id", "locationname")),
    Stream(
        "assets",
        assets,
        columns.ASSET_COLUMNS,
        essential=("id", "assetname", "accountid"),
        find=find_assets,
        details=Details(asset_details, USUAL_COUNT, columns.ASSET_DETAIL_COLUMNS, columns.CUSTOM),
        is_counted=False,
    ),
    Stream(
        "contacts",
        contacts,
        columns.CONTACT_COLUMNS,
        essential=("id", "firstname", "accountid"),
        find=find_contacts,
        details=Details(contact_details, USUAL_COUNT, columns.CONTACT_DETAIL_COLUMNS, columns.CUSTOM),
    ),
    _lookup("service_boards", QUEUES, columns.BOARD_COLUMNS),
    _lookup("ticket_statuses", TICKET_STATUSES, columns.TICKET_STATUS_COLUMNS),
    _lookup("ticket_priorities", PRIORITIES, columns.PRIORITY_COLUMNS),
)
