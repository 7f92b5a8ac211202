"""Which path serves which resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.connectwise import assets, companies, contacts, custom_fields, setup, ticket_entries, tickets
from simulator.connectwise.assets import assets_of_ticket
from simulator.connectwise.contacts import COMMUNICATION, items_of_contact
from simulator.connectwise.resource import Resource, Source, all_rows, of_parent, where
from simulator.connectwise.ticket_entries import files_of_ticket, notes_and_time_of_ticket, notes_of_ticket
from simulator.table import Table

Keys = Mapping[str, Callable[[Any], object]]
UPDATED: Keys = {"lastUpdated": lambda row: row.updated_at, "_info/lastUpdated": lambda row: row.updated_at}
ENTERED: Keys = {"dateEntered": lambda row: row.created_at, "_info/dateEntered": lambda row: row.created_at}
OF_COMPANY = {"company/id": "company_id"}
SERVICE, PROJECT = where("tickets", "is_project", False), where("tickets", "is_project", True)


def _constant(table: Table[setup.NamedRow]) -> Source:
    return lambda *_: (table, table.ids)


# Filters by these fields read the row, which is faster than building the reference.
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
        "/company/companies",
        "companies",
        "Company",
        all_rows("companies"),
        companies.COMPANY,
        keys={**UPDATED, **ENTERED},
    ),
    Resource("/company/companies/statuses", "statuses", "CompanyStatus", all_rows("statuses"), setup.STATUS),
    Resource("/company/companies/types", "company_types", "CompanyType", all_rows("company_types"), setup.COMPANY_TYPE),
    Resource(
        "/company/companies/#/sites",
        "sites",
        "CompanySite",
        of_parent("sites", "company_id"),
        companies.SITE,
        parent=all_rows("companies"),
        unselectable=frozenset({"addressLine2"}),
        keys=UPDATED,
        forward_only=False,
    ),
    Resource(
        "/company/configurations",
        "assets",
        "CompanyConfiguration",
        all_rows("assets"),
        assets.CONFIGURATION,
        indexes=OF_COMPANY,
        keys=UPDATED,
    ),
    Resource(
        "/company/configurations/statuses",
        "asset_statuses",
        "ConfigurationStatus",
        all_rows("asset_statuses"),
        setup.ASSET_STATUS,
    ),
    Resource(
        "/company/configurations/types", "asset_types", "ConfigurationType", all_rows("asset_types"), setup.ASSET_TYPE
    ),
    Resource(
        "/company/contacts",
        "contacts",
        "Contact",
        all_rows("contacts"),
        contacts.CONTACT,
        indexes=OF_COMPANY,
        keys=UPDATED,
    ),
    Resource("/company/contacts/types", "contact_types", "ContactType", all_rows("contact_types"), setup.CONTACT_TYPE),
    Resource(
        "/company/contacts/#/communications",
        "communications",
        "ContactCommunication",
        items_of_contact,
        COMMUNICATION,
        parent=all_rows("contacts"),
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
    Resource("/service/boards", "boards", "Board", all_rows("boards"), setup.BOARD),
    Resource(
        "/service/boards/#/statuses",
        "board_statuses",
        "BoardStatus",
        of_parent("board_statuses", "board_id"),
        setup.BOARD_STATUS,
        parent=all_rows("boards"),
    ),
    Resource("/service/priorities", "priorities", "Priority", all_rows("priorities"), setup.PRIORITY),
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
        notes_of_ticket,
        ticket_entries.SERVICE_NOTE,
        parent=SERVICE,
    ),
    Resource(
        "/project/tickets/#/notes",
        "notes",
        "TicketNote",
        notes_of_ticket,
        ticket_entries.PROJECT_NOTE,
        parent=PROJECT,
        counted=False,
        single=False,
    ),
    Resource(
        "/service/tickets/#/allNotes",
        "notes",
        "ServiceTicketNote",
        notes_and_time_of_ticket,
        ticket_entries.ANY_NOTE,
        parent=SERVICE,
        unfilterable=frozenset({"noteType"}),
        counted=False,
        single=False,
    ),
    Resource(
        "/project/tickets/#/allNotes",
        "notes",
        "ProjectTicketNote",
        notes_and_time_of_ticket,
        ticket_entries.ANY_NOTE,
        parent=PROJECT,
        unfilterable=frozenset({"noteType"}),
        counted=False,
        single=False,
    ),
    Resource(
        "/service/tickets/#/timeentries",
        "time_entries",
        "TimeEntryReference",
        of_parent("time_entries", "ticket_id"),
        ticket_entries.TIME_ENTRY_REFERENCE,
        parent=SERVICE,
        single=False,
    ),
    Resource(
        "/service/tickets/#/configurations",
        "assets",
        "ConfigurationReference",
        assets_of_ticket,
        assets.CONFIGURATION_REFERENCE,
        parent=SERVICE,
        counted=False,
        single=False,
    ),
    Resource(
        "/time/entries",
        "time_entries",
        "TimeEntry",
        all_rows("time_entries"),
        ticket_entries.TIME_ENTRY,
        indexes={"chargeToId": "ticket_id"},
    ),
    Resource("/system/members", "members", "Member", all_rows("members"), setup.MEMBER),
    Resource(
        "/system/userDefinedFields",
        "custom_fields",
        "UserDefinedField",
        all_rows("custom_fields"),
        custom_fields.USER_DEFINED_FIELD,
    ),
)
BY_PATH: Mapping[str, Resource[Any]] = {resource.path: resource for resource in ALL}
# The documents of one record, which the request names in its parameters.
DOCUMENTS: Resource[Any] = Resource(
    "/system/documents",
    "documents",
    "DocumentInfo",
    files_of_ticket,
    ticket_entries.DOCUMENT,
    counted=False,
    single=False,
)
