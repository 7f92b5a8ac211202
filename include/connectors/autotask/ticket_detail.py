"""One ticket of Autotask with its notes and time entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.connectors.autotask import picklists
from include.connectors.autotask.client import KEYS_PER_QUERY, PAGE_SIZE, AutotaskClient
from include.connectors.autotask.conditions import above, one_of
from include.connectors.autotask.newest_tickets import TICKETS
from include.connectors.autotask.ticket_columns import (
    NAME_FIELDS,
    TICKET_FIELDS,
    TIME_FIELDS,
    note,
    person,
    points_at,
    ticket,
    time_spent,
    written_by,
)
from include.connectors.common.tickets import oldest_first, try_pick
from include.connectors.common.values import InvalidValue, integer, text, whole_key
from include.model.errors import NotFound, RightsError, ShapeError
from include.model.tickets import TicketDetail, TicketEntry

DETAIL_FIELDS = (*TICKET_FIELDS, "description", "companyLocationID", "configurationItemID")
ASSET_FIELDS = ("id", "ticketID", "configurationItemID")
MOST_SHOWN, MOST_ANSWERS = 500, 4  # of notes, and of time entries
ALL: Sequence[str] = ()  # the contact who wrote a note has a field in newer releases, which older ones would refuse


def detail(api: AutotaskClient, key: str) -> TicketDetail:
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
        entries.extend(time_spent(record))
    more = about(api, "TicketAdditionalConfigurationItems", ASSET_FIELDS, key, "Further assets", missing)
    assets = [points_at(one, "configurationItemID") for one in (records[0], *more)]
    return TicketDetail(
        ticket=found,
        description=try_pick(text, records[0], "description"),
        site=points_at(records[0], "companyLocationID"),
        assets=[one for one in dict.fromkeys(assets) if one.key],
        entries=oldest_first(entries),
        missing=missing,
    )


def notes(api: AutotaskClient, key: str, missing: list[str]) -> list[TicketEntry]:
    """Notes are for the customer or internal by the label of how they are published."""
    records = about(api, "TicketNotes", ALL, key, "Notes", missing)
    if not records:
        return []
    labels: Mapping[str, str] = {}
    try:
        labels = picklists.labels(api, "TicketNotes", "publish")
    except (RightsError, NotFound, ShapeError, InvalidValue):
        missing.append("Which notes are internal is unknown: Autotask does not tell the API user.")
    contacts = contacts_who_wrote(api, records)
    return [note(record, labels, contacts) for record in records]


def about(
    api: AutotaskClient, entity: str, fields: Sequence[str], key: str, what: str, missing: list[str]
) -> list[Any]:
    """What hangs on a ticket. The oldest come first, and it is the newest that matter."""
    try:
        records, is_cut = hanging_on(api, entity, fields, key)
    except (RightsError, NotFound):
        missing.append(f"{what} are not shown: the API user may not read them.")
        return []
    readable = [record for record in records if try_pick(whole_key, record, "id")]
    if len(readable) < len(records):
        missing.append(f"{what}: {len(records) - len(readable)} could not be read.")
    left_out = len(readable) - MOST_SHOWN
    if is_cut:
        missing.append(
            f"{what}: only {MOST_SHOWN} are shown, and not the newest: there are more than {len(records):,}."
        )
    elif left_out > 0:
        missing.append(f"{what}: the oldest {left_out:,} are not shown.")
    return readable[-MOST_SHOWN:]


def hanging_on(api: AutotaskClient, entity: str, fields: Sequence[str], key: str) -> tuple[list[Any], bool]:
    """Those with the lowest keys, in a few answers, and whether there are more."""
    records: list[Any] = []
    conditions = [one_of("ticketID", [key])]
    for _ in range(MOST_ANSWERS):
        batch = api.batch(entity, fields, conditions)
        records += batch.records
        last = max((found for record in batch.records if (found := try_pick(integer, record, "id"))), default=None)
        if not batch.has_next and len(batch.records) < PAGE_SIZE:
            return records, False
        if last is None:
            break
        conditions = [one_of("ticketID", [key]), above("id", last)]
    return records, True


def contacts_who_wrote(api: AutotaskClient, records: Sequence[Any]) -> dict[str, str | None]:
    """Key → name; without the right to contacts nobody has one."""
    keys = sorted({key for record in records if (key := written_by(record))})[:KEYS_PER_QUERY]
    if not keys:
        return {}
    try:
        people = map(person, api.batch("Contacts", NAME_FIELDS, [one_of("id", keys)]).records)
    except RightsError:
        return {}
    return {one.key: one.name for one in people if one.key}
