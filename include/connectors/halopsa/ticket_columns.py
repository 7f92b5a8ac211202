"""A ticket of HaloPSA, and all that was said and done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from include.connectors.common.html_text import plain
from include.connectors.common.tickets import hours, oldest_first, ticket_key, try_pick, words
from include.connectors.common.values import boolean, instant, integer, items, text
from include.connectors.halopsa.client import HaloClient, Listing, record_key
from include.connectors.halopsa.columns import FIRST_YEAR, key_of, own_key
from include.model.errors import NotFound, RequestRefused, RightsError, ShapeError
from include.model.tickets import Reference, Ticket, TicketDetail, TicketEntry

TICKETS = Listing("/Tickets", "tickets")
ACTIONS = Listing(
    "/Actions", "actions", {"excludesys": "true", "includehtmlnote": "true", "includeattachments": "true"}
)
FILES = Listing("/Attachment", "attachments")
MOST_ACTIONS = 200
FEW_TRIES = 2  # a person is waiting
NOBODY_KEY = "1"  # the built-in agent of tickets that nobody has


def ticket(api: HaloClient, record: Any) -> Ticket:
    """A row of the list, or a single record, which tells more names."""
    key = str(record_key(record))
    return Ticket(
        key=key,
        number=key,
        summary=try_pick(text, record, "summary"),
        company=named(record, "client"),
        contact=named(record, "user"),
        board=named(record, "team", name="team"),
        status=named(record, "status"),
        priority=Reference(
            priority_key(record), try_pick(text, record, "priority_name") or try_pick(text, record, "priority", "name")
        ),
        owner=owner(record),
        created_at=try_pick(real_moment, record, "dateoccurred"),
        updated_at=try_pick(real_moment, record, "lastactiondate") or try_pick(real_moment, record, "last_update"),
        is_closed=is_closed(record),
        url=f"{api.http.base_url}/tickets?id={key}",
    )


def named(record: Any, what: str, *, name: str = "") -> Reference:
    """What the record points at by `<what>_id`."""
    return Reference(try_pick(key_of, record, f"{what}_id"), try_pick(text, record, name or f"{what}_name"))


def owner(record: Any) -> Reference:
    found = named(record, "agent")
    return Reference() if found.key in (None, NOBODY_KEY) else found


def priority_key(record: Any) -> str | None:
    """As the list of priorities has it: the number alone is another priority in every SLA."""
    sla, number = try_pick(own_key, record, "sla_id"), try_pick(key_of, record, "priority_id")
    return f"{sla}/{number}" if sla and number else None


def is_closed(record: Any) -> bool | None:
    """Closed with a date of it. None where flag and date differ: either may stay when a ticket is opened again."""
    if not isinstance(record, dict) or not {"hasbeenclosed", "dateclosed"} & record.keys():
        return None
    flag, date = (
        bool(try_pick(boolean, record, "hasbeenclosed")),
        try_pick(real_moment, record, "dateclosed") is not None,
    )
    return flag if flag == date else None


def real_moment(value: Any) -> datetime | None:
    """A moment; one before 1980 stands for none."""
    moment = instant(value)
    return None if moment is None or moment.year < FIRST_YEAR else moment


def detail(api: HaloClient, key: str) -> TicketDetail:
    """The ticket and its actions; raises NotFound when it is gone or not to be seen."""
    record = api.record(TICKETS, ticket_key(key), tries=FEW_TRIES)
    done, missing = actions(api, key)
    entries = [entry(action) for action in done.values()]
    named_files = [name for one in entries for name in one.attachments]
    unnamed = max(files_of(record), sum(map(files_of, done.values()))) - len(named_files)
    files = other_files(api, key, named_files, unnamed) if unnamed > 0 else []
    if unnamed > len(files):
        missing.append(f"HaloPSA counts {unnamed - len(files):,} more attachments, whose names it does not tell.")
    return TicketDetail(
        ticket=ticket(api, record),
        description=description(record) or None,
        site=named(record, "site"),
        assets=assets(record),
        entries=oldest_first(entries),
        attachments=files,
        missing=missing,
    )


def description(record: Any) -> str:
    """HTML may stand where plain text is due. Tags that are still there when the HTML form is read, somebody typed."""
    said, read = words(record, "details"), plain(words(record, "details_html"))
    return said if said and plain(read) != read else plain(said) or read


def assets(record: Any) -> list[Reference]:
    return [
        Reference(
            try_pick(key_of, asset, "id"),
            try_pick(text, asset, "inventory_number") or try_pick(text, asset, "key_field"),
        )
        for asset in try_pick(items, record, "assets") or []
    ]


def actions(api: HaloClient, key: str) -> tuple[dict[int, Any], list[str]]:
    """What was done about the ticket, and sentences about what cannot be shown of it."""
    params: Mapping[str, str | int] = {"ticket_id": key, "count": MOST_ACTIONS, **ACTIONS.params}
    try:
        records, total = api.answer(ACTIONS, params, tries=FEW_TRIES)
    except (RightsError, NotFound):
        return {}, ["HaloPSA does not let this login read the actions of the ticket."]
    if any(try_pick(own_key, record, "ticket_id") not in (None, key) for record in records):
        raise ShapeError(f"HaloPSA: {ACTIONS.path} delivered actions of other tickets.")
    usable = {action: record for record in records if (action := record_key(record)) is not None}
    counted = max(total, len(records))
    if counted > len(usable):
        return usable, [f"Of {counted:,} actions {len(usable):,} are shown."]
    if counted >= MOST_ACTIONS:
        return usable, [f"There may be more than the {len(usable):,} actions that are shown."]
    return usable, []


def other_files(api: HaloClient, key: str, known: Sequence[str], most: int) -> list[str]:
    """The names of files that no action told; none where there are too many to be this ticket's."""
    try:
        listed = api.unpaged(FILES, tries=FEW_TRIES, ticket_id=key)
    except (RightsError, NotFound, RequestRefused):
        return []
    left = Counter(name for file in listed if (name := try_pick(text, file, "filename"))) - Counter(known)
    return list(left.elements()) if sum(left.values()) <= most else []


def files_of(record: Any) -> int:
    return try_pick(integer, record, "attachment_count") or 0


def entry(record: Any) -> TicketEntry:
    """A note, an e-mail, or time; who may see it, Halo says of each."""
    return TicketEntry(
        key=str(record_key(record)),
        at=try_pick(real_moment, record, "datetime"),
        author=Reference(
            try_pick(key_of, record, "who_agentid"),
            try_pick(text, record, "who") or try_pick(text, record, "emailfrom"),
        ),
        text=words(record, "note") or plain(words(record, "note_html")),
        is_internal=try_pick(boolean, record, "hiddenfromuser"),
        title=try_pick(text, record, "outcome"),
        hours=try_pick(hours, record, "timetaken") or None,
        attachments=attachments(record),
    )


def attachments(record: Any) -> list[str]:
    """By name alone: their addresses open them to anybody."""
    return [name for file in try_pick(items, record, "attachments") or [] if (name := try_pick(text, file, "filename"))]
