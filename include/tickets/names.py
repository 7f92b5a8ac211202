"""Names for the keys that tickets carry: from the tables of the last sync, and from the list of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from include.connectors.common.tickets import Reference, Ticket, TicketDetail
from include.warehouse import lookups
from include.warehouse.connection import Connection

PEOPLE = "people"


@dataclass(frozen=True)
class Names:
    """Names by key, by table; `colors` by the priority's name."""

    of: Mapping[str, Mapping[str, str]]
    colors: Mapping[str, str]

    def name(self, table: str, one: Reference) -> str | None:
        """What the PSA calls it, else the last sync."""
        return one.name or self.of.get(table, {}).get(one.key or "")

    def with_people(self, people: Sequence[Reference]) -> Names:
        """These and those whom tickets can be assigned to."""
        return replace(self, of={**self.of, PEOPLE: {one.key: one.name for one in people if one.key and one.name}})


def of_tickets(tickets: Sequence[Ticket], warehouse: Connection, source: str) -> Names:
    """For the rows of a list."""
    return _found((pair for ticket in tickets for pair in _in_ticket(ticket)), warehouse, source)


def of_detail(detail: TicketDetail, warehouse: Connection, source: str) -> Names:
    """For a whole ticket."""
    more = [("company_sites", detail.site), *(("assets", one) for one in detail.assets)]
    return _found((*_in_ticket(detail.ticket), *more), warehouse, source)


def _in_ticket(ticket: Ticket) -> Iterator[tuple[str, Reference]]:
    yield "companies", ticket.company
    yield "contacts", ticket.contact
    yield "service_boards", ticket.board
    yield "ticket_statuses", ticket.status
    yield "ticket_priorities", ticket.priority


def _found(pairs: Iterable[tuple[str, Reference]], warehouse: Connection, source: str) -> Names:
    nameless: dict[str, set[str]] = defaultdict(set)
    for table, one in pairs:
        if one.key and not one.name:
            nameless[table].add(one.key)
    return Names(lookups.names(warehouse, source, nameless), lookups.colors(warehouse, source))
