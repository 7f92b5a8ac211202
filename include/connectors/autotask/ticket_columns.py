"""Where each field of a ticket comes from. Autotask gives keys only: their names are looked up by the ticket page."""

from __future__ import annotations

from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import COMPLETE
from include.connectors.common.columns import Column, Columns, at
from include.connectors.common.tickets import first_readable, reference, try_pick
from include.connectors.common.values import instant, text, whole_key
from include.model.page import Record

TICKET_PAGE = "/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID="


def is_closed(record: Record, _: object) -> bool | None:
    status = try_pick(whole_key, record, "status")
    return None if status is None else status == COMPLETE


def url(record: Record, client: AutotaskClient) -> str | None:
    return f"{client.web}{TICKET_PAGE}{try_pick(whole_key, record, 'id')}" if client.web else None


TICKET_COLUMNS: Columns[AutotaskClient] = {
    "key": at(whole_key, "id"),
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
    "is_closed": Column(("status",), is_closed, f"{COMPLETE} is the system's own Complete"),
    "url": Column(("id",), url, "below the address for people that ZoneInformation names"),
}
TICKET_FIELDS = tuple(dict.fromkeys(field for column in TICKET_COLUMNS.values() for field in column.fields))
