"""Live tickets of HaloPSA: a page of the list, and everyone whom a ticket can be assigned to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from include.connectors.common.ticket_filters import TicketFilter, chosen, state_filter
from include.connectors.common.ticket_page import numbered_page, ticket_page
from include.connectors.common.tickets import (
    FEW_TRIES,
    Place,
    folded,
    id_of,
    people_of,
    place,
    reference_of,
    ticket_key,
    try_pick,
    words,
)
from include.connectors.common.values import boolean, text
from include.connectors.contract import TicketSource
from include.connectors.halopsa.client import HaloClient, Listing
from include.connectors.halopsa.columns import reference_key
from include.connectors.halopsa.ticket_columns import TICKET_COLUMNS, UNASSIGNED, are_closed
from include.connectors.halopsa.ticket_detail import TICKETS, detail
from include.model.errors import FormError
from include.model.page import Record
from include.model.tickets import Reference, State, Ticket, TicketPage, TicketQuery

PAGE_SIZE = 50
AGENTS = Listing("/Agent", "agents", {"includeenabled": "true", "includedisabled": "true"})
NEWEST_FIRST = {"order": "lastactiondate", "orderdesc": "true", "order2": "id", "orderdesc2": "true"}
UNSORTED = "HaloPSA did not sort these by their last action: later pages may hold newer tickets."
STATES = {State.OPEN: {"open_only": "true"}, State.CLOSED: {"closed_only": "true"}}
PARAMS = {"board": "team", "priority": "priority", "company": "client_id", "owner": "agent_id"}
NAMES = {"board": "team", "owner": "agent"}
PRIORITY = re.compile(r"-?[0-9]{1,10}/(-?[0-9]{1,10})")
RENAMED = (
    "All of these name one team, but not by the name of the last sync: the team was renamed, or HaloPSA did not filter "
    "by team."
)


def search(client: HaloClient, query: TicketQuery) -> TicketPage:
    """A page, by last action."""
    start, (asked, filters) = place(query.page) or Place(1), filtered_by(query)
    paging = {"pageinate": "true", "page_no": str(start.number), "page_size": str(PAGE_SIZE)}
    records, total = client.answer(TICKETS, {**paging, **NEWEST_FIRST, **asked}, tries=FEW_TRIES)
    unsorted = UNSORTED if start.before or start.next(len(records), total) else ""  # Halo may ignore the order
    page = ticket_page(TICKET_COLUMNS, records, client, filters, f"HaloPSA: {TICKETS.path}", unsorted=unsorted)
    tickets = [certain(query.state, ticket) for ticket in page.tickets if has_priority(query, ticket)]
    return numbered_page(page, tickets, start, len(records), total)


def filtered_by(query: TicketQuery) -> tuple[dict[str, str], list[TicketFilter]]:
    """The parameters that ask for the filters, and how to see that the server honoured them."""
    params, filters = dict(STATES.get(query.state, {})), []
    if params:
        filters.append(state_filter(query.state, lambda record: are_closed([record])[0]))
    for name, references in chosen(query).items():
        keys = list(dict.fromkeys(filter_key(name, one) for one in references))
        params[PARAMS.get(name) or ("status_id" if len(keys) == 1 else "status")] = ",".join(keys)
        wanted = [_team_name(one.name or "") for one in references] if name == "board" else keys
        if all(wanted):
            renamed = RENAMED if name == "board" else ""
            filters.append(TicketFilter(NAMES.get(name, name), FOUND[name], frozenset(wanted), renamed=renamed))
    if typed := text(query.text):  # no ticket shows where Halo found it
        params["search"] = typed.strip()
    return params, filters


def filter_key(name: str, chosen_one: Reference) -> str:
    """What Halo filters by. A priority has the same number in all SLAs, so that one filter lets others through."""
    if name != "priority":
        return ticket_key(chosen_one.key, NAMES.get(name, name))
    if not (found := PRIORITY.fullmatch(chosen_one.key or "")):
        raise FormError("This is not a priority of HaloPSA.")
    return found[1]


def _team_name(name: str) -> str:
    return folded(name.strip())


def _agent(record: Record) -> str | None:
    return (try_pick(reference_key, record, "agent_id") or UNASSIGNED) if "agent_id" in record else None


FOUND: Mapping[str, Callable[[Record], str | None]] = {
    "board": lambda record: _team_name(words(record, "team")) or None,  # its id is in single records only
    "status": lambda record: try_pick(reference_key, record, "status_id"),
    "priority": lambda record: try_pick(reference_key, record, "priority_id"),
    "company": lambda record: try_pick(reference_key, record, "client_id"),
    "owner": _agent,
}


def has_priority(query: TicketQuery, ticket: Ticket) -> bool:
    """Whether the ticket has one of the chosen priorities, as far as it names its SLA."""
    key = ticket.priority.key
    return not query.priorities or key is None or key in {wanted.key for wanted in query.priorities}


def certain(state: State, ticket: Ticket) -> Ticket:
    """The ticket, without its state where that contradicts the filter: it may have been opened again."""
    fits = state is State.ALL or ticket.is_closed is (state is State.CLOSED)
    return ticket if fits else replace(ticket, is_closed=None)


def people(client: HaloClient) -> list[Reference]:
    """All agents but the built-in one who has the unassigned tickets."""
    agents = (record for record in client.unpaged(AGENTS) if id_of(record) != UNASSIGNED)
    is_inactive = lambda record: try_pick(boolean, record, "isdisabled")  # noqa: E731
    return people_of(agents, lambda record: reference_of(record, "id", "name"), is_inactive)


TICKET_SOURCE: TicketSource[HaloClient] = TicketSource(
    board="Team", search=search, detail=detail, people=people, columns=TICKET_COLUMNS
)
