"""Filters of the lists by client, site and type, and which rows count as inactive."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from simulator.halopsa.contacts import general_users
from simulator.halopsa.resource import Filter
from simulator.world import World


def by_attribute(kind: str, attribute: str) -> Filter:
    """A filter by an attribute of the rows."""
    return lambda world, value: getattr(world, kind).by(attribute).get(value, ())


def inactive_rows(kind: str) -> Callable[[World], Container[int]]:
    """The inactive rows of a kind that has this attribute."""
    return lambda world: frozenset(getattr(world, kind).by("is_active").get(False, ()))


def inactive_clients(world: World) -> Container[int]:
    """The clients with an inactive status."""
    inactive = [status.id for status in world.statuses.values() if not status.is_active]
    return frozenset(id_ for status_id in inactive for id_ in world.companies.by("status_id").get(status_id, ()))


def users_of_client(world: World, client_id: int) -> Sequence[int]:
    """The users of a client, with the general users of its sites."""
    contacts = world.contacts.by("company_id").get(client_id, ())
    return [*contacts, *general_users(world.sites.by("company_id").get(client_id, ()))]


def users_of_site(world: World, site_id: int) -> Sequence[int]:
    """The users of a site, with its general user."""
    return [*world.contacts.by("site_id").get(site_id, ()), *general_users([site_id])]
