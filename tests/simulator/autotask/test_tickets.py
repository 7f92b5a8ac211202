"""Tickets of the simulated Autotask API, with their notes, time entries and assets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from simulator.ticket_activity import simulate_activity
from simulator.world import World
from tests.simulator.autotask.client import Client
from tests.simulator.autotask.test_api import errors
from tests.simulator.autotask.test_description import check
from tests.simulator.clients import serve
from tests.support.truth import autotask


@pytest.fixture
def world() -> World:
    return World(seed=3, companies=40, tickets=600)


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with serve(Client, world) as one:
        yield one


def where(op: str, field: str, value: object) -> dict[str, Any]:
    return {"op": op, "field": field, "value": value}


def labels(client: Client, resource: str, field: str) -> dict[int, str]:
    return {int(one["value"]): one["label"] for one in client.picklist(resource, field)["picklistValues"]}


def test_tickets_have_values_of_the_picklists(client: Client, world: World) -> None:
    queues, statuses = labels(client, "Tickets", "queueID"), labels(client, "Tickets", "status")
    priorities = labels(client, "Tickets", "priority")
    for row in client.rows("Tickets"):
        one = world.tickets[row["id"]]
        assert queues[row["queueID"]] == world.boards[one.board_id].name
        assert statuses[row["status"]] == world.board_statuses[one.status_id].name
        assert priorities[row["priority"]] == world.priorities[one.priority_id].name


def test_only_autotasks_own_status_completes_a_ticket(client: Client, world: World) -> None:
    rows = client.rows("Tickets")
    assert {row["status"] for row in rows if row["completedDate"]} == {5}
    ended = {one.id for one in world.tickets.values() if one.is_closed}
    assert ended - {row["id"] for row in rows if row["status"] == 5}, "there are steps that only look closed"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (where("noteq", "status", 5), lambda one, truth: not truth.is_closed),
        (where("in", "priority", [4, 13]), lambda one, _: one.priority_id in (4, 13)),
        (where("eq", "queueID", 4), lambda one, _: one.board_id == 4),
        (where("eq", "assignedResourceID", 666), lambda one, _: one.owner_id == 666),
        (where("notExist", "assignedResourceID", None), lambda one, _: one.owner_id is None),
        (where("contains", "title", "PRINT"), lambda one, _: "print" in one.summary),
        (where("eq", "companyID", 19), lambda one, _: one.company_id == 19),
    ],
    ids=lambda given: f"{given['field']}-{given['op']}" if isinstance(given, dict) else "",
)
def test_a_filter_finds_its_tickets(client: Client, world: World, condition: dict[str, Any], expected: Any) -> None:
    truth = autotask.tickets(world)
    wanted = [id_ for id_, one in world.tickets.items() if expected(one, truth[str(id_)])]
    assert 0 < len(wanted) < len(world.tickets)
    assert [row["id"] for row in client.rows("Tickets", condition)] == wanted


def test_a_ticket_is_found_by_its_number(client: Client, world: World) -> None:
    key, one = next(iter(autotask.tickets(world).items()))
    (row,) = client.rows("Tickets", where("eq", "ticketNumber", one.number))
    assert (str(row["id"]), row["title"]) == (key, one.summary)
    assert len({ticket.number for ticket in autotask.tickets(world).values()}) == len(world.tickets)


def test_a_filter_by_activity_is_exact_to_the_millisecond(client: Client, world: World) -> None:
    newest = max(world.tickets.values(), key=lambda one: one.updated_at)
    world.tickets.add(replace(newest, updated_at=newest.updated_at + timedelta(microseconds=123_456)))
    stamp = client.ask(f"/Tickets/{newest.id}").json()["item"]["lastActivityDate"]
    assert [row["id"] for row in client.rows("Tickets", where("gte", "lastActivityDate", stamp))] == [newest.id]
    assert client.rows("Tickets", where("gt", "lastActivityDate", stamp)) == []


def test_paging_ends_and_misses_no_ticket_while_tickets_change(client: Client, world: World) -> None:
    before = set(world.tickets)
    found: list[int] = []
    for turn in range(100):
        last = found[-1] if found else -1
        page = client.page("Tickets", where("gt", "id", last), maxRecords=100)["items"]
        found += [row["id"] for row in page]
        if len(page) < 100:
            break
        simulate_activity(
            world, turn, at=world.now + timedelta(minutes=turn), kind="created" if turn % 2 else "status_changed"
        )
    assert found == sorted(set(found))
    assert before <= set(found)


def test_an_activity_shows_at_once(client: Client, world: World) -> None:
    at = world.now + timedelta(hours=1)
    for turn, kind in enumerate(("created", "status_changed", "commented", "worked", "assigned")):
        happened = simulate_activity(world, turn, at=at + timedelta(minutes=turn), kind=kind)
        (row,) = client.rows("Tickets", where("gte", "lastActivityDate", f"{at:%Y-%m-%dT%H}:{turn:02}:00.000Z"))
        expected = autotask.tickets(world)[str(happened.ticket_id)]
        assert (str(row["id"]), str(row["status"])) == (expected.key, expected.status.key)
        assert row["assignedResourceID"] == world.tickets[happened.ticket_id].owner_id


def test_notes_and_time_entries_say_who_may_read_them(client: Client, world: World) -> None:
    readers = labels(client, "TicketNotes", "publish")
    internal: set[str] = set()
    for key in map(str, world.tickets.ids[:60]):
        of_it = where("eq", "ticketID", int(key))
        shown = {row["id"]: row["description"] for row in client.rows("TicketNotes", of_it)}
        shown |= {row["id"]: row["summaryNotes"] or row["internalNotes"] for row in client.rows("TimeEntries", of_it)}
        assert shown == {int(one.key): one.text for one in autotask.detail(world, key).entries}
        for row in client.rows("TicketNotes", of_it):
            is_internal = readers[row["publish"]] != "All Autotask Users"
            assert is_internal == world.notes[row["id"]].is_internal
            internal |= {readers[row["publish"]]} if is_internal else set()
        for row in client.rows("TimeEntries", of_it):
            assert bool(row["internalNotes"]) == world.time_entries[row["id"]].is_internal
    assert len(internal) == 2


def asset_ids(client: Client, ticket_id: int) -> tuple[int, ...]:
    first = client.ask(f"/Tickets/{ticket_id}").json()["item"]["configurationItemID"]
    others = client.rows("TicketAdditionalConfigurationItems", where("eq", "ticketID", ticket_id))
    return (first, *(other["configurationItemID"] for other in others))


def test_the_first_asset_is_on_the_ticket_and_the_others_are_listed(client: Client, world: World) -> None:
    one = next(ticket for ticket in world.tickets.values() if len(ticket.asset_ids) == 2)
    assert asset_ids(client, one.id) == one.asset_ids
    world.tickets.add(replace(one, asset_ids=tuple(world.assets.ids[:3])))
    assert asset_ids(client, one.id) == tuple(world.assets.ids[:3])


def test_lists_below_a_ticket_need_no_query(client: Client, world: World) -> None:
    id_ = next(iter(world.notes.values())).ticket_id
    below = client.ask(f"/tickets/{id_}/notes").json()
    assert [row["id"] for row in below["items"]] == list(world.notes.by("ticket_id")[id_])
    check("/TicketNotes/query", below, envelope="items")
    items = client.ask(f"/Tickets/{id_}/AdditionalConfigurationItems").json()
    check("/TicketAdditionalConfigurationItems/query", items, envelope="items")
    assert client.ask("/Tickets/1/Notes").json()["items"] == []
    assert client.ask(f"/Tickets/{id_}/Attachments").status_code == 404
    assert client.ask("/TicketAdditionalConfigurationItems/1").status_code == 404


def test_inactive_technicians_have_names(client: Client, world: World) -> None:
    rows = client.rows("Resources")
    assert [(row["id"], row["lastName"], row["isActive"]) for row in rows] == [
        (one.id, one.last_name, one.is_active) for one in world.members.values()
    ]
    assert 666 in {one.owner_id for one in world.tickets.values()} - {row["id"] for row in rows}


def test_a_permission_can_be_missing_for_time_entries_only(client: Client, world: World) -> None:
    client.switch_on("inadequate_permissions:path=/TimeEntries/*")
    assert "adequate permissions" in errors(client.query("TimeEntries"))
    client.switch_on("emptied_list:path=/TicketNotes/*")
    assert client.page("TicketNotes")["items"] == []
    assert client.page("Tickets")["items"]


def test_a_newer_release_says_which_contact_wrote_a_note(client: Client, world: World) -> None:
    client.switch_on("newer_release")
    rows = client.page("TicketNotes")["items"]
    assert {row["createdByContactID"] for row in rows} > {None}
    assert all((row["createdByContactID"] is None) == (row["creatorResourceID"] is not None) for row in rows)
