"""One ticket of Syncro with its comments, timers, assets and attachments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from include.connectors.common.lenient import Lenient
from include.connectors.common.ticket_mapping import map_one_ticket
from include.connectors.common.tickets import hours, if_allowed, oldest_first, ticket_key
from include.connectors.common.values import InvalidValue
from include.connectors.syncro.client import TICKETS, Entity, SyncroClient
from include.connectors.syncro.columns import site_key
from include.connectors.syncro.ticket_columns import TICKET_COLUMNS
from include.model.tickets import Reference, TicketDetail, TicketEntry

PER_PAGE = 100
MAX_COMMENTS = 200
MAX_PAGES = 4  # a server may give shorter pages than it was asked for
NEWEST_FIRST: Mapping[str, str | int] = {
    "sort_by": "created_at",
    "sort_direction": "DESC",
    "comment_format": "plaintext",
    "per_page": PER_PAGE,
}


def detail(client: SyncroClient, key: str) -> TicketDetail:
    """Two requests, more for a long ticket; raises NotFound when it is gone."""
    record = client.record(TICKETS, ticket_key(key))
    ticket = map_one_ticket(TICKET_COLUMNS, record, client, key, f"Syncro: {TICKETS.path}/{{id}}")
    read, missing = Lenient(record), list[str]()
    entries = list(map(timer, read.entries("ticket_timers")))
    with if_allowed(missing, "The comments could not be read. Has the API token the right to them?"):
        entries += newest_comments(client, key, missing)
    return TicketDetail(
        ticket=ticket,
        site=Reference(site_key(ticket.company.key, read.key("address_id", "address.id"))),
        # As the ticket lists them, without the customers inside.
        assets=[asset for one in read.entries("assets") if (asset := one.reference("id", "name")).key],
        entries=oldest_first(entries),
        attachments=read.texts("attachments", "file_name"),
        missing=missing,
    )


def newest_comments(client: SyncroClient, key: str, missing: list[str]) -> Iterable[TicketEntry]:
    """The newest comments, as plain text; `missing` gets a sentence where there are more.

    Each comes once, also from a server that gives the same page for every number.
    """
    template = f"{TICKETS.path}/{{id}}/comments"
    listed = Entity(f"{TICKETS.path}/{key}/comments", "comments", always=NEWEST_FIRST, template=template)
    found: dict[str | TicketEntry, TicketEntry] = {}
    for number in range(1, MAX_PAGES + 1):
        page, before = client.page(listed, number), len(found)
        for record in map(Lenient, page.records):
            one = comment(record)
            found.setdefault(record.id or one, one)
        is_repeated = len(found) == before
        is_over = is_repeated if page.pages is None else number >= page.pages
        if is_over or is_repeated or len(found) >= MAX_COMMENTS:
            break
    if not is_over:
        missing.append(f"There are more comments than the newest {len(found)} that are shown.")
    return found.values()


def comment(record: Lenient) -> TicketEntry:
    return TicketEntry(
        key=f"comment-{record.id}",
        at=record.moment("created_at"),
        author=record.reference("user_id", "tech"),
        text=record.words("body"),
        is_internal=record.flag("hidden"),
        title=record.text("subject"),
    )


def timer(record: Lenient) -> TicketEntry:
    """Time measured by a timer; nothing says whether a customer sees it."""
    start, end = record.moment("start_time"), record.moment("end_time")
    return TicketEntry(
        key=f"timer-{record.id}",
        at=start,
        author=record.reference("user_id"),
        text=record.words("notes"),
        is_internal=None,
        hours=timer_hours(start, end),
    )


def timer_hours(start: datetime | None, end: datetime | None) -> float | None:
    """The time between the two, where both are known and it can be one."""
    with suppress(InvalidValue):
        return hours((end - start).total_seconds() / 3600) if start and end else None
    return None
