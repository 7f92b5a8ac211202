"""One ticket of HaloPSA with its notes, e-mails and times, which Halo calls actions, and the names of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from include.connectors.common.html_text import plain
from include.connectors.common.lenient import Lenient, require_ticket
from include.connectors.common.ticket_mapping import map_one_ticket
from include.connectors.common.tickets import FEW_TRIES, oldest_first, ticket_key
from include.connectors.common.values import integer
from include.connectors.halopsa.client import HaloClient, Listing
from include.connectors.halopsa.columns import moment, reference_key
from include.connectors.halopsa.ticket_columns import TICKET_COLUMNS
from include.model.errors import NotFound, RequestRefused, RightsError
from include.model.tickets import TicketDetail, TicketEntry

TICKETS = Listing("/Tickets", "tickets")
ACTIONS = Listing(
    "/Actions", "actions", {"excludesys": "true", "includehtmlnote": "true", "includeattachments": "true"}
)
FILES = Listing("/Attachment", "attachments")
MAX_ACTIONS = 200


def detail(client: HaloClient, key: str) -> TicketDetail:
    """The ticket and its actions; raises NotFound when it is gone, or this login may not see it."""
    record = client.record(TICKETS, ticket_key(key), tries=FEW_TRIES)
    ticket = map_one_ticket(TICKET_COLUMNS, record, client, key, f"HaloPSA: {TICKETS.path}")
    read = Lenient(record)
    actions, missing = _actions(client, key)
    entries = list(map(_entry, actions))
    named = [name for entry in entries for name in entry.attachments]
    unnamed = max(_file_count(read), sum(map(_file_count, actions))) - len(named)
    files = _other_files(client, key, named, unnamed) if unnamed > 0 else []
    if unnamed > len(files):
        missing.append(f"HaloPSA counts {unnamed - len(files):,} more attachments, and does not give their names.")
    return TicketDetail(
        ticket=ticket,
        description=_description(read) or None,
        site=read.reference("site_id", "site_name", convert=reference_key),
        assets=[
            asset.reference("id", "inventory_number", "key_field", convert=reference_key)
            for asset in read.entries("assets")
        ],
        entries=oldest_first(entries),
        attachments=files,
        missing=missing,
    )


def _description(record: Lenient) -> str:
    """The plain text. HTML in it is rendered, unless the HTML form shows the same tags as text: someone typed those."""
    typed, read = record.words("details"), plain(record.words("details_html"))
    return typed if typed and plain(read) != read else plain(typed) or read


def _actions(client: HaloClient, key: str) -> tuple[list[Lenient], list[str]]:
    """The actions of the ticket, and sentences about what cannot be shown of them."""
    params: dict[str, str | int] = {"ticket_id": key, "count": MAX_ACTIONS, **ACTIONS.params}
    try:
        records, total = client.answer(ACTIONS, params, tries=FEW_TRIES)
    except (RightsError, NotFound):
        return [], ["HaloPSA does not let this login read the actions of the ticket."]
    actions = list(map(Lenient, records))
    require_ticket(actions, "ticket_id", key, f"HaloPSA: {ACTIONS.path} delivered actions")
    usable = list({action.id: action for action in actions if action.id}.values())
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
    others = Counter(_file_names(map(Lenient, records))) - Counter(known)
    return list(others.elements()) if others.total() <= most else []


def _file_count(record: Lenient) -> int:
    return record.first(integer, "attachment_count") or 0


def _file_names(files: Iterable[Lenient]) -> list[str]:
    """Names alone: the addresses of the files open them to everyone."""
    return [name for file in files if (name := file.text("filename"))]


def _entry(record: Lenient) -> TicketEntry:
    """A note, an e-mail or spent time."""
    return TicketEntry(
        key=record.id,
        at=record.first(moment, "datetime"),
        author=record.reference("who_agentid", "who", "emailfrom", convert=reference_key),
        text=record.words("note") or plain(record.words("note_html")),
        is_internal=record.flag("hiddenfromuser"),
        title=record.text("outcome"),
        hours=record.hours("timetaken") or None,
        attachments=_file_names(record.entries("attachments")),
    )
