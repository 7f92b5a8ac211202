"""All that Syncro tells of one ticket: comments, the time that was clocked, assets and attachments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from include.connectors.common.tickets import hours, oldest_first, ticket_key, try_pick, words
from include.connectors.common.values import boolean, instant, items, pick, text, whole_key
from include.connectors.syncro.client import TICKETS, Entity, SyncroClient
from include.connectors.syncro.columns import site_key
from include.connectors.syncro.ticket_columns import ticket
from include.model.errors import NotFound, RightsError
from include.model.tickets import Reference, TicketDetail, TicketEntry

PER_PAGE = 100
MOST = 200  # comments
MOST_PAGES = 4  # a server may deal fewer than it was asked for
NEWEST_FIRST: Mapping[str, str | int] = {
    "sort_by": "created_at",
    "sort_direction": "DESC",
    "comment_format": "plaintext",
    "per_page": PER_PAGE,
}


def detail(api: SyncroClient, key: str) -> TicketDetail:
    """Two requests, more for a long ticket; raises NotFound when it is gone."""
    record = api.record(TICKETS, ticket_key(key))
    found = ticket(api, record, int(key))
    missing: list[str] = []
    entries = [*comments(api, key, missing), *map(timer, try_pick(items, record, "ticket_timers") or ())]
    address = try_pick(whole_key, record, "address_id") or try_pick(whole_key, record, "address", "id")
    return TicketDetail(
        ticket=found,
        site=Reference(site_key(found.company.key, address)),
        assets=assets(record),
        entries=oldest_first(entries),
        attachments=[name for one in try_pick(items, record, "attachments") or () if (name := words(one, "file_name"))],
        missing=missing,
    )


def comments(api: SyncroClient, key: str, missing: list[str]) -> Iterable[TicketEntry]:
    """The newest of them, as plain text; a sentence in `missing` where there are more, or none may be read."""
    try:
        return newest_comments(api, key, missing)
    except (NotFound, RightsError):
        missing.append("The comments could not be read. Has the API token the right to them?")
        return []


def newest_comments(api: SyncroClient, key: str, missing: list[str]) -> Iterable[TicketEntry]:
    """Each once, also from a server that gives the same page for every number."""
    template = f"{TICKETS.path}/{{id}}/comments"
    listed = Entity(f"{TICKETS.path}/{key}/comments", "comments", always=NEWEST_FIRST, template=template)
    found: dict[str | TicketEntry, TicketEntry] = {}
    for number in range(1, MOST_PAGES + 1):
        sheet, before = api.page(listed, number), len(found)
        for record in sheet.records:
            one = comment(record)
            found.setdefault(words(record, "id") or one, one)
        is_repeated = len(found) == before
        is_over = is_repeated if sheet.pages is None else number >= sheet.pages
        if is_over or is_repeated or len(found) >= MOST:
            break
    if not is_over:
        missing.append(f"There are more comments than the newest {len(found)} that are shown.")
    return found.values()


def comment(record: Any) -> TicketEntry:
    return TicketEntry(
        key=f"comment-{words(record, 'id')}",
        at=try_pick(instant, record, "created_at"),
        author=Reference(try_pick(whole_key, record, "user_id"), try_pick(text, record, "tech")),
        text=words(record, "body"),
        is_internal=try_pick(boolean, record, "hidden"),
        title=try_pick(text, record, "subject"),
    )


def timer(record: Any) -> TicketEntry:
    """Time that was clocked; nothing says whether a customer sees it."""
    return TicketEntry(
        key=f"timer-{words(record, 'id')}",
        at=try_pick(instant, record, "start_time"),
        author=Reference(try_pick(whole_key, record, "user_id")),
        text=words(record, "notes"),
        is_internal=None,
        hours=try_pick(clocked, record),
    )


def clocked(record: Any) -> float | None:
    start, end = pick(instant, record, "start_time"), pick(instant, record, "end_time")
    return hours((end - start).total_seconds() / 3600) if start and end else None


def assets(record: Any) -> list[Reference]:
    """As the ticket lists them; the customers inside are left alone."""
    listed = try_pick(items, record, "assets") or ()
    return [Reference(key, try_pick(text, one, "name")) for one in listed if (key := try_pick(whole_key, one, "id"))]
