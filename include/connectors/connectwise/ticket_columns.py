"""What becomes of a ticket of ConnectWise, where tickets are kept, and what a browser may say about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from include.connectors.common.tickets import ticket_key, try_pick
from include.connectors.common.values import boolean, instant, text, whole_key
from include.connectors.connectwise.auth import web_origin
from include.connectors.connectwise.client import ConnectWiseClient
from include.http.paging import integer_key
from include.model.tickets import Reference, Ticket

FIELDS = (
    "id,summary,board/id,board/name,status/id,status/name,priority/id,priority/name,company/id,company/name,"
    "contact/id,contact/name,contactName,owner/id,owner/name,owner/identifier,closedFlag,_info"
)


@dataclass(frozen=True)
class Place:
    """One of the two that keep tickets.

    `mark` stands before the keys of its tickets, `charged` is what time entries call them, `stamps` are the fields
    that say when and by whom a note was written.
    """

    path: str
    mark: str
    charged: str
    stamps: str


SERVICE = Place("/service/tickets", "", "ServiceTicket", "dateCreated,createdBy")
PROJECT = Place("/project/tickets", "project-", "ProjectTicket", "_info")


def located(typed: str, what: str) -> tuple[Place, int]:
    """The place and the number that a key of ours, or a page, consists of; a browser may send anything."""
    place = PROJECT if typed.startswith(PROJECT.mark) else SERVICE
    return place, int(ticket_key(typed.removeprefix(place.mark), what))


def ticket(api: ConnectWiseClient, record: Any, place: Place) -> Ticket | None:
    """None for a record without a usable key."""
    number = integer_key(record)
    if number is None or number < 1:
        return None
    return Ticket(
        key=f"{place.mark}{number}",
        number=str(number),
        summary=try_pick(text, record, "summary"),
        company=named(record, "company"),
        contact=named(record, "contact", try_pick(text, record, "contactName")),
        board=named(record, "board"),
        status=named(record, "status"),
        priority=named(record, "priority"),
        owner=named(record, "owner", try_pick(text, record, "owner", "identifier")),
        created_at=try_pick(instant, record, "_info", "dateEntered"),
        updated_at=try_pick(instant, record, "_info", "lastUpdated"),
        is_closed=try_pick(boolean, record, "closedFlag"),
        url=web_address(api, number) if place is SERVICE else None,
    )


def named(record: Any, field: str, otherwise: str | None = None) -> Reference:
    """A reference; `otherwise` is its name where it has none."""
    return Reference(try_pick(whole_key, record, field, "id"), try_pick(text, record, field, "name") or otherwise)


def web_address(api: ConnectWiseClient, number: int) -> str:
    """The ticket's page, for those who are signed in."""
    page = f"/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid={number}"
    return f"{web_origin(api.http.base_url)}{page}&companyName={quote(api.company_id, safe='')}"
