"""A ticket of Kaseya BMS."""

from __future__ import annotations

import re
from typing import Any

from include.connectors.common.tickets import try_pick, words
from include.connectors.common.values import text
from include.connectors.kaseya_bms.client import KaseyaClient, usable_key
from include.connectors.kaseya_bms.columns import moment, reference
from include.model.tickets import Reference, Ticket

TICKETS = "/v2/servicedesk/tickets"
FEW_TRIES = 2  # a person is waiting
API = re.compile(r"https://api\.(bms[a-z]*\.kaseya\.com)")


def ticket(api: KaseyaClient, record: Any) -> Ticket:
    """A row of the list, or a single record."""
    key = usable_key(record) or ""
    site = API.fullmatch(api.http.base_url)
    return Ticket(
        key=key,
        number=words(record, "ticketnumber") or key,
        summary=try_pick(text, record, "title"),
        company=named(record, "account"),
        contact=named(record, "contact"),
        board=named(record, "queue"),
        status=named(record, "status"),
        priority=named(record, "priority"),
        owner=named(record, "assignee"),
        created_at=try_pick(moment, record, "opendate") or try_pick(moment, record, "createdon"),
        updated_at=try_pick(moment, record, "lastactivityupdate") or try_pick(moment, record, "modifiedon"),
        is_closed=is_closed(record),
        url=f"https://{site[1]}/react/servicedesk/tickets/{key}" if site else None,
    )


def named(record: Any, what: str) -> Reference:
    """What the record points at by `<what>Id` and `<what>Name`."""
    return Reference(try_pick(reference, record, f"{what}id"), try_pick(text, record, f"{what}name"))


def is_closed(record: Any) -> bool | None:
    """Completed, and not opened again since."""
    if not isinstance(record, dict) or "completeddate" not in record:
        return None
    completed, again = try_pick(moment, record, "completeddate"), try_pick(moment, record, "reopeneddate")
    return completed is not None and (again is None or again <= completed)
