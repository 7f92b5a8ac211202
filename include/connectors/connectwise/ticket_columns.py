"""Where each field of a ticket comes from, and the two places that ConnectWise keeps tickets in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from include.connectors.common.columns import Column, Columns, at, not_available, of_many
from include.connectors.common.tickets import reference, ticket_key
from include.connectors.common.values import boolean, instant, pick, text, whole_key
from include.connectors.connectwise.auth import web_origin
from include.connectors.connectwise.client import ConnectWiseClient
from include.model.page import Record

PROJECT_PREFIX = "project-"


def ticket_number(value: Record) -> str | None:
    """A ticket's id; none of them is 0 or less."""
    key = whole_key(value)
    return key if key and int(key) > 0 else None


def project_key(record: Record, _: object) -> str | None:
    """The id with a prefix: a service ticket can have the same id."""
    number = pick(ticket_number, record, "id")
    return number and f"{PROJECT_PREFIX}{number}"


NUMBER = at(ticket_number, "id")


def web_addresses(records: Sequence[Record], client: ConnectWiseClient) -> list[object]:
    """The tickets' pages, for people who are signed in."""
    page = "/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid="
    before, company = f"{web_origin(client.http.base_url)}{page}", quote(client.company_id, safe="")
    return [f"{before}{number}&companyName={company}" for number in NUMBER.read_all(records, client)]


TICKET_COLUMNS: Columns[ConnectWiseClient] = {
    "key": at(ticket_number, "id", note="with `project-` before it for a project ticket"),
    "number": NUMBER,
    "summary": at(text, "summary"),
    "company": reference("company.id", "company.name"),
    "contact": reference(
        "contact.id", "contact.name", "contactName", note="`contactName` is for people who are no contacts"
    ),
    "board": reference("board.id", "board.name"),
    "status": reference("status.id", "status.name"),
    "priority": reference("priority.id", "priority.name"),
    "owner": reference("owner.id", "owner.name", "owner.identifier"),
    "created_at": at(instant, "_info.dateEntered"),
    "updated_at": at(instant, "_info.lastUpdated"),
    "is_closed": at(boolean, "closedFlag"),
    "url": of_many(("id",), web_addresses, "service tickets only"),
}
PROJECT_TICKET_COLUMNS: Columns[ConnectWiseClient] = {
    **TICKET_COLUMNS,
    "key": Column(("id",), project_key),
    "url": not_available("the address of a project ticket's page is not known"),
}


@dataclass(frozen=True)
class TicketKind:
    """Service tickets or project tickets: ConnectWise keeps them apart."""

    path: str
    key_prefix: str
    """What stands before their ids in our keys."""
    charge_type: str
    """What time entries call them."""
    note_fields: str
    """The fields that say when and by whom a note was written."""
    columns: Columns[ConnectWiseClient]


SERVICE = TicketKind("/service/tickets", "", "ServiceTicket", "dateCreated,createdBy", TICKET_COLUMNS)
PROJECT = TicketKind("/project/tickets", PROJECT_PREFIX, "ProjectTicket", "_info", PROJECT_TICKET_COLUMNS)


def located(typed: str, what: str) -> tuple[TicketKind, str]:
    """The kind and the number in a ticket's key or a page's cursor; raises FormError for anything else."""
    kind = PROJECT if typed.startswith(PROJECT_PREFIX) else SERVICE
    return kind, ticket_key(typed.removeprefix(kind.key_prefix), what)
