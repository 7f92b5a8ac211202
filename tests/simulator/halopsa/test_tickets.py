"""Tickets of the simulated HaloPSA API, with their actions and attachments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from simulator.halopsa.ticket_filters import ACTION_SWITCHES, FILTERS
from simulator.ticket_activity import simulate_activity
from simulator.ticket_entities import Ticket
from simulator.world import START, World
from tests.simulator.clients import serve
from tests.simulator.halopsa.client import Client
from tests.simulator.halopsa.test_description import as_described
from tests.support.truth import halopsa as truth
from tests.support.vendor_specs import check_request, check_response, load

PAGED = {"pageinate": "true", "page_size": "100", "order": "id"}
# Seen in real responses, or in HaloPSA's document before it was shortened for this project.
NOT_DESCRIBED = {
    "/Tickets": {"datecreated": "null in lists"},
    "/Tickets/#": {"priority": "an object, in details", "team_id": "in details"},
    "/Actions": {"who": "the author's name"},
}
TODAY = START + timedelta(days=1)


@pytest.fixture(scope="module")
def world() -> World:
    """A world that no test changes."""
    return World(seed=3, companies=60)


@pytest.fixture(scope="module")
def halo(world: World) -> Iterator[Client]:
    """A client of the unchanging world."""
    with serve(Client, world) as client:
        yield client


@pytest.fixture
def own() -> Iterator[Client]:
    """A client of a world of its own, where the test may change tickets."""
    with serve(Client, World(seed=5, companies=40)) as client:
        yield client


def every(client: Client, **query: Any) -> list[dict[str, Any]]:
    """All tickets of a list, in the order they came."""
    found: dict[int, dict[str, Any]] = {}
    for page in range(1, 50):
        body = client.rows("/Tickets", page_no=page, **{**PAGED, **query})
        new = {row["id"]: row for row in body["tickets"] if row["id"] not in found}
        if not new:
            return list(found.values())
        found |= new
    raise AssertionError("the list of tickets has no end")


def without(path: str, record: dict[str, Any]) -> dict[str, Any]:
    """The record without fields that are not described."""
    return {name: value for name, value in record.items() if name not in NOT_DESCRIBED.get(path, ())}


def busy_ticket(world: World) -> Ticket:
    """A ticket with a note, a time entry, an attachment and an asset."""
    return next(
        one
        for one in world.tickets.values()
        if one.attachments
        and one.asset_ids
        and one.id in world.notes.by("ticket_id")
        and one.id in world.time_entries.by("ticket_id")
    )


def test_a_page_has_at_most_a_hundred_rows_and_the_last_one_repeats(halo: Client, world: World) -> None:
    pages = [halo.rows("/Tickets", page_no=page, **{**PAGED, "page_size": "500"}) for page in (1, 3, 4)]
    assert [len(page["tickets"]) for page in pages] == [100, 40, 40]
    assert pages[1]["tickets"] == pages[2]["tickets"]
    assert {page["record_count"] for page in pages} == {240}
    assert [row["id"] for row in every(halo)] == list(world.tickets.ids)


def test_without_paging_the_newest_fifty_come_and_only_they_are_counted(halo: Client, world: World) -> None:
    body = halo.rows("/Tickets")
    newest = sorted(world.tickets.values(), key=lambda one: (one.created_at, one.id), reverse=True)[:50]
    assert body["record_count"] == 50
    assert [row["id"] for row in body["tickets"]] == [one.id for one in newest]


def test_pages_without_an_order_overlap(halo: Client) -> None:
    asked = {"pageinate": "true", "page_size": "100"}
    first, second = (halo.rows("/Tickets", page_no=page, **asked)["tickets"] for page in (1, 2))
    assert first[-1]["id"] == second[0]["id"]


@pytest.mark.parametrize(("word", "falling"), [("true", True), ("1", False), ("false", False)])
def test_the_order_is_descending_only_for_the_text_true(halo: Client, world: World, word: str, falling: bool) -> None:
    rows = every(halo, order="last_update", orderdesc=word)
    expected = sorted(world.tickets.values(), key=lambda one: (one.updated_at, one.id), reverse=falling)
    assert [row["id"] for row in rows] == [one.id for one in expected]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"open_only": "true"}, lambda one: not one.is_closed),
        ({"closed_only": "true"}, lambda one: one.is_closed),
        ({"open_only": "1"}, lambda _: True),
        ({"agent_id": 1}, lambda one: one.owner_id is None),
        ({"agent": "101,104"}, lambda one: one.owner_id in (101, 104)),
        ({"team": "1,4", "priority": "6"}, lambda one: one.board_id in (1, 4) and one.priority_id == 6),
        ({"status_id": 50}, lambda one: one.status_id % 50 == 0),
        ({"search": "VPN drops"}, lambda one: one.summary == "VPN drops every hour"),
        ({"client_id": "nobody", "clientid": 19}, lambda _: True),
        ({"lastupdatefromdate": "2025-10-01T00:00:00.000Z"}, lambda one: one.updated_at.isoformat() > "2025-10"),
        ({"datesearch": "dateoccured", "enddate": "2025-06-01"}, lambda one: one.created_at.isoformat() < "2025-06"),
    ],
)
def test_filters_with_readable_values_have_an_effect(
    halo: Client, world: World, query: dict[str, Any], wanted: Callable[[Ticket], bool]
) -> None:
    expected = {one.id for one in world.tickets.values() if wanted(one)}
    assert {row["id"] for row in every(halo, **query)} == expected != set()


def test_rows_of_the_list_have_no_names_of_status_agent_and_priority(halo: Client, world: World) -> None:
    for row in every(halo, includestatus="true", includeagent="true"):
        one = world.tickets[row["id"]]
        assert row.keys().isdisjoint({"status_name", "agent_name", "priority_name", "details", "team_id", "priority"})
        assert row["hasbeenclosed"] is (True if one.is_closed else None)
        assert not row.get("datecreated")
        assert row.get("team") == world.boards[one.board_id].name


def test_statuses_types_and_agents_of_tickets_are_in_their_lists(halo: Client) -> None:
    rows = every(halo)
    agents = {row["id"]: row["name"] for row in halo.rows("/Agent", includedisabled="true")}
    assert {row["status_id"] for row in rows} <= {row["id"] for row in halo.rows("/Status")}
    assert {row["tickettype_id"] for row in rows} <= {row["id"] for row in halo.rows("/TicketType")}
    assert {(row["sla_id"], row["priority_id"]) for row in rows} <= {
        (row["slaid"], row["priorityid"]) for row in halo.rows("/Priority")
    }
    assert {row["agent_id"] for row in rows} - agents.keys() == {666}
    assert agents[1] == "Unassigned"
    assert agents.keys() - {row["id"] for row in halo.rows("/Agent")} == {110}


def test_a_single_ticket_has_description_team_and_assets(halo: Client, world: World) -> None:
    one = busy_ticket(world)
    answer = halo.rows(f"/Tickets/{one.id}", includedetails="true")
    assert (answer["details"], answer["team_id"]) == (one.description, one.board_id)
    assert answer["priority"]["name"] == world.priorities[one.priority_id].name
    assert [asset["id"] for asset in answer["assets"]] == list(one.asset_ids)
    assert "details" not in halo.rows(f"/Tickets/{one.id}")
    files = halo.rows("/Attachment", ticket_id=one.id)
    assert tuple(file["filename"] for file in files["attachments"]) == one.attachments


def test_actions_belong_to_a_ticket_and_without_one_there_are_none(halo: Client, world: World) -> None:
    expected = {key: truth.detail(world, key).entries for key in list(truth.tickets(world))[:60]}
    for key, entries in expected.items():
        rows = halo.rows("/Actions", ticket_id=key)["actions"]
        shown = [(str(row["id"]), row["note"], row["hiddenfromuser"], row["timetaken"] or None) for row in rows]
        assert shown == [(one.key, one.text, one.is_internal, one.hours) for one in reversed(entries)]
        public = halo.rows("/Actions", ticket_id=key, excludeprivate="true")["actions"]
        assert len(public) == sum(not one.is_internal for one in entries)
    assert halo.rows("/Actions")["actions"] == halo.rows("/Actions", ticket_id=1)["actions"] == []


def test_a_note_comes_as_html_only_if_requested(halo: Client, world: World) -> None:
    one = next(note for note in world.notes.values() if "<img" in note.text)
    plain = halo.rows("/Actions", ticket_id=one.ticket_id)["actions"]
    rich = halo.rows("/Actions", ticket_id=one.ticket_id, includehtmlnote="true")["actions"]
    assert not any("note_html" in row for row in plain)
    assert next(row["note_html"] for row in rich if row["note"] == one.text).startswith("<p>&lt;img src=x")


def test_paging_from_the_oldest_reads_every_ticket_while_tickets_change(own: Client) -> None:
    world = own.simulator.world
    known = set(world.tickets.ids)
    found: set[int] = set()
    for page in range(1, 4):
        found |= {row["id"] for row in own.rows("/Tickets", page_no=page, **PAGED)["tickets"]}
        for seed in range(5):
            simulate_activity(world, seed, at=TODAY + timedelta(minutes=10 * page + seed))
    assert known <= found


@pytest.mark.parametrize("kind", ["created", "status_changed", "commented", "worked", "assigned"])
def test_an_activity_shows_at_once(own: Client, kind: str) -> None:
    world = own.simulator.world
    newest_first = {**PAGED, "order": "last_update", "orderdesc": "true", "page_no": "1"}
    own.rows("/Tickets", **newest_first)
    happened = simulate_activity(world, 1, at=TODAY, kind=kind)
    row = own.rows("/Tickets", **newest_first)["tickets"][0]
    assert row["id"] == happened.ticket_id
    assert row["last_update"].startswith(TODAY.isoformat()[:19])
    if kind in ("commented", "worked"):
        newest = own.rows("/Actions", ticket_id=row["id"])["actions"][0]
        assert newest["datetime"].startswith(TODAY.isoformat()[:19])


@pytest.mark.parametrize(
    ("fault", "rows", "count"),
    [
        ("narrowed_list:path=/Tickets,rows=3", 3, 3),
        ("early_end:path=/Tickets,rows=20", 20, 160),
        ("count_disagrees:path=/Tickets,by=7", 100, 167),
        ("paging_ignored:path=/Tickets", 50, 50),
        ("filter_ignored:path=/Tickets", 100, 160),
    ],
)
def test_faults_apply_to_tickets_too(own: Client, fault: str, rows: int, count: int) -> None:
    own.switch_on(fault)
    query = {"open_only": "true", "team": "1"} if fault.startswith("filter") else {}
    struck = own.rows("/Tickets", page_no=1, **PAGED, **query)
    assert (len(struck["tickets"]), struck["record_count"]) == (rows, count)


def test_a_permission_can_be_missing_for_actions_only(own: Client) -> None:
    one = own.simulator.world.tickets.ids[0]
    own.switch_on("unauthorized_path:path=/Actions")
    asked = own.ask("/Actions", ticket_id=one), own.ask(f"/Tickets/{one}")
    assert [answer.status_code for answer in asked] == [401, 200]


def test_lists_single_tickets_and_actions_are_as_described(halo: Client, world: World) -> None:
    spec = load("halopsa")
    query = {**PAGED, "page_no": "1", "open_only": "true", "team": "1", "search": "a"}
    check_request(spec, "GET", "/Tickets", query)
    body = halo.rows("/Tickets", **query)
    described = {**body, "tickets": [without("/Tickets", row) for row in body["tickets"]]}
    check_response(spec, "GET", "/Tickets", 200, as_described(described))
    for row in body["tickets"][:20]:
        one = halo.rows(f"/Tickets/{row['id']}", includedetails="true")
        check_response(spec, "GET", f"/Tickets/{row['id']}", 200, as_described(without("/Tickets/#", one)))
        asked = {"ticket_id": str(row["id"]), "includehtmlnote": "true"}
        check_request(spec, "GET", "/Actions", asked)
        actions = halo.rows("/Actions", **asked)
        actions["actions"] = [without("/Actions", record) for record in actions["actions"]]
        check_response(spec, "GET", "/Actions", 200, as_described(actions))


@pytest.mark.parametrize("path", ["/Agent", "/TicketType"])
def test_lists_about_tickets_are_as_described(halo: Client, path: str) -> None:
    spec = load("halopsa")
    check_response(spec, "GET", path, 200, as_described(halo.rows(path)))


def test_every_filter_of_tickets_is_described() -> None:
    check_request(load("halopsa"), "GET", "/Tickets", dict.fromkeys(FILTERS, "1"))
    check_request(load("halopsa"), "GET", "/Actions", dict.fromkeys(ACTION_SWITCHES, "true"))


def test_times_have_no_zone(halo: Client) -> None:
    row = every(halo)[0]
    times = [row[name] for name in ("dateoccurred", "lastactiondate", "last_update", "targetdate")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?", time) for time in times)
