"""Boards, statuses, priorities, technicians, tickets, notes and time entries, independent of any vendor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Board:
    """A queue of tickets. Project boards have project tickets only."""

    id: int
    name: str
    is_active: bool = True
    is_project: bool = False


@dataclass(frozen=True, slots=True)
class BoardStatus:
    """A ticket status of one board. The same name on two boards has two ids."""

    id: int
    board_id: int
    name: str
    sort_order: int
    is_closed: bool = False
    is_active: bool = True
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Priority:
    """The urgency of a ticket."""

    id: int
    name: str
    color: str | None = None
    sort_order: int | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A technician of the MSP."""

    id: int
    identifier: str
    first_name: str
    last_name: str
    email: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request for help."""

    id: int
    summary: str
    board_id: int
    status_id: int
    priority_id: int
    company_id: int
    site_id: int | None
    contact_id: int | None
    contact_name: str | None
    owner_id: int | None  # a technician, who may have been deleted
    member_ids: tuple[int, ...]  # all technicians who work on it
    asset_ids: tuple[int, ...]
    is_project: bool
    is_closed: bool
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    description: str = ""
    attachments: tuple[str, ...] = ()
    custom_fields: dict[int, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """A text on a ticket."""

    id: int
    ticket_id: int
    text: str
    member_id: int | None  # the author, if a technician
    contact_id: int | None  # the author, if a contact
    is_internal: bool  # not for customers
    is_resolution: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """Time spent on a ticket. Its text is listed among the ticket's notes."""

    id: int
    ticket_id: int
    member_id: int
    started_at: datetime
    ended_at: datetime
    notes: str
    is_internal: bool
