"""Lets a moment pass at the help desk: somebody calls, a ticket moves on, something is said or done about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from simulator.seeded_random import SeededRandom
from simulator.setup_tables import MEMBERS
from simulator.ticket_entities import BoardStatus, Ticket
from simulator.ticket_generators import STATUSES_BY_BOARD, note, ticket, time_entry
from simulator.world import World

ACTIVITIES = ("called", "moved", "moved", "said", "said", "worked", "taken")
RECENT = 40  # most of what happens, happens to what was touched lately


@dataclass(frozen=True)
class Activity:
    """What happened to which ticket."""

    what: str
    ticket_id: int


def simulate_activity(world: World, seed: int, *, at: datetime, what: str = "") -> Activity:
    """One thing happens, by chance unless `what` says which; to the second of `at` the same for the same world."""
    rng = SeededRandom(f"{world.seed}/moment/{seed}")
    at = at.replace(microsecond=0)
    world.tickets_now = max(world.tickets_now, at)
    chosen = what or rng.pick(ACTIVITIES)
    if chosen == "called" or not world.tickets:
        return Activity("called", _call(world, rng, at).id)
    one = _recent(world, rng)
    if chosen == "moved":
        move(world, one.id, _next_step(rng, one), at=at)
    elif chosen == "taken":
        owner = rng.pick([member.id for member in MEMBERS if member.is_active])
        world.tickets.add(replace(one, owner_id=owner, member_ids=(owner,), updated_at=at))
    elif chosen == "worked":
        done = time_entry(rng, id_=world.time_entries.next_id(), on=one)
        world.time_entries.add(replace(done, started_at=at - (done.ended_at - done.started_at), ended_at=at))
        world.tickets.add(replace(one, updated_at=at))
    elif chosen == "said":
        world.notes.add(replace(note(rng, id_=world.notes.next_id(), on=one), created_at=at))
        world.tickets.add(replace(one, updated_at=at))
    else:
        raise ValueError(f"{chosen!r} cannot happen; it is one of {', '.join(sorted(set(ACTIVITIES)))}")
    return Activity(chosen, one.id)


def move(world: World, ticket_id: int, status: BoardStatus, *, at: datetime) -> Ticket:
    """The ticket gets another status."""
    ended = at if status.is_closed else None
    moved = replace(
        world.tickets[ticket_id], status_id=status.id, is_closed=status.is_closed, closed_at=ended, updated_at=at
    )
    return world.tickets.add(moved)


def _next_step(rng: SeededRandom, one: Ticket) -> BoardStatus:
    return rng.pick([status for status in STATUSES_BY_BOARD[one.board_id] if status.id != one.status_id])


def _recent(world: World, rng: SeededRandom) -> Ticket:
    newest = sorted(world.tickets.values(), key=lambda one: (one.updated_at, one.id))[-RECENT:]
    return rng.pick(newest)


def _call(world: World, rng: SeededRandom, at: datetime) -> Ticket:
    company_id = rng.pick(world.companies.ids)
    sites, people, assets = (
        table.by("company_id").get(company_id, ()) for table in (world.sites, world.contacts, world.assets)
    )
    made = ticket(
        rng,
        id_=world.tickets.next_id(),
        company_id=company_id,
        site_id=rng.maybe(0.8, sites or (None,)),
        contact=world.requester(rng.maybe(0.8, people or (None,))),
        asset_ids=tuple(rng.choose(assets[:50], rng.number(0, 2))),
        now=at,
    )
    new = next(status for status in STATUSES_BY_BOARD[made.board_id] if status.is_default)
    fresh = replace(made, status_id=new.id, is_closed=False, closed_at=None, owner_id=None, member_ids=())
    return world.tickets.add(replace(fresh, created_at=at - timedelta(seconds=1), updated_at=at))
