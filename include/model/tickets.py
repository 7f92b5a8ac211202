"""Tickets as the ticket page shows them: read from the PSA when someone looks, and never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class State(str, Enum):
    """Whether tickets are still worked on, as the vendor sees it."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True)
class Reference:
    """Something that a ticket points at, or that a filter asks for: a board, a status, a company, a person."""

    key: str | None = None
    """The vendor's key; None where the answer does not give it."""
    name: str | None = None
    """The name to show; None where the answer does not give it."""


NO_REFERENCE = Reference()


@dataclass(frozen=True)
class TicketQuery:
    """Which tickets to list. A filter that is None or empty filters nothing."""

    board: Reference | None = None
    statuses: Sequence[Reference] = ()
    """All statuses that share the chosen label; a ticket with any of them fits."""
    priorities: Sequence[Reference] = ()
    """All priorities that share the chosen label; a ticket with any of them fits."""
    company: Reference | None = None
    owner: Reference | None = None
    """The person whom the ticket is assigned to."""
    state: State = State.OPEN
    text: str = ""
    """Words to search for, as typed."""
    page: str = ""
    """Empty for the first page, else what the page before gave as `next`."""


@dataclass(frozen=True)
class Ticket:
    """One ticket, as a row of the list shows it."""

    key: str
    """The key that opens it, usually the vendor's own id."""
    number: str
    """What people call it."""
    summary: str | None
    company: Reference = NO_REFERENCE
    contact: Reference = NO_REFERENCE
    board: Reference = NO_REFERENCE
    status: Reference = NO_REFERENCE
    priority: Reference = NO_REFERENCE
    owner: Reference = NO_REFERENCE
    created_at: datetime | None = None
    updated_at: datetime | None = None
    """The last activity."""
    is_closed: bool | None = None
    """None where the answer does not say, or contradicts itself."""
    url: str | None = None
    """The ticket's page in the PSA, for people who are signed in there."""


@dataclass(frozen=True)
class TicketPage:
    """One page of tickets, the newest activity first."""

    tickets: Sequence[Ticket]
    next: str | None = None
    """What asks for the page after this one; None on the last page."""
    total: int | None = None
    """How many tickets there are in all; None where the server does not count exactly these."""
    unreadable: int = 0
    """How many records of this page had no usable key and are left out."""
    remark: str = ""
    """A sentence for the person who looks at this page, such as a doubt about a filter."""


@dataclass(frozen=True)
class TicketEntry:
    """A note on a ticket, or time that was spent on it."""

    key: str
    at: datetime | None
    author: Reference
    text: str
    is_internal: bool | None
    """True when the customer does not see it; None where the vendor does not say."""
    title: str | None = None
    hours: float | None = None
    """Time spent, in hours; None for a note."""
    attachments: Sequence[str] = ()
    """Names of files."""


@dataclass(frozen=True)
class TicketDetail:
    """One ticket with everything that was said and done about it."""

    ticket: Ticket
    description: str | None = None
    site: Reference = NO_REFERENCE
    assets: Sequence[Reference] = ()
    entries: Sequence[TicketEntry] = ()
    """Notes and time entries, the oldest first."""
    attachments: Sequence[str] = ()
    """Names of files that belong to the ticket itself."""
    missing: Sequence[str] = ()
    """Sentences about what could not be read, such as time entries without the right to see them."""
