"""Notes, time entries and additional assets of tickets: each field of a record and where its value comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from simulator.autotask.formats import exact
from simulator.autotask.resource import Choice, Field, Resource, day, moment, text, unfilled
from simulator.table import Rows, Table
from simulator.ticket_entities import Note, TimeEntry
from simulator.world import World

EVERYONE = Choice("1", "All Autotask Users")
INTERNAL, COMANAGED = Choice("2", "Internal Users"), Choice("4", "Internal & Co-Managed")
SUMMARY, WRITTEN = Choice("1", "Task Summary"), Choice("3", "Task Notes")
MAX_ASSETS = 10  # per ticket


@dataclass(frozen=True, slots=True)
class AdditionalItem:
    """An asset of a ticket besides its first one."""

    id: int
    ticket_id: int
    asset_id: int


def publish(note: Note) -> int:
    """Who may read the note. There are two values for internal notes."""
    if not note.is_internal:
        return int(EVERYONE.value)
    return int((INTERNAL if note.id % 2 else COMANAGED).value)


def title(note: Note) -> str | None:
    """The title of a note. Many notes of technicians have none."""
    if note.is_resolution:
        return "Resolution"
    return "Reply by e-mail" if note.contact_id is not None else None


def hours(entry: TimeEntry) -> float:
    """The duration in hours."""
    return (entry.ended_at - entry.started_at).total_seconds() / 3600


def additional_items(world: World) -> Rows:
    """The assets of all tickets, except the first of each ticket."""
    table = _additional_items(world, world.tickets.version)
    return table, table.ids


@lru_cache(maxsize=4)
def _additional_items(world: World, version: int) -> Table[AdditionalItem]:  # noqa: ARG001  # a new version is a new answer
    return Table(
        AdditionalItem(ticket.id * MAX_ASSETS + place, ticket.id, asset_id)
        for ticket in list(world.tickets.values())
        for place, asset_id in enumerate(ticket.asset_ids[1:MAX_ASSETS])
    )


TICKET_NOTE: Resource[Note] = Resource(
    path="TicketNotes",
    name="TicketNote",
    kind="notes",
    source=lambda world: (world.notes, world.notes.ids),
    indexes={"ticketID": "ticket_id"},
    fields={
        **unfilled("integer", "impersonatorCreatorResourceID impersonatorUpdaterResourceID"),
        "id": Field("long", lambda _, n: n.id),
        "ticketID": Field("integer", lambda _, n: n.ticket_id, refers_to="Ticket"),
        "title": text(lambda _, n: title(n), 250),
        "description": text(lambda _, n: n.text, 32_000),
        "noteType": Field(
            "integer",
            lambda _, n: int((SUMMARY if n.is_resolution else WRITTEN).value),
            choices=lambda _: (SUMMARY, WRITTEN),
        ),
        "publish": Field("integer", lambda _, n: publish(n), choices=lambda _: (EVERYONE, INTERNAL, COMANAGED)),
        # Only newer releases say which contact wrote a note.
        "creatorResourceID": Field("integer", lambda _, n: n.member_id, refers_to="Resource"),
        "createDateTime": moment(lambda _, n: exact(n.created_at)),
        "lastActivityDate": moment(lambda _, n: exact(n.created_at)),
    },
)

TIME_ENTRY: Resource[TimeEntry] = Resource(
    path="TimeEntries",
    name="TimeEntry",
    kind="time_entries",
    source=lambda world: (world.time_entries, world.time_entries.ids),
    indexes={"ticketID": "ticket_id", "resourceID": "member_id"},
    fields={
        **unfilled("long", "contractServiceBundleID contractServiceID"),
        **unfilled(
            "integer",
            """billingApprovalLevelMostRecent billingApprovalResourceID billingCodeID contractID
            impersonatorCreatorResourceID impersonatorUpdaterResourceID internalBillingCodeID lastModifiedUserID roleID
            taskID timeEntryType""",
        ),
        **unfilled("datetime", "billingApprovalDateTime"),
        **unfilled("double", "hoursToBill offsetHours"),
        **unfilled("boolean", "isNonBillable showOnInvoice"),
        "id": Field("long", lambda _, e: e.id),
        "ticketID": Field("integer", lambda _, e: e.ticket_id, refers_to="Ticket"),
        "resourceID": Field("integer", lambda _, e: e.member_id, refers_to="Resource"),
        "creatorUserID": Field("integer", lambda _, e: e.member_id),
        "dateWorked": day(lambda _, e: e.started_at.date()),
        "startDateTime": moment(lambda _, e: exact(e.started_at)),
        "endDateTime": moment(lambda _, e: exact(e.ended_at)),
        "hoursWorked": Field("double", lambda _, e: hours(e)),
        "summaryNotes": text(lambda _, e: None if e.is_internal else e.notes, 32_000),
        "internalNotes": text(lambda _, e: e.notes if e.is_internal else None, 32_000),
        "createDateTime": moment(lambda _, e: exact(e.ended_at)),
        "lastModifiedDateTime": moment(lambda _, e: exact(e.ended_at)),
    },
)

ADDITIONAL_ITEM: Resource[AdditionalItem] = Resource(
    path="TicketAdditionalConfigurationItems",
    name="TicketAdditionalConfigurationItem",
    kind="additional_items",
    source=additional_items,
    indexes={"ticketID": "ticket_id"},
    query_only=True,
    fields={
        "id": Field("long", lambda _, i: i.id),
        "ticketID": Field("integer", lambda _, i: i.ticket_id, refers_to="Ticket"),
        "configurationItemID": Field("integer", lambda _, i: i.asset_id, refers_to="ConfigurationItem"),
    },
)
