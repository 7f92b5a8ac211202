"""What becomes of a ticket of Syncro, from a list or by itself: the two differ in what they name."""

from __future__ import annotations

from typing import Any

from include.connectors.common.tickets import Named, Ticket, peek, words
from include.connectors.common.values import instant, text, whole_key
from include.connectors.syncro.client import Syncro
from include.connectors.syncro.columns import CLOSED


def ticket(api: Syncro, record: Any, key: int) -> Ticket:
    status = label(record, "status")
    return Ticket(
        key=str(key),
        number=words(record, "number") or str(key),
        summary=peek(text, record, "subject"),
        company=Named(
            peek(whole_key, record, "customer_id"),
            peek(text, record, "customer_business_then_name") or peek(text, record, "customer", "business_then_name"),
        ),
        contact=Named(
            peek(whole_key, record, "contact_id") or peek(whole_key, record, "contact", "id"),
            peek(text, record, "contact_fullname") or peek(text, record, "contact", "name"),
        ),
        board=board(record),
        status=status,
        priority=label(record, "priority"),
        owner=Named(
            peek(whole_key, record, "user_id") or peek(whole_key, record, "user", "id"),
            peek(text, record, "user", "full_name"),
        ),
        created_at=peek(instant, record, "created_at"),
        updated_at=peek(instant, record, "updated_at"),
        is_closed=status.key == CLOSED if status.key else None,
        url=f"{api.client.base_url}/tickets/{key}",
    )


def board(record: Any) -> Named:
    """The ticket type; where it has none, the problem type, which is known by its name."""
    of_type = Named(
        peek(whole_key, record, "ticket_type_id") or peek(whole_key, record, "ticket_type", "id"),
        peek(text, record, "ticket_type_name") or peek(text, record, "ticket_type", "name"),
    )
    return of_type if of_type.key else label(record, "problem_type")


def label(record: Any, field: str) -> Named:
    """What has no id: its name is its key."""
    name = peek(text, record, field)
    return Named(name, name)
