"""Which path serves which resource."""

from __future__ import annotations

from simulator.kaseya_bms import assets, companies, contacts, custom_fields, setup, ticket_entries, tickets
from simulator.kaseya_bms.companies import accounts, locations
from simulator.kaseya_bms.contacts import contacts_of_account
from simulator.kaseya_bms.filters import ACCOUNTS, ASSETS, CONTACTS
from simulator.kaseya_bms.resource import Resource, all_rows
from simulator.kaseya_bms.setup import active_members
from simulator.kaseya_bms.ticket_entries import activities_of_ticket, notes_of_ticket
from simulator.kaseya_bms.ticket_filters import ACTIVITIES, ASSIGNEES, CHOICES, EMPLOYEES, TICKETS

ALL = (
    Resource("/v2/crm/accounts/summary", "companies", "pages with total", accounts, companies.account, ACCOUNTS),
    Resource("/v2/crm/accounts/summary/{id}", "companies", "bare", accounts, companies.account),
    Resource("/v2/crm/accounts/{accountId}/locations/lookup", "sites", "all", locations, companies.location_name),
    Resource("/v2/crm/accounts/{accountId}/locations/{locationId}", "sites", "one", locations, companies.location),
    Resource(
        "/v2/crm/contacts/summary", "contacts", "pages with total", all_rows("contacts"), contacts.contact, CONTACTS
    ),
    Resource("/v2/crm/contacts/summary/{id}", "contacts", "bare", all_rows("contacts"), contacts.contact),
    Resource(
        "/v2/crm/accounts/{accountId}/contacts/{contactId}/summaryinfo",
        "contacts",
        "one",
        contacts_of_account,
        contacts.contact_info,
    ),
    Resource(
        "/v2/servicedesk/hardwareasset/searchselect", "assets", "pages", all_rows("assets"), assets.asset_row, ASSETS
    ),
    Resource("/v2/servicedesk/hardwareasset/{assetId}", "assets", "one", all_rows("assets"), assets.asset_detail),
    Resource(
        "/v2/servicedesk/tickets", "tickets", "pages with total", all_rows("tickets"), tickets.ticket_row, TICKETS
    ),
    Resource(
        "/v2/servicedesk/tickets/search",
        "tickets",
        "pages with total",
        all_rows("tickets"),
        tickets.ticket_row,
        TICKETS,
        method="POST",
    ),
    Resource(
        "/v2/servicedesk/tickets/searchselect", "tickets", "pages", all_rows("tickets"), tickets.ticket_choice, CHOICES
    ),
    Resource("/v2/servicedesk/tickets/count", "tickets", "count", all_rows("tickets"), tickets.ticket_row, TICKETS),
    Resource("/v2/servicedesk/tickets/{ticketId}", "tickets", "one", all_rows("tickets"), tickets.ticket_detail),
    Resource("/v2/servicedesk/tickets/{ticketId}/notes", "notes", "pages", notes_of_ticket, ticket_entries.note),
    Resource(
        "/v2/servicedesk/tickets/{ticketId}/activities",
        "time_entries",
        "pages with total",
        activities_of_ticket,
        ticket_entries.activity,
        ACTIVITIES,
    ),
    Resource("/v2/servicedesk/tickets/{ticketId}/slainfo", "tickets", "one", all_rows("tickets"), tickets.sla_info),
    Resource("/v2/hr/employees/lookup", "members", "pages", all_rows("members"), setup.employee, EMPLOYEES),
    Resource("/v2/hr/assignees/lookup", "members", "pages", active_members, setup.assignee, ASSIGNEES),
    Resource(
        "/v2/system/customFields/{moduleId}",
        "custom_fields",
        "all",
        custom_fields.definitions,
        custom_fields.definition,
    ),
    Resource(
        "/v2/system/customFields/{moduleId}/{objectId}", "values", "all", custom_fields.values, custom_fields.value_row
    ),
    Resource("/v2/system/accounttypes/lookup", "company_types", "all", all_rows("company_types"), setup.account_type),
    Resource("/v2/system/queues/lookup", "boards", "all", all_rows("boards"), setup.queue),
    Resource("/v2/system/priorities/lookup", "priorities", "all", all_rows("priorities"), setup.priority),
    Resource("/v2/system/statuses/lookup", "board_statuses", "all", setup.statuses, setup.status),
)


def find(path: str) -> tuple[Resource, tuple[int, ...]] | None:
    """The resource of a path, and the ids in it."""
    for resource in ALL:
        match = resource.pattern.fullmatch(path)
        if match:
            return resource, tuple(map(int, match.groups()))
    return None
