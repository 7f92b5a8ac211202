"""From a vendor's records to tickets as the ticket page shows them: what cannot be read is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from include.connectors.common.columns import Column, Columns
from include.connectors.common.values import InvalidValue
from include.connectors.contract import C
from include.model.errors import ShapeError
from include.model.page import Record
from include.model.tickets import NO_REFERENCE, Reference, Ticket

_TICKET_FIELDS = Ticket.__dataclass_fields__
_REFERENCES = {name for name, one in _TICKET_FIELDS.items() if one.default is NO_REFERENCE}


class TicketPlace(NamedTuple):
    """Where a ticket stands in a list, before the rest of it is read."""

    key: str
    updated_at: datetime | None
    record: Record


def map_tickets(columns: Columns[C], records: Sequence[Record], client: C) -> list[Ticket | None]:
    """Records as the ticket page shows them: a value that cannot be read is left out. None without a usable key."""
    objects = [record for record in records if isinstance(record, dict)]
    values: Iterator[Any] = zip(*_ticket_values(columns, objects, client).values(), strict=True)
    mapped = (Ticket(key, *others) if key else None for key, *others in values)
    return [next(mapped) if isinstance(record, dict) else None for record in records]


def _ticket_values(columns: Columns[C], objects: Sequence[Record], client: C) -> dict[str, list[Any]]:
    """The values of tickets by field, in the order of a ticket's fields."""
    read: dict[str, list[Any]] = {name: [one.default] * len(objects) for name, one in _TICKET_FIELDS.items()}
    read |= {name: _all_if_readable(column, objects, client) for name, column in columns.items()}
    for name in _REFERENCES:
        read[name] = [one if isinstance(one, Reference) else NO_REFERENCE for one in read[name]]
    read["number"] = [number or key for number, key in zip(read["number"], read["key"], strict=True)]
    return read


def map_ticket(columns: Columns[C], record: Record, client: C) -> Ticket | None:
    """A record as the ticket page shows it, see `map_tickets`."""
    return map_tickets(columns, [record], client)[0]


def places_of_tickets(columns: Columns[C], records: Sequence[Record], client: C) -> list[TicketPlace]:
    """Where records stand in a list of tickets; those without a usable key are left out."""
    objects = [record for record in records if isinstance(record, dict)]
    read = (_all_if_readable(columns[name], objects, client) for name in ("key", "updated_at"))
    places: Iterator[Any] = zip(*read, objects, strict=True)
    return [TicketPlace(*place) for place in places if place[0]]


def _all_if_readable(column: Column[C], records: Sequence[Record], client: C) -> list[object]:
    try:
        return column.read_all(records, client)
    except InvalidValue:
        return [column.if_readable(record, client) for record in records]


def map_one_ticket(columns: Columns[C], record: Record, client: C, key: str, what: str) -> Ticket:
    """The ticket with this key; raises ShapeError for any other. `what` names vendor and path."""
    ticket = map_ticket(columns, record, client)
    if ticket is None or ticket.key != key:
        raise ShapeError(f"{what} answered with another record than the one that was asked for.")
    return ticket
