"""One ticket of Autotask with its notes and time entries, and the people who wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from include.connectors.autotask import picklists
from include.connectors.autotask.client import KEYS_PER_QUERY, PAGE_SIZE, AutotaskClient
from include.connectors.autotask.conditions import above, one_of
from include.connectors.autotask.newest_tickets import TICKETS
from include.connectors.autotask.ticket_columns import TICKET_COLUMNS, TICKET_FIELDS
from include.connectors.common.lenient import Lenient
from include.connectors.common.ticket_mapping import map_one_ticket
from include.connectors.common.tickets import folded, full_name, if_allowed, oldest_first, ticket_key, time_entries
from include.connectors.common.values import InvalidValue, integer
from include.model.errors import NotFound, RightsError, ShapeError
from include.model.page import Record
from include.model.tickets import Reference, TicketDetail, TicketEntry

DETAIL_FIELDS = (*TICKET_FIELDS, "description", "companyLocationID", "configurationItemID")
ASSET_FIELDS = ("id", "ticketID", "configurationItemID")
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
MAX_SHOWN, MAX_ANSWERS = 500, 4  # of notes, and of time entries
ALL: Sequence[str] = ()  # the contact who wrote a note has a field in newer releases, which older ones would refuse


def detail(client: AutotaskClient, key: str) -> TicketDetail:
    """The ticket, its notes and its time entries; raises NotFound when it is gone."""
    records = client.one_page(TICKETS, DETAIL_FIELDS, [one_of("id", [ticket_key(key)])]).records
    if not records:
        raise NotFound(f"Autotask: there is no ticket {key}, or the API user may not see it.")
    ticket, missing = Lenient(records[0]), list[str]()
    found = map_one_ticket(TICKET_COLUMNS, records[0], client, key, "Autotask: Tickets/query")
    entries = notes(client, key, missing)
    for record in attached(client, "TimeEntries", TIME_FIELDS, key, "Time entries", missing):
        entries.extend(time_spent(record))
    more = attached(client, "TicketAdditionalConfigurationItems", ASSET_FIELDS, key, "Further assets", missing)
    assets = [one.reference("configurationItemID") for one in (ticket, *more)]
    return TicketDetail(
        ticket=found,
        description=ticket.text("description"),
        site=ticket.reference("companyLocationID"),
        assets=[one for one in dict.fromkeys(assets) if one.key],
        entries=oldest_first(entries),
        missing=missing,
    )


def notes(client: AutotaskClient, key: str, missing: list[str]) -> list[TicketEntry]:
    """The notes; how a note is published says whether it is internal."""
    records = attached(client, "TicketNotes", ALL, key, "Notes", missing)
    if not records:
        return []
    labels: Mapping[str, str] = {}
    try:
        labels = picklists.labels(client, "TicketNotes", "publish")
    except (RightsError, NotFound, ShapeError, InvalidValue):
        missing.append("Which notes are internal is unknown: the API user may not read it.")
    contacts = contacts_who_wrote(client, records)
    return [note(record, labels, contacts) for record in records]


def attached(
    client: AutotaskClient, entity: str, fields: Sequence[str], key: str, what: str, missing: list[str]
) -> list[Lenient]:
    """The newest records that belong to a ticket; the server lists the oldest first."""
    records, is_cut = list[Lenient](), False
    with if_allowed(missing, f"{what} are not shown: the API user may not read them."):
        records, is_cut = lowest_keys(client, entity, fields, key)
    readable = [record for record in records if record.id]
    if len(readable) < len(records):
        missing.append(f"{what}: {len(records) - len(readable)} could not be read.")
    left_out = len(readable) - MAX_SHOWN
    if is_cut:
        missing.append(f"{what}: only {MAX_SHOWN} are shown, and not the newest: there are more than {len(records):,}.")
    elif left_out > 0:
        missing.append(f"{what}: the oldest {left_out:,} are not shown.")
    return readable[-MAX_SHOWN:]


def lowest_keys(client: AutotaskClient, entity: str, fields: Sequence[str], key: str) -> tuple[list[Lenient], bool]:
    """The records with the lowest keys, in a few answers, and whether there are more."""
    records: list[Lenient] = []
    conditions = [one_of("ticketID", [key])]
    for _ in range(MAX_ANSWERS):
        page = client.one_page(entity, fields, conditions)
        listed = list(map(Lenient, page.records))
        records += listed
        last = max((found for record in listed if (found := record.first(integer, "id"))), default=None)
        if not page.has_next and len(page.records) < PAGE_SIZE:
            return records, False
        if last is None:
            break
        conditions = [one_of("ticketID", [key]), above("id", last)]
    return records, True


def contacts_who_wrote(client: AutotaskClient, records: Sequence[Lenient]) -> dict[str, str | None]:
    """The names of contacts who wrote notes, by key; empty without the right to read contacts."""
    keys = sorted({key for record in records if (key := written_by(record))})[:KEYS_PER_QUERY]
    if not keys:
        return {}
    try:
        people = map(person, client.one_page("Contacts", NAME_FIELDS, [one_of("id", keys)]).records)
    except RightsError:
        return {}
    return {one.key: one.name for one in people if one.key}


def person(record: Record) -> Reference:
    """A resource or a contact, by key and full name."""
    return Reference(Lenient(record).key("id"), full_name(record) or None)


def note(record: Lenient, labels: Mapping[str, str], contacts: Mapping[str, str | None]) -> TicketEntry:
    """A note; `contacts` has the names of contacts who wrote notes."""
    contact = written_by(record)
    by_contact = Reference(None, contacts.get(contact) or SOME_CONTACT) if contact else None
    return TicketEntry(
        key=f"note {record.id}",
        at=record.moment("createDateTime"),
        author=by_contact or record.reference("creatorResourceID"),
        text=record.words("description"),
        is_internal=is_internal(labels.get(record.key("publish") or "", "")),
        title=record.text("title"),
    )


def written_by(record: Lenient) -> str | None:
    """The contact who wrote a note; releases without this field name resources only."""
    key = record.key("createdByContactID")
    return None if key == "0" else key


def is_internal(label: str) -> bool | None:
    """Whether a note is internal. Tenants may add ways to publish it; only the system's own for all users is public."""
    said = " ".join(folded(label).split())
    if "internal" in said:
        return True
    return False if said == FOR_EVERYONE else None


def time_spent(record: Lenient) -> Iterator[TicketEntry]:
    """Spent time. Its summary is for the customer."""
    summary, key = record.words("summaryNotes"), f"time {record.id}"
    at = record.moment("startDateTime", "dateWorked", "createDateTime")
    author, spent = record.reference("resourceID"), record.hours("hoursWorked")
    time = TicketEntry(key, at, author, summary, False if summary else None, hours=spent)
    for one in time_entries(time, record.words("internalNotes")):
        yield replace(one, key=f"{key} internal") if one.is_internal else one
