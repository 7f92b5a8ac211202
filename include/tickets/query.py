"""Checks a viewer's filters against the tables of the last sync: a filter that they do not hold is never sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from include.connectors.contract import PsaClient, TicketSource
from include.model.errors import FormError
from include.model.tickets import Reference, State, TicketQuery
from include.warehouse.lookups import Lookups

MAX_LENGTH = 300
MAX_LENGTHS = {"text": 200, "page": 500}
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Filters:
    """The filters as the page sends them; None does not filter."""

    board: str | None = None
    """A key."""
    status: str | None = None
    """A label, which several statuses can share."""
    priority: str | None = None
    """A label, which several priorities can share."""
    company: str | None = None
    """A key."""
    owner: str | None = None
    """A key."""
    state: State = State.OPEN
    text: str = ""
    page: str = ""
    """The `next` of the page before; empty for the first page."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, str):
                check_typed(name, value)


def check_typed(name: str, value: str) -> None:
    """Raises FormError for text that no input field of a browser can hold, and that a database would refuse."""
    if len(value) > MAX_LENGTHS.get(name, MAX_LENGTH):
        raise FormError(f"The text for {name} is too long.")
    if CONTROL_CHARACTERS.search(value):
        raise FormError(f"The text for {name} contains a control character.")


def query(
    filters: Filters, tickets: TicketSource[PsaClient], lookups: Lookups, people: Sequence[Reference]
) -> TicketQuery:
    """The query for the connector; raises FormError for a choice that does not exist (any more)."""
    return TicketQuery(
        board=_by_key(lookups, "service_boards", filters.board, tickets.board),
        statuses=_by_label(filters.status, lambda label: lookups.status_keys(label, filters.board), "status"),
        priorities=_by_label(filters.priority, lookups.priority_keys, "priority"),
        company=_by_key(lookups, "companies", filters.company, "company"),
        owner=_person(filters.owner, people),
        state=filters.state,
        text=filters.text.strip(),
        page=filters.page,
    )


def _by_key(lookups: Lookups, table: str, key: str | None, what: str) -> Reference | None:
    if not key:
        return None
    names = lookups.names({table: [key]})[table]
    if key not in names:
        raise FormError(f"The chosen {what.lower()} was not part of the last sync: choose another.")
    return Reference(key, names[key])


def _by_label(label: str | None, find_keys: Callable[[str], Sequence[str]], what: str) -> list[Reference]:
    if not label:
        return []
    keys = find_keys(label)
    if not keys:
        raise FormError(f"The last sync found no {what} of that name there: choose another.")
    return [Reference(key, label) for key in keys]


def _person(key: str | None, people: Sequence[Reference]) -> Reference | None:
    if not key:
        return None
    for person in people:
        if person.key == key:
            return person
    raise FormError("Tickets cannot be assigned to the chosen person: choose another.")
