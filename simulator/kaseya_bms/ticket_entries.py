"""Notes and activities of a ticket: what was written on it and the time spent on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Union

from simulator.kaseya_bms.formats import day, key, stamp, written
from simulator.kaseya_bms.resource import Rows
from simulator.kaseya_bms.setup import name_of
from simulator.kaseya_bms.tickets import contact_name, hours
from simulator.messages import ApiError, Record
from simulator.table import Table
from simulator.ticket_entities import Note, TimeEntry
from simulator.world import World

Said = Union[Note, TimeEntry]  # noqa: UP007  # an alias is evaluated, and Python 3.10 has no | for it yet
NOTE, TIME_LOG = (1, "Note"), (2, "Time Log")  # neither the numbers nor the words are documented
RESOLUTION = (7, "Resolution")
ACTIVITY_UNFILLED = dict.fromkeys(
    (
        "modifiedBy", "modifiedOn", "modifiedByName", "workTypeId", "workTypeName", "roleId", "roleName",
        "pictureName", "pictureURL", "oldStatusColor", "oldStatusFontColor", "newStatusColor", "newStatusFontColor",
    )
)  # fmt: skip


def files(world: World, note: Note) -> Sequence[str]:
    """A ticket's files are shown with the first of its notes."""
    first = min(world.notes.by("ticket_id")[note.ticket_id])
    return world.tickets[note.ticket_id].attachments if note.id == first else ()


def note(world: World, one: Note) -> Record:
    """A note; whoever is no employee has a name and no id."""
    kind = RESOLUTION if one.is_resolution else (None, None)
    return {
        **dict.fromkeys(("modifiedBy", "modifiedOn", "modifiedByName", "createdByEmail")),
        "id": one.id,
        "createdBy": key(one.member_id, one.id),
        "createdOn": stamp(one.created_at, one.id),
        "createdByName": author_name(world, one),
        "details": written(one.text, one.id),
        "isInternal": one.is_internal,
        "typeId": kind[0],
        "typeName": kind[1],
        "attachments": [_file(one, at, name) for at, name in enumerate(files(world, one))]
        or ([] if one.id % 2 else None),
    }


def activity(world: World, one: Said) -> Record:
    """All that happened in one list: notes once more, without their files' names, and time that was spent."""
    spent = one if isinstance(one, TimeEntry) else None
    kind, word = NOTE if isinstance(one, Note) else TIME_LOG
    said = written(one.notes if isinstance(one, TimeEntry) else one.text, one.id)
    return {
        **ACTIVITY_UNFILLED,
        "id": one.id,
        "createdBy": key(one.member_id, one.id),
        "createdOn": stamp(one.ended_at if isinstance(one, TimeEntry) else one.created_at, one.id),
        "createdByName": author_name(world, one),
        "logType": kind,
        "activityType": word,
        "noteTypeId": RESOLUTION[0] if isinstance(one, Note) and one.is_resolution else None,
        "ticketId": one.ticket_id,
        # A time log has one text for customers and one that is internal, and is not called internal itself.
        "notes": None if spent and spent.is_internal else said,
        "internalNotes": said if spent and spent.is_internal else None,
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


def author_name(world: World, one: Said) -> str | None:
    """Who wrote it, employee or contact."""
    if one.member_id is not None:
        return name_of(world.members.get(one.member_id))
    return contact_name(world, one.contact_id) if isinstance(one, Note) else None


def _file(one: Note, at: int, name: str) -> Record:
    """A file by the name it came with; the address is good for whoever knows it."""
    return {
        "id": one.id * 10 + at,
        "originalFileName": name,
        "aliasName": f"{one.id}-{at}",
        "fileType": name.rpartition(".")[2],
        "objectId": one.id,
        "moduleId": None,
        "url": f"https://files.bms.example/{one.id}/{at}?signature=simulated",
        "webUrl": None,
        "createdById": key(one.member_id, one.id),
        "createdByName": None,
        "createdOn": stamp(one.created_at, one.id),
        "isUploadedToBlob": True,
    }


def notes_of_ticket(world: World, ids: Sequence[int]) -> Rows:
    """What was written on one ticket."""
    return world.notes, _below(world, "notes", ids[0])


def activities_of_ticket(world: World, ids: Sequence[int]) -> Rows:
    """What was written on one ticket, and the time spent on it."""
    table: Table[Any] = Table(
        getattr(world, kind)[id_] for kind in ("notes", "time_entries") for id_ in _below(world, kind, ids[0])
    )
    return table, table.ids


def _below(world: World, kind: str, ticket_id: int) -> Sequence[int]:
    if ticket_id not in world.tickets:
        raise ApiError(200, "Ticket not found", code="404")
    found: Sequence[int] = getattr(world, kind).by("ticket_id").get(ticket_id, ())
    return found
