"""Names for the keys in tickets: taken from the tables of the last sync and from the PSA's list of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from include.model.tickets import Reference, Ticket, TicketDetail
from include.warehouse.lookups import Lookups

PEOPLE = "people"


@dataclass(frozen=True)
class Names:
    """The names that a page of tickets needs."""

    by_table: Mapping[str, Mapping[str, str]]
    """Per table (or PEOPLE), the name of each key."""
    colors: Mapping[str, str]
    """The color of each priority, by the priority's name."""

    def name(self, table: str, reference: Reference) -> str | None:
        """The name that the PSA sent with the ticket, or else the one that the last sync stored."""
        return reference.name or self.by_table.get(table, {}).get(reference.key or "")

    def with_people(self, people: Sequence[Reference]) -> Names:
        """These names, and those of the people whom tickets can be assigned to."""
        return replace(
            self, by_table={**self.by_table, PEOPLE: {one.key: one.name for one in people if one.key and one.name}}
        )


def of_tickets(tickets: Sequence[Ticket], lookups: Lookups) -> Names:
    """The names for the rows of a list."""
    return _look_up((pair for ticket in tickets for pair in _references(ticket)), lookups)


def of_detail(detail: TicketDetail, lookups: Lookups) -> Names:
    """The names for one open ticket."""
    more = [("company_sites", detail.site), *(("assets", one) for one in detail.assets)]
    return _look_up((*_references(detail.ticket), *more), lookups)


def _references(ticket: Ticket) -> Iterator[tuple[str, Reference]]:
    yield "companies", ticket.company
    yield "contacts", ticket.contact
    yield "service_boards", ticket.board
    yield "ticket_statuses", ticket.status
    yield "ticket_priorities", ticket.priority


def _look_up(references: Iterable[tuple[str, Reference]], lookups: Lookups) -> Names:
    nameless: dict[str, set[str]] = defaultdict(set)
    for table, reference in references:
        if reference.key and not reference.name:
            nameless[table].add(reference.key)
    return Names(lookups.names(nameless), lookups.priority_colors())
