"""The help desk of ConnectWise: a page of tickets, and who they can be assigned to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from include.connectors.common.responses import required_key
from include.connectors.common.tickets import are_descending, newest_first, ticket_key, try_pick, words
from include.connectors.common.values import boolean, pick, whole_key
from include.connectors.connectwise.client import ConnectWiseClient, Listing, at_path
from include.connectors.connectwise.companies import UNSAFE, WORD, is_key
from include.connectors.connectwise.listings import BOARDS, obeyed, one_of
from include.connectors.connectwise.ticket_columns import FIELDS, PROJECT, SERVICE, Place, located, ticket
from include.connectors.connectwise.ticket_detail import detail
from include.connectors.contract import TicketSource
from include.http.call import Answer
from include.model.errors import FormError, NotFound, RequestRefused, ShapeError
from include.model.page import Page
from include.model.tickets import Reference, State, TicketPage, TicketQuery

MEMBERS = "/system/members"
PAGE_SIZE = 50
LONGEST = 1200  # characters of a condition in an address, which with its fields must stay below 2,000
NEWEST_FIRST = "lastUpdated desc"
UNSORTED = "ConnectWise did not deal these tickets by their last activity: other pages may hold newer ones."
STATES = {State.OPEN: "closedFlag=False", State.CLOSED: "closedFlag=True", State.ALL: ""}


def search(api: ConnectWiseClient, query: TicketQuery) -> TicketPage:
    """A page of service tickets; of project tickets, if the board turns out to be one of projects."""
    place, number = located(query.page, "page") if query.page else (SERVICE, 1)
    page = tickets_of(api, place, query, number)
    if query.page or page.tickets or page.unreadable or not query.board or not holds_projects(api, query.board):
        return page
    return tickets_of(api, PROJECT, query, 1)


def tickets_of(api: ConnectWiseClient, place: Place, query: TicketQuery, number: int) -> TicketPage:
    """One page; raises ShapeError when it holds a ticket that was not asked for."""
    answer = asked(api, place, conditions(query), number)
    if not isinstance(answer.body, list):
        raise ShapeError(f"ConnectWise: {place.path} answered with {type(answer.body).__name__}, not a list.")
    (page,) = obeyed([Page(answer.body)], lambda record: is_wanted(record, query), place.path)
    found = [one for one in (ticket(api, record, place) for record in page.records) if one]
    more = answer.has_next or len(answer.body) >= PAGE_SIZE
    return TicketPage(
        newest_first(found),
        next=f"{place.mark}{number + 1}" if more else None,
        total=None if more or number > 1 else len(found),
        unreadable=len(answer.body) - len(found),
        remark="" if are_descending(one.updated_at for one in found) else UNSORTED,
    )


def asked(api: ConnectWiseClient, place: Place, wanted: str, number: int) -> Answer:
    """An order by two fields is documented nowhere: a server that refuses it is asked for one, then and ever after."""
    try:
        return ask(api, place, wanted, number, api.ticket_order)
    except RequestRefused:
        if api.ticket_order == NEWEST_FIRST:
            raise
        answer = ask(api, place, wanted, number, NEWEST_FIRST)
    api.ticket_order = NEWEST_FIRST
    return answer


def ask(api: ConnectWiseClient, place: Place, wanted: str, number: int, order: str) -> Answer:
    """In the address while it stays short, else in the body of a search."""
    paging: dict[str, str | int] = {"fields": FIELDS, "page": number, "pageSize": PAGE_SIZE}
    if len(quote(wanted)) > LONGEST:
        return api.post(f"{place.path}/search", paging, {"conditions": wanted, "orderBy": order})
    filtered = {"conditions": wanted} if wanted else {}
    return api.get(place.path, {**filtered, "orderBy": order, **paging})


def conditions(query: TicketQuery) -> str:
    chosen = [one_of(f"{field}/id", keys) for field, keys in filters(query).items()]
    return " and ".join(filter(None, (*chosen, STATES[query.state], about(query.text.strip()))))


def filters(query: TicketQuery) -> Mapping[str, Sequence[str]]:
    """The references that are filtered by, and the keys of which any will do."""
    wanted: Mapping[str, Sequence[Reference]] = {
        "board": [query.board] if query.board else [],
        "status": query.statuses,
        "priority": query.priorities,
        "company": [query.company] if query.company else [],
        "owner": [query.owner] if query.owner else [],
    }
    return {field: [ticket_key(one.key, field) for one in chosen] for field, chosen in wanted.items() if chosen}


def about(typed: str) -> str:
    """In the summary, or the number itself. What could end the quotation, or is a wildcard, stands for any text."""
    if not typed:
        return ""
    if not WORD.search(typed):
        raise FormError("ConnectWise can look for words and numbers only.")
    pattern = f'summary like "*{UNSAFE.sub("*", typed)}*"'
    return f"(id={typed} or {pattern})" if is_key(typed) else pattern


def is_wanted(record: Any, query: TicketQuery) -> bool:
    is_closed = pick(boolean, record, "closedFlag")
    of_state = query.state is State.ALL or is_closed in (None, query.state is State.CLOSED)
    return of_state and all(pick(whole_key, record, field, "id") in keys for field, keys in filters(query).items())


def holds_projects(api: ConnectWiseClient, board: Reference) -> bool:
    """Project tickets are kept apart, their boards are not."""
    try:
        record = api.get(f"{BOARDS}/{ticket_key(board.key, 'board')}", {"fields": "id,projectFlag"}).body
    except NotFound:
        return False
    return bool(try_pick(boolean, record, "projectFlag"))


def people(api: ConnectWiseClient) -> list[Reference]:
    """All members, those who left last: their names stand on old tickets."""
    listing = Listing(MEMBERS, "id,identifier,firstName,lastName,inactiveFlag", is_counted=False)
    members = list(api.records(listing))
    members.sort(key=lambda record: (bool(try_pick(boolean, record, "inactiveFlag")), member_name(record).casefold()))
    return [Reference(str(required_key(record, at_path(MEMBERS))), member_name(record)) for record in members]


def member_name(record: Any) -> str:
    return f"{words(record, 'firstName')} {words(record, 'lastName')}".strip() or words(record, "identifier")


TICKET_SOURCE = TicketSource(board="Board", search=search, detail=detail, people=people)
