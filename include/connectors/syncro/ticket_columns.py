"""What becomes of a ticket of Syncro, from a list or by itself: the two differ in what they name."""

from __future__ import annotations

from typing import Any

from include.connectors.common.tickets import try_pick, words
from include.connectors.common.values import instant, text, whole_key
from include.connectors.syncro.client import SyncroClient
from include.connectors.syncro.columns import CLOSED
from include.model.tickets import Reference, Ticket


def ticket(api: SyncroClient, record: Any, key: int) -> Ticket:
    status = label(record, "status")
    return Ticket(
        key=str(key),
        number=words(record, "number") or str(key),
        summary=try_pick(text, record, "subject"),
        company=Reference(
            try_pick(whole_key, record, "customer_id"),
            try_pick(text, record, "customer_business_then_name")
            or try_pick(text, record, "customer", "business_then_name"),
        ),
        contact=Reference(
            try_pick(whole_key, record, "contact_id") or try_pick(whole_key, record, "contact", "id"),
            try_pick(text, record, "contact_fullname") or try_pick(text, record, "contact", "name"),
        ),
        board=board(record),
        status=status,
        priority=label(record, "priority"),
        owner=Reference(
            try_pick(whole_key, record, "user_id") or try_pick(whole_key, record, "user", "id"),
            try_pick(text, record, "user", "full_name"),
        ),
        created_at=try_pick(instant, record, "created_at"),
        updated_at=try_pick(instant, record, "updated_at"),
        is_closed=status.key == CLOSED if status.key else None,
        url=f"{api.http.base_url}/tickets/{key}",
    )


def board(record: Any) -> Reference:
    """The ticket type; where it has none, the problem type, which is known by its name."""
    of_type = Reference(
        try_pick(whole_key, record, "ticket_type_id") or try_pick(whole_key, record, "ticket_type", "id"),
        try_pick(text, record, "ticket_type_name") or try_pick(text, record, "ticket_type", "name"),
    )
    return of_type if of_type.key else label(record, "problem_type")


def label(record: Any, field: str) -> Reference:
    """What has no id: its name is its key."""
    name = try_pick(text, record, field)
    return Reference(name, name)
