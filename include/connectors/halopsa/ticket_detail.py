"""One ticket of HaloPSA with its notes, e-mails and times, which Halo calls actions, and the names of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from include.connectors.common.html_text import plain
from include.connectors.common.mapping import map_ticket
from include.connectors.common.tickets import FEW_TRIES, hours, oldest_first, reference_of, ticket_key, try_pick, words
from include.connectors.common.values import boolean, integer, items, text, whole_key
from include.connectors.halopsa.client import HaloClient, Listing, record_key
from include.connectors.halopsa.columns import moment, reference_key
from include.connectors.halopsa.ticket_columns import TICKET_COLUMNS
from include.model.errors import NotFound, RequestRefused, RightsError, ShapeError
from include.model.page import Record
from include.model.tickets import Reference, TicketDetail, TicketEntry

TICKETS = Listing("/Tickets", "tickets")
ACTIONS = Listing(
    "/Actions", "actions", {"excludesys": "true", "includehtmlnote": "true", "includeattachments": "true"}
)
FILES = Listing("/Attachment", "attachments")
MAX_ACTIONS = 200


def detail(client: HaloClient, key: str) -> TicketDetail:
    """The ticket and its actions; raises NotFound when it is gone, or this login may not see it."""
    record = client.record(TICKETS, ticket_key(key), tries=FEW_TRIES)
    ticket = map_ticket(TICKET_COLUMNS, record, client)
    assert ticket is not None  # noqa: S101 - the client has compared its key
    actions, missing = _actions(client, key)
    entries = [_entry(action) for action in actions.values()]
    named = [name for entry in entries for name in entry.attachments]
    unnamed = max(_file_count(record), sum(map(_file_count, actions.values()))) - len(named)
    files = _other_files(client, key, named, unnamed) if unnamed > 0 else []
    if unnamed > len(files):
        missing.append(f"HaloPSA counts {unnamed - len(files):,} more attachments, and does not give their names.")
    return TicketDetail(
        ticket=ticket,
        description=_description(record) or None,
        site=reference_of(record, "site_id", "site_name", convert=reference_key),
        assets=[_asset(asset) for asset in try_pick(items, record, "assets") or []],
        entries=oldest_first(entries),
        attachments=files,
        missing=missing,
    )


def _asset(record: Record) -> Reference:
    return reference_of(record, "id", "inventory_number", "key_field", convert=reference_key)


def _description(record: Record) -> str:
    """The plain text. HTML in it is rendered, unless the HTML form shows the same tags as text: someone typed those."""
    typed, read = words(record, "details"), plain(words(record, "details_html"))
    return typed if typed and plain(read) != read else plain(typed) or read


def _actions(client: HaloClient, key: str) -> tuple[dict[int, Record], list[str]]:
    """The actions of the ticket by id, and sentences about what cannot be shown of them."""
    params: dict[str, str | int] = {"ticket_id": key, "count": MAX_ACTIONS, **ACTIONS.params}
    try:
        records, total = client.answer(ACTIONS, params, tries=FEW_TRIES)
    except (RightsError, NotFound):
        return {}, ["HaloPSA does not let this login read the actions of the ticket."]
    if any(try_pick(whole_key, record, "ticket_id") not in (None, key) for record in records):
        raise ShapeError(f"HaloPSA: {ACTIONS.path} delivered actions of other tickets.")
    usable = {action: record for record in records if (action := record_key(record)) is not None}
    counted = max(total, len(records))
    if counted > len(usable):
        return usable, [f"Of {counted:,} actions {len(usable):,} are shown."]
    if counted >= MAX_ACTIONS:
        return usable, [f"There may be more than the {len(usable):,} actions that are shown."]
    return usable, []


def _other_files(client: HaloClient, key: str, known: Sequence[str], most: int) -> list[str]:
    """The names of files that no action has; none where there are more than this ticket can have."""
    try:
        records = client.unpaged(FILES, tries=FEW_TRIES, ticket_id=key)
    except (RightsError, NotFound, RequestRefused):
        return []
    others = Counter(_file_names(records)) - Counter(known)
    return list(others.elements()) if others.total() <= most else []


def _file_count(record: Record) -> int:
    return try_pick(integer, record, "attachment_count") or 0


def _file_names(files: Sequence[Record]) -> list[str]:
    """Names alone: the addresses of the files open them to everyone."""
    return [name for file in files if (name := try_pick(text, file, "filename"))]


def _entry(record: Record) -> TicketEntry:
    """A note, an e-mail or spent time."""
    return TicketEntry(
        key=str(record_key(record)),
        at=try_pick(moment, record, "datetime"),
        author=reference_of(record, "who_agentid", "who", "emailfrom", convert=reference_key),
        text=words(record, "note") or plain(words(record, "note_html")),
        is_internal=try_pick(boolean, record, "hiddenfromuser"),
        title=try_pick(text, record, "outcome"),
        hours=try_pick(hours, record, "timetaken") or None,
        attachments=_file_names(try_pick(items, record, "attachments") or []),
    )
