"""Actions (notes and time entries) and attachments of a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from simulator.halopsa import setup
from simulator.halopsa.formats import as_html, moment
from simulator.halopsa.query import Query, number
from simulator.messages import Record
from simulator.ticket_entities import Note, TimeEntry
from simulator.world import World

# Actions are numbered from 1 on every ticket, so their keys include the ticket's id. So do the ids of attachments.
PER_TICKET = 100_000

FILES_PER_TICKET = 10

FIRST_ACTION = 1


class NumberedEntry(NamedTuple):
    """An action: a note or time entry, with its number on the ticket."""

    number: int
    entry: Note | TimeEntry


def action_keys(world: World, query: Query) -> list[int]:
    """The keys of the requested ticket's actions, newest first; none without a ticket."""
    id_ = number(query.given, "ticket_id") or 0
    if id_ not in world.tickets:
        return []
    newest_first = sorted(
        entries_of_ticket(world, id_),
        key=lambda numbered: (time_of_entry(numbered.entry), numbered.number),
        reverse=True,
    )
    return [id_ * PER_TICKET + numbered.number for numbered in newest_first]


def entries_of_ticket(world: World, ticket_id: int) -> list[NumberedEntry]:
    """A ticket's actions. Notes have odd numbers, time entries even ones, so that a new one renumbers no other."""
    notes = world.notes.by("ticket_id").get(ticket_id, ())
    times = world.time_entries.by("ticket_id").get(ticket_id, ())
    return [
        *(NumberedEntry(FIRST_ACTION + 2 * place, world.notes[id_]) for place, id_ in enumerate(notes)),
        *(NumberedEntry(FIRST_ACTION + 2 * place + 1, world.time_entries[id_]) for place, id_ in enumerate(times)),
    ]


def entry_by_key(world: World, action_key: int) -> Note | TimeEntry:
    """The note or time entry of a key of `action_keys`."""
    ticket_id, at = divmod(action_key, PER_TICKET)
    return next(numbered.entry for numbered in entries_of_ticket(world, ticket_id) if numbered.number == at)


def time_of_entry(entry: Note | TimeEntry) -> datetime:
    """When the entry was added to the ticket: for a time entry, its end."""
    return entry.created_at if isinstance(entry, Note) else entry.ended_at


def action(world: World, action_key: int, query: Query) -> Record:
    """A row of /Actions."""
    ticket_id, at = divmod(action_key, PER_TICKET)
    entry = entry_by_key(world, action_key)
    text = entry.text if isinstance(entry, Note) else entry.notes
    html_form = {"note_html": as_html(text)} if "includehtmlnote" in query.flags else {}
    return {
        "ticket_id": ticket_id,
        "id": at,
        "note": text,
        **html_form,
        "hiddenfromuser": entry.is_internal,
        "important": False,
        "attachment_count": 0,
        "actionby_application_id": "",
        **_who(world, entry),
        **_when_and_why(entry),
    }


def file_keys(world: World, query: Query) -> list[int]:
    """The keys of the requested ticket's attachments."""
    id_ = number(query.given, "ticket_id") or 0
    one = world.tickets.get(id_)
    return [id_ * FILES_PER_TICKET + place for place in range(len(one.attachments))] if one else []


def file(world: World, file_key: int, _query: Query) -> Record:
    """A row of /Attachment: the name of the file, without its content."""
    ticket_id, place = divmod(file_key, FILES_PER_TICKET)
    one = world.tickets[ticket_id]
    name = one.attachments[place]
    return {
        "id": file_key,
        "filename": name,
        "datecreated": moment(one.created_at),
        "filesize": 1024 * (place + 1),
        "type": 0,
        "unique_id": ticket_id,
        "isimage": name.endswith((".png", ".jpg")),
    }


def _who(world: World, entry: Note | TimeEntry) -> Record:
    """The author. Of a deleted agent only the id is left."""
    contact_id = entry.contact_id if isinstance(entry, Note) else None
    if contact_id is not None:
        contact = world.contacts.get(contact_id)
        name = " ".join(filter(None, (contact.first_name, contact.last_name))) if contact else ""
        return {"who": name, "who_type": 0, "who_agentid": 0, "actionby_user_id": contact_id, "emaildirection": "I"}
    agent = world.members.get(entry.member_id or 0)
    return {"who": setup.full_name(agent) if agent else "", "who_type": 1, "who_agentid": entry.member_id or 0}


def _when_and_why(entry: Note | TimeEntry) -> Record:
    if isinstance(entry, TimeEntry):
        hours = (entry.ended_at - entry.started_at).total_seconds() / 3600
        span = {"actionarrivaldate": moment(entry.started_at), "actioncompletiondate": moment(entry.ended_at)}
        return {"outcome": "Time", "datetime": moment(entry.ended_at), "timetaken": hours, **span}
    outcome = "Private Note" if entry.is_internal else "Email Received" if entry.contact_id else "Public Note"
    return {"outcome": outcome, "datetime": moment(entry.created_at), "timetaken": 0.0}
