"""Tickets of ConnectWise for the ticket page: a page of them, and who they can be assigned to."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from include.connectors.common.by_key import typed_key
from include.connectors.common.responses import listed
from include.connectors.common.ticket_filters import chosen_keys
from include.connectors.common.ticket_page import column_filters, ticket_page
from include.connectors.common.tickets import (
    FEW_TRIES,
    folded,
    full_name,
    id_of,
    people_of,
    ticket_key,
    try_pick,
    words,
)
from include.connectors.common.values import boolean
from include.connectors.connectwise.client import ConnectWiseClient, Listing, Params, at_path, filled
from include.connectors.connectwise.columns import requested
from include.connectors.connectwise.companies import MAX_KEY, UNSAFE, all_of, one_of
from include.connectors.connectwise.listings import BOARDS
from include.connectors.connectwise.ticket_columns import PROJECT, SERVICE, TICKET_COLUMNS, TicketKind, located
from include.connectors.connectwise.ticket_detail import detail
from include.connectors.contract import TicketSource
from include.http.call import Answer
from include.model.errors import FormError, NotFound, RequestRefused
from include.model.page import Record
from include.model.tickets import Reference, State, Ticket, TicketPage, TicketQuery

MEMBERS = "/system/members"
PAGE_SIZE = 50
MAX_CONDITION_CHARACTERS = 1200  # in an address, which with its other parameters must stay below 2,000
NEWEST_FIRST = "lastUpdated desc"
UNSORTED = "ConnectWise did not sort these tickets by their last activity: other pages may hold newer ones."
STATES = {State.OPEN: "closedFlag=False", State.CLOSED: "closedFlag=True", State.ALL: ""}
WORD = re.compile(r"[^\W_]")


def search(client: ConnectWiseClient, query: TicketQuery) -> TicketPage:
    """A page of service tickets; of project tickets where a board has no others and is a board of projects."""
    kind, number = located(query.page, "page") if query.page else (SERVICE, "1")
    page = _page(client, kind, query, int(number))
    if query.page or page.tickets or page.unreadable or not query.board or not holds_projects(client, query.board):
        return page
    return _page(client, PROJECT, query, 1)


def _page(client: ConnectWiseClient, kind: TicketKind, query: TicketQuery, number: int) -> TicketPage:
    answer, what = _sorted(client, kind, conditions(query), number), at_path(kind.path)
    records, filters = listed(answer.body, what), column_filters(query, kind.columns, client)
    page = ticket_page(kind.columns, records, client, filters, what, unsorted=UNSORTED)
    page = replace(page, tickets=[ticket for ticket in page.tickets if _has_text(ticket, query.text.strip())])
    has_more = answer.has_next or len(records) >= PAGE_SIZE
    following = f"{kind.key_prefix}{number + 1}" if has_more else None
    return replace(page, next=following, total=None if has_more or number > 1 else len(page.tickets))


def _has_text(ticket: Ticket, typed: str) -> bool:
    """Whether a ticket is one that was searched for. Looked at only where `*` stood in for a character: it fits any."""
    if not UNSAFE.search(typed):
        return True
    return folded(typed) in folded(ticket.summary or "") or ticket.number == typed


def _sorted(client: ConnectWiseClient, kind: TicketKind, condition: str, number: int) -> Answer:
    """Sorting by two fields is not documented: a server that refuses it is asked for one, from then on."""
    try:
        return _answer(client, kind, condition, number, client.ticket_order)
    except RequestRefused:
        if client.ticket_order == NEWEST_FIRST:
            raise
        answer = _answer(client, kind, condition, number, NEWEST_FIRST)
    client.ticket_order = NEWEST_FIRST
    return answer


def _answer(client: ConnectWiseClient, kind: TicketKind, condition: str, number: int, order: str) -> Answer:
    """Ask with the condition in the address if that is short enough, otherwise in the body of a search."""
    params: Params = {"fields": requested(TICKET_COLUMNS), "page": number, "pageSize": PAGE_SIZE}
    query = {"conditions": condition, "orderBy": order}
    if len(quote(condition)) > MAX_CONDITION_CHARACTERS:
        return client.post(f"{kind.path}/search", params, query, tries=FEW_TRIES)
    return client.get(kind.path, params | filled(**query), tries=FEW_TRIES)


def conditions(query: TicketQuery) -> str:
    """The condition that is sent for a query."""
    chosen = [one_of(f"{field}/id", keys) for field, keys in chosen_keys(query, {"owner": "member"}).items()]
    return all_of(*chosen, STATES[query.state], condition_on_text(query.text.strip()))


def condition_on_text(typed: str) -> str:
    """In the summary, or the number itself. `*` stands in for what could end the quotation or is a wildcard."""
    if not typed:
        return ""
    if not WORD.search(typed):
        raise FormError("ConnectWise can look for words and numbers only.")
    pattern = f'summary like "*{UNSAFE.sub("*", typed)}*"'
    return f"(id={typed} or {pattern})" if typed_key(typed, MAX_KEY) == typed else pattern


def holds_projects(client: ConnectWiseClient, board: Reference) -> bool:
    """Whether a board is one of projects: such boards are listed with all others, their tickets are not."""
    path = f"{BOARDS}/{ticket_key(board.key, 'board')}"
    try:
        record = client.get(path, {"fields": "id,projectFlag"}, tries=FEW_TRIES).body
    except NotFound:
        return False
    return bool(try_pick(boolean, record, "projectFlag"))


def people(client: ConnectWiseClient) -> list[Reference]:
    """All members."""
    listing = Listing(MEMBERS, "id,identifier,firstName,lastName,inactiveFlag", is_counted=False)
    return people_of(client.records(listing), member, lambda record: try_pick(boolean, record, "inactiveFlag"))


def member(record: Record) -> Reference:
    """A member by full name, otherwise by what the member signs in with."""
    return Reference(id_of(record), full_name(record) or words(record, "identifier"))


TICKET_SOURCE: TicketSource[ConnectWiseClient] = TicketSource(
    board="Board", search=search, detail=detail, people=people, columns=TICKET_COLUMNS
)
