"""Comments: the request itself is the first of them, private ones stand among the others, and each has three forms."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from simulator.messages import Record, Refused
from simulator.syncro.formats import ACCOUNT_ID, CLOCK, stamp
from simulator.syncro.serving import Call, Feed, Query, page
from simulator.ticket_entities import Note, Ticket
from simulator.world import World

# First comments are numbered far from notes, and beyond 32 bits.
FIRST_IDS = 8_000_000_000
DEFAULT_SIZE = 10
BOUNDS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "after": lambda at, bound: at > bound,
    "before": lambda at, bound: at < bound,
}


def first(one: Ticket) -> Note:
    """What was asked for when the ticket was made."""
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
    """One comment; those of customers and of automations have no technician."""
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
    """What the comment is headed with."""
    if note.id >= FIRST_IDS:
        return "Initial Issue"
    return "Private Note" if note.is_internal else "Resolution" if note.is_resolution else "Update"


def listed(call: Call, ticket_id: int) -> Record:
    """The comments of a ticket, newest first: the only list whose pages are as long as they are asked to be."""
    if ticket_id not in call.world.tickets:
        raise Refused(404, "Not found")
    query = call.request.query
    asked, form = query.get("per_page", ""), query.get("comment_format", "")
    feed = Feed(
        "comments",
        "notes",
        (int(asked) if asked.isdecimal() else 0) or DEFAULT_SIZE,
        lambda world, note: {**comment(world, note, form=form), "user": {}},
        lambda world, query: [note.id for note in _selected(world, ticket_id, query)],
        meta=("total_pages", "page", "per_page"),
        row=_note,
    )
    return page(call, feed)


def as_html(text: str) -> str:
    """Text the way the editor of comments writes it."""
    return "".join(f"<p>{line}</p>" for line in html.escape(text).split("\n"))


def _note(world: World, id_: int) -> Note:
    return world.notes[id_] if id_ < FIRST_IDS else first(world.tickets[id_ - FIRST_IDS])


def _selected(world: World, ticket_id: int, query: Query) -> Sequence[Note]:
    notes = [world.notes[id_] for id_ in world.notes.by("ticket_id").get(ticket_id, ())]
    notes = [first(world.tickets[ticket_id]), *notes]
    for what in ("created", "updated"):
        for name, keeps in BOUNDS.items():
            bound = date(query.get(f"{what}_{name}", ""))
            notes = [note for note in notes if keeps(note.created_at, bound)] if bound else notes
    newest_first = query.get("sort_direction", "DESC").upper() != "ASC"
    return sorted(notes, key=lambda note: (note.created_at, note.id), reverse=newest_first)


def date(text: str) -> datetime | None:
    """A date, with or without a time, on the account's clock where it says no other."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=CLOCK)
