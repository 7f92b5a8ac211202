"""One ticket of Autotask with its notes and time entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.connectors.autotask import metadata
from include.connectors.autotask.account import KEYS_PER_QUERY, PAGE_SIZE, Autotask
from include.connectors.autotask.conditions import one_of
from include.connectors.autotask.recent import TICKETS
from include.connectors.autotask.ticket import (
    NAME_FIELDS,
    TICKET_FIELDS,
    TIME_FIELDS,
    note,
    person,
    points_at,
    ticket,
    time_entries,
    written_by,
)
from include.connectors.tickets import Entry, TicketDetail, oldest_first, peek
from include.connectors.values import OddValue, text, whole_key
from include.errors import NotFound, RightsError, ShapeError

DETAIL_FIELDS = (*TICKET_FIELDS, "description", "companyLocationID", "configurationItemID")
ASSET_FIELDS = ("id", "ticketID", "configurationItemID")
ALL: Sequence[str] = ()  # the contact who wrote a note has a field in newer releases, which older ones would refuse


def detail(api: Autotask, key: str) -> TicketDetail:
    """A ticket by a key that is a number."""
    records = api.batch(TICKETS, DETAIL_FIELDS, [one_of("id", [key])]).records
    if not records:
        raise NotFound(f"Autotask: there is no ticket {key}, or the API user may not see it.")
    found = ticket(api, records[0])
    if found is None:
        raise ShapeError(f"Autotask: the answer for ticket {key} has no usable 'id'.")
    missing: list[str] = []
    entries = notes(api, key, missing)
    for record in about(api, "TimeEntries", TIME_FIELDS, key, "Time entries", missing):
        entries.extend(time_entries(record))
    more = about(api, "TicketAdditionalConfigurationItems", ASSET_FIELDS, key, "Further assets", missing)
    assets = [points_at(one, "configurationItemID") for one in (records[0], *more)]
    return TicketDetail(
        ticket=found,
        description=peek(text, records[0], "description"),
        site=points_at(records[0], "companyLocationID"),
        assets=[one for one in dict.fromkeys(assets) if one.key],
        entries=oldest_first(entries),
        missing=missing,
    )


def notes(api: Autotask, key: str, missing: list[str]) -> list[Entry]:
    """Notes are for the customer or internal by the label of how they are published."""
    records = about(api, "TicketNotes", ALL, key, "Notes", missing)
    if not records:
        return []
    labels: Mapping[str, str] = {}
    try:
        labels = metadata.labels(api, "TicketNotes", "publish")
    except (RightsError, NotFound, ShapeError, OddValue):
        missing.append("Which notes are internal is unknown: Autotask does not tell the API user.")
    contacts = contacts_who_wrote(api, records)
    return [note(record, labels, contacts) for record in records]


def about(api: Autotask, entity: str, fields: Sequence[str], key: str, what: str, missing: list[str]) -> list[Any]:
    """What hangs on a ticket, as much as one answer holds: the oldest come first, and it is the newest that matter."""
    try:
        batch = api.batch(entity, fields, [one_of("ticketID", [key])])
    except (RightsError, NotFound):
        missing.append(f"{what} are not shown: the API user may not read them.")
        return []
    if batch.more or len(batch.records) > PAGE_SIZE:
        missing.append(f"{what} are more than {PAGE_SIZE}: the newest ones are not shown, look for them in Autotask.")
    readable = [record for record in batch.records if peek(whole_key, record, "id")]
    if len(readable) < len(batch.records):
        missing.append(f"{what}: {len(batch.records) - len(readable)} could not be read.")
    return readable


def contacts_who_wrote(api: Autotask, records: Sequence[Any]) -> dict[str, str | None]:
    """Key → name; without the right to contacts nobody has one."""
    keys = sorted({key for record in records if (key := written_by(record))})[:KEYS_PER_QUERY]
    if not keys:
        return {}
    try:
        people = map(person, api.batch("Contacts", NAME_FIELDS, [one_of("id", keys)]).records)
    except RightsError:
        return {}
    return {one.key: one.name for one in people if one.key}
