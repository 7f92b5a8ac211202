"""Generates tickets, their notes and their time entries."""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.generators import custom_values
from simulator.sample_data import TICKET_ATTACHMENTS, TICKET_DESCRIPTIONS, TICKET_SUMMARIES, TICKET_TEXTS
from simulator.seeded_random import SeededRandom
from simulator.setup_tables import BOARDS, CUSTOM_FIELDS, DELETED_MEMBER_ID, MEMBERS, PRIORITIES, board_statuses
from simulator.ticket_entities import BoardStatus, Note, Ticket, TimeEntry

MEMBER_CHOICES = (*(member.id for member in MEMBERS for _ in range(4)), DELETED_MEMBER_ID)
STATUSES_BY_BOARD: dict[int, list[BoardStatus]] = {
    board.id: [status for status in board_statuses() if status.board_id == board.id] for board in BOARDS
}
TICKET_FIELDS = tuple(one for one in CUSTOM_FIELDS if one.entity == "ticket")


def ticket(
    rng: SeededRandom,
    *,
    id_: int,
    company_id: int,
    site_id: int | None,
    contact: tuple[int | None, str | None],
    asset_ids: tuple[int, ...],
    now: datetime,
) -> Ticket:
    """A ticket on a service board or a project board."""
    board = rng.pick(BOARDS)
    status = rng.pick(STATUSES_BY_BOARD[board.id])
    updated_at = rng.moment_before(now, days=400)
    members = tuple(rng.choose(MEMBER_CHOICES, rng.number(0, 2)))
    return Ticket(
        id=id_,
        summary=rng.pick(TICKET_SUMMARIES),
        board_id=board.id,
        status_id=status.id,
        priority_id=rng.pick(PRIORITIES).id,
        company_id=company_id,
        site_id=site_id,
        contact_id=contact[0],
        contact_name=contact[1],
        owner_id=members[0] if members else None,
        member_ids=tuple(dict.fromkeys(members)),
        asset_ids=asset_ids,
        is_project=board.is_project,
        is_closed=status.is_closed,
        created_at=updated_at - timedelta(minutes=rng.number(1, 60_000)),
        updated_at=updated_at,
        closed_at=updated_at if status.is_closed else None,
        description=rng.pick(TICKET_DESCRIPTIONS),
        attachments=tuple(rng.choose(TICKET_ATTACHMENTS, rng.pick((0, 0, 0, 1, 2)))),
        custom_fields=custom_values(rng, TICKET_FIELDS, now=now),
    )


def note(rng: SeededRandom, *, id_: int, on: Ticket) -> Note:
    """A note on the ticket; only a member's note can be internal."""
    by_contact = on.contact_id is not None and rng.likely(0.3)
    return Note(
        id=id_,
        ticket_id=on.id,
        text=rng.pick(TICKET_TEXTS),
        member_id=None if by_contact else rng.pick(MEMBER_CHOICES),
        contact_id=on.contact_id if by_contact else None,
        is_internal=not by_contact and rng.likely(0.3),
        is_resolution=on.is_closed and rng.likely(0.3),
        created_at=on.created_at + (on.updated_at - on.created_at) * rng.random(),
    )


def time_entry(rng: SeededRandom, *, id_: int, on: Ticket) -> TimeEntry:
    """Time spent on the ticket, in quarters of an hour."""
    started_at = on.created_at + timedelta(minutes=rng.number(0, 600))
    return TimeEntry(
        id=id_,
        ticket_id=on.id,
        member_id=rng.pick(MEMBER_CHOICES),
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=15 * rng.number(1, 16)),
        notes=rng.pick(TICKET_TEXTS),
        is_internal=rng.likely(0.2),
    )
