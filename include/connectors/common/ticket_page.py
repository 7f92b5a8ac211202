"""From the records of an answer to a page of tickets: mapped, checked against the viewer's filters, and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from include.connectors.common.columns import Columns
from include.connectors.common.ticket_filters import TicketFilter, check_filters, chosen, state_filter
from include.connectors.common.ticket_mapping import map_tickets
from include.connectors.common.tickets import Place, are_descending, newest_first
from include.connectors.contract import C
from include.model.page import Record
from include.model.tickets import Reference, State, Ticket, TicketPage, TicketQuery


def ticket_page(
    columns: Columns[C],
    records: Sequence[Record],
    client: C,
    filters: Iterable[TicketFilter],
    what: str,
    *,
    unsorted: str = "",
) -> TicketPage:
    """The tickets that fit the filters, the newest activity first; raises ShapeError where a filter was ignored.

    Records without a usable key are counted, and a ticket that comes twice is shown once. What follows this page is for
    the vendor to add. `unsorted` is the remark for when the server was asked for this order, and sent another.
    """
    tickets = map_tickets(columns, records, client)
    mapped = [(ticket, record) for ticket, record in zip(tickets, records, strict=True) if ticket]
    once = {ticket.key: (ticket, record) for ticket, record in mapped}
    checked = check_filters(filters, [record for _, record in once.values()], what)
    fitting = set(map(id, checked.records))
    shown = [ticket for ticket, record in once.values() if id(record) in fitting]
    is_sorted = are_descending(ticket.updated_at for ticket in shown)
    remark = " ".join(filter(None, [*checked.remarks, "" if is_sorted else unsorted]))
    return TicketPage(newest_first(shown), unreadable=len(records) - len(mapped), remark=remark)


def numbered_page(page: TicketPage, shown: Sequence[Ticket], start: Place, came: int, total: int) -> TicketPage:
    """A page with the tickets to show and the place where the next page begins, for vendors that number their pages.

    The server's count is shown only where none of the tickets that came is left out.
    """
    following = start.next(came, total)
    is_whole = len(shown) + page.unreadable == came
    return replace(page, tickets=shown, next=str(following) if following else None, total=total if is_whole else None)


def column_filters(
    query: TicketQuery,
    columns: Columns[C],
    client: C,
    names: Mapping[str, str] | None = None,
    *,
    state_may_lag: bool = False,
) -> list[TicketFilter]:
    """The references and the state that a viewer chose, found where the ticket's columns read them.

    A ticket that points at nothing contradicts a filter: the server should not have listed it. `names` is what people
    call a field, such as {"owner": "person"}.
    """

    def key(field: str, record: Record) -> str | None:
        found = columns[field].if_readable(record, client)
        return (found.key if isinstance(found, Reference) else None) or ""

    def is_closed(record: Record) -> bool | None:
        found = columns["is_closed"].if_readable(record, client)
        return found if isinstance(found, bool) else None

    filters = [
        TicketFilter((names or {}).get(field, field), partial(key, field), frozenset(one.key or "" for one in wanted))
        for field, wanted in chosen(query).items()
    ]
    if query.state is not State.ALL:
        filters.append(replace(state_filter(query.state, is_closed), may_lag=state_may_lag))
    return filters
