"""Notes and time entries of Autotask's tickets, and the people who wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from include.connectors.common.tickets import folded, hours, id_of, reference_of, time_entries, try_pick, words
from include.connectors.common.values import instant, text, whole_key
from include.model.page import Record
from include.model.tickets import Reference, TicketEntry

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
SOME_CONTACT = "a contact"
FOR_EVERYONE = "all autotask users"  # contacts are users, too


def person(record: Record) -> Reference:
    """A resource or a contact, by key and full name."""
    name = " ".join(filter(None, (words(record, "firstName"), words(record, "lastName"))))
    return Reference(try_pick(whole_key, record, "id"), name or None)


def note(record: Record, labels: Mapping[str, str], contacts: Mapping[str, str | None]) -> TicketEntry:
    """A note; `contacts` has the names of contacts who wrote notes."""
    contact, published = written_by(record), try_pick(whole_key, record, "publish")
    by_contact = Reference(None, contacts.get(contact) or SOME_CONTACT) if contact else None
    return TicketEntry(
        key=f"note {id_of(record)}",
        at=try_pick(instant, record, "createDateTime"),
        author=by_contact or reference_of(record, "creatorResourceID"),
        text=words(record, "description"),
        is_internal=is_internal(labels.get(published or "", "")),
        title=try_pick(text, record, "title"),
    )


def written_by(record: Record) -> str | None:
    """The contact who wrote a note; releases without this field name resources only."""
    key = try_pick(whole_key, record, "createdByContactID")
    return None if key == "0" else key


def is_internal(label: str) -> bool | None:
    """By how it is published. Tenants may add ways to publish; only the system's own one for all is public."""
    said = " ".join(folded(label).split())
    if "internal" in said:
        return True
    return False if said == FOR_EVERYONE else None


def time_spent(record: Record) -> Iterator[TicketEntry]:
    """The summary is for the customer."""
    summary, key = words(record, "summaryNotes"), f"time {id_of(record)}"
    stamps = (try_pick(instant, record, field) for field in ("startDateTime", "dateWorked", "createDateTime"))
    at = next(filter(None, stamps), None)
    author, spent = reference_of(record, "resourceID"), try_pick(hours, record, "hoursWorked")
    time = TicketEntry(key, at, author, summary, False if summary else None, hours=spent)
    for one in time_entries(time, words(record, "internalNotes")):
        yield replace(one, key=f"{key} internal") if one.is_internal else one
