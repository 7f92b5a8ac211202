"""The three lists that have pages: what each is called, how long a page is, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.entities import Company
from simulator.syncro.assets import NETWORK_DEVICE, asset
from simulator.syncro.companies import contact, listed_customer, office
from simulator.syncro.formats import disabled, names
from simulator.syncro.serving import Feed, Query
from simulator.world import World

# What customers can be ordered by; another name changes nothing.
ORDERS: Mapping[str, Callable[[Company], Any]] = {
    "id": lambda company: company.id,
    "business_name": lambda company: (names(company).business_name or "").casefold(),
    "firstname": lambda company: (names(company).firstname or "").casefold(),
    "lastname": lambda company: (names(company).lastname or "").casefold(),
    "city": lambda company: (company.address.city or "").casefold(),
    "created_at": lambda company: company.created_at,
    "updated_at": lambda company: company.updated_at,
}


def _customers(world: World, query: Query) -> Sequence[int]:
    """Disabled ones are left out unless asked for, whatever else is asked."""
    rows = [world.companies[id_] for id_ in living(world)]
    if query.get("include_disabled") not in ("true", "1"):
        rows = [row for row in rows if not disabled(world, row)]
    for name in ("business_name", "firstname", "lastname"):
        if query.get(name):
            rows = [row for row in rows if _like(query[name], getattr(names(row), name))]
    if query.get("email"):
        rows = [row for row in rows if _like(query["email"], office(row))]
    if query.get("query"):
        rows = [row for row in rows if _like(query["query"], row.name)]
    for name, wanted in (("id", True), ("not_id", False)):
        listed = query.get(f"{name}[]", query.get(name))
        if listed is not None:
            rows = [row for row in rows if (str(row.id) == listed) is wanted]
    by, _, direction = query.get("sort", "").partition(" ")
    order = ORDERS.get(by, ORDERS["id"])
    newest_first = by not in ORDERS or direction.upper() == "DESC"
    return [row.id for row in sorted(rows, key=order, reverse=newest_first)]


def _contacts(world: World, query: Query) -> Sequence[int]:
    return _of_customer(world, "contacts", query)[::-1]


def _assets(world: World, query: Query) -> Sequence[int]:
    ids = _of_customer(world, "assets", query)
    if "asset_type_id" in query:
        ids = [id_ for id_ in ids if str(world.assets[id_].type_id) == query["asset_type_id"]]
    if query.get("snmp_enabled") in ("true", "1"):
        ids = [id_ for id_ in ids if world.assets[id_].type_id == NETWORK_DEVICE]
    if query.get("query"):
        ids = [id_ for id_ in ids if _like(query["query"], world.assets[id_].name)]
    return ids[::-1]


CUSTOMERS = Feed("customers", "companies", 100, listed_customer, _customers)
CONTACTS = Feed("contacts", "contacts", 50, contact, _contacts)
ASSETS = Feed("assets", "assets", 50, asset, _assets)
BY_PATH: Mapping[str, Feed] = {"/customers": CUSTOMERS, "/contacts": CONTACTS, "/customer_assets": ASSETS}


def living(world: World) -> Sequence[int]:
    """The companies that were not deleted: a deleted one is gone for good here."""
    return world.companies.by("is_deleted").get(False, ())


def _of_customer(world: World, kind: str, query: Query) -> Sequence[int]:
    """All rows, or one customer's; a key that is no number belongs to nobody."""
    table: Any = getattr(world, kind)
    if "customer_id" not in query:
        ids: Sequence[int] = table.ids
        return ids
    asked = query["customer_id"]
    theirs: Sequence[int] = table.by("company_id").get(int(asked) if asked.isdecimal() else 0, ())
    return theirs


def _like(part: str, text: str | None) -> bool:
    return part.casefold() in (text or "").casefold()
