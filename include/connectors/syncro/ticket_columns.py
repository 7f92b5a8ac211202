"""Where each field of a ticket comes from. A ticket of a list and a single one name some things differently."""

from __future__ import annotations

from include.connectors.common.columns import Column, Columns, at
from include.connectors.common.tickets import reference
from include.connectors.common.values import instant, integer, pick, text
from include.connectors.syncro.client import SyncroClient
from include.connectors.syncro.columns import CLOSED
from include.model.page import Record
from include.model.tickets import Reference


def key(record: Record, _: object) -> str | None:
    number = pick(integer, record, "id")
    return str(number) if number and number > 0 else None


def label(field: str) -> Column[object]:
    """Something without an id: its name is its key."""
    return Column((field,), lambda record, _: named(record, field), "known by its name")


def named(record: Record, field: str) -> Reference:
    name = pick(text, record, field)
    return Reference(name, name)


TYPE = reference("ticket_type_id", "ticket_type_name", "ticket_type.name", or_key="ticket_type.id")


def board(record: Record, client: SyncroClient) -> Reference:
    of_type = TYPE.read(record, client)
    return of_type if isinstance(of_type, Reference) and of_type.key else named(record, "problem_type")


def is_closed(record: Record, _: object) -> bool | None:
    status = pick(text, record, "status")
    return status == CLOSED if status else None


TICKET_COLUMNS: Columns[SyncroClient] = {
    "key": Column(("id",), key),
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
    "board": Column((*TYPE.fields, "problem_type"), board, "the ticket type; where it has none, the problem type"),
    "status": label("status"),
    "priority": label("priority"),
    "owner": reference("user_id", "user.full_name", or_key="user.id"),
    "created_at": at(instant, "created_at"),
    "updated_at": at(instant, "updated_at"),
    "is_closed": Column(("status",), is_closed, f"`{CLOSED}` is"),
    "url": Column(("id",), lambda record, client: f"{client.http.base_url}/tickets/{key(record, client)}"),
}
