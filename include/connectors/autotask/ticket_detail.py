"""One ticket of Autotask with its notes and time entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from include.connectors.autotask import picklists
from include.connectors.autotask.client import KEYS_PER_QUERY, PAGE_SIZE, AutotaskClient
from include.connectors.autotask.conditions import above, one_of
from include.connectors.autotask.newest_tickets import TICKETS
from include.connectors.autotask.ticket_columns import TICKET_COLUMNS, TICKET_FIELDS
from include.connectors.autotask.ticket_entries import NAME_FIELDS, TIME_FIELDS, note, person, time_spent, written_by
from include.connectors.common.mapping import map_ticket
from include.connectors.common.tickets import oldest_first, reference_of, try_pick
from include.connectors.common.values import InvalidValue, integer, text, whole_key
from include.model.errors import NotFound, RightsError, ShapeError
from include.model.page import Record
from include.model.tickets import TicketDetail, TicketEntry

DETAIL_FIELDS = (*TICKET_FIELDS, "description", "companyLocationID", "configurationItemID")
ASSET_FIELDS = ("id", "ticketID", "configurationItemID")
MAX_SHOWN, MAX_ANSWERS = 500, 4  # of notes, and of time entries
ALL: Sequence[str] = ()  # the contact who wrote a note has a field in newer releases, which older ones would refuse


def detail(client: AutotaskClient, key: str) -> TicketDetail:
    """A ticket by a key that is a number."""
    records = client.one_page(TICKETS, DETAIL_FIELDS, [one_of("id", [key])]).records
    if not records:
        raise NotFound(f"Autotask: there is no ticket {key}, or the API user may not see it.")
    found = map_ticket(TICKET_COLUMNS, records[0], client)
    if found is None:
        raise ShapeError(f"Autotask: the answer for ticket {key} has no usable 'id'.")
    missing: list[str] = []
    entries = notes(client, key, missing)
    for record in attached(client, "TimeEntries", TIME_FIELDS, key, "Time entries", missing):
        entries.extend(time_spent(record))
    more = attached(client, "TicketAdditionalConfigurationItems", ASSET_FIELDS, key, "Further assets", missing)
    assets = [reference_of(one, "configurationItemID") for one in (records[0], *more)]
    return TicketDetail(
        ticket=found,
        description=try_pick(text, records[0], "description"),
        site=reference_of(records[0], "companyLocationID"),
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
) -> list[Record]:
    """The newest records that belong to a ticket; the server lists the oldest first."""
    try:
        records, is_cut = lowest_keys(client, entity, fields, key)
    except (RightsError, NotFound):
        missing.append(f"{what} are not shown: the API user may not read them.")
        return []
    readable = [record for record in records if try_pick(whole_key, record, "id")]
    if len(readable) < len(records):
        missing.append(f"{what}: {len(records) - len(readable)} could not be read.")
    left_out = len(readable) - MAX_SHOWN
    if is_cut:
        missing.append(f"{what}: only {MAX_SHOWN} are shown, and not the newest: there are more than {len(records):,}.")
    elif left_out > 0:
        missing.append(f"{what}: the oldest {left_out:,} are not shown.")
    return readable[-MAX_SHOWN:]


def lowest_keys(client: AutotaskClient, entity: str, fields: Sequence[str], key: str) -> tuple[list[Record], bool]:
    """The records with the lowest keys, in a few answers, and whether there are more."""
    records: list[Record] = []
    conditions = [one_of("ticketID", [key])]
    for _ in range(MAX_ANSWERS):
        page = client.one_page(entity, fields, conditions)
        records += page.records
        last = max((found for record in page.records if (found := try_pick(integer, record, "id"))), default=None)
        if not page.has_next and len(page.records) < PAGE_SIZE:
            return records, False
        if last is None:
            break
        conditions = [one_of("ticketID", [key]), above("id", last)]
    return records, True


def contacts_who_wrote(client: AutotaskClient, records: Sequence[Record]) -> dict[str, str | None]:
    """Key → name; empty without the right to read contacts."""
    keys = sorted({key for record in records if (key := written_by(record))})[:KEYS_PER_QUERY]
    if not keys:
        return {}
    try:
        people = map(person, client.one_page("Contacts", NAME_FIELDS, [one_of("id", keys)]).records)
    except RightsError:
        return {}
    return {one.key: one.name for one in people if one.key}
