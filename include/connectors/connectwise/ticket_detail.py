"""All that ConnectWise tells of one ticket: notes, time entries, configurations and documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from include.connectors.common.tickets import hours, oldest_first, time_entries, try_pick, words
from include.connectors.common.values import InvalidValue, boolean, instant, pick, text, whole_key
from include.connectors.connectwise.client import ConnectWiseClient
from include.connectors.connectwise.listings import obeyed
from include.connectors.connectwise.ticket_columns import FIELDS, SERVICE, Place, located, named, ticket
from include.model.errors import NotFound, RequestRefused, RightsError, ShapeError
from include.model.page import Page
from include.model.tickets import Reference, TicketDetail, TicketEntry

MOST = 200  # of each kind; the newest
TIME_ENTRIES = "/time/entries"
DOCUMENTS = "/system/documents"
DETAIL_FIELDS = f"{FIELDS},site/id,site/name,siteName,initialDescription"
NOTE_FIELDS = (
    "id,text,member/id,member/name,contact/name,detailDescriptionFlag,internalAnalysisFlag,resolutionFlag,"
    "internalFlag,externalFlag"
)
TIME_FIELDS = (
    "id,chargeToId,member/id,member/name,timeStart,dateEntered,actualHours,notes,internalNotes,"
    "addToDetailDescriptionFlag,addToInternalAnalysisFlag,addToResolutionFlag"
)


@dataclass(frozen=True)
class Flags:
    """The flags by which ConnectWise files a text: `ours` under what customers do not see, `theirs` where they do."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    titles: Mapping[str, str]

    def is_internal(self, record: Any) -> bool | None:
        """Public only what is filed where customers see it and nowhere else; None where no flag says either."""
        try:
            ours, theirs = ([pick(boolean, record, flag) for flag in flags] for flags in (self.ours, self.theirs))
        except InvalidValue:
            return None
        return True if any(ours) else False if any(theirs) else None

    def title(self, record: Any) -> str | None:
        """The tabs of the ticket that it stands under."""
        return ", ".join(title for flag, title in self.titles.items() if try_pick(boolean, record, flag)) or None


NOTE = Flags(
    ours=("internalAnalysisFlag", "internalFlag"),
    theirs=("detailDescriptionFlag", "resolutionFlag", "externalFlag"),
    titles={"detailDescriptionFlag": "Discussion", "internalAnalysisFlag": "Internal", "resolutionFlag": "Resolution"},
)
TIME = Flags(
    ours=("addToInternalAnalysisFlag",),
    theirs=("addToDetailDescriptionFlag", "addToResolutionFlag"),
    titles={
        "addToDetailDescriptionFlag": "Discussion",
        "addToInternalAnalysisFlag": "Internal",
        "addToResolutionFlag": "Resolution",
    },
)


@dataclass
class Reader:
    """Reads what hangs on a ticket; what may not be read becomes a sentence."""

    api: ConnectWiseClient
    missing: list[str] = field(default_factory=list)

    def records(self, what: str, path: str, **params: str | int) -> list[Any]:
        """The records of a list, as many as are shown."""
        try:
            answer = self.api.get(path, {**params, "page": 1, "pageSize": MOST})
        except (NotFound, RightsError, RequestRefused):
            self.missing.append(f"The {what} could not be read. Has the API member the right to them?")
            return []
        if not isinstance(answer.body, list):
            raise ShapeError(f"ConnectWise: the {what} of a ticket came as {type(answer.body).__name__}, not a list.")
        if answer.has_next:
            self.missing.append(f"There are more {what} than the newest {MOST} that are shown.")
        return answer.body


def detail(api: ConnectWiseClient, key: str) -> TicketDetail:
    """Five requests for a service ticket; raises NotFound when it is gone."""
    place, number = located(key, "ticket")
    record = api.get(f"{place.path}/{number}", {"fields": DETAIL_FIELDS}).body
    found = ticket(api, record, place)
    if found is None or found.key != key:
        raise ShapeError(f"ConnectWise: {place.path}/{{id}} answered with another record than was asked for.")
    reader = Reader(api)
    entries = [*notes(reader, place, number), *time_spent(reader, place, number)]
    return TicketDetail(
        ticket=found,
        description=try_pick(text, record, "initialDescription"),
        site=named(record, "site", try_pick(text, record, "siteName")),
        assets=configurations(reader, number) if place is SERVICE else (),
        entries=oldest_first(entries),
        attachments=documents(reader, number),
        missing=reader.missing,
    )


def notes(reader: Reader, place: Place, number: int) -> Iterable[TicketEntry]:
    for record in reader.records(
        "notes", f"{place.path}/{number}/notes", fields=f"{NOTE_FIELDS},{place.stamps}", orderBy="id desc"
    ):
        by_contact = try_pick(text, record, "contact", "name")
        writer = Reference(None, by_contact or try_pick(text, record, "createdBy"))
        member = named(record, "member")
        yield TicketEntry(
            key=f"note-{words(record, 'id')}",
            at=try_pick(instant, record, "dateCreated") or try_pick(instant, record, "_info", "lastUpdated"),
            author=member if member.key or member.name else writer,
            text=words(record, "text"),
            is_internal=NOTE.is_internal(record),
            title=NOTE.title(record),
        )


def time_spent(reader: Reader, place: Place, number: int) -> Iterable[TicketEntry]:
    """What was noted for colleagues beside the notes for customers is an entry of its own."""
    records = reader.records(
        "time entries",
        TIME_ENTRIES,
        conditions=f'chargeToId={number} and chargeToType="{place.charged}"',
        fields=TIME_FIELDS,
        orderBy="id desc",
    )
    (page,) = obeyed([Page(records)], lambda r: pick(whole_key, r, "chargeToId") == str(number), TIME_ENTRIES)
    for record in page.records:
        yield from spent(record)


def spent(record: Any) -> list[TicketEntry]:
    time = TicketEntry(
        key=f"time-{words(record, 'id')}",
        at=try_pick(instant, record, "timeStart") or try_pick(instant, record, "dateEntered"),
        author=named(record, "member"),
        text=words(record, "notes"),
        is_internal=TIME.is_internal(record),
        title=TIME.title(record),
        hours=try_pick(hours, record, "actualHours"),
    )
    return time_entries(time, words(record, "internalNotes"))


def configurations(reader: Reader, number: int) -> list[Reference]:
    """Their names come from the warehouse: the list has keys and what tells devices apart."""
    records = reader.records("configurations", f"{SERVICE.path}/{number}/configurations")
    return [
        Reference(key, try_pick(text, record, "_info", "name"))
        for record in records
        if (key := try_pick(whole_key, record, "id"))
    ]


def documents(reader: Reader, number: int) -> list[str]:
    records = reader.records("documents", DOCUMENTS, recordType="Ticket", recordId=number, fields="id,title,fileName")
    return [name for record in records if (name := words(record, "fileName") or words(record, "title"))]
