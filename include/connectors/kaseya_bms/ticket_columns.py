"""Where each field of a ticket comes from, in the list and in a single record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from include.connectors.common.columns import Column, Columns, of_many
from include.connectors.common.tickets import first_readable, reference
from include.connectors.common.values import instant, text, whole_key
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


def are_closed(records: Sequence[Record], given: object) -> list[object]:
    """Completed, and not opened again since. None where the record does not say."""
    completed, reopened = (column.read_all(records, given) for column in (COMPLETED, REOPENED))
    return [
        _is_completed(end, again) if "completeddate" in record else None
        for record, end, again in zip(records, completed, reopened, strict=True)
    ]


def _is_completed(completed: Any, reopened: Any) -> bool:
    return completed is not None and (reopened is None or reopened <= completed)


def _addresses(records: Sequence[Record], client: KaseyaClient) -> list[object]:
    """The tickets' pages, whose address is known at the vendor's own hosts."""
    host = _API_HOST.fullmatch(client.http.base_url)
    keys = KEY.read_all(records, client)
    return [f"https://{host[1]}/react/servicedesk/tickets/{key}" if host else None for key in keys]


KEY = at(whole_key, "Id")
COMPLETED, REOPENED = first_moment("CompletedDate"), first_moment("ReOpenedDate")
TICKET_COLUMNS: Columns[KaseyaClient] = {
    "key": KEY,
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
    "is_closed": of_many((*COMPLETED.fields, *REOPENED.fields), are_closed, "completed, and not opened again since"),
    "url": of_many(("Id",), _addresses, "at the vendor's own hosts"),
}
