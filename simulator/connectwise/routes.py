"""Every endpoint of the API that the simulator serves, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.connectwise import assets, companies, setup, tickets
from simulator.connectwise.resource import Resource, Source, below, where, whole
from simulator.entities import Contact
from simulator.table import Table
from simulator.ticket_entities import Note
from simulator.world import World

Keys = Mapping[str, Callable[[Any], object]]
UPDATED: Keys = {"lastUpdated": lambda row: row.updated_at, "_info/lastUpdated": lambda row: row.updated_at}
ENTERED: Keys = {"dateEntered": lambda row: row.created_at, "_info/dateEntered": lambda row: row.created_at}
OF_COMPANY = {"company/id": "company_id"}
SERVICE, PROJECT = where("tickets", "is_project", False), where("tickets", "is_project", True)


@dataclass(frozen=True)
class _Item:
    """A communication item as a row of its own."""

    id: int
    shown: Mapping[str, object]


def _constant(table: Table[setup.Named]) -> Source:
    return lambda *_: (table, table.ids)


def _notes_on(world: World, parent: int) -> tuple[Mapping[int, Any], Sequence[int]]:
    table: Table[Any] = Table(_notes(world, parent))
    return table, table.ids


def _notes(world: World, parent: int) -> list[Note]:
    ticket = world.tickets[parent]
    first = [tickets.description(ticket)] if ticket.description else []
    return first + [world.notes[id_] for id_ in world.notes.by("ticket_id").get(parent, ())]


def _said_on(world: World, parent: int) -> tuple[Mapping[int, Any], Sequence[int]]:
    entries = [world.time_entries[id_] for id_ in world.time_entries.by("ticket_id").get(parent, ())]
    table: Table[Any] = Table([*_notes(world, parent), *entries])
    return table, table.ids


def _files_of(world: World, parent: int) -> tuple[Mapping[int, Any], Sequence[int]]:
    ticket = world.tickets.get(parent)
    table = Table(tickets.files(ticket) if ticket else ())
    return table, table.ids


def _assets_of(world: World, parent: int) -> tuple[Mapping[int, Any], Sequence[int]]:
    return world.assets, sorted(id_ for id_ in world.tickets[parent].asset_ids if id_ in world.assets)


def _items_of(world: World, parent: int) -> tuple[Mapping[int, Any], Sequence[int]]:
    contact: Contact = world.contacts[parent]
    items = companies.communication_items(contact)
    table = Table(_Item(contact.id * 10 + i, {**item, "contactId": parent}) for i, item in enumerate(items))
    return table, table.ids


def _shown(name: str) -> Callable[[Any, _Item], object]:
    return lambda _, item: item.shown.get(name)


COMMUNICATION = {
    name: _shown(name)
    for name in (
        "id",
        "contactId",
        "type",
        "value",
        "extension",
        "defaultFlag",
        "domain",
        "communicationType",
    )
}
# The keys of references are told without making the references.
TICKET_KEYS: Keys = {
    **UPDATED,
    **ENTERED,
    "configuration/id": lambda row: row.asset_ids,
    "board/id": lambda row: row.board_id,
    "company/id": lambda row: row.company_id,
    "contact/id": lambda row: row.contact_id,
    "owner/id": lambda row: row.owner_id,
    "priority/id": lambda row: row.priority_id,
    "status/id": lambda row: row.status_id,
}

ALL: tuple[Resource[Any], ...] = (
    Resource(
        "/company/companies", "companies", "Company", whole("companies"), companies.COMPANY, keys={**UPDATED, **ENTERED}
    ),
    Resource("/company/companies/statuses", "statuses", "CompanyStatus", whole("statuses"), setup.STATUS),
    Resource("/company/companies/types", "company_types", "CompanyType", whole("company_types"), setup.COMPANY_TYPE),
    Resource(
        "/company/companies/#/sites",
        "sites",
        "CompanySite",
        below("sites", "company_id"),
        companies.SITE,
        parent=whole("companies"),
        unselectable=frozenset({"addressLine2"}),
        keys=UPDATED,
        forward_only=False,
    ),
    Resource(
        "/company/configurations",
        "assets",
        "CompanyConfiguration",
        whole("assets"),
        assets.CONFIGURATION,
        indexes=OF_COMPANY,
        keys=UPDATED,
    ),
    Resource(
        "/company/configurations/statuses",
        "asset_statuses",
        "ConfigurationStatus",
        whole("asset_statuses"),
        setup.ASSET_STATUS,
    ),
    Resource(
        "/company/configurations/types", "asset_types", "ConfigurationType", whole("asset_types"), setup.ASSET_TYPE
    ),
    Resource(
        "/company/contacts",
        "contacts",
        "Contact",
        whole("contacts"),
        companies.CONTACT,
        indexes=OF_COMPANY,
        keys=UPDATED,
    ),
    Resource("/company/contacts/types", "contact_types", "ContactType", whole("contact_types"), setup.CONTACT_TYPE),
    Resource(
        "/company/contacts/#/communications",
        "communications",
        "ContactCommunication",
        _items_of,
        COMMUNICATION,
        parent=whole("contacts"),
    ),
    Resource(
        "/company/communicationTypes",
        "communication_types",
        "CommunicationType",
        _constant(setup.COMMUNICATION_TYPES),
        setup.COMMUNICATION_TYPE,
        forward_only=False,
    ),
    Resource(
        "/company/countries", "countries", "Country", _constant(setup.COUNTRY_TABLE), setup.COUNTRY, counted=False
    ),
    Resource("/company/states", "states", "State", _constant(setup.STATE_TABLE), setup.STATE, counted=False),
    Resource(
        "/procurement/manufacturers",
        "manufacturers",
        "Manufacturer",
        _constant(setup.MANUFACTURER_TABLE),
        setup.MANUFACTURER,
    ),
    Resource("/service/boards", "boards", "Board", whole("boards"), tickets.BOARD),
    Resource(
        "/service/boards/#/statuses",
        "board_statuses",
        "BoardStatus",
        below("board_statuses", "board_id"),
        tickets.BOARD_STATUS,
        parent=whole("boards"),
    ),
    Resource("/service/priorities", "priorities", "Priority", whole("priorities"), tickets.PRIORITY),
    Resource(
        "/service/tickets", "tickets", "Ticket", SERVICE, tickets.SERVICE_TICKET, indexes=OF_COMPANY, keys=TICKET_KEYS
    ),
    Resource(
        "/project/tickets",
        "tickets",
        "ProjectTicket",
        PROJECT,
        tickets.PROJECT_TICKET,
        indexes=OF_COMPANY,
        keys=TICKET_KEYS,
    ),
    Resource(
        "/service/tickets/#/notes",
        "notes",
        "ServiceNote",
        _notes_on,
        tickets.SERVICE_NOTE,
        parent=SERVICE,
    ),
    Resource(
        "/project/tickets/#/notes",
        "notes",
        "TicketNote",
        _notes_on,
        tickets.PROJECT_NOTE,
        parent=PROJECT,
        counted=False,
        single=False,
    ),
    Resource(
        "/service/tickets/#/allNotes",
        "notes",
        "ServiceTicketNote",
        _said_on,
        tickets.ANY_NOTE,
        parent=SERVICE,
        unfilterable=frozenset({"noteType"}),
        counted=False,
        single=False,
    ),
    Resource(
        "/project/tickets/#/allNotes",
        "notes",
        "ProjectTicketNote",
        _said_on,
        tickets.ANY_NOTE,
        parent=PROJECT,
        unfilterable=frozenset({"noteType"}),
        counted=False,
        single=False,
    ),
    Resource(
        "/service/tickets/#/timeentries",
        "time_entries",
        "TimeEntryReference",
        below("time_entries", "ticket_id"),
        tickets.TIME_ENTRY_REFERENCE,
        parent=SERVICE,
        single=False,
    ),
    Resource(
        "/service/tickets/#/configurations",
        "assets",
        "ConfigurationReference",
        _assets_of,
        assets.CONFIGURATION_REFERENCE,
        parent=SERVICE,
        counted=False,
        single=False,
    ),
    Resource(
        "/time/entries",
        "time_entries",
        "TimeEntry",
        whole("time_entries"),
        tickets.TIME_ENTRY,
        indexes={"chargeToId": "ticket_id"},
    ),
    Resource("/system/members", "members", "Member", whole("members"), tickets.MEMBER),
    Resource(
        "/system/userDefinedFields",
        "custom_fields",
        "UserDefinedField",
        whole("custom_fields"),
        setup.USER_DEFINED_FIELD,
    ),
)
BY_PATH: Mapping[str, Resource[Any]] = {resource.path: resource for resource in ALL}
# The files of one record, which the request names beside the path.
DOCUMENTS: Resource[Any] = Resource(
    "/system/documents", "documents", "DocumentInfo", _files_of, tickets.DOCUMENT, counted=False, single=False
)
