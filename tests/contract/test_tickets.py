"""What every help desk has to keep, whatever the PSA's API is like: the ticket calls of all connectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime, timezone
from typing import Any

import pytest

from include import connectors
from include.connectors.common.ticket_mapping import map_ticket
from include.connectors.common.tickets import newest_first
from include.connectors.contract import TicketSource
from include.model.errors import FormError, NotFound
from include.model.numbers import Number
from include.model.page import Record
from include.model.strict_json import Ambiguous
from include.model.tickets import Reference, State, Ticket, TicketDetail, TicketEntry, TicketQuery
from simulator.ticket_activity import ACTIVITIES, simulate_activity
from simulator.world import World
from tests.support.rig import Rig, rig
from tests.support.truth import Vendor, vendor
from tests.support.worlds import new_world

EVERY_VENDOR = pytest.mark.parametrize("psa", sorted(connectors.NAMES), indirect=True)
NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
MOST_REQUESTS = 6  # for one page of the list, or one ticket
NO_KEYS = (
    "",
    "0x1",
    "-1",
    "../1",
    "1/notes",
    "1?x=1",
    "1 or 1=1",
    "\uff11",
    "9" * 40,
    "http://other.example/1",
    "1\r\nX: y",
)
HOSTILE: tuple[Record, ...]
HOSTILE = (None, "x", "\x00", "A\ud800", -1, True, 10**30, Number("1e999"), [1], ["x"], {"a": 1}, {}, Ambiguous())
NO_CURSORS = ("-1", "x", "../2", "http://other.example/", "2 or 1=1", '{"id": 0}', "9" * 400, "2&page_size=1")


@pytest.fixture
def psa(request: pytest.FixtureRequest) -> Vendor:
    return vendor(request.param)


@contextmanager
def help_desk(dsn: str, psa: Vendor, companies: int = 40) -> Iterator[tuple[Rig, TicketSource[Any], Any]]:
    world = new_world(companies=companies, assets=companies * 2, tickets_now=NOW)
    with rig(dsn, world, vendor=psa.name) as running:
        yield running, connectors.load(psa.name).tickets, running.client()


def every_page(desk: TicketSource[Any], client: Any, query: TicketQuery) -> Iterator[list[Ticket]]:
    seen = set()
    while query.page not in seen:
        seen.add(query.page)
        page = desk.search(client, query)
        assert not page.unreadable
        yield list(page.tickets)
        if page.next is None:
            return
        query = replace(query, page=page.next)
    raise AssertionError("the pages go round in circles")


def listed(desk: TicketSource[Any], client: Any, query: TicketQuery) -> list[Ticket]:
    return [ticket for page in every_page(desk, client, query) for ticket in page]


def unlike(found: Any, expected: Any) -> list[str]:
    """The fields that differ; a name may be told where the truth expects none, and addresses are not compared."""
    return [
        f"{field.name}: {getattr(found, field.name)!r}, expected {getattr(expected, field.name)!r}"
        for field in fields(expected)
        if field.name != "url" and not alike(getattr(found, field.name), getattr(expected, field.name))
    ]


def asked_first(detail: TicketDetail) -> TicketDetail:
    """The request is a field at some vendors and the first note at others: here it is a note."""
    if not detail.description:
        return detail
    request = TicketEntry("", None, Reference(), detail.description, None)
    return replace(detail, description=None, entries=[request, *detail.entries])


def alike(found: Any, expected: Any) -> bool:
    if isinstance(expected, Reference):
        return found.key == expected.key and (not expected.name or expected.name.split() == (found.name or "").split())
    if isinstance(
        expected, TicketEntry
    ):  # its key and title are the connector's, and the request may be without a name
        names = ("text",) if not (expected.key and found.key) else ("text", "at", "author", "is_internal", "hours")
        return all(alike(getattr(found, name), getattr(expected, name)) for name in names)
    if isinstance(expected, Ticket):
        return not unlike(found, expected)
    if isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(map(alike, found, expected))
    return bool(found == expected)


@EVERY_VENDOR
def test_the_pages_hold_every_ticket_once_and_right(empty_dsn: str, psa: Vendor) -> None:
    with help_desk(empty_dsn, psa, companies=80) as (running, desk, client):
        pages = list(every_page(desk, client, TicketQuery(state=State.ALL)))
        truth = psa.tickets(running.simulator.world)
    found = [ticket for page in pages for ticket in page]
    assert sorted(ticket.key for ticket in found) == sorted(truth)
    assert len(pages) > 1
    wrong = [f"{one.key} {line}" for one in found for line in unlike(one, truth[one.key])]
    assert wrong == []
    for page in pages if desk.order else [found]:
        assert [one.key for one in page] == [one.key for one in newest_first(page)]


@EVERY_VENDOR
@pytest.mark.parametrize("fault", ["empty_in_other_forms", "respelled"])
def test_other_forms_of_the_same_values_make_no_other_ticket(empty_dsn: str, psa: Vendor, fault: str) -> None:
    with help_desk(empty_dsn, psa, companies=10) as (running, desk, client):
        everything = TicketQuery(state=State.ALL)
        before = listed(desk, client, everything)
        details = [desk.detail(client, ticket.key) for ticket in before[:3]]
        running.simulator.faults.add(fault)
        assert listed(desk, client, everything) == before
        assert [desk.detail(client, ticket.key) for ticket in before[:3]] == details


@EVERY_VENDOR
def test_a_ticket_with_a_value_of_any_kind_is_shown_without_it(empty_dsn: str, psa: Vendor) -> None:
    with help_desk(empty_dsn, psa, companies=1) as (_, desk, client):
        for column in desk.columns.values():
            for path in column.fields:
                for value in HOSTILE:
                    *outer, name = (path if psa.name != "kaseya_bms" else path.lower()).split(".")
                    record: Record = {name: value}
                    for step in reversed(outer):
                        record = {step: record}
                    ticket = map_ticket(desk.columns, {"id": 7} | record, client)
                    assert ticket is None or all(isinstance(one, str) for one in (ticket.key, ticket.number))


@EVERY_VENDOR
def test_a_ticket_tells_all_that_was_said_and_done(empty_dsn: str, psa: Vendor) -> None:
    with help_desk(empty_dsn, psa, companies=20) as (running, desk, client):
        world = running.simulator.world
        for seed, kind in enumerate(ACTIVITIES):
            simulate_activity(world, seed, at=NOW, kind=kind)
        wrong = []
        desk.detail(client, next(iter(psa.tickets(world))))  # what a login learns once is not counted
        for key in psa.tickets(world):
            before = client.http.traffic.requests
            found, expected = desk.detail(client, key), psa.detail(world, key)
            wrong += [f"{key} {line}" for line in unlike(asked_first(found), asked_first(expected))]
            assert len({entry.key for entry in found.entries}) == len(found.entries)
            assert client.http.traffic.requests - before <= MOST_REQUESTS
    assert wrong == []


FILTERS = ("board", "statuses", "priorities", "company", "owner", "state", "text")


def choices(name: str, world: World, truth: dict[str, Ticket]) -> Iterator[tuple[TicketQuery, set[str]]]:
    """Queries with one filter, and the keys of what each must find."""
    everything = TicketQuery(state=State.ALL)
    if name == "state":
        for state, closed in ((State.OPEN, False), (State.CLOSED, True)):
            yield replace(everything, state=state), {k for k, t in truth.items() if t.is_closed is closed}
        return
    if name == "text":
        word = "VPN"
        yield replace(everything, text=word), {k for k, t in truth.items() if word in (t.summary or "")}
        return
    values = {key: named(world, name, key, ticket) for key, ticket in truth.items()}
    for value in sorted({one for one in values.values() if one.key}, key=str)[:3]:
        wanted: Any = [value] if name in ("statuses", "priorities") else value
        yield replace(everything, **{name: wanted}), {key for key, one in values.items() if one == value}


def named(world: World, name: str, key: str, ticket: Ticket) -> Reference:
    """What the ticket has there, as the last sync knows it: with its key and its name."""
    one = world.tickets[int(key)]
    if name == "board":
        return Reference(str(one.board_id), world.boards[one.board_id].name)
    if name == "company":
        return Reference(str(one.company_id), world.companies[one.company_id].name)
    if name == "owner":
        member = world.members.get(one.owner_id or 0)
        return Reference(ticket.owner.key, f"{member.first_name} {member.last_name}") if member else Reference()
    if name == "statuses":
        return Reference(ticket.status.key, ticket.status.name or world.board_statuses[one.status_id].name)
    return Reference(ticket.priority.key, ticket.priority.name or world.priorities[one.priority_id].name)


@EVERY_VENDOR
@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_what_it_says_and_nothing_else(empty_dsn: str, psa: Vendor, name: str) -> None:
    with help_desk(empty_dsn, psa) as (running, desk, client):
        world = running.simulator.world
        for query, keys in choices(name, world, psa.tickets(world)):
            found = {ticket.key for ticket in listed(desk, client, query)}
            assert found == keys, query


@EVERY_VENDOR
def test_a_page_costs_few_requests_and_stays_within_the_limits(empty_dsn: str, psa: Vendor) -> None:
    with help_desk(empty_dsn, psa) as (_, desk, client):
        desk.search(client, TicketQuery())
        before = client.http.traffic.requests
        desk.search(client, TicketQuery())
        assert client.http.traffic.requests - before <= MOST_REQUESTS


@EVERY_VENDOR
def test_a_ticket_that_is_gone_is_not_found(empty_dsn: str, psa: Vendor) -> None:
    with help_desk(empty_dsn, psa, companies=5) as (_, desk, client), pytest.raises(NotFound):
        desk.detail(client, "999999")


@EVERY_VENDOR
def test_keys_and_places_that_are_none_never_leave_this_machine(empty_dsn: str, psa: Vendor) -> None:
    with help_desk(empty_dsn, psa, companies=5) as (running, desk, client):
        desk.people(client)
        asked = len(running.simulator.requests)
        for key in NO_KEYS:
            with pytest.raises(FormError):
                desk.detail(client, key)
        for cursor in NO_CURSORS:
            with pytest.raises(FormError):
                desk.search(client, TicketQuery(page=cursor))
        assert len(running.simulator.requests) == asked


@EVERY_VENDOR
def test_people_have_names_and_own_tickets(empty_dsn: str, psa: Vendor) -> None:
    with help_desk(empty_dsn, psa) as (running, desk, client):
        people = {person.key: person.name for person in desk.people(client)}
        owners = {t.owner.key for t in psa.tickets(running.simulator.world).values() if t.owner.key}
    active = {str(m.id) for m in running.simulator.world.members.values() if m.is_active}
    assert all(people.values())
    assert owners & active <= people.keys()


@EVERY_VENDOR
@pytest.mark.parametrize(
    "text", ['"', "'", "a%b_c", "*", "x) or (1=1", 'x" or id>0 or summary="', "\\", "a,b", "&page=2"]
)
def test_text_cannot_leave_the_filter_it_stands_in(empty_dsn: str, psa: Vendor, text: str) -> None:
    with help_desk(empty_dsn, psa, companies=10) as (running, desk, client):
        world = running.simulator.world
        one = next(ticket for ticket in world.tickets.values() if not ticket.is_project)
        world.tickets.add(replace(one, summary=f"so {text} it is"))
        try:
            found = listed(desk, client, TicketQuery(state=State.ALL, text=text))
        except FormError:
            return  # nothing was asked
        assert str(one.id) in {ticket.key for ticket in found}
        assert len(found) < len(psa.tickets(world))
