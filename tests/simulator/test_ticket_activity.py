"""Tickets change one at a time, as the seed decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from simulator.ticket_activity import ACTIVITIES, Activity, change_status, simulate_activity
from simulator.ticket_generators import STATUSES_BY_BOARD
from simulator.world import World

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


@pytest.fixture
def world() -> World:
    return World(seed=7, companies=10, tickets_now=NOW - timedelta(minutes=5))


@pytest.mark.parametrize("kind", sorted(set(ACTIVITIES)))
def test_an_activity_changes_one_ticket_now(world: World, kind: str) -> None:
    before = dict(world.tickets)
    activity = simulate_activity(world, 1, at=NOW, kind=kind)
    changed = {key for key, ticket in world.tickets.items() if before.get(key) != ticket}
    assert changed == {activity.ticket_id}
    assert world.tickets[activity.ticket_id].updated_at == NOW == world.tickets_now


def test_a_created_ticket_is_open_and_has_no_owner(world: World) -> None:
    known = set(world.tickets)
    new = world.tickets[simulate_activity(world, 1, at=NOW, kind="created").ticket_id]
    assert new.id not in known
    assert (new.owner_id, new.is_closed) == (None, False)


@pytest.mark.parametrize(("kind", "table"), [("commented", "notes"), ("worked", "time_entries")])
def test_notes_and_time_entries_belong_to_the_ticket(world: World, kind: str, table: str) -> None:
    activity = simulate_activity(world, 1, at=NOW, kind=kind)
    last = getattr(world, table)[getattr(world, table).ids[-1]]
    assert last.ticket_id == activity.ticket_id


def test_a_closed_status_closes_a_ticket_and_another_status_opens_it_again(world: World) -> None:
    ticket = next(iter(world.tickets.values()))
    statuses = STATUSES_BY_BOARD[ticket.board_id]
    closed, new = (next(s for s in statuses if s.is_closed is is_closed) for is_closed in (True, False))
    assert change_status(world, ticket.id, closed, at=NOW).closed_at == NOW
    assert replace(change_status(world, ticket.id, new, at=NOW), updated_at=NOW).closed_at is None


def test_the_same_seeds_give_the_same_activities() -> None:
    def day() -> list[Activity]:
        world = World(seed=7, companies=10)
        return [simulate_activity(world, seed, at=NOW + timedelta(minutes=seed)) for seed in range(30)]

    assert day() == day()


def test_an_unknown_activity_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="assigned, commented, created, status_changed, worked"):
        simulate_activity(world, 1, at=NOW, kind="exploded")
