"""One ticket of Syncro with its comments, timers, assets and attachments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from include.connectors.common.mapping import map_ticket
from include.connectors.common.tickets import hours, id_of, if_allowed, oldest_first, ticket_key, try_pick, words
from include.connectors.common.values import boolean, instant, items, pick, text, whole_key
from include.connectors.syncro.client import TICKETS, Entity, SyncroClient
from include.connectors.syncro.columns import site_key
from include.connectors.syncro.ticket_columns import TICKET_COLUMNS
from include.model.errors import ShapeError
from include.model.page import Record
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
    found = map_ticket(TICKET_COLUMNS, record, client)
    if found is None:
        raise ShapeError(f"Syncro: {TICKETS.path}/{{id}} answered without a usable 'id'.")
    missing: list[str] = []
    entries = [timer(one) for one in try_pick(items, record, "ticket_timers") or ()]
    with if_allowed(missing, "The comments could not be read. Has the API token the right to them?"):
        entries += newest_comments(client, key, missing)
    address = try_pick(whole_key, record, "address_id") or try_pick(whole_key, record, "address", "id")
    return TicketDetail(
        ticket=found,
        site=Reference(site_key(found.company.key, address)),
        assets=assets(record),
        entries=oldest_first(entries),
        attachments=[name for one in try_pick(items, record, "attachments") or () if (name := words(one, "file_name"))],
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
        for record in page.records:
            one = comment(record)
            found.setdefault(id_of(record) or one, one)
        is_repeated = len(found) == before
        is_over = is_repeated if page.pages is None else number >= page.pages
        if is_over or is_repeated or len(found) >= MAX_COMMENTS:
            break
    if not is_over:
        missing.append(f"There are more comments than the newest {len(found)} that are shown.")
    return found.values()


def comment(record: Record) -> TicketEntry:
    return TicketEntry(
        key=f"comment-{id_of(record)}",
        at=try_pick(instant, record, "created_at"),
        author=Reference(try_pick(whole_key, record, "user_id"), try_pick(text, record, "tech")),
        text=words(record, "body"),
        is_internal=try_pick(boolean, record, "hidden"),
        title=try_pick(text, record, "subject"),
    )


def timer(record: Record) -> TicketEntry:
    """Time measured by a timer; nothing says whether a customer sees it."""
    return TicketEntry(
        key=f"timer-{id_of(record)}",
        at=try_pick(instant, record, "start_time"),
        author=Reference(try_pick(whole_key, record, "user_id")),
        text=words(record, "notes"),
        is_internal=None,
        hours=try_pick(timer_hours, record),
    )


def timer_hours(record: Record) -> float | None:
    start, end = pick(instant, record, "start_time"), pick(instant, record, "end_time")
    return hours((end - start).total_seconds() / 3600) if start and end else None


def assets(record: Record) -> list[Reference]:
    """The assets as the ticket lists them, without the customers inside."""
    listed = try_pick(items, record, "assets") or ()
    return [Reference(key, try_pick(text, one, "name")) for one in listed if (key := try_pick(whole_key, one, "id"))]
