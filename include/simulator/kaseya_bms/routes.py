"""Every path that serves rows, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from include.simulator.kaseya_bms import fields, machines, parties, setup
from include.simulator.kaseya_bms.filters import ACCOUNTS, ASSETS, CONTACTS, Filters
from include.simulator.kaseya_bms.shapes import Record
from include.simulator.wire import Refused
from include.simulator.world import World

Rows = tuple[Mapping[int, Any], Sequence[int]]
# The rows below the ids in the path, and which of them there are.
Source = Callable[[World, Sequence[int]], Rows]
# A whole list, pages with or without a total, one record in the envelope, or one without it.
Shape = Literal["all", "pages", "pages with total", "one", "bare"]


@dataclass(frozen=True)
class Route:
    """`path` as the document spells it; `kind` is the world's word for the rows."""

    path: str
    kind: str
    shape: Shape
    rows: Source
    record: Callable[[World, Any], Record]
    filters: Filters = field(default_factory=dict)

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


ALL = (
    Route("/v2/crm/accounts/summary", "companies", "pages with total", accounts, parties.account, ACCOUNTS),
    Route("/v2/crm/accounts/summary/{id}", "companies", "bare", accounts, parties.account),
    Route("/v2/crm/accounts/{accountId}/locations/lookup", "sites", "all", locations, parties.location_name),
    Route("/v2/crm/accounts/{accountId}/locations/{locationId}", "sites", "one", locations, parties.location),
    Route("/v2/crm/contacts/summary", "contacts", "pages with total", whole("contacts"), parties.contact, CONTACTS),
    Route("/v2/crm/contacts/summary/{id}", "contacts", "bare", whole("contacts"), parties.contact),
    Route(
        "/v2/crm/accounts/{accountId}/contacts/{contactId}/summaryinfo",
        "contacts",
        "one",
        people,
        parties.contact_info,
    ),
    Route("/v2/servicedesk/hardwareasset/searchselect", "assets", "pages", whole("assets"), machines.asset_row, ASSETS),
    Route("/v2/servicedesk/hardwareasset/{assetId}", "assets", "one", whole("assets"), machines.asset_detail),
    Route("/v2/system/customFields/{moduleId}", "custom_fields", "all", fields.definitions, fields.definition),
    Route("/v2/system/customFields/{moduleId}/{objectId}", "values", "all", fields.values, fields.value_row),
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
