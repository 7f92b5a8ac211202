"""Which customers, contacts and assets a request asks for, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from simulator.entities import Company
from simulator.syncro.assets import NETWORK_DEVICE
from simulator.syncro.companies import existing_ids, is_disabled, names, office_email
from simulator.syncro.query import Query, is_true
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
# Parameters that match part of a text, whatever its case.
TEXTS: Mapping[str, Callable[[Company], str | None]] = {
    "business_name": lambda company: names(company).business_name,
    "firstname": lambda company: names(company).firstname,
    "lastname": lambda company: names(company).lastname,
    "email": office_email,
    "query": lambda company: company.name,
}


def customers(world: World, query: Query) -> Sequence[int]:
    """The customers that pass the filters; newest first unless an order is asked for."""
    tests = list(_customer_tests(world, query))
    rows = [row for row in map(world.companies.__getitem__, existing_ids(world)) if all(test(row) for test in tests)]
    by, _, direction = query.get("sort", "").partition(" ")
    newest_first = by not in ORDERS or direction.upper() == "DESC"
    return [row.id for row in sorted(rows, key=ORDERS.get(by, ORDERS["id"]), reverse=newest_first)]


def contacts(world: World, query: Query) -> Sequence[int]:
    """The contacts of one customer, or all; newest first."""
    return _of_customer(world, "contacts", query)[::-1]


def assets(world: World, query: Query) -> Sequence[int]:
    """The assets that pass the filters; newest first."""
    ids = _of_customer(world, "assets", query)
    if "asset_type_id" in query:
        ids = [id_ for id_ in ids if str(world.assets[id_].type_id) == query["asset_type_id"]]
    if is_true(query, "snmp_enabled"):
        ids = [id_ for id_ in ids if world.assets[id_].type_id == NETWORK_DEVICE]
    if query.get("query"):
        ids = [id_ for id_ in ids if _contains(world.assets[id_].name, query["query"])]
    return ids[::-1]


def _customer_tests(world: World, query: Query) -> Iterator[Callable[[Company], bool]]:
    """Disabled customers are left out unless asked for, whatever else is asked."""
    if not is_true(query, "include_disabled"):
        yield lambda company: not is_disabled(world, company)
    for name, read in TEXTS.items():
        if query.get(name):
            yield _has_text(read, query[name])
    for name, wanted in (("id", True), ("not_id", False)):
        given = query.get(f"{name}[]", query.get(name))
        if given is not None:
            yield _has_id(given, wanted=wanted)


def _has_text(read: Callable[[Company], str | None], part: str) -> Callable[[Company], bool]:
    return lambda company: _contains(read(company), part)


def _has_id(given: str, *, wanted: bool) -> Callable[[Company], bool]:
    return lambda company: (str(company.id) == given) is wanted


def _of_customer(world: World, kind: str, query: Query) -> Sequence[int]:
    """All rows, or those of one customer; a key that is no number has none."""
    table: Any = getattr(world, kind)
    if "customer_id" not in query:
        ids: Sequence[int] = table.ids
        return ids
    asked = query["customer_id"]
    theirs: Sequence[int] = table.by("company_id").get(int(asked) if asked.isdecimal() else 0, ())
    return theirs


def _contains(text: str | None, part: str) -> bool:
    return part.casefold() in (text or "").casefold()
