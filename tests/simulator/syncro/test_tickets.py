"""Tickets of the simulated Syncro API, with their comments and time entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from simulator.ticket_activity import simulate_activity
from simulator.ticket_entities import Ticket
from simulator.world import START, World
from tests.simulator.clients import serve
from tests.simulator.syncro.client import Client
from tests.simulator.syncro.test_description import check
from tests.support.truth import syncro as truth
from tests.support.vendor_specs import check_request, load

TODAY = START + timedelta(days=1)


@pytest.fixture(scope="module")
def world() -> World:
    """A world that no test changes."""
    return World(seed=3, companies=40)


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[Client]:
    """A client of that world."""
    with serve(Client, world) as one:
        yield one


@pytest.fixture
def own() -> Iterator[Client]:
    """A client of a world of its own, where the test may change tickets."""
    with serve(Client, World(seed=5, companies=40)) as one:
        yield one


def every(client: Client, **query: Any) -> list[dict[str, Any]]:
    """All tickets of a list, in the order they came."""
    found: list[dict[str, Any]] = []
    page, pages = 0, 1
    while page < pages:
        page += 1
        body = client.body("/tickets", page=page, **query)
        found += body["tickets"]
        pages = body["meta"]["total_pages"]
    return found


def as_described(record: dict[str, Any]) -> dict[str, Any]:
    """The ticket without the question mark that real responses have in one key of the technician."""
    person = record["user"] and {name.removesuffix("?"): value for name, value in record["user"].items()}
    return {**record, "user": person}


def time_of(at: str) -> datetime:
    """The time in a response."""
    return datetime.fromisoformat(at)


def test_pages_have_fifty_tickets_newest_first_and_no_total(client: Client, world: World) -> None:
    body = client.body("/tickets", per_page=5)
    assert (len(body["tickets"]), body["meta"]) == (50, {"total_pages": 4, "page": 1})
    newest = sorted(world.tickets.values(), key=lambda one: (one.created_at, one.id), reverse=True)
    assert [row["id"] for row in every(client)] == [one.id for one in newest]
    assert client.body("/tickets", page=5)["tickets"] == []


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"user_id": 101}, lambda one: one.owner_id == 101),
        ({"mine": "true"}, lambda one: one.owner_id == 101),
        ({"query": "vpn drops"}, lambda one: one.summary == "VPN drops every hour"),
        ({"created_after": "2025-10-01"}, lambda one: one.created_at.isoformat() >= "2025-10-01T04"),
        ({"since_updated_at": "2025-10-01T00:00:00Z"}, lambda one: one.updated_at.isoformat() > "2025-10"),
        ({"priority": "Niedrig", "ticket_type_id": 1, "sort": "id ASC"}, lambda _: True),
    ],
)
def test_documented_filters_have_an_effect_and_others_have_none(
    client: Client, world: World, query: dict[str, Any], wanted: Callable[[Ticket], bool]
) -> None:
    expected = {one.id for one in world.tickets.values() if wanted(one)}
    assert {row["id"] for row in every(client, **query)} == expected != set()


def test_a_number_customer_or_contact_finds_its_tickets(client: Client, world: World) -> None:
    one = next(one for one in world.tickets.values() if one.contact_id)
    [row] = every(client, number=one.id - 60_000)
    assert (row["id"], row["number"]) == (one.id, one.id - 60_000)
    for name, attribute in (("customer_id", "company_id"), ("contact_id", "contact_id")):
        theirs = {*world.tickets.by(attribute)[getattr(one, attribute)]}
        assert {row["id"] for row in every(client, **{name: getattr(one, attribute)})} == theirs


def test_not_closed_means_every_status_but_resolved(client: Client, world: World) -> None:
    closed = {key for key, one in truth.tickets(world).items() if one.is_closed}
    assert {str(row["id"]) for row in every(client, status="Resolved")} == closed != set()
    still_open = every(client, status="Not Closed")
    assert {str(row["id"]) for row in still_open} == truth.tickets(world).keys() - closed
    assert {row["resolved_at"] for row in still_open} == {None}


def test_tickets_resolved_after_a_date_are_found_and_open_ones_are_not(client: Client) -> None:
    resolved = [row for row in every(client) if row["resolved_at"]]
    dates = sorted(row["resolved_at"] for row in resolved)
    middle = dates[len(dates) // 2]
    later = {row["id"] for row in resolved if time_of(row["resolved_at"]) > time_of(middle)}
    assert {row["id"] for row in every(client, resolved_after=middle)} == later != set()


def test_statuses_and_priorities_are_names_of_the_settings(client: Client) -> None:
    rows = every(client)
    assert {row["status"] for row in rows} <= {*client.body("/tickets/settings")["ticket_status_list"]}
    assert {row["priority"] for row in rows} - {*client.body("/settings")["ticket"]["priorities"]} == {None}
    types = {one["id"] for one in client.body("/settings")["ticket"]["ticket_types"]}
    assert {row["ticket_type_id"] for row in rows} <= types


def test_inactive_technicians_are_not_listed_but_still_on_tickets(client: Client, world: World) -> None:
    listed = {id_ for id_, _ in client.body("/users")["users"]}
    on_tickets = {row["user_id"]: row["user"] for row in every(client)}
    assert on_tickets.keys() - listed == {None, 110, 666}
    assert (on_tickets[110]["full_name"], on_tickets[666]) == ("Bob Gone", None)


def test_a_list_has_only_the_first_comment(client: Client, world: World) -> None:
    for row in client.body("/tickets", all_comments="true")["tickets"]:
        [only] = row["comments"]
        assert (only["subject"], only["body"]) == ("Initial Issue", world.tickets[row["id"]].description)


def test_comments_come_newest_first_and_private_ones_are_hidden(client: Client, world: World) -> None:
    for key in list(truth.tickets(world))[:60]:
        comments = [entry for entry in truth.detail(world, key).entries if entry.hours is None]
        rows = client.body(f"/tickets/{key}/comments", per_page=100)["comments"]
        shown = [(f"comment-{row['id']}", row["body"], row["hidden"], row["tech"]) for row in rows]
        assert shown == [(one.key, one.text, one.is_internal, one.author.name) for one in reversed(comments)]
        assert shown[-1][1] == world.tickets[int(key)].description


def test_comments_have_pages_of_ten_by_default(own: Client) -> None:
    world = own.simulator.world
    id_ = world.tickets.ids[0]
    note = next(iter(world.notes.values()))
    for more in range(30):
        fields = {name: getattr(note, name) for name in note.__slots__}
        world.notes.add(type(note)(**{**fields, "id": world.notes.next_id(), "ticket_id": id_, "text": str(more)}))
    path = f"/tickets/{id_}/comments"
    first, rest = own.body(path), own.body(path, per_page=25, page=2)
    total = len(world.notes.by("ticket_id")[id_]) + 1
    assert (len(first["comments"]), first["meta"]) == (10, {"total_pages": -(-total // 10), "page": 1, "per_page": 10})
    assert len(rest["comments"]) == total - 25


def test_comments_have_three_formats(client: Client, world: World) -> None:
    def bodies(id_: int, form: str) -> dict[int, str]:
        comments = client.body(f"/tickets/{id_}/comments", comment_format=form, per_page=100)["comments"]
        return {row["id"]: row["body"] for row in comments}

    rich = next(note for note in world.notes.values() if "<img" in note.text and note.id % 3 == 0)
    bare = next(note for note in world.notes.values() if "<img" in note.text and note.id % 3)
    for note, original in ((rich, "<p>&lt;img"), (bare, "<img")):
        assert bodies(note.ticket_id, "plaintext")[note.id] == note.text
        assert bodies(note.ticket_id, "richtext")[note.id].startswith("<p>&lt;img")
        assert bodies(note.ticket_id, "original")[note.id].startswith(original)


def test_a_single_ticket_has_attachments_assets_and_time_entries(client: Client, world: World) -> None:
    times = world.time_entries.by("ticket_id")
    one = next(one for one in world.tickets.values() if one.attachments and one.asset_ids and one.id in times)
    answer = client.body(f"/tickets/{one.id}")["ticket"]
    assert tuple(file["file_name"] for file in answer["attachments"]) == one.attachments
    assert [asset["id"] for asset in answer["assets"]] == answer["asset_ids"] == list(one.asset_ids)
    assert [timer["id"] for timer in answer["ticket_timers"]] == list(times[one.id])
    assert answer["ticket_type"]["id"] == one.board_id
    assert client.ask("/tickets/1").status_code == client.ask("/tickets/1/comments").status_code == 404


def test_paging_without_repeats_misses_no_ticket_while_tickets_are_created(own: Client) -> None:
    world = own.simulator.world
    known, found = set(world.tickets.ids), set()
    for page in range(1, 6):
        found |= {row["id"] for row in own.body("/tickets", page=page)["tickets"]}
        simulate_activity(world, page, at=TODAY + timedelta(minutes=page), kind="created")
    assert known <= found


@pytest.mark.parametrize("kind", ["created", "status_changed", "commented", "worked", "assigned"])
def test_an_activity_shows_at_once(own: Client, kind: str) -> None:
    world = own.simulator.world
    own.body("/tickets")
    happened = simulate_activity(world, 1, at=TODAY, kind=kind)
    [row] = every(own, since_updated_at=(TODAY - timedelta(minutes=1)).isoformat().replace("+00:00", "Z"))
    assert (row["id"], time_of(row["updated_at"])) == (happened.ticket_id, TODAY)
    if kind == "commented":
        assert time_of(own.body(f"/tickets/{row['id']}/comments")["comments"][0]["created_at"]) == TODAY
    if kind == "worked":
        timers = own.body(f"/tickets/{row['id']}")["ticket"]["ticket_timers"]
        assert time_of(timers[-1]["end_time"]) == TODAY


@pytest.mark.parametrize(
    ("fault", "rows"),
    [
        ("narrowed_list:path=/tickets,rows=3", 3),
        ("early_end:path=/tickets,rows=20", 20),
        ("capped_page:path=/tickets,rows=10", 10),
        ("emptied_list:path=/tickets", 0),
    ],
)
def test_faults_apply_to_tickets_too(own: Client, fault: str, rows: int) -> None:
    own.switch_on(fault)
    assert len(own.body("/tickets")["tickets"]) == rows


def test_a_user_of_one_customer_gets_only_its_tickets(own: Client) -> None:
    world = own.simulator.world
    company = next(iter(world.tickets.values())).company_id
    own.switch_on(f"single_customer_user:company={company}")
    assert {row["customer_id"] for row in every(own)} == {company}
    other = next(one.id for one in world.tickets.values() if one.company_id != company)
    assert own.ask(f"/tickets/{other}").status_code == 404


def test_without_ticket_types_tickets_have_none(own: Client) -> None:
    own.switch_on("no_ticket_types")
    rows = own.body("/tickets")["tickets"]
    assert {(row["ticket_type_id"], row["ticket_type_name"]) for row in rows} == {(None, None)}
    assert all(row["problem_type"] for row in rows)


def test_lists_single_tickets_and_comments_are_as_described(client: Client, world: World) -> None:
    spec = load("syncro")
    query = {"status": "Not Closed", "query": "a", "user_id": "101", "comment_format": "original", "page": "1"}
    check_request(spec, "GET", "/tickets", query)
    body = client.body("/tickets")
    check(spec, "/tickets", {**body, "tickets": [as_described(row) for row in body["tickets"]]})
    for id_ in world.tickets.ids[:30]:
        one = client.body(f"/tickets/{id_}")
        check(spec, f"/tickets/{id_}", {"ticket": as_described(one["ticket"])})
        asked = {"per_page": "5", "page": "1", "sort_by": "created_at", "sort_direction": "ASC"}
        check_request(spec, "GET", f"/tickets/{id_}/comments", asked)
        check(spec, f"/tickets/{id_}/comments", client.body(f"/tickets/{id_}/comments", **asked))
