"""Which lists of Syncro are read, and what becomes a record where Syncro has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from include.connectors.common.columns import Columns
from include.connectors.common.companies import fixed_statuses
from include.connectors.common.of_companies import company_keys, of_companies, of_selected_companies
from include.connectors.common.responses import member
from include.connectors.common.values import InvalidValue, is_empty, objects, pick
from include.connectors.contract import ReadContext, Stream
from include.connectors.syncro import columns
from include.connectors.syncro.client import (
    ASSETS,
    CONTACTS,
    CUSTOMERS,
    SETTINGS,
    TICKET_SETTINGS,
    Entity,
    SyncroClient,
)
from include.connectors.syncro.companies import SEARCH, changed_companies, companies, find_companies, owner
from include.http.paging import MOST_SKIPPED, integer_key
from include.model.errors import ShapeError
from include.model.page import Page, Record, Reject
from include.model.setup import Setup

Context = ReadContext[SyncroClient]


def sites(context: Context) -> Iterator[Page]:
    """Each company by itself: only a single company's record contains its further addresses."""
    keys, unknown = company_keys(SEARCH, context)
    existing = context.client.existing(CUSTOMERS, keys, context.resume, max_gone=MOST_SKIPPED)
    yield from map(addresses, existing)
    yield from unknown


def keys_of_changed_companies(context: Context) -> Iterator[str]:
    """The companies whose addresses are read: a change of a further address may leave its company's date as it is."""
    for page in changed_companies(context):
        yield from (str(key) for key in map(integer_key, page.records) if key is not None)


def changed_sites(context: Context) -> Iterator[Page]:
    """The addresses of the companies in the scope."""
    keys = sorted(context.scope.companies, key=int)
    return map(addresses, context.client.existing(CUSTOMERS, keys, max_gone=MOST_SKIPPED))


def find_sites(context: Context, keys: Sequence[str]) -> Iterator[Page]:
    """A site's key begins with its company's."""
    wanted = set(keys)
    owners = list(dict.fromkeys(key.partition("/")[0] for key in keys))
    for page in map(addresses, find_companies(context, owners)):
        yield replace(page, records=[record for record in page.records if record["id"] in wanted])


def addresses(page: Page) -> Page:
    """A page of companies as one of their sites: the main address, whose `address` is None, and the further ones."""
    records: list[Record] = []
    rejects: list[Reject] = []
    for company in page.records:
        key = str(integer_key(company))
        records.append({"id": key, "customer": company, "address": None})
        try:
            for address in pick(objects, company, "addresses"):
                records.append({"id": f"{key}/{address_key(address)}", "customer": company, "address": address})
        except InvalidValue as error:
            rejects.append(Reject(None, f"company {key}: {error}", scope=("company_source_id", key)))
    return replace(page, records=records, rejects=rejects)


def address_key(address: Record) -> int:
    key = integer_key(address)
    if key is None:
        raise InvalidValue("an address has no usable 'id'")
    return key


def listed(entity: Entity, context: Context) -> Iterator[Page]:
    """A list that follows the company filter."""
    pages = context.client.listing(entity, context.resume, **context.scope.filter_by("customer_id"))
    return of_companies(SEARCH, context, pages, owner, f"Syncro: {entity.path}")


def find(entity: Entity, context: Context, keys: Sequence[str]) -> Iterator[Page]:
    """The records with these ids that exist and belong to a company that setup selects."""
    return of_selected_companies(SEARCH, context, context.client.existing(entity, list(keys)), owner)


def boards(context: Context) -> Iterator[Page]:
    """Ticket types; the problem types, in a tenant that has no ticket types."""
    types = member(context.client.document(TICKET_SETTINGS), "ticket_types", list, f"Syncro: {TICKET_SETTINGS}")
    yield Page(types or by_name(ticket_part(context.client, "problem_types")))


def ticket_statuses(context: Context) -> Iterator[Page]:
    document = context.client.document(TICKET_SETTINGS)
    names = member(document, "ticket_status_list", list, f"Syncro: {TICKET_SETTINGS}")
    if not names:
        raise ShapeError(f"Syncro: {TICKET_SETTINGS} lists no ticket status at all, but each ticket has one.")
    yield Page(by_name(names))


def ticket_priorities(context: Context) -> Iterator[Page]:
    """The list begins with the empty text, the priority of a ticket that has none: it is no row."""
    records = by_name(ticket_part(context.client, "priorities"))
    yield Page([record for record in records if not is_empty(record["name"])])


def ticket_part(client: SyncroClient, key: str) -> list[Record]:
    ticket = member(client.document(SETTINGS), "ticket", dict, f"Syncro: {SETTINGS}")
    return member(ticket, key, list, f"Syncro: {SETTINGS} ticket")


def by_name(names: Iterable[Record]) -> list[Record]:
    """Records for names without ids: a renamed one is one that is gone and a new one."""
    return [{"id": name, "name": name, columns.PLACE: place} for place, name in enumerate(names, start=1)]


def owned(table: str, entity: Entity, mapping: Columns[Setup]) -> Stream[SyncroClient]:
    """A stream of records that belong to companies."""
    return Stream(
        table,
        partial(listed, entity),
        mapping,
        essential=("id", "name", "customer_id"),
        find=partial(find, entity),
        custom=columns.CUSTOM,
        is_counted=False,
    )


# `is_counted` is False where it matters: `meta` may be missing, and users saw totals that prove less than they say.
STREAMS: tuple[Stream[SyncroClient], ...] = (
    Stream("company_statuses", lambda _: fixed_statuses(columns.STATUSES), columns.STATUS_COLUMNS),
    Stream(
        "companies",
        companies,
        columns.COMPANY_COLUMNS,
        essential=("id", "business_name", "fullname", "disabled"),
        find=find_companies,
        custom=columns.CUSTOM,
        is_counted=False,
        changed=changed_companies,
    ),
    Stream(
        "company_sites",
        sites,
        columns.SITE_COLUMNS,
        essential=("id", "customer"),
        find=find_sites,
        is_counted=False,
        changed=changed_sites,
        changed_companies=keys_of_changed_companies,
    ),
    owned("assets", ASSETS, columns.ASSET_COLUMNS),
    owned("contacts", CONTACTS, columns.CONTACT_COLUMNS),
    Stream("service_boards", boards, columns.BOARD_COLUMNS),
    Stream("ticket_statuses", ticket_statuses, columns.TICKET_STATUS_COLUMNS),
    Stream("ticket_priorities", ticket_priorities, columns.PRIORITY_COLUMNS),
)
