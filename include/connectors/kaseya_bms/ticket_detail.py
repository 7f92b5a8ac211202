"""One ticket of Kaseya BMS, with the notes on it and the time that was spent."""

from __future__ import annotations

from include.connectors.common.html_text import plain
from include.connectors.common.lenient import Lenient, require_ticket
from include.connectors.common.ticket_mapping import map_one_ticket
from include.connectors.common.tickets import FEW_TRIES, if_allowed, oldest_first, ticket_key, time_entries
from include.connectors.kaseya_bms.client import KaseyaClient, Listing, at_endpoint
from include.connectors.kaseya_bms.columns import foreign_key
from include.connectors.kaseya_bms.ticket_columns import TICKET_COLUMNS
from include.model.page import Page
from include.model.tickets import Reference, TicketDetail, TicketEntry

TICKET = "/v2/servicedesk/tickets/{ticketId}"
NOTES = f"{TICKET}/notes"
ACTIVITIES = f"{TICKET}/activities"
MAX_RECORDS = 200
ROUND = 5  # a server that cuts pages short cuts them to a number that someone chose: 20, 25, 50


def detail(client: KaseyaClient, key: str) -> TicketDetail:
    """The ticket, its notes, and the activities on which time was spent; raises NotFound when it is gone."""
    record = client.record(TICKET, ticket_key(key), tries=FEW_TRIES)
    ticket = map_one_ticket(TICKET_COLUMNS, record, client, key, at_endpoint(TICKET))
    read, missing = Lenient(record), list[str]()
    # Activities come first, since they are counted and so show where pages begin; notes are not.
    activities = _read(client, ACTIVITIES, key, "activities, and so the time that was spent", missing, is_counted=True)
    notes = _read(client, NOTES, key, "notes", missing, is_counted=False)
    delivered = f"{at_endpoint(ACTIVITIES)} delivered activities"
    require_ticket(activities, "ticketid", key, delivered, convert=foreign_key)
    asset = read.reference("hardwareassetid", "hardwareassetname", convert=foreign_key)
    return TicketDetail(
        ticket=ticket,
        description=plain(read.words("details")) or None,
        site=read.reference("locationid", "locationname", convert=foreign_key),
        assets=[asset] if asset.key else [],
        entries=oldest_first([*map(_note, notes), *(entry for one in activities for entry in _time_spent(one))]),
        missing=missing,
    )


def _read(
    client: KaseyaClient, endpoint: str, key: str, what: str, missing: list[str], *, is_counted: bool
) -> list[Lenient]:
    """The records below a ticket, each once; `missing` gets a sentence about those that could not be read."""
    listing = Listing(endpoint, (key,), is_counted=is_counted, tries=FEW_TRIES)
    found: dict[str, Lenient] = {}
    with if_allowed(missing, f"Kaseya BMS does not let this login read the {what}."):
        page, number = client.opening(listing)
        length = len(page.records)
        while _by_key(page).keys() - found.keys():
            found |= _by_key(page)
            if not _may_go_on(page, length, len(found)):
                break
            if len(found) >= MAX_RECORDS:
                missing.append(f"There may be more than the {len(found):,} {what} that were read.")
                break
            number += 1
            page = client.page(listing, number)
    return list(found.values())


def _by_key(page: Page) -> dict[str, Lenient]:
    return {record.id: record for record in map(Lenient, page.records) if record.id}


def _may_go_on(page: Page, length: int, known: int) -> bool:
    """Whether there may be another page: by the count, otherwise when this page is as long as the first."""
    return known < page.total if page.total is not None else len(page.records) >= length and length % ROUND == 0


def _note(record: Lenient) -> TicketEntry:
    return TicketEntry(
        key=f"note-{record.id}",
        at=record.moment("createdon"),
        author=Reference(name=record.text("createdbyname")),
        text=plain(record.words("details")),
        is_internal=record.flag("isinternal"),
        title=record.text("typename"),
        # Names alone: anyone who has the address of a file can open it.
        attachments=record.texts("attachments", "originalfilename", "aliasname"),
    )


def _time_spent(record: Lenient) -> list[TicketEntry]:
    """The time of an activity, with the text for the customer and the internal one. Other activities are not shown:
    what they say is in the notes as well."""
    spent, title = record.hours("timespent"), record.text("worktypename", "activitytype")
    if not spent:
        return []
    entry = TicketEntry(
        key=f"time-{record.id}",
        at=record.moment("createdon", "startdate"),
        author=Reference(name=record.text("createdbyname")),
        text=plain(record.words("notes")),
        is_internal=record.flag("isinternal"),
        title=title,
        hours=spent,
    )
    return time_entries(entry, plain(record.words("internalnotes")), title=title)
