"""Tickets: each field of a record and where its value comes from."""

from __future__ import annotations

from simulator.connectwise.custom_fields import custom_fields
from simulator.connectwise.formats import info, stamp
from simulator.connectwise.references import Tenant
from simulator.connectwise.resource import Fields
from simulator.ticket_entities import Ticket


def _resources(tenant: Tenant, ticket: Ticket) -> str | None:
    members = (tenant.world.members.get(id_) for id_ in ticket.member_ids)
    return ", ".join(member.identifier for member in members if member) or None


def _site_name(tenant: Tenant, ticket: Ticket) -> str | None:
    site = tenant.world.sites.get(ticket.site_id) if ticket.site_id else None
    return site.name if site else None


PROJECT_TICKET: Fields[Ticket] = {
    "id": lambda _, k: k.id,
    "summary": lambda _, k: k.summary,
    "board": lambda t, k: t.board(k.board_id),
    "status": lambda t, k: t.named_reference(
        "status", f"service/boards/{k.board_id}/statuses", k.status_id, t.world.board_statuses
    ),
    "company": lambda t, k: t.company(k.company_id),
    "site": lambda t, k: t.site(k.site_id, k.company_id),
    "siteName": _site_name,
    "contact": lambda t, k: t.contact(k.contact_id),
    "contactName": lambda _, k: k.contact_name,
    "owner": lambda t, k: t.member(k.owner_id),
    "priority": lambda t, k: t.named_reference("priority", "service/priorities", k.priority_id, t.world.priorities),
    "closedDate": lambda _, k: stamp(k.closed_at),
    "closedBy": lambda _, k: "jdoe" if k.is_closed else None,
    "closedFlag": lambda _, k: k.is_closed,
    "resources": _resources,
    "customFields": lambda t, k: custom_fields(t.world.fields_of("ticket"), k.id, k.custom_fields),
    "_info": lambda _, k: info(k.updated_at, dateEntered=stamp(k.created_at), enteredBy="jdoe"),
}
SERVICE_TICKET: Fields[Ticket] = {
    **PROJECT_TICKET,
    "recordType": lambda *_: "ServiceTicket",
    "slaStatus": lambda _, k: "Resolved" if k.is_closed else "Respond by Fri 01/16 9:00 AM UTC-05",
}
