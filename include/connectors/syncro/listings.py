"""Which lists of Syncro are read, and what becomes a record where Syncro has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from include.connectors.common.values import InvalidValue, items, pick
from include.connectors.contract import Stream
from include.connectors.syncro.client import (
    ASSETS,
    CONTACTS,
    CUSTOMERS,
    SETTINGS,
    TICKET_SETTINGS,
    Entity,
    SyncroClient,
    member,
)
from include.connectors.syncro.columns import (
    ASSET_COLUMNS,
    BOARD_COLUMNS,
    COMPANY_COLUMNS,
    CONTACT_COLUMNS,
    CUSTOM,
    PRIORITY_COLUMNS,
    SITE_COLUMNS,
    STATUS_COLUMNS,
    STATUSES,
    TICKET_STATUS_COLUMNS,
)
from include.connectors.syncro.filters import kept, keys_of, obeyed, those_there, wanted_companies, wanted_owners
from include.http.paging import MOST_SKIPPED, integer_key
from include.model.errors import ShapeError
from include.model.page import Page, Reject
from include.model.setup import Setup


def company_statuses(_: SyncroClient, __: Setup) -> Iterator[Page]:
    yield Page([{"id": key, "name": name} for key, name in STATUSES.items()])


def companies(api: SyncroClient, setup: Setup) -> Iterator[Page]:
    """The companies that setup wants, or one of them."""
    only = setup.only_company
    pages = those_there(api, CUSTOMERS, [only]) if only else api.listing(CUSTOMERS)
    return kept(pages, wanted_companies(setup))


def find_companies(api: SyncroClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
    return kept(those_there(api, CUSTOMERS, keys), wanted_companies(setup))


def sites(api: SyncroClient, setup: Setup) -> Iterator[Page]:
    """A company shows its further addresses only when it is asked for by itself."""
    only = setup.only_company
    keys, unknown = ([int(only)], []) if only else keys_of(companies(api, setup))
    yield from map(addresses, those_there(api, CUSTOMERS, list(map(str, keys)), most_gone=MOST_SKIPPED))
    if unknown:
        yield Page([], unknown)


def find_sites(api: SyncroClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
    """A site's key begins with its company's."""
    wanted = set(keys)
    owners = list(dict.fromkeys(key.partition("/")[0] for key in keys))
    for page in map(addresses, find_companies(api, setup, owners)):
        yield replace(page, records=[record for record in page.records if record["id"] in wanted])


def addresses(page: Page) -> Page:
    """A page of companies as one of their sites: the main address, whose `address` is None, and the further ones."""
    records: list[Any] = []
    rejects: list[Reject] = []
    for company in page.records:
        key = str(integer_key(company))
        records.append({"id": key, "customer": company, "address": None})
        try:
            for address in pick(items, company, "addresses"):
                records.append({"id": f"{key}/{address_key(address)}", "customer": company, "address": address})
        except InvalidValue as error:
            rejects.append(Reject(None, f"company {key}: {error}", scope=("company_source_id", key)))
    return replace(page, records=records, rejects=rejects)


def address_key(address: Any) -> int:
    key = integer_key(address)
    if key is None:
        raise InvalidValue("an address has no usable 'id'")
    return key


def of_companies(entity: Entity) -> Callable[[SyncroClient, Setup], Iterator[Page]]:
    """A listing that follows the company filter: the server can be asked for one company's records, not for some'."""

    def read(api: SyncroClient, setup: Setup) -> Iterator[Page]:
        if setup.only_company:
            pages = api.listing(entity, customer_id=setup.only_company)
            yield from obeyed(pages, int(setup.only_company), entity)
            return
        wanted, unknown = wanted_owners(api, setup)
        yield from kept(api.listing(entity), wanted)
        if unknown:
            yield Page([], unknown)

    return read


def by_key(entity: Entity) -> Callable[[SyncroClient, Setup, Sequence[str]], Iterator[Page]]:
    """The records with these ids that are still there and belong to a company that setup wants."""

    def find(api: SyncroClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
        if keys:
            yield from kept(those_there(api, entity, keys), wanted_owners(api, setup)[0])

    return find


def boards(api: SyncroClient, _: Setup) -> Iterator[Page]:
    """Ticket types; the problem types of a tenant that has none."""
    types = member(api.document(TICKET_SETTINGS), "ticket_types", list, TICKET_SETTINGS)
    yield Page(types or named(ticket_part(api, "problem_types")))


def ticket_statuses(api: SyncroClient, _: Setup) -> Iterator[Page]:
    names = member(api.document(TICKET_SETTINGS), "ticket_status_list", list, TICKET_SETTINGS)
    if not names:
        raise ShapeError(f"Syncro: {TICKET_SETTINGS} lists no ticket status at all, but each ticket has one.")
    yield Page(named(names))


def ticket_priorities(api: SyncroClient, _: Setup) -> Iterator[Page]:
    """The list begins with the empty text: the priority of a ticket that has none, and no row."""
    yield Page([record for record in named(ticket_part(api, "priorities")) if record["name"] != ""])


def ticket_part(api: SyncroClient, key: str) -> list[Any]:
    ticket = member(api.document(SETTINGS), "ticket", dict, SETTINGS)
    return member(ticket, key, list, f"{SETTINGS} ticket")


def named(names: Iterable[Any]) -> list[dict[str, Any]]:
    """Records for names that stand alone: a renamed one is one gone and one new."""
    return [{"id": name, "name": name, "place": place} for place, name in enumerate(names, start=1)]


# `counted` is False throughout: `meta` may be missing, and users saw totals that proved less than they say.
STREAMS: tuple[Stream[SyncroClient], ...] = (
    Stream("company_statuses", company_statuses, STATUS_COLUMNS),
    Stream(
        "companies",
        companies,
        COMPANY_COLUMNS,
        essential=("id", "business_name", "fullname", "disabled"),
        find=find_companies,
        custom=CUSTOM,
        is_counted=False,
    ),
    Stream(
        "company_sites",
        sites,
        SITE_COLUMNS,
        essential=("id", "customer"),
        find=find_sites,
        is_counted=False,
    ),
    Stream(
        "assets",
        of_companies(ASSETS),
        ASSET_COLUMNS,
        essential=("id", "name", "customer_id"),
        find=by_key(ASSETS),
        custom=CUSTOM,
        is_counted=False,
    ),
    Stream(
        "contacts",
        of_companies(CONTACTS),
        CONTACT_COLUMNS,
        essential=("id", "name", "customer_id"),
        find=by_key(CONTACTS),
        custom=CUSTOM,
        is_counted=False,
    ),
    Stream("service_boards", boards, BOARD_COLUMNS),
    Stream("ticket_statuses", ticket_statuses, TICKET_STATUS_COLUMNS),
    Stream("ticket_priorities", ticket_priorities, PRIORITY_COLUMNS),
)
