"""Tickets of the simulated ConnectWise API, with their notes, time entries and documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from simulator.ticket_activity import simulate_activity
from simulator.ticket_entities import Ticket
from simulator.world import START, World
from tests.simulator.connectwise.client import Client
from tests.support.truth import connectwise as truth

TODAY = START + timedelta(days=1)
NEWEST_FIRST = {"orderBy": "_info/lastUpdated desc,id desc", "pageSize": 10}


def search(client: Client, *, page: int = 1, size: int = 1000, **body: str) -> Any:
    """The response to a search, whose paging is in the address."""
    url = f"{client.simulator.url}/v4_6_release/apis/3.0/service/tickets/search"
    return client.session.post(url, params={"page": page, "pageSize": size}, json=body, timeout=10).json()


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        ("closedFlag=False", lambda one: not one.is_closed),
        ("closedFlag=False and status/id in (50,53)", lambda one: one.status_id in (50, 53)),
        ("board/id=1 and priority/id in (4,6)", lambda one: one.board_id == 1 and one.priority_id in (4, 6)),
        ("owner/id=101", lambda one: one.owner_id == 101),
        ('summary contains "vpn drops"', lambda one: one.summary == "VPN drops every hour"),
        ("lastUpdated>[2025-10-01T00:00:00Z]", lambda one: one.updated_at.isoformat() > "2025-10-01"),
    ],
)
def test_conditions_work_the_same_in_the_address_and_in_a_search(
    client: Client, small_world: World, conditions: str, wanted: Callable[[Ticket], bool]
) -> None:
    expected = {one.id for one in small_world.tickets.values() if wanted(one) and not one.is_project}
    assert set(client.ids("/service/tickets", conditions=conditions, pageSize=1000)) == expected != set()
    assert {row["id"] for row in search(client, conditions=conditions)} == expected


def test_a_search_is_ordered_and_paged(client: Client, small_world: World) -> None:
    service = [one for one in small_world.tickets.values() if not one.is_project]
    newest = sorted(service, key=lambda one: (one.updated_at, one.id), reverse=True)
    order = "_info/lastUpdated desc,id desc"
    pages = [search(client, page=page, size=7, orderBy=order) for page in (1, 2)]
    assert [row["id"] for page in pages for row in page] == [one.id for one in newest[:14]]
    assert search(client, page=1000, size=7, orderBy=order) == []


def test_tickets_are_as_the_truth_has_them(client: Client, small_world: World) -> None:
    rows = {str(row["id"]): row for row in client.rows("/service/tickets", pageSize=1000)}
    expected = truth.tickets(small_world)
    assert rows.keys() == expected.keys()
    for key, one in expected.items():
        row = rows[key]
        assert (row["status"]["name"], row["board"]["name"], row["priority"]["name"]) == (
            one.status.name,
            one.board.name,
            one.priority.name,
        )
        assert (row.get("owner") or {}).get("name") == one.owner.name
        assert (row["closedFlag"], str((row.get("owner") or {}).get("id", ""))) == (one.is_closed, one.owner.key or "")


@pytest.mark.parametrize("path", ["notes", "allNotes"])
def test_the_description_is_the_first_note(client: Client, small_world: World, path: str) -> None:
    for key in list(truth.tickets(small_world))[:40]:
        notes = client.rows(f"/service/tickets/{key}/{path}")
        asked = small_world.tickets[int(key)].description
        assert (notes[0]["text"], notes[0]["detailDescriptionFlag"]) == (asked, True)
        assert notes[0]["id"] not in small_world.notes


def test_notes_and_time_entries_say_who_may_read_them(client: Client, small_world: World) -> None:
    for key in list(truth.tickets(small_world))[:40]:
        entries = {entry.key: entry for entry in truth.detail(small_world, key).entries}
        notes = {f"note-{one['id']}": one for one in client.rows(f"/service/tickets/{key}/notes")}
        spent = {f"time-{one['id']}": one for one in client.rows("/time/entries", conditions=f"chargeToId={key}")}
        assert notes.keys() | spent.keys() == entries.keys()
        for id_, note in notes.items():
            assert (note["text"], note["internalFlag"]) == (entries[id_].text, entries[id_].is_internal)
            assert note["externalFlag"] is not note["internalFlag"]
        for id_, row in spent.items():
            field = "internalNotes" if entries[id_].is_internal else "notes"
            assert (row[field], row["actualHours"]) == (entries[id_].text, entries[id_].hours)


def test_documents_are_those_of_the_given_record(client: Client, small_world: World) -> None:
    one = next(one for one in small_world.tickets.values() if len(one.attachments) > 1)
    files = client.rows("/system/documents", recordType="Ticket", recordId=one.id)
    assert tuple(file["fileName"] for file in files) == one.attachments
    assert client.rows("/system/documents", recordType="Company", recordId=one.id) == []
    assert client.ask("/system/documents").status_code == 400


def test_assets_of_a_ticket_are_listed_below_it(client: Client, small_world: World) -> None:
    one = next(one for one in small_world.tickets.values() if one.asset_ids and not one.is_project)
    assets = client.rows(f"/service/tickets/{one.id}/configurations")
    assert [(str(row["id"]), row["deviceIdentifier"]) for row in assets] == [
        (asset.key, small_world.assets[int(asset.key or 0)].name)
        for asset in truth.detail(small_world, str(one.id)).assets
    ]


def test_paging_by_id_reads_every_ticket_while_tickets_change(own_client: Client) -> None:
    world = own_client.simulator.world
    known, found, last = set(truth.tickets(world)), set[str](), 0
    while page := own_client.ids("/service/tickets", conditions=f"id>{last}", orderBy="id asc", pageSize=7):
        found |= {str(id_) for id_ in page}
        last = page[-1]
        simulate_activity(world, last, at=TODAY, kind="status_changed")
    assert found == known


@pytest.mark.parametrize("kind", ["created", "status_changed", "commented", "worked", "assigned"])
def test_an_activity_shows_at_once(own_client: Client, kind: str) -> None:
    world = own_client.simulator.world
    for path in ("service", "project"):
        own_client.rows(f"/{path}/tickets", **NEWEST_FIRST)
    happened = simulate_activity(world, 1, at=TODAY, kind=kind)
    path = "project" if world.tickets[happened.ticket_id].is_project else "service"
    row = own_client.rows(f"/{path}/tickets", **NEWEST_FIRST)[0]
    assert (row["id"], row["_info"]["lastUpdated"]) == (happened.ticket_id, "2026-01-11T01:00:00Z")


def test_a_permission_can_be_missing_for_documents_or_time_entries_only(own_client: Client) -> None:
    own_client.switch_on("lost_right:path=/system/documents")
    own_client.switch_on("lost_right:path=/time/entries")
    id_ = next(iter(truth.tickets(own_client.simulator.world)))
    asked = ("/system/documents?recordType=Ticket&recordId=1", "/time/entries", f"/service/tickets/{id_}/notes")
    assert [own_client.ask(path).status_code for path in asked] == [403, 403, 200]
