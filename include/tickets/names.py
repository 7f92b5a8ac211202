"""Names for the keys in tickets: taken from the tables of the last sync and from the PSA's list of people."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from include.model.tickets import Reference, Ticket, TicketDetail
from include.warehouse.lookups import Lookups

PEOPLE = "people"
KEEP_SECONDS = 60.0  # how late the page may show a name that a sync has changed


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


@dataclass
class KnownNames:
    """Looks names up for one thread at a time, and keeps them for a minute: a list is refreshed more often than synced.

    A key that has no name is kept as well.
    """

    clock: Callable[[], float] = time.monotonic
    _by_table: dict[str, dict[str, str]] = field(default_factory=dict)
    _asked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Per table, the keys that were looked up."""
    _colors: Mapping[str, str] = field(default_factory=dict)
    _until: float = -math.inf

    def of_tickets(self, tickets: Sequence[Ticket], lookups: Lookups) -> Names:
        """The names for the rows of a list."""
        return self._look_up((pair for ticket in tickets for pair in _references(ticket)), lookups)

    def of_detail(self, detail: TicketDetail, lookups: Lookups) -> Names:
        """The names for one open ticket."""
        more = [("company_sites", detail.site), *(("assets", one) for one in detail.assets)]
        return self._look_up((*_references(detail.ticket), *more), lookups)

    def _look_up(self, references: Iterable[tuple[str, Reference]], lookups: Lookups) -> Names:
        if self.clock() >= self._until:
            self._by_table, self._asked, self._colors = {}, defaultdict(set), lookups.priority_colors()
            self._until = self.clock() + KEEP_SECONDS
        nameless: dict[str, set[str]] = defaultdict(set)
        for table, reference in references:
            if reference.key and not reference.name and reference.key not in self._asked[table]:
                nameless[table].add(reference.key)
        for table, found in lookups.names(nameless).items():
            self._by_table[table] = {**self._by_table.get(table, {}), **found}
            self._asked[table] |= nameless[table]
        return Names(dict(self._by_table), self._colors)


def _references(ticket: Ticket) -> Iterator[tuple[str, Reference]]:
    yield "companies", ticket.company
    yield "contacts", ticket.contact
    yield "service_boards", ticket.board
    yield "ticket_statuses", ticket.status
    yield "ticket_priorities", ticket.priority
