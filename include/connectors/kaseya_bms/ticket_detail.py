"""One ticket of Kaseya BMS, with the notes on it and the time that was spent."""

from __future__ import annotations

from typing import Any

from include.connectors.common.html_text import plain
from include.connectors.common.tickets import hours, oldest_first, ticket_key, time_entries, try_pick, words
from include.connectors.common.values import boolean, items, text
from include.connectors.kaseya_bms.client import KaseyaClient, Listing, usable_key
from include.connectors.kaseya_bms.columns import moment, reference
from include.connectors.kaseya_bms.ticket_columns import FEW_TRIES, TICKETS, named, ticket
from include.model.errors import NotFound, RightsError, ShapeError
from include.model.page import Page
from include.model.tickets import Reference, TicketDetail, TicketEntry

TICKET = f"{TICKETS}/{{ticketId}}"
NOTES = f"{TICKET}/notes"
ACTIVITIES = f"{TICKET}/activities"
MOST_RECORDS = 200
ROUND = 5  # a page that was cut is as long as somebody chose: 20, 25, 50


def detail(api: KaseyaClient, key: str) -> TicketDetail:
    """The ticket, its notes, and its activities as far as they are time; raises NotFound when it is gone."""
    record = api.record(TICKET, ticket_key(key), tries=FEW_TRIES)
    missing: list[str] = []
    # Activities are counted, so that they tell where pages begin; nothing counts notes.
    activities = read(api, ACTIVITIES, key, "activities, and so the time that was spent", missing, counted=True)
    notes = read(api, NOTES, key, "notes", missing, counted=False)
    if any(try_pick(reference, activity, "ticketid") not in (None, key) for activity in activities):
        raise ShapeError(f"Kaseya BMS: {ACTIVITIES} delivered activities of other tickets.")
    return TicketDetail(
        ticket=ticket(api, record),
        description=plain(words(record, "details")) or None,
        site=named(record, "location"),
        assets=[asset] if (asset := named(record, "hardwareasset")).key else [],
        entries=oldest_first([*map(note, notes), *(part for one in activities for part in time_spent(one))]),
        missing=missing,
    )


def read(
    api: KaseyaClient, endpoint: str, key: str, what: str, missing: list[str], *, counted: bool
) -> list[dict[str, Any]]:
    """What hangs on a ticket, each record once; `missing` gets a sentence about what lacks."""
    listing = Listing(endpoint, (key,), is_counted=counted, tries=FEW_TRIES)
    found: dict[str, dict[str, Any]] = {}
    try:
        sheet, number = api.opening(listing)
        length = len(sheet.records)
        while by_key(sheet).keys() - found.keys():
            found |= by_key(sheet)
            if not goes_on(sheet, length, len(found)):
                break
            if len(found) >= MOST_RECORDS:
                missing.append(f"There may be more than the {len(found):,} {what} that were read.")
                break
            number += 1
            sheet = api.page(listing, number)
    except (RightsError, NotFound):
        missing.append(f"Kaseya BMS does not let this login read the {what}.")
    return list(found.values())


def by_key(sheet: Page) -> dict[str, dict[str, Any]]:
    return {key: record for record in sheet.records if (key := usable_key(record)) is not None}


def goes_on(sheet: Page, length: int, known: int) -> bool:
    """Whether there may be another page: a count says so, else whether this one is as long as the first."""
    return known < sheet.total if sheet.total is not None else len(sheet.records) >= length and length % ROUND == 0


def note(record: Any) -> TicketEntry:
    return TicketEntry(
        key=f"note-{usable_key(record)}",
        at=try_pick(moment, record, "createdon"),
        author=Reference(name=try_pick(text, record, "createdbyname")),
        text=plain(words(record, "details")),
        is_internal=try_pick(boolean, record, "isinternal"),
        title=try_pick(text, record, "typename"),
        attachments=[name for file in try_pick(items, record, "attachments") or [] if (name := file_name(file))],
    )


def file_name(file: Any) -> str | None:
    """The name alone: the address opens the file to anybody."""
    return try_pick(text, file, "originalfilename") or try_pick(text, file, "aliasname")


def time_spent(record: Any) -> list[TicketEntry]:
    """Time, with what the customer may read of it and, apart from that, what is internal; other activities are none.

    What an activity says beside its time are notes, which have a list of their own.
    """
    spent = try_pick(hours, record, "timespent")
    if not spent:
        return []
    title = try_pick(text, record, "worktypename") or try_pick(text, record, "activitytype")
    entry = TicketEntry(
        key=f"time-{usable_key(record)}",
        at=try_pick(moment, record, "createdon") or try_pick(moment, record, "startdate"),
        author=Reference(name=try_pick(text, record, "createdbyname")),
        text=plain(words(record, "notes")),
        is_internal=try_pick(boolean, record, "isinternal"),
        title=title,
        hours=spent,
    )
    return time_entries(entry, plain(words(record, "internalnotes")), title=title)
