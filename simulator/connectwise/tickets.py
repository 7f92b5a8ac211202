"""Boards, tickets, notes, time and files as the API shows them."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.connectwise.references import Reference, Tenant, custom_fields, info, stamp
from simulator.connectwise.resource import Fields
from simulator.ticket_entities import Board, BoardStatus, Member, Note, Priority, Ticket, TimeEntry
from simulator.world import BIRTH


def _board(tenant: Tenant, id_: int) -> Reference | None:
    return tenant.named("board", "service/boards", id_, tenant.world.boards)


def _ticket(tenant: Tenant, id_: int) -> Reference | None:
    row = tenant.world.tickets.get(id_)
    path = "project/tickets" if row and row.is_project else "service/tickets"
    return tenant.reference("ticket", path, id_, {"summary": row.summary} if row else None)


BOARD: Fields[Board] = {
    "id": lambda _, b: b.id,
    "name": lambda _, b: b.name,
    "location": lambda t, _: t.reference("location", "system/locations", 2, {"name": "Head Office"}),
    "department": lambda t, _: t.reference("department", "system/departments", 10, {"name": "Services"}),
    "inactiveFlag": lambda _, b: not b.is_active,
    "projectFlag": lambda _, b: b.is_project,
    "_info": lambda *_: info(BIRTH),
}
BOARD_STATUS: Fields[BoardStatus] = {
    "id": lambda _, s: s.id,
    "name": lambda _, s: s.name,
    "board": lambda t, s: _board(t, s.board_id),
    "sortOrder": lambda _, s: s.sort_order,
    "displayOnBoard": lambda _, s: not s.is_closed,
    "inactive": lambda _, s: not s.is_active,
    "closedStatus": lambda _, s: s.is_closed,
    "timeEntryNotAllowed": lambda *_: False,
    "defaultFlag": lambda _, s: s.is_default,
    "escalationStatus": lambda _, s: "Resolved" if s.is_closed else "NotResponded",
    "_info": lambda *_: info(BIRTH),
}
# A priority nobody coloured is hardly there: id and name, and not even `_info`.
PRIORITY: Fields[Priority] = {
    "id": lambda _, p: p.id,
    "name": lambda _, p: p.name,
    "color": lambda _, p: p.color,
    "sortOrder": lambda _, p: p.sort_order,
    "level": lambda _, p: p.level,
    "defaultFlag": lambda _, p: p.id == 4 if p.sort_order else None,
    "_info": lambda _, p: info(BIRTH) if p.sort_order else None,
}
MEMBER: Fields[Member] = {
    "id": lambda _, m: m.id,
    "identifier": lambda _, m: m.identifier,
    "licenseClass": lambda *_: "F",
    "inactiveFlag": lambda _, m: not m.is_active,
    "firstName": lambda _, m: m.first_name,
    "lastName": lambda _, m: m.last_name,
    "hireDate": lambda *_: "2019-03-01T00:00:00Z",
    "officeEmail": lambda _, m: m.email,
    "defaultEmail": lambda *_: "Office",
    "primaryEmail": lambda _, m: m.email,
    "defaultPhone": lambda *_: "Office",
    "securityRole": lambda t, _: t.reference("securityRole", "system/securityRoles", 63, {"name": "Technician"}),
    "_info": lambda *_: info(BIRTH),
}


def _resources(tenant: Tenant, ticket: Ticket) -> str | None:
    members = (tenant.world.members.get(id_) for id_ in ticket.member_ids)
    return ", ".join(member.identifier for member in members if member) or None


def _site_name(tenant: Tenant, ticket: Ticket) -> str | None:
    site = tenant.world.sites.get(ticket.site_id) if ticket.site_id else None
    return site.name if site else None


PROJECT_TICKET: Fields[Ticket] = {
    "id": lambda _, k: k.id,
    "summary": lambda _, k: k.summary,
    "board": lambda t, k: _board(t, k.board_id),
    "status": lambda t, k: t.named(
        "status", f"service/boards/{k.board_id}/statuses", k.status_id, t.world.board_statuses
    ),
    "company": lambda t, k: t.company(k.company_id),
    "site": lambda t, k: t.site(k.site_id, k.company_id),
    "siteName": _site_name,
    "contact": lambda t, k: t.contact(k.contact_id),
    "contactName": lambda _, k: k.contact_name,
    "owner": lambda t, k: t.member(k.owner_id),
    "priority": lambda t, k: t.named("priority", "service/priorities", k.priority_id, t.world.priorities),
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

PROJECT_NOTE: Fields[Note] = {
    "id": lambda _, n: n.id,
    "ticketId": lambda _, n: n.ticket_id,
    "text": lambda _, n: n.text,
    "detailDescriptionFlag": lambda _, n: not n.is_internal and not n.is_resolution,
    "internalAnalysisFlag": lambda _, n: n.is_internal,
    "resolutionFlag": lambda _, n: n.is_resolution,
    "member": lambda t, n: t.member(n.member_id),
    "contact": lambda t, n: t.contact(n.contact_id),
    "customerUpdatedFlag": lambda _, n: n.contact_id is not None,
    "internalFlag": lambda _, n: n.is_internal,
    "externalFlag": lambda _, n: not n.is_internal,
    "_info": lambda _, n: info(n.created_at),
}
SERVICE_NOTE: Fields[Note] = {
    **PROJECT_NOTE,
    "dateCreated": lambda _, n: stamp(n.created_at),
    "createdBy": lambda _, n: "jdoe" if n.member_id else "customer",
}

Said = Note | TimeEntry


def description(ticket: Ticket) -> Note:
    """What was asked for when the ticket was made, as the note it is here; its id comes before any other note's."""
    return Note(
        id=ticket.id,
        ticket_id=ticket.id,
        text=ticket.description,
        member_id=None,
        contact_id=ticket.contact_id,
        is_internal=False,
        is_resolution=False,
        created_at=ticket.created_at,
    )


# Notes and the notes of time entries in one list, told apart by `noteType`.
ANY_NOTE: Fields[Said] = {
    "id": lambda _, n: n.id,
    "noteType": lambda _, n: "TicketNote" if isinstance(n, Note) else "TimeEntryNote",
    "ticket": lambda t, n: _ticket(t, n.ticket_id),
    "text": lambda _, n: n.text if isinstance(n, Note) else n.notes,
    "detailDescriptionFlag": lambda _, n: not n.is_internal,
    "internalAnalysisFlag": lambda _, n: n.is_internal,
    "resolutionFlag": lambda _, n: isinstance(n, Note) and n.is_resolution,
    "timeStart": lambda _, n: stamp(n.created_at if isinstance(n, Note) else n.started_at),
    "timeEnd": lambda _, n: None if isinstance(n, Note) else stamp(n.ended_at),
    "member": lambda t, n: t.member(n.member_id),
    "contact": lambda t, n: t.contact(n.contact_id) if isinstance(n, Note) else None,
    "_info": lambda _, n: info(n.created_at if isinstance(n, Note) else n.started_at),
}
TIME_ENTRY: Fields[TimeEntry] = {
    "id": lambda _, e: e.id,
    "company": lambda t, e: t.company(t.world.tickets[e.ticket_id].company_id),
    "chargeToId": lambda _, e: e.ticket_id,
    "chargeToType": lambda t, e: "ProjectTicket" if t.world.tickets[e.ticket_id].is_project else "ServiceTicket",
    "member": lambda t, e: t.member(e.member_id),
    "timeStart": lambda _, e: stamp(e.started_at),
    "timeEnd": lambda _, e: stamp(e.ended_at),
    "actualHours": lambda _, e: (e.ended_at - e.started_at).total_seconds() / 3600,
    "billableOption": lambda *_: "Billable",
    "notes": lambda _, e: None if e.is_internal else e.notes,
    "internalNotes": lambda _, e: e.notes if e.is_internal else None,
    "enteredBy": lambda *_: "jdoe",
    "dateEntered": lambda _, e: stamp(e.ended_at),
    "status": lambda *_: "Open",
    "ticket": lambda t, e: _ticket(t, e.ticket_id),
    "_info": lambda _, e: info(e.ended_at),
}
TIME_ENTRY_REFERENCE: Fields[TimeEntry] = {
    "id": lambda _, e: e.id,
    "_info": lambda t, e: {"time_href": f"{t.root}//time/entries/{e.id}"},
}


@dataclass(frozen=True)
class File:
    """A file that hangs on a ticket."""

    id: int
    name: str


FILES_PER_TICKET = 10


def files(ticket: Ticket) -> list[File]:
    """The files of a ticket."""
    return [File(ticket.id * FILES_PER_TICKET + at, name) for at, name in enumerate(ticket.attachments)]


DOCUMENT: Fields[File] = {
    "id": lambda _, f: f.id,
    "title": lambda _, f: f.name,
    "fileName": lambda _, f: f.name,
    "serverFileName": lambda _, f: f"{f.id}.bin",
    "owner": lambda *_: "jdoe",
    "linkFlag": lambda *_: False,
    "imageFlag": lambda _, f: f.name.endswith((".png", ".jpg")),
    "publicFlag": lambda *_: True,
    "readOnlyFlag": lambda *_: False,
    "size": lambda _, f: 1024 * (f.id % FILES_PER_TICKET + 1),
    "_info": lambda t, f: {**info(BIRTH), "filename": f.name, "document_href": f"{t.root}//system/documents/{f.id}"},
}
