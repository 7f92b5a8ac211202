"""Where each field of a ticket comes from. Autotask gives keys only: their names are looked up by the ticket page."""

from __future__ import annotations

from collections.abc import Sequence

from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import COMPLETE
from include.connectors.common.columns import Columns, at, of_many
from include.connectors.common.tickets import combined, first_readable, reference
from include.connectors.common.values import instant, text, whole_key
from include.model.page import Record

TICKET_PAGE = "/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID="


KEY = at(whole_key, "id")


def is_closed(status: str | None) -> bool | None:
    return None if status is None else status == COMPLETE


def urls(records: Sequence[Record], client: AutotaskClient) -> list[object]:
    web = client.web
    return [f"{web}{TICKET_PAGE}{key}" if web else None for key in KEY.read_all(records, client)]


TICKET_COLUMNS: Columns[AutotaskClient] = {
    "key": KEY,
    "number": at(text, "ticketNumber"),
    "summary": at(text, "title"),
    "company": reference("companyID"),
    "contact": reference("contactID"),
    "board": reference("queueID"),
    "status": reference("status"),
    "priority": reference("priority"),
    "owner": reference("assignedResourceID"),
    "created_at": at(instant, "createDate"),
    "updated_at": first_readable(instant, "lastActivityDate", "lastTrackedModificationDateTime"),
    "is_closed": combined(
        is_closed, first_readable(whole_key, "status"), note=f"{COMPLETE} is the system's own Complete"
    ),
    "url": of_many(("id",), urls, "below the address for people that ZoneInformation names"),
}
TICKET_FIELDS = tuple(dict.fromkeys(field for column in TICKET_COLUMNS.values() for field in column.fields))
