"""Things happen at the help desk, one at a time and by the seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from simulator.ticket_activity import ACTIVITIES, move, simulate_activity
from simulator.ticket_generators import STATUSES_BY_BOARD
from simulator.world import World

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


@pytest.fixture
def world() -> World:
    return World(seed=7, companies=10, tickets_now=NOW - timedelta(minutes=5))


@pytest.mark.parametrize("what", sorted(set(ACTIVITIES)))
def test_what_happens_touches_one_ticket_now(world: World, what: str) -> None:
    before = dict(world.tickets)
    happened = simulate_activity(world, 1, at=NOW, what=what)
    touched = {key for key, ticket in world.tickets.items() if before.get(key) != ticket}
    assert touched == {happened.ticket_id}
    assert world.tickets[happened.ticket_id].updated_at == NOW == world.tickets_now


def test_a_call_opens_a_ticket_that_nobody_has_taken(world: World) -> None:
    known = set(world.tickets)
    new = world.tickets[simulate_activity(world, 1, at=NOW, what="called").ticket_id]
    assert new.id not in known
    assert (new.owner_id, new.is_closed) == (None, False)


@pytest.mark.parametrize(("what", "table"), [("said", "notes"), ("worked", "time_entries")])
def test_what_is_said_and_done_stands_on_the_ticket(world: World, what: str, table: str) -> None:
    happened = simulate_activity(world, 1, at=NOW, what=what)
    last = getattr(world, table)[getattr(world, table).ids[-1]]
    assert last.ticket_id == happened.ticket_id


def test_a_ticket_that_moves_to_a_closed_status_is_closed_and_can_be_opened_again(world: World) -> None:
    ticket = next(iter(world.tickets.values()))
    steps = STATUSES_BY_BOARD[ticket.board_id]
    closed, new = (next(s for s in steps if s.is_closed is is_closed) for is_closed in (True, False))
    assert move(world, ticket.id, closed, at=NOW).closed_at == NOW
    assert replace(move(world, ticket.id, new, at=NOW), updated_at=NOW).closed_at is None


def test_the_same_seeds_give_the_same_day() -> None:
    def day() -> list[object]:
        world = World(seed=7, companies=10)
        return [simulate_activity(world, seed, at=NOW + timedelta(minutes=seed)) for seed in range(30)]

    assert day() == day()


def test_what_cannot_happen_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="called, moved, said, taken, worked"):
        simulate_activity(world, 1, at=NOW, what="exploded")
