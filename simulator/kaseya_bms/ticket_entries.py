"""Notes of a ticket, and its activities: notes and time logs in one list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Union

from simulator.kaseya_bms.formats import day, optional_id, stamp, text_or_html
from simulator.kaseya_bms.setup import member_name
from simulator.kaseya_bms.tickets import contact_name, hours
from simulator.messages import ApiError, Record
from simulator.table import Rows, Table
from simulator.ticket_entities import Note, TimeEntry
from simulator.world import World

Entry = Union[Note, TimeEntry]  # noqa: UP007  # an alias is evaluated, and Python 3.10 has no | for it yet
NOTE, TIME_LOG = (1, "Note"), (2, "Time Log")  # neither the numbers nor the names are documented
RESOLUTION = (7, "Resolution")
ACTIVITY_UNFILLED = dict.fromkeys(
    (
        "modifiedBy", "modifiedOn", "modifiedByName", "workTypeId", "workTypeName", "roleId", "roleName",
        "pictureName", "pictureURL", "oldStatusColor", "oldStatusFontColor", "newStatusColor", "newStatusFontColor",
    )
)  # fmt: skip


def files(world: World, note: Note) -> Sequence[str]:
    """The attachments of a note. The first note of a ticket has those of the ticket."""
    first = min(world.notes.by("ticket_id")[note.ticket_id])
    return world.tickets[note.ticket_id].attachments if note.id == first else ()


def note(world: World, one: Note) -> Record:
    """A note. An author who is no technician has a name but no id."""
    kind = RESOLUTION if one.is_resolution else (None, None)
    return {
        **dict.fromkeys(("modifiedBy", "modifiedOn", "modifiedByName", "createdByEmail")),
        "id": one.id,
        "createdBy": optional_id(one.member_id, one.id),
        "createdOn": stamp(one.created_at, one.id),
        "createdByName": author_name(world, one),
        "details": text_or_html(one.text, one.id),
        "isInternal": one.is_internal,
        "typeId": kind[0],
        "typeName": kind[1],
        "attachments": [_file(one, at, name) for at, name in enumerate(files(world, one))]
        or ([] if one.id % 2 else None),
    }


def activity(world: World, one: Entry) -> Record:
    """A note, with the number of its attachments but without their names, or a time log."""
    spent = one if isinstance(one, TimeEntry) else None
    kind, word = NOTE if isinstance(one, Note) else TIME_LOG
    content = text_or_html(one.notes if isinstance(one, TimeEntry) else one.text, one.id)
    return {
        **ACTIVITY_UNFILLED,
        "id": one.id,
        "createdBy": optional_id(one.member_id, one.id),
        "createdOn": stamp(one.ended_at if isinstance(one, TimeEntry) else one.created_at, one.id),
        "createdByName": author_name(world, one),
        "logType": kind,
        "activityType": word,
        "noteTypeId": RESOLUTION[0] if isinstance(one, Note) and one.is_resolution else None,
        "ticketId": one.ticket_id,
        # A time log has a text for customers and an internal one, and is itself never marked as internal.
        "notes": None if spent and spent.is_internal else content,
        "internalNotes": content if spent and spent.is_internal else None,
        "isInternal": int(spent is None and one.is_internal),
        **dict.fromkeys(("isPosted", "inReview", "billed", "approved", "isMerged"), 0),
        "isUser": int(one.member_id is not None),
        "attachmentCount": len(files(world, one)) if isinstance(one, Note) else 0,
        "timeSpent": hours(spent) if spent else None,
        "startDate": day(spent.started_at.date() if spent else None, one.id),
        "startTime": f"{spent.started_at:%H:%M:%S}" if spent else None,
        "endTime": f"{spent.ended_at:%H:%M:%S}" if spent else None,
        "userId": one.member_id,
    }


def author_name(world: World, one: Entry) -> str | None:
    """The name of the author, a technician or a contact."""
    if one.member_id is not None:
        return member_name(world.members.get(one.member_id))
    return contact_name(world, one.contact_id) if isinstance(one, Note) else None


def _file(one: Note, at: int, name: str) -> Record:
    """An attachment. Its address gives access without a login."""
    return {
        "id": one.id * 10 + at,
        "originalFileName": name,
        "aliasName": f"{one.id}-{at}",
        "fileType": name.rpartition(".")[2],
        "objectId": one.id,
        "moduleId": None,
        "url": f"https://files.bms.example/{one.id}/{at}?signature=simulated",
        "webUrl": None,
        "createdById": optional_id(one.member_id, one.id),
        "createdByName": None,
        "createdOn": stamp(one.created_at, one.id),
        "isUploadedToBlob": True,
    }


def notes_of_ticket(world: World, ids: Sequence[int]) -> Rows:
    """The notes of a ticket."""
    return world.notes, _rows_of_ticket(world, "notes", ids[0])


def activities_of_ticket(world: World, ids: Sequence[int]) -> Rows:
    """The notes and time logs of a ticket."""
    table: Table[Any] = Table(
        getattr(world, kind)[id_] for kind in ("notes", "time_entries") for id_ in _rows_of_ticket(world, kind, ids[0])
    )
    return table, table.ids


def _rows_of_ticket(world: World, kind: str, ticket_id: int) -> Sequence[int]:
    if ticket_id not in world.tickets:
        raise ApiError(200, "Ticket not found", code="404")
    found: Sequence[int] = getattr(world, kind).by("ticket_id").get(ticket_id, ())
    return found
