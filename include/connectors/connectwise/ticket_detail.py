"""One ticket of ConnectWise, with its notes, time entries, configurations and documents."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.connectors.common.lenient import Lenient, require_ticket
from include.connectors.common.responses import listed
from include.connectors.common.ticket_mapping import map_one_ticket
from include.connectors.common.tickets import FEW_TRIES, if_allowed, oldest_first, time_entries
from include.connectors.common.values import InvalidValue, boolean, pick
from include.connectors.connectwise.client import ConnectWiseClient, at_path
from include.connectors.connectwise.columns import requested
from include.connectors.connectwise.ticket_columns import SERVICE, TICKET_COLUMNS, TicketKind, located
from include.model.tickets import TicketDetail, TicketEntry

MAX_RECORDS = 200  # of each list, the newest
TIME_ENTRIES = "/time/entries"
DOCUMENTS = "/system/documents"
DETAIL_FIELDS = f"{requested(TICKET_COLUMNS)},site/id,site/name,siteName,initialDescription"
NOTE_FIELDS = "id,text,member/id,member/name,contact/name"
NOTE_FLAGS = "detailDescriptionFlag,internalAnalysisFlag,resolutionFlag,internalFlag,externalFlag"
TIME_FIELDS = "id,chargeToId,member/id,member/name,timeStart,dateEntered,actualHours,notes,internalNotes"
TIME_FLAGS = "addToDetailDescriptionFlag,addToInternalAnalysisFlag,addToResolutionFlag"
FLAGS = (
    ("detailDescriptionFlag", "Discussion", False),
    ("addToDetailDescriptionFlag", "Discussion", False),
    ("internalAnalysisFlag", "Internal", True),
    ("addToInternalAnalysisFlag", "Internal", True),
    ("resolutionFlag", "Resolution", False),
    ("addToResolutionFlag", "Resolution", False),
    ("internalFlag", "", True),
    ("externalFlag", "", False),
)
"""The flags of notes and of time entries: the tab of the ticket that shows the text, and whether it is internal."""


@dataclass
class Lists:
    """Reads the lists that belong to a ticket; one that may not be read becomes a sentence."""

    client: ConnectWiseClient
    missing: list[str] = field(default_factory=list)

    def read(self, what: str, path: str, **params: str) -> list[Lenient]:
        """The newest records of a list."""
        with if_allowed(self.missing, f"The {what} could not be read. Has the API member the right to them?"):
            answer = self.client.get(path, {**params, "page": 1, "pageSize": MAX_RECORDS}, tries=FEW_TRIES)
            if answer.has_next:
                self.missing.append(f"There are more {what} than the newest {MAX_RECORDS} that are shown.")
            return list(map(Lenient, listed(answer.body, at_path(path))))
        return []


def detail(client: ConnectWiseClient, key: str) -> TicketDetail:
    """Five requests for a service ticket; raises NotFound when it is gone."""
    kind, number = located(key, "ticket")
    path, lists = f"{kind.path}/{number}", Lists(client)
    record = client.get(path, {"fields": DETAIL_FIELDS}, tries=FEW_TRIES).body
    ticket = map_one_ticket(kind.columns, record, client, key, f"{at_path(kind.path)}/{{id}}")
    note_fields = f"{NOTE_FIELDS},{NOTE_FLAGS},{kind.note_fields}"
    notes = lists.read("notes", f"{path}/notes", fields=note_fields, orderBy="id desc")
    times = _times(lists, kind, number)
    devices = lists.read("configurations", f"{path}/configurations") if kind is SERVICE else []
    files = lists.read("documents", DOCUMENTS, recordType="Ticket", recordId=number, fields="id,title,fileName")
    return TicketDetail(
        ticket=ticket,
        description=Lenient(record).text("initialDescription"),
        site=Lenient(record).reference("site.id", "site.name", "siteName"),
        # The list does not always name them: the warehouse does.
        assets=[one for device in devices if (one := device.reference("id", "_info.name")).key],
        entries=oldest_first([*map(_note, notes), *(part for time in times for part in _time(time))]),
        attachments=[name for file in files if (name := file.text("fileName", "title"))],
        missing=lists.missing,
    )


def _times(lists: Lists, kind: TicketKind, number: str) -> list[Lenient]:
    conditions = f'chargeToId={number} and chargeToType="{kind.charge_type}"'
    fields = f"{TIME_FIELDS},{TIME_FLAGS}"
    times = lists.read("time entries", TIME_ENTRIES, conditions=conditions, fields=fields, orderBy="id desc")
    require_ticket(times, "chargeToId", number, f"{at_path(TIME_ENTRIES)} delivered time entries")
    return times


def _is_internal(record: Lenient) -> bool | None:
    """Whether customers do not see the text by one of its flags; None where no flag is set, or one is invalid."""
    try:
        set_flags = [is_internal for flag, _, is_internal in FLAGS if pick(boolean, record.record, flag)]
    except InvalidValue:
        return None
    return any(set_flags) if set_flags else None


def _title(record: Lenient) -> str | None:
    """The tabs of the ticket that show the text."""
    return ", ".join(tab for flag, tab, _ in FLAGS if tab and record.flag(flag)) or None


def _note(record: Lenient) -> TicketEntry:
    member = record.reference("member.id", "member.name")
    return TicketEntry(
        key=f"note-{record.id}",
        at=record.moment("dateCreated", "_info.lastUpdated"),
        author=member if member.key or member.name else record.reference("", "contact.name", "createdBy"),
        text=record.words("text"),
        is_internal=_is_internal(record),
        title=_title(record),
    )


def _time(record: Lenient) -> list[TicketEntry]:
    time = TicketEntry(
        key=f"time-{record.id}",
        at=record.moment("timeStart", "dateEntered"),
        author=record.reference("member.id", "member.name"),
        text=record.words("notes"),
        is_internal=_is_internal(record),
        title=_title(record),
        hours=record.hours("actualHours"),
    )
    return time_entries(time, record.words("internalNotes"))
