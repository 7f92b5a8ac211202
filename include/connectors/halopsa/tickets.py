"""The tickets of HaloPSA at this moment: the list and who can have one; a single one is in `ticket`."""

from __future__ import annotations

from dataclasses import replace

from include.connectors.common.tickets import Place, are_descending, newest_first, place, try_pick
from include.connectors.common.values import boolean, text
from include.connectors.contract import TicketSource
from include.connectors.halopsa.client import HaloClient, Listing, record_key
from include.connectors.halopsa.ticket_columns import FEW_TRIES, NOBODY_KEY, TICKETS, detail, real_moment, ticket
from include.connectors.halopsa.ticket_filters import filters, has_priority, sifted
from include.model.tickets import Reference, State, Ticket, TicketPage, TicketQuery

PAGE_SIZE = 50
AGENTS = Listing("/Agent", "agents", {"includeenabled": "true", "includedisabled": "true"})
NEWEST = {"order": "lastactiondate", "orderdesc": "true", "order2": "id", "orderdesc2": "true"}
UNSORTED = "HaloPSA did not sort these by their last action: later pages may hold newer tickets."


def search(api: HaloClient, query: TicketQuery) -> TicketPage:
    """A page, by last action. That there are more is told by how many came so far: pages can be cut short."""
    start, chosen = place(query.page) or Place(1), list(filters(query))
    asked = {name: value for one in chosen for name, value in one.params.items()}
    paging = {"pageinate": "true", "page_no": str(start.number), "page_size": str(PAGE_SIZE)}
    records, total = api.answer(TICKETS, {**paging, **NEWEST, **asked}, tries=FEW_TRIES)
    usable = {key: record for record in records if (key := record_key(record)) is not None}
    fitting, remarks = sifted(chosen, list(usable.values()))
    tickets = [sure(query.state, ticket(api, record)) for record in fitting]
    shown = [one for one in tickets if has_priority(query.priorities, one.priority.key)]
    seen = start.before + len(records)
    more = bool(records) and seen < total
    actions = (try_pick(real_moment, record, "lastactiondate") for record in records)
    if (more or start.before) and not are_descending(actions):  # Halo may ignore the order that was asked for
        remarks.append(UNSORTED)
    return TicketPage(
        newest_first(shown),
        next=str(Place(start.number + 1, seen)) if more else None,
        total=total if len(shown) == len(usable) else None,
        unreadable=sum(record_key(record) is None for record in records),
        remark=" ".join(remarks),
    )


def sure(state: State, one: Ticket) -> Ticket:
    """A ticket that was opened again may keep what says that it is closed: then nobody knows."""
    known = state is State.ALL or one.is_closed is (state is State.CLOSED)
    return one if known else replace(one, is_closed=None)


def people(api: HaloClient) -> list[Reference]:
    """The agents, active ones first; the built-in agent that stands for nobody is none."""
    records = api.unpaged(AGENTS)
    known = {key: record for record in records if (key := record_key(record)) is not None and str(key) != NOBODY_KEY}
    ordered = sorted(known.items(), key=lambda item: bool(try_pick(boolean, item[1], "isdisabled")))
    return [Reference(str(key), try_pick(text, record, "name")) for key, record in ordered]


TICKET_SOURCE = TicketSource(board="Team", search=search, detail=detail, people=people)
