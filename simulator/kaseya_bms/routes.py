"""Every path that serves rows, as data."""

from __future__ import annotations

from simulator.kaseya_bms import assets, companies, contacts, custom_fields, setup, ticket_entries, tickets
from simulator.kaseya_bms.companies import accounts, locations
from simulator.kaseya_bms.contacts import contacts_of_account
from simulator.kaseya_bms.filters import ACCOUNTS, ASSETS, CONTACTS
from simulator.kaseya_bms.resource import Route, whole
from simulator.kaseya_bms.setup import active_members
from simulator.kaseya_bms.ticket_entries import activities_of_ticket, notes_of_ticket
from simulator.kaseya_bms.ticket_filters import ACTIVITIES, ASSIGNEES, CHOICES, EMPLOYEES, TICKETS

ALL = (
    Route("/v2/crm/accounts/summary", "companies", "pages with total", accounts, companies.account, ACCOUNTS),
    Route("/v2/crm/accounts/summary/{id}", "companies", "bare", accounts, companies.account),
    Route("/v2/crm/accounts/{accountId}/locations/lookup", "sites", "all", locations, companies.location_name),
    Route("/v2/crm/accounts/{accountId}/locations/{locationId}", "sites", "one", locations, companies.location),
    Route("/v2/crm/contacts/summary", "contacts", "pages with total", whole("contacts"), contacts.contact, CONTACTS),
    Route("/v2/crm/contacts/summary/{id}", "contacts", "bare", whole("contacts"), contacts.contact),
    Route(
        "/v2/crm/accounts/{accountId}/contacts/{contactId}/summaryinfo",
        "contacts",
        "one",
        contacts_of_account,
        contacts.contact_info,
    ),
    Route("/v2/servicedesk/hardwareasset/searchselect", "assets", "pages", whole("assets"), assets.asset_row, ASSETS),
    Route("/v2/servicedesk/hardwareasset/{assetId}", "assets", "one", whole("assets"), assets.asset_detail),
    Route("/v2/servicedesk/tickets", "tickets", "pages with total", whole("tickets"), tickets.ticket_row, TICKETS),
    Route(
        "/v2/servicedesk/tickets/search",
        "tickets",
        "pages with total",
        whole("tickets"),
        tickets.ticket_row,
        TICKETS,
        method="POST",
    ),
    Route("/v2/servicedesk/tickets/searchselect", "tickets", "pages", whole("tickets"), tickets.ticket_choice, CHOICES),
    Route("/v2/servicedesk/tickets/count", "tickets", "count", whole("tickets"), tickets.ticket_row, TICKETS),
    Route("/v2/servicedesk/tickets/{ticketId}", "tickets", "one", whole("tickets"), tickets.ticket_detail),
    Route("/v2/servicedesk/tickets/{ticketId}/notes", "notes", "pages", notes_of_ticket, ticket_entries.note),
    Route(
        "/v2/servicedesk/tickets/{ticketId}/activities",
        "time_entries",
        "pages with total",
        activities_of_ticket,
        ticket_entries.activity,
        ACTIVITIES,
    ),
    Route("/v2/servicedesk/tickets/{ticketId}/slainfo", "tickets", "one", whole("tickets"), tickets.agreement),
    Route("/v2/hr/employees/lookup", "members", "pages", whole("members"), setup.employee, EMPLOYEES),
    Route("/v2/hr/assignees/lookup", "members", "pages", active_members, setup.assignee, ASSIGNEES),
    Route(
        "/v2/system/customFields/{moduleId}",
        "custom_fields",
        "all",
        custom_fields.definitions,
        custom_fields.definition,
    ),
    Route(
        "/v2/system/customFields/{moduleId}/{objectId}", "values", "all", custom_fields.values, custom_fields.value_row
    ),
    Route("/v2/system/accounttypes/lookup", "company_types", "all", whole("company_types"), setup.account_type),
    Route("/v2/system/queues/lookup", "boards", "all", whole("boards"), setup.queue),
    Route("/v2/system/priorities/lookup", "priorities", "all", whole("priorities"), setup.priority),
    Route("/v2/system/statuses/lookup", "board_statuses", "all", setup.statuses, setup.status),
)


def find(path: str) -> tuple[Route, tuple[int, ...]] | None:
    """The route of a path, and the ids in it."""
    for route in ALL:
        match = route.pattern.fullmatch(path)
        if match:
            return route, tuple(map(int, match.groups()))
    return None
