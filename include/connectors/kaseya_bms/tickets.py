"""Live tickets of Kaseya BMS: a page of the list, and everyone whom a ticket can be assigned to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from include.connectors.common.ticket_filters import TicketFilter, chosen, chosen_keys
from include.connectors.common.ticket_page import numbered_page, ticket_page
from include.connectors.common.tickets import FEW_TRIES, Place, folded, place, try_pick, words
from include.connectors.common.values import text
from include.connectors.contract import TicketSource
from include.connectors.kaseya_bms.client import KaseyaClient, Listing, at_endpoint, key_of
from include.connectors.kaseya_bms.columns import foreign_key
from include.connectors.kaseya_bms.ticket_columns import TICKET_COLUMNS
from include.connectors.kaseya_bms.ticket_detail import detail
from include.model.errors import FormError, ShapeError
from include.model.page import Record
from include.model.tickets import Reference, State, Ticket, TicketPage, TicketQuery

TICKETS = "/v2/servicedesk/tickets"
SHOWN = 50  # a person waits for the page, and a ticket has 3 KB
ASSIGNEES = "/v2/hr/assignees/lookup"
FILTERS = {
    "board": ("queue", "Filter.QueueNames"),
    "status": ("status", "Filter.StatusNames"),
    "priority": ("priority", "Filter.PriorityNames"),
    "company": ("account", "Filter.AccountIds"),
    "owner": ("assignee", "Filter.AssigneeName"),
}
"""By the field of a ticket: what Kaseya BMS calls it, and the parameter that filters by it."""
STATES = {  # there is no filter for completed tickets, but they have a date of completion
    State.OPEN: {"Filter.ExcludeCompleted": "1"},
    State.CLOSED: {"Filter.CompletedDateFrom": "1990-01-01T00:00:00Z"},
}
RENAMED = (
    "Kaseya BMS filters by the names of queues, statuses and priorities, and was asked for those of the last sync: one "
    "that was renamed since then finds nothing."
)
_WORD = re.compile(r"[^\W_]+")


def search(client: KaseyaClient, query: TicketQuery) -> TicketPage:
    """A page, sorted here. There are more pages until as many tickets came as the server counts."""
    start, keys = place(query.page), chosen_keys(query, {"board": "queue", "owner": "person"})
    listing = Listing(TICKETS, filters=_params(query, keys), tries=FEW_TRIES, page_size=SHOWN)
    if start:
        page = client.page(listing, start.number)
    else:
        page, number = client.opening(listing)
        start = Place(number)
    total, what = page.total or 0, at_endpoint(TICKETS)
    if not page.records and start.before < total:
        raise ShapeError(f"{what} counts {total:,} tickets and lists {start.before:,}.")
    filters = [_filter(FILTERS[name][0], references) for name, references in chosen(query).items()]
    found = ticket_page(TICKET_COLUMNS, page.records, client, filters, what)
    shown = [ticket for ticket in found.tickets if _is_wanted(query.state, keys, ticket)]
    remarks = [_title_remark(query.text, found.tickets), found.remark]
    if not shown and keys.keys() & {"board", "status", "priority"}:
        remarks.append(RENAMED)
    found = replace(found, remark=" ".join(filter(None, remarks)))
    return numbered_page(found, shown, start, len(page.records), total)


def _params(query: TicketQuery, keys: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The parameters that ask for the filters: the company by its key, all others by name."""
    params = dict(STATES.get(query.state, {}))
    for name, references in chosen(query).items():
        params[FILTERS[name][1]] = ",".join(keys[name] if name == "company" else _names(name, references))
    if typed := text(query.text):
        params["Filter.Title"] = typed.strip()
    return params


def _names(field: str, references: Sequence[Reference]) -> list[str]:
    """The names to filter by. Only the one of a person, which is no list, may have a comma."""
    names = list(dict.fromkeys((one.name or "").strip() for one in references))
    if not all(names):
        raise FormError("Kaseya BMS filters by name, and the last sync knows no name for this.")
    if field != "owner" and (broken := [name for name in names if "," in name]):
        raise FormError(f"Kaseya BMS cannot filter by '{broken[0]}': it would take the comma for the end of the name.")
    return names


def _filter(field: str, references: Sequence[Reference]) -> TicketFilter:
    """How to see that the server honoured a filter. One by name may list tickets whose name contains the chosen one."""
    keys = [one.key or "" for one in references]
    names = [] if field == "account" else [folded((one.name or "").strip()) for one in references]

    def found(record: Record) -> str:
        name = folded(words(record, f"{field}name"))
        if any(part in name for part in names):
            return keys[0]
        return try_pick(foreign_key, record, f"{field}id") or ""

    return TicketFilter(field, found, frozenset(keys))


def _is_wanted(state: State, keys: Mapping[str, Sequence[str]], ticket: Ticket) -> bool:
    """Whether a ticket is one that the viewer asked for.

    Filters by name list others too, the number behind ExcludeCompleted is not documented, and tickets that were opened
    again keep a date of completion.
    """
    fits_state = state is State.ALL or ticket.is_closed in (None, state is State.CLOSED)
    return fits_state and all(getattr(ticket, name).key in some for name, some in keys.items())


def _title_remark(typed: str, tickets: Sequence[Ticket]) -> str:
    """A remark where most titles do not have the text; raises ShapeError where none of several has it.

    One title that has it is enough, since a database finds more in a title than can be compared here.
    """
    sought = _WORD.findall(folded(typed))
    if not sought:
        return ""
    titles = [folded(ticket.summary or "") for ticket in tickets]
    fitting = sum(any(word in title for word in sought) for title in titles)
    if 2 * fitting >= len(titles):
        return ""
    if not fitting and len(titles) > 1:
        raise ShapeError(
            f"{at_endpoint(TICKETS)} delivered tickets that were filtered out by title: the filter was ignored."
        )
    return "Most of these titles do not have the text: Kaseya BMS may not have filtered by it."


def people(client: KaseyaClient) -> list[Reference]:
    """Everyone whom a ticket can be assigned to. This listing is not counted."""
    pages = client.pages(Listing(ASSIGNEES, is_counted=False, may_be_null=False))
    names = {key_of(record, ASSIGNEES): try_pick(text, record, "name") for page in pages for record in page.records}
    return [Reference(key, name) for key, name in names.items()]


TICKET_SOURCE: TicketSource[KaseyaClient] = TicketSource(
    board="Queue",
    search=search,
    detail=detail,
    people=people,
    columns=TICKET_COLUMNS,
    order=(
        "Kaseya BMS does not say in which order it lists tickets: each page is sorted by last activity, but a later "
        "page can hold newer ones."
    ),
)
