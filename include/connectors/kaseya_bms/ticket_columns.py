"""Where each field of a ticket comes from, in the list and in a single record."""

from __future__ import annotations

import re

from include.connectors.common.columns import Column, Columns
from include.connectors.common.tickets import first_readable, reference, try_pick
from include.connectors.common.values import instant, pick, text, whole_key
from include.connectors.kaseya_bms.client import KaseyaClient
from include.connectors.kaseya_bms.columns import as_documented, at, foreign_key
from include.model.page import Record

_API_HOST = re.compile(r"https://api\.(bms[a-z]*\.kaseya\.com)")


def points_at(what: str) -> Column[object]:
    """What `<what>Id` and `<what>Name` point at."""
    fields = (f"{what}Id", f"{what}Name")
    return as_documented(reference(*map(str.lower, fields), convert=foreign_key), *fields)


def first_moment(*fields: str) -> Column[object]:
    """The first of these times that is filled in and can be read."""
    return as_documented(first_readable(instant, *map(str.lower, fields)), *fields)


def is_closed(record: Record, _: object = None) -> bool | None:
    """Completed, and not opened again since. None where the record does not say."""
    if not isinstance(record, dict) or "completeddate" not in record:
        return None
    completed, reopened = try_pick(instant, record, "completeddate"), try_pick(instant, record, "reopeneddate")
    return completed is not None and (reopened is None or reopened <= completed)


def _address(record: Record, client: KaseyaClient) -> str | None:
    """The ticket's page, whose address is known at the vendor's own hosts."""
    host = _API_HOST.fullmatch(client.http.base_url)
    return f"https://{host[1]}/react/servicedesk/tickets/{pick(whole_key, record, 'id')}" if host else None


TICKET_COLUMNS: Columns[KaseyaClient] = {
    "key": at(whole_key, "Id"),
    "number": at(text, "TicketNumber"),
    "summary": at(text, "Title"),
    "company": points_at("Account"),
    "contact": points_at("Contact"),
    "board": points_at("Queue"),
    "status": points_at("Status"),
    "priority": points_at("Priority"),
    "owner": points_at("Assignee"),
    "created_at": first_moment("OpenDate", "CreatedOn"),
    "updated_at": first_moment("LastActivityUpdate", "ModifiedOn"),
    "is_closed": Column(("CompletedDate", "ReOpenedDate"), is_closed, "completed, and not opened again since"),
    "url": Column(("Id",), _address, "at the vendor's own hosts"),
}
