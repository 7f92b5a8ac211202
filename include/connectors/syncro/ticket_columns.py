"""Where each field of a ticket comes from. A ticket of a list and a single one name some things differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from include.connectors.common.columns import Column, Columns, at, of_many
from include.connectors.common.tickets import combined, first_readable, pointing_at, reference
from include.connectors.common.values import instant, integer, text
from include.connectors.syncro.client import SyncroClient
from include.connectors.syncro.columns import CLOSED
from include.model.page import Record
from include.model.tickets import Reference


def positive(value: Record) -> str | None:
    """A ticket's id; none of them is 0 or less."""
    number = integer(value)
    return str(number) if number and number > 0 else None


def label(field: str) -> Column[object]:
    """Something without an id: its name is its key."""
    name = first_readable(text, field)
    return replace(pointing_at(name, name, note="known by its name"), fields=(field,))


KEY = at(positive, "id")
TYPE = reference("ticket_type_id", "ticket_type_name", "ticket_type.name", or_key="ticket_type.id")


def board(of_type: Reference, problem: Reference) -> Reference:
    return of_type if of_type.key else problem


def is_closed(status: str | None) -> bool | None:
    return status == CLOSED if status else None


def urls(records: Sequence[Record], client: SyncroClient) -> list[object]:
    return [f"{client.http.base_url}/tickets/{key}" for key in KEY.read_all(records, client)]


TICKET_COLUMNS: Columns[SyncroClient] = {
    "key": KEY,
    "number": at(text, "number"),
    "summary": at(text, "subject"),
    "company": reference(
        "customer_id",
        "customer_business_then_name",
        "customer.business_then_name",
        "customer.business_name",
        "customer.fullname",
        or_key="customer.id",
    ),
    "contact": reference("contact_id", "contact_fullname", "contact.name", or_key="contact.id"),
    "board": combined(board, TYPE, label("problem_type"), note="the ticket type; where it has none, the problem type"),
    "status": label("status"),
    "priority": label("priority"),
    "owner": reference("user_id", "user.full_name", or_key="user.id"),
    "created_at": at(instant, "created_at"),
    "updated_at": at(instant, "updated_at"),
    "is_closed": combined(is_closed, first_readable(text, "status"), note=f"`{CLOSED}` is"),
    "url": of_many(("id",), urls),
}
