"""Which tickets and comments a request asks for, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from weakref import WeakKeyDictionary

from simulator.syncro.query import Query, date, is_true
from simulator.syncro.setup import RESOLVED
from simulator.syncro.ticket_entries import first_comment
from simulator.syncro.tickets import business, number, resolved_at, status
from simulator.ticket_entities import Ticket
from simulator.world import World

Test = Callable[[World, Ticket], bool]
Read = Callable[[World, Ticket], datetime | None]

NOT_CLOSED = "Not Closed"
TOKEN_OWNER_ID = 101
KEYS: Mapping[str, Callable[[Ticket], object]] = {
    "customer_id": lambda one: one.company_id,
    "contact_id": lambda one: one.contact_id,
    "user_id": lambda one: one.owner_id,
    "number": number,
}
DATES: Mapping[str, Read] = {
    "created_after": lambda _, one: one.created_at,
    "resolved_after": resolved_at,
    "since_updated_at": lambda _, one: one.updated_at,
}
BOUNDS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "after": lambda at, bound: at > bound,
    "before": lambda at, bound: at < bound,
}


def tickets(world: World, query: Query) -> Sequence[int]:
    """The tickets that pass every filter, newest first; a key that is no number has none."""
    tests = list(_tests(query))
    return [one.id for one in _newest_first(world) if all(test(world, one) for test in tests)]


def comments(world: World, ticket_id: int, query: Query) -> Sequence[int]:
    """The comments of a ticket that pass the filters, newest first unless asked for otherwise."""
    notes = [world.notes[id_] for id_ in world.notes.by("ticket_id").get(ticket_id, ())]
    notes = [first_comment(world.tickets[ticket_id]), *notes]
    for what in ("created", "updated"):
        for name, keeps in BOUNDS.items():
            bound = date(query, f"{what}_{name}")
            notes = [note for note in notes if keeps(note.created_at, bound)] if bound else notes
    newest_first = query.get("sort_direction", "DESC").upper() != "ASC"
    return [note.id for note in sorted(notes, key=lambda note: (note.created_at, note.id), reverse=newest_first)]


def _tests(query: Query) -> Iterator[Test]:
    for name, read_key in KEYS.items():
        if query.get(name):
            yield _has_key(read_key, query[name])
    if query.get("status"):
        yield _has_status(query["status"])
    if query.get("query"):
        yield _has_text(query["query"].casefold())
    if is_true(query, "mine"):
        yield lambda _, one: one.owner_id == TOKEN_OWNER_ID
    for name, read_date in DATES.items():
        since = date(query, name)
        if since:
            yield _is_after(read_date, since)


def _has_key(read: Callable[[Ticket], object], key: str) -> Test:
    return lambda _, one: str(read(one)) == key


def _has_status(name: str) -> Test:
    if name == NOT_CLOSED:
        return lambda world, one: status(world, one) != RESOLVED
    return lambda world, one: status(world, one) == name


def _has_text(part: str) -> Test:
    return lambda world, one: part in f"{number(one)} {one.summary} {business(world, one)}".casefold()


def _is_after(read: Read, since: datetime) -> Test:
    return lambda world, one: (at := read(world, one)) is not None and at > since


def _newest_first(world: World) -> Sequence[Ticket]:
    """All tickets; they are sorted again only after a change."""
    version, rows = _sorted.get(world, (-1, ()))
    if version != world.tickets.version:
        rows = sorted(world.tickets.values(), key=lambda one: (one.created_at, one.id), reverse=True)
        _sorted[world] = world.tickets.version, rows
    return rows


_sorted: WeakKeyDictionary[World, tuple[int, Sequence[Ticket]]] = WeakKeyDictionary()
