"""Which path serves which rows, under which name, and what they can be filtered by."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.halopsa import assets, companies, custom_fields, setup
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World

Filter = Callable[[World, int], Sequence[int]]


@dataclass(frozen=True)
class Resource:
    """`kind` is the world's word for the rows, `envelope` the vendor's; `more` is what a detail adds to a row.

    Lists that have pages or are searched answer in an envelope, the others as a bare array. A `search` filters and puts
    in order by one of `orders` all by itself. `scope` is what a token must be good for.
    """

    kind: str
    envelope: str
    ids: Callable[[World, Query], Sequence[int]]
    row: Callable[[World, int, Query], Record]
    more: Callable[[World, int], Record] | None = None
    single: bool = True
    largest_page: int = 0
    scope: str | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    activity: tuple[str, str] = ("includeactive", "includeinactive")
    inactive: Callable[[World], Container[int]] = lambda _world: ()
    search: Callable[[World, Query, Sequence[int]], Sequence[int]] | None = None
    orders: Container[str] = ("id",)

    @property
    def bare(self) -> bool:
        """Whether the rows come without an envelope."""
        return not self.largest_page and self.search is None


def _whole(kind: str) -> Callable[[World, Query], Sequence[int]]:
    return lambda world, _query: getattr(world, kind).ids


def _by(kind: str, attribute: str) -> Filter:
    return lambda world, value: getattr(world, kind).by(attribute).get(value, ())


def _retired(kind: str) -> Callable[[World], Container[int]]:
    return lambda world: frozenset(getattr(world, kind).by("is_active").get(False, ()))


def _clients(world: World, _query: Query) -> Sequence[int]:
    """A deleted client is gone without a trace; what belonged to it stays."""
    return world.companies.by("is_deleted").get(False, ())


def _inactive_clients(world: World) -> Container[int]:
    gone = [status.id for status in world.statuses.values() if not status.is_active]
    return frozenset(id_ for status_id in gone for id_ in world.companies.by("status_id").get(status_id, ()))


def _users(world: World, query: Query) -> Sequence[int]:
    if "exclude_generaluser" in query.flags:
        return world.contacts.ids
    return [*world.contacts.ids, *_general_users(world.sites.ids)]


def _users_of_client(world: World, client_id: int) -> Sequence[int]:
    people = world.contacts.by("company_id").get(client_id, ())
    return [*people, *_general_users(world.sites.by("company_id").get(client_id, ()))]


def _users_of_site(world: World, site_id: int) -> Sequence[int]:
    return [*world.contacts.by("site_id").get(site_id, ()), *_general_users([site_id])]


def _general_users(site_ids: Sequence[int]) -> list[int]:
    return [companies.GENERAL_USER + site_id for site_id in site_ids]


BY_PATH: Mapping[str, Resource] = {
    "/Client": Resource(
        "companies",
        "clients",
        _clients,
        companies.client,
        companies.client_details,
        largest_page=100,
        scope="customers",
        inactive=_inactive_clients,
    ),
    "/Site": Resource(
        "sites",
        "sites",
        _whole("sites"),
        companies.site,
        companies.site_details,
        largest_page=100,
        scope="customers",
        filters={"client_id": _by("sites", "company_id"), "site_id": lambda _world, site_id: [site_id]},
        inactive=_retired("sites"),
    ),
    "/Users": Resource(
        "contacts",
        "users",
        _users,
        companies.user,
        companies.user_details,
        largest_page=100,
        scope="customers",
        filters={"client_id": _users_of_client, "site_id": _users_of_site},
        inactive=_retired("contacts"),
    ),
    "/Asset": Resource(
        "assets",
        "assets",
        _whole("assets"),
        assets.asset,
        assets.asset_details,
        largest_page=50,
        scope="assets",
        filters={
            "client_id": _by("assets", "company_id"),
            "client_ids": _by("assets", "company_id"),
            "site_id": _by("assets", "site_id"),
            "assettype_id": _by("assets", "type_id"),
        },
        inactive=_retired("assets"),
    ),
    "/AssetType": Resource(
        "asset_types",
        "assettypes",
        _whole("asset_types"),
        assets.asset_type,
        assets.asset_type_details,
        scope="assets",
    ),
    "/Field": Resource(
        "asset_fields",
        "fields",
        lambda world, _query: assets.field_keys(world),
        assets.field,
        single=False,
        filters={"type_id": lambda world, type_id: [one for one in assets.field_keys(world) if one // 1000 == type_id]},
    ),
    "/FieldInfo": Resource(
        "custom_fields",
        "fieldinfos",
        lambda world, _query: sorted(custom_fields.definitions_by_id(world)),
        custom_fields.field_info,
    ),
    "/Team": Resource(
        "boards",
        "teams",
        setup.team_ids,
        setup.team,
        scope="tickets",
        activity=("includeenabled", "includedisabled"),
        inactive=_retired("boards"),
    ),
    "/Status": Resource("board_statuses", "statuses", setup.status_ids, setup.status, scope="tickets"),
    "/Priority": Resource(
        "priorities",
        "priorities",
        setup.priority_keys,
        setup.priority,
        single=False,
        scope="tickets",
        filters={"slaid": lambda world, sla_id: [setup.priority_key(sla_id, id_) for id_ in world.priorities.ids]},
    ),
    "/SLA": Resource("slas", "slas", lambda _world, _query: list(setup.SLAS), setup.sla, single=False, scope="tickets"),
}
