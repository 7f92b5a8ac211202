"""Notes, time entries and documents of a ticket: each field of a record and where its value comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.connectwise.formats import info, stamp
from simulator.connectwise.resource import Fields
from simulator.table import Rows, Table
from simulator.ticket_entities import Note, Ticket, TimeEntry
from simulator.world import START, World

FILES_PER_TICKET = 10

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

Entry = Note | TimeEntry


def description_note(ticket: Ticket) -> Note:
    """The description of a ticket, which is its first note."""
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


# Notes and the texts of time entries in one list; `noteType` says which is which.
ANY_NOTE: Fields[Entry] = {
    "id": lambda _, n: n.id,
    "noteType": lambda _, n: "TicketNote" if isinstance(n, Note) else "TimeEntryNote",
    "ticket": lambda t, n: t.ticket(n.ticket_id),
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
    "ticket": lambda t, e: t.ticket(e.ticket_id),
    "_info": lambda _, e: info(e.ended_at),
}

TIME_ENTRY_REFERENCE: Fields[TimeEntry] = {
    "id": lambda _, e: e.id,
    "_info": lambda t, e: {"time_href": f"{t.root}//time/entries/{e.id}"},
}


@dataclass(frozen=True)
class File:
    """An attachment of a ticket."""

    id: int
    name: str


def files(ticket: Ticket) -> list[File]:
    """The attachments of a ticket."""
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
    "_info": lambda t, f: {**info(START), "filename": f.name, "document_href": f"{t.root}//system/documents/{f.id}"},
}


def notes_of_ticket(world: World, parent: int) -> Rows:
    """The rows of a ticket's notes."""
    table: Table[Any] = Table(_notes(world, parent))
    return table, table.ids


def _notes(world: World, parent: int) -> list[Note]:
    ticket = world.tickets[parent]
    first = [description_note(ticket)] if ticket.description else []
    return first + [world.notes[id_] for id_ in world.notes.by("ticket_id").get(parent, ())]


def notes_and_time_of_ticket(world: World, parent: int) -> Rows:
    """The rows of a ticket's notes and time entries."""
    entries = [world.time_entries[id_] for id_ in world.time_entries.by("ticket_id").get(parent, ())]
    table: Table[Any] = Table([*_notes(world, parent), *entries])
    return table, table.ids


def files_of_ticket(world: World, parent: int) -> Rows:
    """The rows of a ticket's attachments."""
    ticket = world.tickets.get(parent)
    table = Table(files(ticket) if ticket else ())
    return table, table.ids
