"""Lets one ticket change: a customer opens it, it gets another status or owner, or someone writes or works on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from simulator.seeded_random import SeededRandom
from simulator.setup_tables import MEMBERS
from simulator.ticket_entities import BoardStatus, Ticket
from simulator.ticket_generators import STATUSES_BY_BOARD, note, ticket, time_entry
from simulator.world import World

# An activity that stands here twice is twice as likely.
ACTIVITIES = ("created", "status_changed", "status_changed", "commented", "commented", "worked", "assigned")
RECENT = 40  # activities concern one of the tickets that changed last


@dataclass(frozen=True)
class Activity:
    """What happened to which ticket."""

    kind: str
    ticket_id: int


def simulate_activity(world: World, seed: int, *, at: datetime, kind: str = "") -> Activity:
    """Let one ticket change, at random unless `kind` says how. The same world, seed and second give the same change."""
    rng = SeededRandom(f"{world.seed}/moment/{seed}")
    at = at.replace(microsecond=0)
    world.tickets_now = max(world.tickets_now, at)
    chosen = kind or rng.pick(ACTIVITIES)
    if chosen == "created" or not world.tickets:
        return Activity("created", _create(world, rng, at).id)
    one = _recent(world, rng)
    if chosen == "status_changed":
        change_status(world, one.id, _other_status(rng, one), at=at)
    elif chosen == "assigned":
        owner = rng.pick([member.id for member in MEMBERS if member.is_active])
        world.tickets.add(replace(one, owner_id=owner, member_ids=(owner,), updated_at=at))
    elif chosen == "worked":
        entry = time_entry(rng, id_=world.time_entries.next_id(), on=one)
        world.time_entries.add(replace(entry, started_at=at - (entry.ended_at - entry.started_at), ended_at=at))
        world.tickets.add(replace(one, updated_at=at))
    elif chosen == "commented":
        world.notes.add(replace(note(rng, id_=world.notes.next_id(), on=one), created_at=at))
        world.tickets.add(replace(one, updated_at=at))
    else:
        raise ValueError(f"{chosen!r} is not an activity; the activities are: {', '.join(sorted(set(ACTIVITIES)))}")
    return Activity(chosen, one.id)


def change_status(world: World, ticket_id: int, status: BoardStatus, *, at: datetime) -> Ticket:
    """Give the ticket another status, which may close it or open it again."""
    closed_at = at if status.is_closed else None
    changed = replace(
        world.tickets[ticket_id], status_id=status.id, is_closed=status.is_closed, closed_at=closed_at, updated_at=at
    )
    return world.tickets.add(changed)


def _other_status(rng: SeededRandom, one: Ticket) -> BoardStatus:
    return rng.pick([status for status in STATUSES_BY_BOARD[one.board_id] if status.id != one.status_id])


def _recent(world: World, rng: SeededRandom) -> Ticket:
    newest = sorted(world.tickets.values(), key=lambda one: (one.updated_at, one.id))[-RECENT:]
    return rng.pick(newest)


def _create(world: World, rng: SeededRandom, at: datetime) -> Ticket:
    company_id = rng.pick(world.companies.ids)
    sites, contacts, assets = (
        table.by("company_id").get(company_id, ()) for table in (world.sites, world.contacts, world.assets)
    )
    made = ticket(
        rng,
        id_=world.tickets.next_id(),
        company_id=company_id,
        site_id=rng.maybe(0.8, sites or (None,)),
        contact=world.requester(rng.maybe(0.8, contacts or (None,))),
        asset_ids=tuple(rng.choose(assets[:50], rng.number(0, 2))),
        now=at,
    )
    new = next(status for status in STATUSES_BY_BOARD[made.board_id] if status.is_default)
    fresh = replace(made, status_id=new.id, is_closed=False, closed_at=None, owner_id=None, member_ids=())
    return world.tickets.add(replace(fresh, created_at=at - timedelta(seconds=1), updated_at=at))
