"""Comments, timers and attachments of a ticket. Its description is the first comment; comments have three formats."""

from __future__ import annotations

import html

from simulator.messages import Record
from simulator.syncro.formats import ACCOUNT_ID, stamp
from simulator.ticket_entities import Note, Ticket, TimeEntry
from simulator.world import World

# The ids of first comments are above those of notes and exceed 32 bits.
FIRST_IDS = 8_000_000_000
DEFAULT_SIZE = 10
FILE_IDS = 6_000_000_000


def first_comment(one: Ticket) -> Note:
    """The description of a ticket as a note."""
    return Note(
        id=FIRST_IDS + one.id,
        ticket_id=one.id,
        text=one.description,
        member_id=None,
        contact_id=one.contact_id,
        is_internal=False,
        is_resolution=False,
        created_at=one.created_at,
    )


def comment(world: World, note: Note, *, form: str = "") -> Record:
    """A comment. Those of customers have no technician."""
    member = world.members.get(note.member_id or 0)
    is_rich = note.id % 3 == 0
    in_html = form == "richtext" or (form == "original" and is_rich)
    sender = world.contacts.get(note.contact_id or 0)
    return {
        "id": note.id,
        "created_at": stamp(note.created_at),
        "updated_at": stamp(note.created_at),
        "ticket_id": note.ticket_id,
        "subject": subject(note),
        "body": as_html(note.text) if in_html else note.text,
        "tech": f"{member.first_name} {member.last_name}" if member else None,
        "hidden": note.is_internal,
        "user_id": note.member_id,
        "is_rich_text": is_rich,
        "sms_body": None if note.id % 2 else "",
        "new_sms_body": None if note.id % 2 else "",
        "ticket_automation_id": None,
        "destination_emails": None,
        "account_id": ACCOUNT_ID,
        "email_sender": next((mail.address for mail in sender.emails), None) if sender else None,
        "display_order": None,
    }


def subject(note: Note) -> str:
    """The heading of a comment."""
    if note.id >= FIRST_IDS:
        return "Initial Issue"
    return "Private Note" if note.is_internal else "Resolution" if note.is_resolution else "Update"


def as_html(text: str) -> str:
    """Text in the HTML form of the comment editor."""
    return "".join(f"<p>{line}</p>" for line in html.escape(text).split("\n"))


def note_by_id(world: World, id_: int) -> Note:
    """The note behind a comment; the first comment of a ticket is its description."""
    return world.notes[id_] if id_ < FIRST_IDS else first_comment(world.tickets[id_ - FIRST_IDS])


def timer(_world: World, entry: TimeEntry) -> Record:
    """A time entry. It does not say whether customers see it."""
    seconds = int((entry.ended_at - entry.started_at).total_seconds())
    return {
        "id": entry.id,
        "ticket_id": entry.ticket_id,
        "user_id": entry.member_id,
        "start_time": stamp(entry.started_at),
        "end_time": stamp(entry.ended_at),
        "recorded": False,
        "created_at": stamp(entry.ended_at),
        "updated_at": stamp(entry.ended_at),
        "billable": True,
        "notes": entry.notes,
        "toggl_id": None,
        "product_id": None,
        "comment_id": None,
        "ticket_line_item_id": None,
        "active_duration": seconds,
        "billable_time": seconds,
        "billable_override": None,
    }


def file(one: Ticket, at: int, name: str) -> Record:
    """An attachment. Its address gives access without a login."""
    id_ = FILE_IDS + one.id * 10 + at
    return {"id": id_, "file_name": name, "file": {"url": f"https://files.example/{id_}?signature=simulated"}}
