"""Which tickets and actions a request asks for, and in which order. Values that cannot be read are ignored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from simulator.halopsa import setup
from simulator.halopsa.query import WHOLE_NUMBER, Query, between, numbers, time
from simulator.halopsa.ticket_entries import entry_by_key, time_of_entry
from simulator.ticket_entities import Note, Ticket, TimeEntry
from simulator.world import World

Test = Callable[[Ticket], bool]
Keys = Callable[[World, Ticket], Collection[int | None]]

SINGLE_VALUES: Mapping[str, Keys] = {
    "client_id": lambda _, one: (one.company_id,),
    "site_id": lambda _, one: (one.site_id,),
    "user_id": lambda _, one: (one.contact_id,),
    "agent_id": lambda _, one: (setup.agent_id(one),),
    "asset_id": lambda _, one: one.asset_ids,
    "status_id": lambda world, one: (setup.status_key(world, one.status_id),),
    "requesttype_id": lambda _, one: (setup.ticket_type_id(one),),
}
MULTIPLE_VALUES: Mapping[str, Keys] = {
    "agent": SINGLE_VALUES["agent_id"],
    "client_ids": SINGLE_VALUES["client_id"],
    "priority": lambda _, one: (one.priority_id,),
    "requesttype": SINGLE_VALUES["requesttype_id"],
    "sla": lambda _, one: (setup.sla_id(one),),
    "status": SINGLE_VALUES["status_id"],
    "team": lambda _, one: (one.board_id,),
    "ticketids": lambda _, one: (one.id,),
}
TEXTS: Mapping[str, Callable[[Ticket], str]] = {
    "search": lambda one: f"{one.id}\n{one.summary}\n{one.description}",
    "search_details": lambda one: one.description,
    "search_id": lambda one: str(one.id),
    "search_summary": lambda one: one.summary,
    "search_user_name": lambda one: one.contact_name or "",
    "username": lambda one: one.contact_name or "",
}
SWITCHES: Mapping[str, Test] = {
    "open_only": lambda one: not one.is_closed,
    "closed_only": lambda one: one.is_closed,
    "withattachments": lambda one: bool(one.attachments),
    "deleted": lambda _: False,
}
# `dateoccured` is the vendor's spelling.
DATES: Mapping[str, Callable[[Ticket], datetime | None]] = {
    "dateoccured": lambda one: one.created_at,
    "datecleared": lambda one: one.closed_at,
}
ORDERS: Mapping[str, Callable[[World, Ticket], Any]] = {
    "id": lambda _, one: one.id,
    "summary": lambda _, one: one.summary.casefold(),
    "dateoccurred": lambda _, one: one.created_at,
    "dateclosed": lambda _, one: one.closed_at or one.created_at,
    "lastactiondate": lambda _, one: one.updated_at,
    "last_update": lambda _, one: one.updated_at,
    "status_id": SINGLE_VALUES["status_id"],
    "priority_id": MULTIPLE_VALUES["priority"],
    "agent_id": SINGLE_VALUES["agent_id"],
    "client_id": SINGLE_VALUES["client_id"],
}
FILTERS = frozenset(
    {*SINGLE_VALUES, *MULTIPLE_VALUES, *TEXTS, *SWITCHES, "datesearch", "lastupdatefromdate", "lastupdatetodate"}
)


def tickets(world: World, query: Query, ids: Sequence[int]) -> Sequence[int]:
    """The tickets that pass every filter, newest first unless another order is requested."""
    tests = list(_tests(world, query.given))
    found = [one for one in map(world.tickets.__getitem__, ids) if all(test(one) for test in tests)]
    name = query.given.get("order", "").lower()
    by = ORDERS.get(name, ORDERS["dateoccurred"])
    descending = "orderdesc" in query.flags or name not in ORDERS
    return [one.id for one in sorted(found, key=lambda one: (by(world, one), one.id), reverse=descending)]


def actions(world: World, query: Query, keys: Sequence[int]) -> Sequence[int]:
    """The actions that pass every filter."""
    tests = [test for name, test in ACTION_SWITCHES.items() if name in query.flags]
    since, until = time(query.given, "startdate"), time(query.given, "enddate")
    entries = ((key, entry_by_key(world, key)) for key in keys)
    return [
        key
        for key, entry in entries
        if all(test(entry) for test in tests) and between(time_of_entry(entry), since, until)
    ]


ACTION_SWITCHES: Mapping[str, Callable[[Note | TimeEntry], bool]] = {
    "excludeprivate": lambda entry: not entry.is_internal,
    "agentonly": lambda entry: not _by_contact(entry),
    "conversationonly": lambda entry: isinstance(entry, Note) and not entry.is_internal,
    "timeentriesonly": lambda entry: isinstance(entry, TimeEntry),
}


def _by_contact(entry: Note | TimeEntry) -> bool:
    return isinstance(entry, Note) and entry.contact_id is not None


def _tests(world: World, given: Mapping[str, str]) -> Iterator[Test]:
    for name, keys in SINGLE_VALUES.items():
        if WHOLE_NUMBER.fullmatch(given.get(name, "")):
            yield _one_of({int(given[name])}, keys, world)
    for name, keys in MULTIPLE_VALUES.items():
        wanted = set(numbers(given.get(name, "").strip("[]")))
        if wanted:
            yield _one_of(wanted, keys, world)
    for name, read in TEXTS.items():
        if given.get(name):
            yield _like(given[name], read)
    yield from (test for name, test in SWITCHES.items() if given.get(name) == "true")
    since, until = time(given, "lastupdatefromdate"), time(given, "lastupdatetodate")
    if since or until:
        yield lambda one: between(one.updated_at, since, until)
    if given.get("datesearch") in DATES:
        yield _within(DATES[given["datesearch"]], time(given, "startdate"), time(given, "enddate"))


def _one_of(wanted: set[int], keys: Keys, world: World) -> Test:
    return lambda one: not wanted.isdisjoint(keys(world, one))


def _like(part: str, read: Callable[[Ticket], str]) -> Test:
    folded = part.casefold()
    return lambda one: folded in read(one).casefold()


def _within(read: Callable[[Ticket], datetime | None], since: datetime | None, until: datetime | None) -> Test:
    return lambda one: between(read(one), since, until)
