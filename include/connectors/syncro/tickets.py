"""The help desk of Syncro: a page of tickets, and who they can be assigned to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from include.connectors.common.tickets import newest_first, ticket_key
from include.connectors.common.values import InvalidValue, pick, text, whole_key
from include.connectors.contract import TicketSource
from include.connectors.syncro.client import TICKETS, SyncroClient, member
from include.connectors.syncro.columns import CLOSED
from include.connectors.syncro.ticket_columns import ticket
from include.connectors.syncro.ticket_detail import detail
from include.http.paging import integer_key
from include.model.errors import FormError, ShapeError
from include.model.page import Page
from include.model.tickets import Reference, State, Ticket, TicketPage, TicketQuery

USERS = "/users"
NOT_CLOSED = "Not Closed"  # Syncro's own word for every status but the closed one
NUMBER = re.compile(r"#?0*([1-9][0-9]{0,17})")
ENOUGH = 25  # tickets that are worth stopping for, where most of a page may be filtered out
MOST_PAGES = 3
ORDER = (
    "Syncro cannot sort tickets, nor filter them by ticket type or priority: each page is sorted, and filtered by "
    "those, on its own, so a later page may hold newer activity, and a page may be short or empty while more follow."
)
RENAMED = (
    "Syncro knows statuses, priorities and problem types by their names only, and the filters have those of the last "
    "sync: one that was renamed since finds nothing."
)


def search(api: SyncroClient, query: TicketQuery) -> TicketPage:
    """One page of Syncro's; up to three where tickets have to be picked out of them."""
    first = int(ticket_key(query.page, "page")) if query.page else 1
    names = statuses(query)
    if query.statuses and not names:
        return TicketPage([], total=0)
    asked, picks = filters(query, names), picked(query, names)
    found: dict[str, Ticket] = {}
    unreadable, number, more = 0, first, False
    for number in range(first, first + (MOST_PAGES if picks else 1)):
        sheet = page(api, number, asked)
        read = [ticket(api, record, key) for record in sheet.records if (key := integer_key(record) or 0) > 0]
        found |= {one.key: one for one in read if is_wanted(one, picks)}
        unreadable += len(sheet.records) - len(read)
        more = bool(sheet.records) and (sheet.pages is None or number < sheet.pages)
        if not more or len(found) >= ENOUGH:
            break
    return TicketPage(
        newest_first(list(found.values())),
        next=str(number + 1) if more else None,
        total=None if more or query.page else len(found),
        unreadable=unreadable,
        remark=RENAMED if not found and goes_by_name(query) else "",
    )


def goes_by_name(query: TicketQuery) -> bool:
    chosen = (*query.statuses, *query.priorities, *([query.board] if query.board else []))
    return any(one.key == one.name for one in chosen)


def page(api: SyncroClient, number: int, asked: Mapping[str, str]) -> Page:
    """A page as Syncro deals it; raises ShapeError when a filter was ignored, or less came than was announced."""
    sheet = api.page(TICKETS, number, **asked)
    if not sheet.records and number < (sheet.pages or 0):
        raise ShapeError(f"Syncro: {TICKETS.path}: an empty page came where more were announced.")
    for record in sheet.records:
        with suppress(InvalidValue):
            if not is_obeyed(record, asked):
                raise ShapeError(f"Syncro: {TICKETS.path} delivered tickets that were filtered out.")
    return sheet


def statuses(query: TicketQuery) -> list[str]:
    """The names of which any will do; none chosen, what stands for the state; none left, nothing can match."""
    chosen = [name_of(one, "status") for one in query.statuses]
    if chosen:
        return [
            name for name in chosen if query.state is State.ALL or (name == CLOSED) is (query.state is State.CLOSED)
        ]
    return {State.OPEN: [NOT_CLOSED], State.CLOSED: [CLOSED], State.ALL: []}[query.state]


def filters(query: TicketQuery, names: Sequence[str]) -> dict[str, str]:
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


def is_obeyed(record: Any, asked: Mapping[str, str]) -> bool:
    """Whether a ticket is one of those that were asked for; its text cannot tell."""
    status = pick(text, record, "status")
    if asked.get("status") == NOT_CLOSED:
        of_status = status != CLOSED
    else:
        of_status = "status" not in asked or status == asked["status"]
    keys = ("customer_id", "user_id", "number")
    return of_status and all(pick(whole_key, record, key) == asked[key] for key in keys if key in asked)


def picked(query: TicketQuery, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """What Syncro cannot filter by, and the keys of which any will do."""
    wanted = {
        "board": [name_of(query.board, "ticket type")] if query.board else [],
        "priority": [name_of(one, "priority") for one in query.priorities],
        "status": names if len(names) > 1 else [],
    }
    return {field: keys for field, keys in wanted.items() if keys}


def is_wanted(one: Ticket, picks: Mapping[str, Sequence[str]]) -> bool:
    return all(getattr(one, field).key in keys for field, keys in picks.items())


def name_of(chosen: Reference, what: str) -> str:
    """A key that is a name, or may be one: anything goes, but nothing would find the tickets that have none."""
    if not chosen.key:
        raise FormError(f"This is no {what} of Syncro's.")
    return chosen.key


def people(api: SyncroClient) -> list[Reference]:
    """The technicians; they come as pairs of id and name."""
    pairs = member(api.document(USERS), "users", list, USERS)
    found = [Reference(key, name) for key, name in map(pair, pairs) if key]
    if pairs and not found:
        raise ShapeError(f"Syncro: none of {len(pairs)} entries of {USERS} is a pair of id and name.")
    return found


def pair(entry: Any) -> tuple[str | None, str | None]:
    with suppress(InvalidValue):
        if isinstance(entry, list) and len(entry) == 2:
            return whole_key(entry[0]), text(entry[1])
    return None, None


TICKET_SOURCE = TicketSource(board="Ticket type", search=search, detail=detail, people=people, order=ORDER)
