"""What a viewer chose, checked against what the last sync saved: nothing else of it ever reaches the PSA."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from include.connectors.common.tickets import Query, Reference, State
from include.model.errors import FormError
from include.tickets.sessions import Line
from include.warehouse import lookups

LONGEST = {"text": 200, "page": 500}
LONGEST_OTHER = 300
UNTYPEABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Wanted:
    """As the page sends it: keys of board, company and owner, labels of status and priority; None wants all."""

    board: str | None = None
    status: str | None = None
    priority: str | None = None
    company: str | None = None
    owner: str | None = None
    state: State = State.OPEN
    text: str = ""
    page: str = ""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, str):
                insist_typed(name, value)


def insist_typed(name: str, value: str) -> None:
    """Raises FormError for what no browser's field can hold, and neither can a database."""
    if len(value) > LONGEST.get(name, LONGEST_OTHER):
        raise FormError(f"What was typed for {name} is too long.")
    if UNTYPEABLE.search(value):
        raise FormError(f"What was typed for {name} holds a character that nobody can type.")


def query(wanted: Wanted, line: Line, source: str, people: Sequence[Reference]) -> Query:
    """The connector's query; raises FormError for a choice that is not there (any more)."""
    db = line.warehouse
    return Query(
        board=_row(line, source, "service_boards", wanted.board, line.connector.tickets.board),
        statuses=_labelled(wanted.status, lambda name: lookups.statuses(db, source, name, wanted.board), "status"),
        priorities=_labelled(wanted.priority, lambda name: lookups.priorities(db, source, name), "priority"),
        company=_row(line, source, "companies", wanted.company, "company"),
        owner=_person(wanted.owner, people),
        state=wanted.state,
        text=wanted.text.strip(),
        page=wanted.page,
    )


def _row(line: Line, source: str, table: str, key: str | None, what: str) -> Reference | None:
    if not key:
        return None
    names = lookups.names(line.warehouse, source, {table: [key]})[table]
    if key not in names:
        raise FormError(f"The {what.lower()} that was chosen is not known to the last sync: choose another.")
    return Reference(key, names[key])


def _labelled(label: str | None, keys_of: Callable[[str], Sequence[str]], what: str) -> list[Reference]:
    if not label:
        return []
    keys = keys_of(label)
    if not keys:
        raise FormError(f"The last sync knows no {what} of that name there: choose another.")
    return [Reference(key, label) for key in keys]


def _person(key: str | None, people: Sequence[Reference]) -> Reference | None:
    if not key:
        return None
    for person in people:
        if person.key == key:
            return person
    raise FormError("Tickets cannot be assigned to the person that was chosen: choose another.")
