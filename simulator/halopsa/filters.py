"""Filters of the lists by client, site and type, and which rows count as inactive."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from simulator.halopsa.contacts import general_users
from simulator.halopsa.resource import Filter
from simulator.world import World


def by(kind: str, attribute: str) -> Filter:
    return lambda world, value: getattr(world, kind).by(attribute).get(value, ())


def retired(kind: str) -> Callable[[World], Container[int]]:
    return lambda world: frozenset(getattr(world, kind).by("is_active").get(False, ()))


def inactive_clients(world: World) -> Container[int]:
    gone = [status.id for status in world.statuses.values() if not status.is_active]
    return frozenset(id_ for status_id in gone for id_ in world.companies.by("status_id").get(status_id, ()))


def users_of_client(world: World, client_id: int) -> Sequence[int]:
    people = world.contacts.by("company_id").get(client_id, ())
    return [*people, *general_users(world.sites.by("company_id").get(client_id, ()))]


def users_of_site(world: World, site_id: int) -> Sequence[int]:
    return [*world.contacts.by("site_id").get(site_id, ()), *general_users([site_id])]
