"""The tickets of Syncro: a page of the list, and everyone whom a ticket can be assigned to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from include.connectors.common.responses import member
from include.connectors.common.ticket_filters import TicketFilter
from include.connectors.common.ticket_page import ticket_page
from include.connectors.common.tickets import newest_first, ticket_key, try_pick
from include.connectors.common.values import InvalidValue, text, whole_key
from include.connectors.contract import TicketSource
from include.connectors.syncro.client import TICKETS, SyncroClient
from include.connectors.syncro.columns import CLOSED
from include.connectors.syncro.ticket_columns import TICKET_COLUMNS
from include.connectors.syncro.ticket_detail import detail
from include.model.errors import FormError, ShapeError
from include.model.page import Record
from include.model.tickets import Reference, State, Ticket, TicketPage, TicketQuery

USERS = "/users"
NOT_CLOSED = "Not Closed"  # Syncro's own word for every status but the closed one
NUMBER = re.compile(r"#?0*([1-9][0-9]{0,17})")
ENOUGH = 25
"""Tickets after which no further page is read, where most of a page may be filtered out here."""
MAX_PAGES = 3
ORDER = (
    "Syncro cannot sort tickets, nor filter them by ticket type or priority: each page is sorted, and filtered by "
    "those, on its own, so a later page may hold newer activity, and a page may be short or empty while more follow."
)
RENAMED = (
    "Syncro knows statuses, priorities and problem types by their names only, and the filters have those of the last "
    "sync: one that was renamed since finds nothing."
)


def search(client: SyncroClient, query: TicketQuery) -> TicketPage:
    """One page of Syncro's; up to three where tickets have to be filtered here."""
    names = status_names(query)
    if query.statuses and not names:
        return TicketPage([], total=0)
    asked, picks = parameters(query, names), local_filters(query, names)
    pages, found = read_pages(client, ticket_key(query.page or "1", "page"), asked, picks)
    following = pages[-1].next
    renamed = RENAMED if not found and filters_by_name(query) else ""
    return TicketPage(
        newest_first(list(found.values())),
        next=following,
        total=None if following or query.page else len(found),
        unreadable=sum(page.unreadable for page in pages),
        remark=" ".join(filter(None, dict.fromkeys([*(page.remark for page in pages), renamed]))),
    )


def read_pages(
    client: SyncroClient, first: str, asked: Mapping[str, str], picks: Mapping[str, Sequence[str]]
) -> tuple[list[TicketPage], dict[str, Ticket]]:
    """As many pages as it takes to have enough tickets that are wanted, and these tickets by key."""
    pages = [read_page(client, int(first), asked)]
    while True:
        found = {one.key: one for page in pages for one in page.tickets if is_wanted(one, picks)}
        following = pages[-1].next
        if following is None or not picks or len(pages) == MAX_PAGES or len(found) >= ENOUGH:
            return pages, found
        pages.append(read_page(client, int(following), asked))


def read_page(client: SyncroClient, number: int, asked: Mapping[str, str]) -> TicketPage:
    """A page of Syncro's; raises ShapeError when fewer came than were announced."""
    page, what = client.page(TICKETS, number, **asked), f"Syncro: {TICKETS.path}"
    if not page.records and number < (page.pages or 0):
        raise ShapeError(f"{what}: an empty page came where more were announced.")
    is_last = not page.records or (page.pages is not None and number >= page.pages)
    found = ticket_page(TICKET_COLUMNS, page.records, client, server_filters(asked), what)
    return replace(found, next=None if is_last else str(number + 1))


def filters_by_name(query: TicketQuery) -> bool:
    chosen = (*query.statuses, *query.priorities, *([query.board] if query.board else []))
    return any(one.key == one.name for one in chosen)


def status_names(query: TicketQuery) -> list[str]:
    """The statuses to ask for: the chosen ones that fit the state, else what stands for the state."""
    chosen = [name_of(one, "status") for one in query.statuses]
    if chosen:
        return [
            name for name in chosen if query.state is State.ALL or (name == CLOSED) is (query.state is State.CLOSED)
        ]
    return {State.OPEN: [NOT_CLOSED], State.CLOSED: [CLOSED], State.ALL: []}[query.state]


def parameters(query: TicketQuery, names: Sequence[str]) -> dict[str, str]:
    """What Syncro filters by: one status, one company, one person, and a number or a text."""
    asked: dict[str, str] = {"status": names[0]} if len(names) == 1 else {}
    if query.company:
        asked["customer_id"] = ticket_key(query.company.key, "company")
    if query.owner:
        asked["user_id"] = ticket_key(query.owner.key, "person")
    typed = (text(query.text) or "").strip()
    if number := NUMBER.fullmatch(typed):
        asked["number"] = number[1]
    elif typed:
        asked["query"] = typed
    return asked


def server_filters(asked: Mapping[str, str]) -> list[TicketFilter]:
    """How to see whether Syncro honoured what it was asked for; it does not say where it searched for a text."""
    filters = [
        TicketFilter(name, found_at(key), frozenset((asked[key],)))
        for key, name in (("customer_id", "company"), ("user_id", "person"), ("number", "number"))
        if key in asked
    ]
    if wanted := asked.get("status"):
        filters.append(TicketFilter("status", status_of(wanted), frozenset((wanted,))))
    return filters


def found_at(key: str) -> Callable[[Record], str | None]:
    return lambda record: try_pick(whole_key, record, key)


def status_of(wanted: str) -> Callable[[Record], str | None]:
    """Reads the status; if Syncro was asked for all that are not closed, each of them counts as that."""

    def found(record: Record) -> str | None:
        status = try_pick(text, record, "status")
        return NOT_CLOSED if wanted == NOT_CLOSED and status != CLOSED else status

    return found


def local_filters(query: TicketQuery, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """What Syncro cannot filter by: of each field, the keys of which a ticket must have one."""
    wanted = {
        "board": [name_of(query.board, "ticket type")] if query.board else [],
        "priority": [name_of(one, "priority") for one in query.priorities],
        "status": names if len(names) > 1 else [],
    }
    return {field: keys for field, keys in wanted.items() if keys}


def is_wanted(one: Ticket, picks: Mapping[str, Sequence[str]]) -> bool:
    return all(getattr(one, field).key in keys for field, keys in picks.items())


def name_of(chosen: Reference, what: str) -> str:
    """The key of something that Syncro knows by its name, so that any text is allowed, but not an empty one."""
    if not chosen.key:
        raise FormError(f"This is not a {what} of Syncro.")
    return chosen.key


def people(client: SyncroClient) -> list[Reference]:
    """The technicians, who come as pairs of id and name."""
    pairs = member(client.document(USERS), "users", list, f"Syncro: {USERS}")
    found = [Reference(key, name) for key, name in map(pair, pairs) if key]
    if pairs and not found:
        raise ShapeError(f"Syncro: none of {len(pairs)} entries of {USERS} is a pair of id and name.")
    return found


def pair(entry: Record) -> tuple[str | None, str | None]:
    with suppress(InvalidValue):
        if isinstance(entry, list) and len(entry) == 2:
            return whole_key(entry[0]), text(entry[1])
    return None, None


TICKET_SOURCE: TicketSource[SyncroClient] = TicketSource(
    board="Ticket type", columns=TICKET_COLUMNS, search=search, detail=detail, people=people, order=ORDER
)
