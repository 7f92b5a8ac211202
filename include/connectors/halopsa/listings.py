"""The listings of HaloPSA that fill each table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

from include.connectors.common.companies import ACTIVITY, fixed_statuses
from include.connectors.common.filters import change_records
from include.connectors.common.of_companies import of_selected_companies
from include.connectors.common.responses import required_key
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import may_be_true, pick
from include.connectors.contract import ReadContext, Stream
from include.connectors.halopsa.changes import Lookup, changed_since, of_changed
from include.connectors.halopsa.client import (
    ASSETS,
    CLIENTS,
    SITES,
    TEAMS,
    USERS,
    HaloClient,
    Listing,
    by_key,
    existing,
    record_key,
)
from include.connectors.halopsa.columns import COLUMNS, CUSTOM_COLUMNS, SITE_OF_CONTACT, reference_key
from include.connectors.halopsa.companies import SEARCH, companies, find_companies, honoured, of_run, owner
from include.connectors.halopsa.custom_fields import OF_TYPE
from include.connectors.halopsa.details import asked, completed, details_of
from include.connectors.halopsa.sites import changed_sites, find_sites, sites
from include.model.page import Page, Record

ASSET_TYPES = Listing("/AssetType", "assettypes")
PRIORITIES = Listing("/Priority", "priorities")
TICKET_STATUSES = Listing("/Status", "statuses", {"showall": "true"})


def changed_companies(context: ReadContext[HaloClient]) -> Iterator[Page]:
    return companies(context, **changed_since(context, CLIENTS))


def assets(context: ReadContext[HaloClient]) -> Iterator[Page]:
    """One listing, or one for each type where setup chose fields of types."""
    return completed(context, ASSETS, of_run(context, ASSETS, _assets(context, {})), "assets")


def changed_assets(context: ReadContext[HaloClient]) -> Iterator[Page]:
    pages = _assets(context, changed_since(context, ASSETS))
    return completed(context, ASSETS, of_changed(context, ASSETS, pages), "assets")


def _assets(context: ReadContext[HaloClient], changed: dict[str, str]) -> Iterator[Page]:
    params = context.scope.filter_by("client_id") | asked(context.setup, "assets") | changed
    if OF_TYPE.chosen(context.setup, "assets"):
        return _by_type(context.client, params)
    return context.client.listing(ASSETS, context.resume, **params)


def _by_type(client: HaloClient, params: dict[str, str]) -> Iterator[Page]:
    """The assets of each type; then those that have none of the types that are listed."""
    before = client.count(ASSETS, **params)
    known: set[int] = set()
    for type_id in asset_types(client) if before else ():
        pages = client.listing(ASSETS, **params, includeassetfields="true", assettype_id=type_id)
        yield from _new(honoured(pages, ASSETS, "assettype_id", type_id), known)
    if not before or not before == client.count(ASSETS, **params) == len(known):
        yield from _new(client.listing(ASSETS, **params), known)


def _new(pages: Iterable[Page], known: set[int]) -> Iterator[Page]:
    """Each record once, since it can change its type meanwhile; one without a usable id is left for its mapping."""
    for page in pages:
        yield replace(page, records=[record for record in page.records if record_key(record) not in known])
        known.update(key for key in map(record_key, page.records) if key is not None)


def asset_types(client: HaloClient) -> list[str]:
    """The ids of all types."""
    return [str(required_key(record, f"HaloPSA: {ASSET_TYPES.path}")) for record in client.unpaged(ASSET_TYPES)]


def find_assets(context: ReadContext[HaloClient], keys: Sequence[str]) -> Iterator[Page]:
    """Of these assets, those that still exist and whose company setup selects."""
    return of_selected_companies(SEARCH, context, existing(context.client, ASSETS, keys), owner)


def contacts(context: ReadContext[HaloClient]) -> Iterator[Page]:
    """Each with its company; sites are listed only when a contact does not name one."""

    @cache
    def sites_by_key() -> dict[str, Record]:
        pages = context.client.listing(SITES, **context.scope.filter_by("client_id"))
        found = ((record_key(site), site) for page in pages for site in page.records)
        return {str(key): {"client_id": site.get("client_id")} for key, site in found if key is not None}

    placed = change_records(_contacts(context, {}), partial(_with_company, lambda key: sites_by_key().get(key)))
    return completed(context, USERS, of_run(context, USERS, placed), "contacts")


def changed_contacts(context: ReadContext[HaloClient]) -> Iterator[Page]:
    sites = Lookup(context.client, SITES, ("client_id",))
    pages = sites.ahead(_contacts(context, changed_since(context, USERS)), _site_that_says_the_company)
    placed = change_records(pages, partial(_with_company, sites.get))
    return completed(context, USERS, of_changed(context, USERS, placed), "contacts")


def _contacts(context: ReadContext[HaloClient], changed: dict[str, str]) -> Iterator[Page]:
    params = context.scope.filter_by("client_id") | asked(context.setup, "contacts") | changed
    return context.client.listing(USERS, context.resume, **params)


def find_contacts(context: ReadContext[HaloClient], keys: Sequence[str]) -> Iterator[Page]:
    """Of these contacts, those that still exist and whose company setup selects."""
    site = by_key(context.client, SITES)
    found = existing(context.client, USERS, keys)
    return of_selected_companies(SEARCH, context, change_records(found, partial(_with_company, site)), owner)


def _with_company(site_of: Callable[[str], Record], contact: Record) -> Record:
    """The contact with the company of its site, where it names none; an invalid one rejects the site alone."""
    if pick(reference_key, contact, "client_id"):
        return contact
    key = _site_that_says_the_company(contact)
    return {**contact, "client_id": try_pick(reference_key, site_of(key), "client_id") if key else None}


def _site_that_says_the_company(contact: Record) -> str | None:
    """The key of the contact's site, where the contact does not name its company."""
    if pick(reference_key, contact, "client_id"):
        return None
    key = SITE_OF_CONTACT.read(contact, None)
    return str(key) if key else None


def ticket_statuses(context: ReadContext[HaloClient]) -> Iterator[Page]:
    """Each with whether it is closed, which the list without closed statuses shows, unless the server ignores that."""
    records = context.client.unpaged(TICKET_STATUSES)
    still_open = {record_key(record) for record in context.client.unpaged(TICKET_STATUSES, excludeclosed="true")}
    is_honoured = any(record_key(record) not in still_open for record in records)

    def with_closed(record: Record) -> Record:
        if not isinstance(record, dict):
            return record
        return {**record, "closed": record_key(record) not in still_open if is_honoured else None}

    return change_records([Page(records)], with_closed)


def is_inactive(record: Record) -> bool:
    """Whether a record is not in use: a server may leave such records out of a listing."""
    return bool(try_pick(may_be_true, record, "inactive"))


def _unpaged(table: str, what: Listing, *, essential: tuple[str, ...] = ("id", "name")) -> Stream[HaloClient]:
    """A list that is one request."""
    return Stream(table, lambda context: iter([Page(context.client.unpaged(what))]), COLUMNS[table], essential)


# A server may leave records out of a listing and of its count: inactive ones, or those of other agents. So no count
# proves the end of such a listing, and missing records are asked for before they are marked deleted.
_uncounted = partial(Stream[HaloClient], is_counted=False, may_hide=is_inactive)
STREAMS: tuple[Stream[HaloClient], ...] = (
    Stream("company_statuses", lambda _: fixed_statuses(ACTIVITY), COLUMNS["company_statuses"]),
    _uncounted(
        "companies",
        companies,
        COLUMNS["companies"],
        find=find_companies,
        custom=CUSTOM_COLUMNS["companies"],
        changed=changed_companies,
    ),
    _uncounted("company_sites", sites, COLUMNS["company_sites"], find=find_sites, changed=changed_sites),
    _uncounted(
        "assets",
        assets,
        COLUMNS["assets"],
        essential=("id", "inventory_number"),
        find=find_assets,
        custom=CUSTOM_COLUMNS["assets"],
        details=details_of(ASSETS, "assets"),
        changed=changed_assets,
    ),
    _uncounted(
        "contacts",
        contacts,
        COLUMNS["contacts"],
        find=find_contacts,
        custom=CUSTOM_COLUMNS["contacts"],
        details=details_of(USERS, "contacts"),
        changed=changed_contacts,
    ),
    _unpaged("service_boards", TEAMS),
    Stream("ticket_statuses", ticket_statuses, COLUMNS["ticket_statuses"]),
    _unpaged("ticket_priorities", PRIORITIES, essential=("slaid", "priorityid", "name")),
)
