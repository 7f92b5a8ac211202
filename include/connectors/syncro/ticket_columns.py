"""Where each field of a ticket comes from. A ticket of a list and a single one name some things differently."""

from __future__ import annotations

from include.connectors.common.columns import Column, Columns, at
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import instant, integer, pick, text, whole_key
from include.connectors.syncro.client import SyncroClient
from include.connectors.syncro.columns import CLOSED
from include.model.page import Record
from include.model.tickets import Reference


def key(record: Record, _: object) -> str | None:
    number = pick(integer, record, "id")
    return str(number) if number and number > 0 else None


def refers(keys: tuple[str, ...], names: tuple[str, ...]) -> Column[object]:
    """A reference by the first of these keys and the first of these names that are filled in."""
    keys_steps, names_steps = ([path.split(".") for path in paths] for paths in (keys, names))

    def read(record: Record, _: object) -> Reference:
        found_keys = (try_pick(whole_key, record, *steps) for steps in keys_steps)
        found_names = (try_pick(text, record, *steps) for steps in names_steps)
        return Reference(next(filter(None, found_keys), None), next(filter(None, found_names), None))

    return Column((*keys, *names), read)


def label(field: str) -> Column[object]:
    """Something without an id: its name is its key."""
    return Column((field,), lambda record, _: named(record, field), "known by its name")


def named(record: Record, field: str) -> Reference:
    name = pick(text, record, field)
    return Reference(name, name)


TYPE = refers(("ticket_type_id", "ticket_type.id"), ("ticket_type_name", "ticket_type.name"))


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
    "company": refers(
        ("customer_id", "customer.id"),
        ("customer_business_then_name", "customer.business_then_name", "customer.business_name", "customer.fullname"),
    ),
    "contact": refers(("contact_id", "contact.id"), ("contact_fullname", "contact.name")),
    "board": Column((*TYPE.fields, "problem_type"), board, "the ticket type; where it has none, the problem type"),
    "status": label("status"),
    "priority": label("priority"),
    "owner": refers(("user_id", "user.id"), ("user.full_name",)),
    "created_at": at(instant, "created_at"),
    "updated_at": at(instant, "updated_at"),
    "is_closed": Column(("status",), is_closed, f"`{CLOSED}` is"),
    "url": Column(("id",), lambda record, client: f"{client.http.base_url}/tickets/{key(record, client)}"),
}
