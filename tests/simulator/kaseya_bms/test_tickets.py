"""Tickets of the simulated Kaseya BMS API, with their filters, notes and activities."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from include.model.tickets import Reference
from simulator.setup_tables import DELETED_MEMBER_ID
from simulator.ticket_activity import simulate_activity
from simulator.world import World
from tests.simulator.clients import serve
from tests.simulator.kaseya_bms.client import Client
from tests.simulator.kaseya_bms.test_api import ids, why
from tests.support.truth import kaseya_bms

TICKETS = "/v2/servicedesk/tickets"
SEARCH, COUNT = f"{TICKETS}/search", f"{TICKETS}/count"


@pytest.fixture
def world() -> World:
    return World(seed=3, companies=40, tickets=600)


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with serve(Client, world) as one:
        yield one


def rows(client: Client, path: str = TICKETS, **query: Any) -> list[Any]:
    """All rows, up to an empty page."""
    found: list[Any] = []
    number = 1
    while page := client.result(path, PageSize=100, PageNumber=number, **query):
        found += page
        number += 1
    return found


def read(text: str | None) -> datetime | None:
    """A timestamp; the first day of the calendar means none."""
    if not text or text.startswith("0001"):
        return None
    return datetime.fromisoformat(text[:19]).replace(tzinfo=timezone.utc)


def seen(text: str) -> str:
    """HTML as a browser shows it."""
    if not text.startswith("<p>"):
        return text
    return html.unescape(re.sub("<[^>]*>", "", text.replace("<br />", "\n"))).strip("\n")


def test_tickets_are_as_the_truth_has_them(client: Client, world: World) -> None:
    def named(row: Any, what: str) -> Reference:
        return Reference(str(row[f"{what}Id"]) if row[f"{what}Id"] else None, row[f"{what}Name"])

    truth = kaseya_bms.tickets(world)
    found = rows(client)
    assert ids(found) == list(world.tickets.ids)
    for row in found:
        one = truth[str(row["id"])]
        assert (row["ticketNumber"], row["title"]) == (one.number, one.summary)
        pointed = ("account", "contact", "queue", "status", "priority", "assignee")
        expected = (one.company, one.contact, one.board, one.status, one.priority, one.owner)
        assert tuple(named(row, what) for what in pointed) == expected
        assert (read(row["createdOn"]), read(row["lastActivityUpdate"])) == (one.created_at, one.updated_at)
        assert (read(row["completedDate"]) is not None) == one.is_closed


def test_statuses_queues_and_priorities_are_those_of_the_lookups(client: Client) -> None:
    looked_up = {
        what: {row["id"]: row["name"] for row in client.result(f"/v2/system/{path}/lookup")}
        for what, path in (("queue", "queues"), ("status", "statuses"), ("priority", "priorities"))
    }
    for row in rows(client):
        for what, names in looked_up.items():
            assert names[row[f"{what}Id"]] == row[f"{what}Name"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"StatusNames": "new, IN progress"}, lambda one: one.status.name in ("New", "In Progress")),
        ({"QueueNames": "alerts (rmm)"}, lambda one: one.board.key == "4"),
        ({"PriorityNames": "Niedrig"}, lambda one: one.priority.key == "13"),
        ({"ExcludeCompleted": 1}, lambda one: not one.is_closed),
        ({"ExcludeCompleted": 0, "AssigneeName": "jane doe"}, lambda one: one.owner.key == "101"),
        ({"Title": "PRINT"}, lambda one: "print" in one.summary),
        ({"AccountIds": "19,20"}, lambda one: one.company.key in ("19", "20")),
        ({"LastActivityUpdateFrom": "2025-12-01T00:00:00Z"}, lambda one: f"{one.updated_at:%Y%m}" >= "202512"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else "",
)
def test_list_search_and_count_have_the_same_filters(
    client: Client, world: World, asked: dict[str, Any], expected: Any
) -> None:
    wanted = [int(key) for key, one in kaseya_bms.tickets(world).items() if expected(one)]
    assert 0 < len(wanted) < len(world.tickets)
    assert ids(rows(client, **{f"Filter_{name}": value for name, value in asked.items()})) == wanted
    page = client.search(SEARCH, PageSize=100, PageNumber=1, Filter=asked).json()
    assert (page["totalRecords"], ids(page["result"])) == (len(wanted), wanted[:100])
    assert client.result(COUNT, **asked) == {"count": len(wanted)}


def test_a_name_with_a_comma_cannot_be_found(client: Client, world: World) -> None:
    world.boards.add(replace(world.boards[4], name="Alerts, RMM"))
    assert client.result(TICKETS, Filter_QueueNames="Alerts, RMM") == []


def test_a_search_accepts_names_in_any_case_and_ignores_null_and_0(client: Client) -> None:
    body = {"pagesize": 0, "PAGENUMBER": 2, "filter": {"title": None, "contactId": None, "excludeCompleted": 0}}
    page = client.search(SEARCH, **body).json()
    assert (len(page["result"]), page["totalRecords"]) == (25, 600)
    assert ids(page["result"]) == ids(client.result(TICKETS, PageNumber=2))


def test_a_malformed_search_is_refused(client: Client) -> None:
    assert client.session.get(client.simulator.url + SEARCH, timeout=10).status_code == 405
    assert client.session.post(client.simulator.url + SEARCH, data={"PageSize": 1}, timeout=10).status_code == 415
    for body in ({"Filter": {"Title": ["a"]}}, {"Filter": "x"}, {"Filter": {"ContactId": "x"}}):
        assert client.search(SEARCH, **body).status_code == 400


def test_paging_ends_and_misses_no_ticket_while_tickets_change(client: Client, world: World) -> None:
    before = set(world.tickets)
    found: list[int] = []
    for page in range(1, 100):
        part = client.result(TICKETS, PageSize=100, PageNumber=page)
        if not part:
            break
        found += ids(part)
        simulate_activity(
            world, page, at=world.now + timedelta(minutes=page), kind="created" if page % 2 else "status_changed"
        )
    assert len(found) == len(set(found))
    assert before <= set(found)


def test_an_activity_shows_at_once(client: Client, world: World) -> None:
    at = world.now + timedelta(hours=1)
    for turn, kind in enumerate(("created", "status_changed", "commented", "worked", "assigned")):
        happened = simulate_activity(world, turn, at=at + timedelta(minutes=turn), kind=kind)
        since = f"{at + timedelta(minutes=turn):%Y-%m-%dT%H:%M:%S}"
        (row,) = client.result(TICKETS, Filter_LastActivityUpdateFrom=since)
        expected = kaseya_bms.tickets(world)[str(happened.ticket_id)]
        assert (str(row["id"]), row["statusName"]) == (expected.key, expected.status.name)
        assert row["assigneeName"] == expected.owner.name


def test_a_note_is_also_an_activity_and_a_time_log_is_an_activity_only(client: Client, world: World) -> None:
    kinds: set[bool] = set()
    for key in map(str, world.tickets.ids[:60]):
        truth = {int(one.key): one for one in kaseya_bms.detail(world, key).entries}
        notes = rows(client, f"{TICKETS}/{key}/notes")
        for row in notes:
            one = truth[row["id"]]
            assert (seen(row["details"]), row["isInternal"]) == (one.text, one.is_internal)
            assert (row["createdBy"] or None) == world.notes[row["id"]].member_id
            assert row["createdByName"] == one.author.name
            assert tuple(file["originalFileName"] for file in row["attachments"] or ()) == tuple(one.attachments)
            kinds.add(row["details"].startswith("<p>"))
        activities = rows(client, f"{TICKETS}/{key}/activities")
        assert set(ids(activities)) == truth.keys()
        work = [row for row in activities if row["timeSpent"] is not None]
        assert set(ids(notes)) == truth.keys() - set(ids(work))
        for row in work:
            one = truth[row["id"]]
            assert (row["timeSpent"], seen(row["internalNotes" if one.is_internal else "notes"])) == (
                one.hours,
                one.text,
            )
            assert row["isInternal"] == 0, "the field of a text says whether it is internal"
            assert read(row["createdOn"]) == one.at
            assert read(f"{row['startDate'][:10]}T{row['startTime']}") == world.time_entries[row["id"]].started_at
    assert kinds == {True, False}


def test_activities_can_be_filtered_by_internal(client: Client, world: World) -> None:
    ticket_id = next(one.ticket_id for one in world.notes.values() if one.is_internal)
    every = kaseya_bms.detail(world, str(ticket_id)).entries
    internal = rows(client, f"{TICKETS}/{ticket_id}/activities", Filter_OnlyInternal=True)
    assert set(ids(internal)) == {int(one.key) for one in every if one.is_internal}


def test_a_single_ticket_has_its_description_location_and_asset(client: Client, world: World) -> None:
    for key in map(str, world.tickets.ids[:60]):
        row, truth = client.result(f"{TICKETS}/{key}"), kaseya_bms.detail(world, key)
        assert seen(row["details"]) == truth.description
        assert (row["locationId"] or None, row["locationName"]) == (
            truth.site.key and int(truth.site.key),
            truth.site.name,
        )
        asset = next(iter(truth.assets), Reference())
        assert (row["hardwareAssetId"] or None, row["hardwareAssetName"]) == (
            asset.key and int(asset.key),
            asset.name,
        )


def test_a_missing_ticket_is_an_error_with_status_200(client: Client) -> None:
    for path in (f"{TICKETS}/1", f"{TICKETS}/1/notes", f"{TICKETS}/1/activities", f"{TICKETS}/1/slainfo"):
        assert why(client.ask(path))[:2] == (200, 404)


def test_inactive_employees_have_names_and_only_active_ones_can_be_assigned(client: Client, world: World) -> None:
    every, active = rows(client, "/v2/hr/employees/lookup"), rows(client, "/v2/hr/assignees/lookup")
    assert ids(every) == list(world.members.ids)
    assert ids(active) == [one.id for one in world.members.values() if one.is_active]
    assert client.result("/v2/hr/employees/lookup", Filter_Name="CHAN") == []
    assert ids(client.result("/v2/hr/employees/lookup", Filter_Ids="110")) == [110]
    gone = [row for row in rows(client) if row["assigneeId"] == DELETED_MEMBER_ID]
    assert {row["assigneeName"] for row in gone} == {None}


def test_a_permission_can_be_missing_for_activities_only(client: Client, world: World) -> None:
    ticket_id = next(iter(world.time_entries.values())).ticket_id
    client.switch_on(f"success_false:path={TICKETS}/*/activities")
    assert client.ask(f"{TICKETS}/{ticket_id}/activities").json() == {"success": False, "error": None, "result": []}
    assert client.ask(f"{TICKETS}/{ticket_id}/notes").json()["success"]
