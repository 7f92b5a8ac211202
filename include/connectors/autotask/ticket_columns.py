"""What becomes of a ticket of Autotask, and of what was said and done about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import COMPLETE
from include.connectors.common.tickets import folded, hours, time_entries, try_pick, words
from include.connectors.common.values import instant, text, whole_key
from include.model.tickets import Reference, Ticket, TicketEntry

TICKET_FIELDS = (
    "id",
    "ticketNumber",
    "title",
    "companyID",
    "contactID",
    "queueID",
    "status",
    "priority",
    "assignedResourceID",
    "createDate",
    "lastActivityDate",
)
TIME_FIELDS = (
    "id",
    "ticketID",
    "resourceID",
    "createDateTime",
    "startDateTime",
    "dateWorked",
    "hoursWorked",
    "summaryNotes",
    "internalNotes",
)
NAME_FIELDS = ("id", "firstName", "lastName")
TICKET_PAGE = "/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID="
SOME_CONTACT = "a contact"
FOR_EVERYONE = "all autotask users"  # contacts are users, too


def ticket(api: AutotaskClient, record: Any) -> Ticket | None:
    """A row of the list; None without a usable key."""
    key = try_pick(whole_key, record, "id")
    if key is None:
        return None
    status = points_at(record, "status")
    return Ticket(
        key=key,
        number=words(record, "ticketNumber") or key,
        summary=try_pick(text, record, "title"),
        company=points_at(record, "companyID"),
        contact=points_at(record, "contactID"),
        board=points_at(record, "queueID"),
        status=status,
        priority=points_at(record, "priority"),
        owner=points_at(record, "assignedResourceID"),
        created_at=try_pick(instant, record, "createDate"),
        updated_at=try_pick(instant, record, "lastActivityDate"),
        is_closed=None if status.key is None else status.key == COMPLETE,
        url=f"{api.web}{TICKET_PAGE}{key}" if api.web else None,
    )


def points_at(record: Any, field: str) -> Reference:
    """Autotask tells the key alone."""
    return Reference(try_pick(whole_key, record, field))


def person(record: Any) -> Reference:
    """A resource or a contact by key and full name."""
    name = " ".join(filter(None, (words(record, "firstName"), words(record, "lastName"))))
    return Reference(try_pick(whole_key, record, "id"), name or None)


def note(record: Any, labels: Mapping[str, str], contacts: Mapping[str, str | None]) -> TicketEntry:
    """A note; `contacts` are names of those who wrote some."""
    contact, published = written_by(record), try_pick(whole_key, record, "publish")
    by_contact = Reference(None, contacts.get(contact) or SOME_CONTACT) if contact else None
    return TicketEntry(
        key=f"note {words(record, 'id')}",
        at=try_pick(instant, record, "createDateTime"),
        author=by_contact or points_at(record, "creatorResourceID"),
        text=words(record, "description"),
        is_internal=is_internal(labels.get(published or "", "")),
        title=try_pick(text, record, "title"),
    )


def written_by(record: Any) -> str | None:
    """The contact who wrote a note; releases before there was this field tell of resources only."""
    key = try_pick(whole_key, record, "createdByContactID")
    return None if key == "0" else key


def is_internal(label: str) -> bool | None:
    """Tenants may number and name their own ways to publish; only the system's own one for everybody is public."""
    said = " ".join(folded(label).split())
    if "internal" in said:
        return True
    return False if said == FOR_EVERYONE else None


def time_spent(record: Any) -> Iterator[TicketEntry]:
    """The summary is for the customer."""
    summary, key = words(record, "summaryNotes"), f"time {words(record, 'id')}"
    stamps = (try_pick(instant, record, field) for field in ("startDateTime", "dateWorked", "createDateTime"))
    at = next(filter(None, stamps), None)
    author, spent = points_at(record, "resourceID"), try_pick(hours, record, "hoursWorked")
    time = TicketEntry(key, at, author, summary, False if summary else None, hours=spent)
    for one in time_entries(time, words(record, "internalNotes")):
        yield replace(one, key=f"{key} internal") if one.is_internal else one
