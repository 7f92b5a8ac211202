"""The tickets of HaloPSA at this moment: the list and who can have one; a single one is in `ticket`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from include.connectors.halopsa.account import Halo, Listing, row_key
from include.connectors.halopsa.ticket import FEW_TRIES, NOBODY_KEY, TICKETS, detail, priority_number, ticket, whole
from include.connectors.tickets import Desk, Named, Query, State, Ticket, TicketPage, newest_first, peek
from include.connectors.values import boolean, text
from include.errors import FormError, ShapeError

PAGE_SIZE = 50
CURSOR = re.compile(r"([1-9][0-9]{0,5})-([0-9]{1,8})")
AGENTS = Listing("/Agent", "agents", {"includeenabled": "true", "includedisabled": "true"})
STATES = {State.OPEN: {"open_only": "true"}, State.CLOSED: {"closed_only": "true"}}
NEWEST = {"order": "lastactiondate", "orderdesc": "true", "order2": "id", "orderdesc2": "true"}


def search(api: Halo, query: Query) -> TicketPage:
    """A page, by last action. That there are more is told by how many came so far: pages can be cut short."""
    number, before = position(query.page)
    paging = {"pageinate": "true", "page_no": str(number), "page_size": str(PAGE_SIZE)}
    records, total = api.rows(TICKETS, {**paging, **NEWEST, **filters(query)}, tries=FEW_TRIES)
    usable = {key: record for record in records if (key := row_key(record)) is not None}
    tickets = [ticket(api, record) for record in usable.values()]
    for one in tickets:
        check(query, one)
    shown = [one for one in tickets if has_priority(query.priorities, one)]
    seen = before + len(records)
    return TicketPage(
        newest_first(shown),
        next=f"{number + 1}-{seen}" if records and seen < total else None,
        total=total if len(shown) == len(tickets) else None,
        unreadable=sum(row_key(record) is None for record in records),
    )


def position(cursor: str) -> tuple[int, int]:
    """The number of the page, and how many tickets came before it."""
    if not cursor:
        return 1, 0
    found = CURSOR.fullmatch(cursor)
    if not found:
        raise FormError("This is not the address of a page of tickets.")
    return int(found[1]), int(found[2])


def filters(query: Query) -> dict[str, str]:
    """What the server is to leave out. A priority has one number for all SLAs, so that one filter takes in others."""
    asked = dict(STATES.get(query.state, {}))
    if query.board:
        asked["team"] = whole(query.board.key)
    if len(query.statuses) == 1:
        asked["status_id"] = whole(query.statuses[0].key)
    elif query.statuses:
        asked["status"] = ",".join(whole(status.key) for status in query.statuses)
    if query.priorities:
        asked["priority"] = ",".join(dict.fromkeys(priority_number(priority.key) for priority in query.priorities))
    if query.company:
        asked["client_id"] = whole(query.company.key)
    if query.owner:
        asked["agent_id"] = whole(query.owner.key)
    if words := text(query.text):
        asked["search"] = words.strip()
    return asked


def check(query: Query, one: Ticket) -> None:
    """Raises ShapeError for a ticket that was not asked for: Halo ignores filters that it does not know."""
    number = priority_number(one.priority.key) if one.priority.key else None
    state = None if one.is_closed is None else State.CLOSED if one.is_closed else State.OPEN
    told_and_wanted: tuple[tuple[str, str | None, set[str | None]], ...] = (
        ("team", folded(one.board), {folded(query.board)}),
        ("status", one.status.key, {status.key for status in query.statuses}),
        ("priority", number, {priority_number(priority.key) for priority in query.priorities}),
        ("client_id", one.company.key, {query.company.key if query.company else None}),
        ("agent_id", one.owner.key or NOBODY_KEY, {query.owner.key if query.owner else None}),
        ("whether they are open", state, {None if query.state is State.ALL else query.state}),
    )
    for name, told, wanted in told_and_wanted:
        if told and wanted - {None} and told not in wanted:
            raise ShapeError(f"HaloPSA: {TICKETS.path} delivered tickets that were filtered out by {name}.")


def folded(board: Named | None) -> str | None:
    """A team as tickets name it; they do not tell its id."""
    return board.name.strip().casefold() if board and board.name else None


def has_priority(priorities: Sequence[Named], one: Ticket) -> bool:
    """Whether the ticket has one of these priorities, as far as it tells its SLA."""
    return not priorities or one.priority.key is None or one.priority.key in {wanted.key for wanted in priorities}


def people(api: Halo) -> list[Named]:
    """The agents, active ones first; the built-in agent that stands for nobody is none."""
    records = api.table(AGENTS.path, AGENTS.rows, AGENTS.params)
    known = {key: record for record in records if (key := row_key(record)) is not None and str(key) != NOBODY_KEY}
    ordered = sorted(known.items(), key=lambda item: bool(peek(boolean, item[1], "isdisabled")))
    return [Named(str(key), peek(text, record, "name")) for key, record in ordered]


DESK = Desk(board="Team", search=search, detail=detail, people=people)
