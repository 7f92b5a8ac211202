"""Every path that serves rows, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from simulator.kaseya_bms import assets, companies, custom_fields, setup, ticket_entries, tickets
from simulator.kaseya_bms.filters import ACCOUNTS, ASSETS, CONTACTS, Filters
from simulator.kaseya_bms.ticket_filters import ACTIVITIES, ASSIGNEES, CHOICES, EMPLOYEES, TICKETS
from simulator.messages import Record, Refused
from simulator.table import Table
from simulator.world import World

Rows = tuple[Mapping[int, Any], Sequence[int]]
# The rows below the ids in the path, and which of them there are.
Source = Callable[[World, Sequence[int]], Rows]
# A whole list, pages with or without a total, how many there are, one record in the envelope, or one without it.
Shape = Literal["all", "pages", "pages with total", "count", "one", "bare"]


@dataclass(frozen=True)
class Route:
    """`path` as the document spells it; `kind` is the world's word for the rows.

    With POST the same is asked in a body. Only what counts names its filters without a `Filter.` before them.
    """

    path: str
    kind: str
    shape: Shape
    rows: Source
    record: Callable[[World, Any], Record]
    filters: Filters = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"

    @property
    def prefix(self) -> str:
        """What stands before the name of a filter."""
        return "" if self.shape == "count" else "Filter."

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches the path with ids in it."""
        return re.compile(re.sub(r"\{\w+\}", r"(\\d{1,9})", self.path))


def whole(kind: str) -> Source:
    """All rows of a kind."""

    def source(world: World, _ids: Sequence[int]) -> Rows:
        table = getattr(world, kind)
        return table, table.ids

    return source


def accounts(world: World, _ids: Sequence[int]) -> Rows:
    """Those that were not deleted: there is no such mark here, a deleted account is simply gone."""
    return world.companies, world.companies.by("is_deleted").get(False, ())


def locations(world: World, ids: Sequence[int]) -> Rows:
    """The locations of one account."""
    company = world.companies.get(ids[0])
    if company is None or company.is_deleted:
        raise Refused(200, "Account not found", code="404")
    return world.sites, world.sites.by("company_id").get(company.id, ())


def people(world: World, ids: Sequence[int]) -> Rows:
    """The contacts of one account; 0 has those who belong to none, and a deleted account still has its own."""
    return world.contacts, world.contacts.by("company_id").get(ids[0] or None, ())


def notes(world: World, ids: Sequence[int]) -> Rows:
    """What was written on one ticket."""
    return world.notes, _below(world, "notes", ids[0])


def activities(world: World, ids: Sequence[int]) -> Rows:
    """What was written on one ticket, and the time spent on it."""
    table: Table[Any] = Table(
        getattr(world, kind)[id_] for kind in ("notes", "time_entries") for id_ in _below(world, kind, ids[0])
    )
    return table, table.ids


def _below(world: World, kind: str, ticket_id: int) -> Sequence[int]:
    if ticket_id not in world.tickets:
        raise Refused(200, "Ticket not found", code="404")
    found: Sequence[int] = getattr(world, kind).by("ticket_id").get(ticket_id, ())
    return found


def active_members(world: World, _ids: Sequence[int]) -> Rows:
    """Those who can still be given a ticket."""
    return world.members, world.members.by("is_active").get(True, ())


ALL = (
    Route("/v2/crm/accounts/summary", "companies", "pages with total", accounts, companies.account, ACCOUNTS),
    Route("/v2/crm/accounts/summary/{id}", "companies", "bare", accounts, companies.account),
    Route("/v2/crm/accounts/{accountId}/locations/lookup", "sites", "all", locations, companies.location_name),
    Route("/v2/crm/accounts/{accountId}/locations/{locationId}", "sites", "one", locations, companies.location),
    Route("/v2/crm/contacts/summary", "contacts", "pages with total", whole("contacts"), companies.contact, CONTACTS),
    Route("/v2/crm/contacts/summary/{id}", "contacts", "bare", whole("contacts"), companies.contact),
    Route(
        "/v2/crm/accounts/{accountId}/contacts/{contactId}/summaryinfo",
        "contacts",
        "one",
        people,
        companies.contact_info,
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
    Route("/v2/servicedesk/tickets/{ticketId}/notes", "notes", "pages", notes, ticket_entries.note),
    Route(
        "/v2/servicedesk/tickets/{ticketId}/activities",
        "time_entries",
        "pages with total",
        activities,
        ticket_entries.activity,
        ACTIVITIES,
    ),
    Route("/v2/servicedesk/tickets/{ticketId}/slainfo", "tickets", "one", whole("tickets"), tickets.agreement),
    Route("/v2/hr/employees/lookup", "members", "pages", whole("members"), tickets.employee, EMPLOYEES),
    Route("/v2/hr/assignees/lookup", "members", "pages", active_members, tickets.assignee, ASSIGNEES),
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
