"""The newest activity first, from a server that lists by key alone and at most 500 tickets at once.

Tickets are counted. When not all of them fit into one answer, a stretch of time is looked for whose tickets do, and
are enough for a page: it grows while too few come, and once too many have come it begins between the two moments since
which there are too many and too few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any

from include.connectors.autotask.client import PAGE_SIZE, AutotaskClient
from include.connectors.autotask.conditions import Condition, since, until
from include.connectors.autotask.ticket_columns import TICKET_FIELDS, ticket
from include.connectors.autotask.time_search import SECOND, Gap
from include.model.errors import FormError, Truncated
from include.model.tickets import Ticket, TicketPage

TICKETS = "Tickets"
ACTIVITY = "lastActivityDate"
SHOWN = 50
NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)  # stands for no activity: last
HOUR = timedelta(hours=1)
FIRST_HOURS = 48
GROWTH = 8
MOST_HOURS = 20 * 365 * 24  # older than any of Autotask's tickets: from there on no beginning is asked for
LOOKS = 16
MOST_ANSWERS = 5  # of 500, for tickets that were all changed in a short time
PLACE = re.compile(r"([0-9]{1,16})\.([0-9]{1,18})\.([0-9]{1,6})")


@dataclass(frozen=True)
class Place:
    """Where a page ended: at which ticket; and over how many hours it had to look."""

    at: datetime
    key: str
    hours: int = FIRST_HOURS

    def __str__(self) -> str:
        return f"{(self.at - NEVER) // timedelta(microseconds=1)}.{self.key}.{self.hours}"


@dataclass(frozen=True)
class Stretch:
    """The tickets since `start` (None: all there are) that are not shown yet, newest first; `came` are all in it."""

    tickets: Sequence[Ticket]
    came: int
    unreadable: int
    start: datetime | None


def newest(api: AutotaskClient, filters: Sequence[Condition], page: str) -> TicketPage:
    """A page; `page` is what the one before gave as `next`."""
    place = place_of(page)
    conditions = [*filters, until(ACTIVITY, place.at.replace(microsecond=0) + SECOND)] if place else list(filters)
    left = api.count(TICKETS, conditions)
    end = place.at if place else api.http.now()
    hours = place.hours if place else FIRST_HOURS
    found = stretch(api, conditions, place, left, end, hours)
    if found.start is None:
        insist_on_all(api, conditions, found.came, left)
    shown = found.tickets[:SHOWN]
    more = found.start is not None or len(found.tickets) > SHOWN
    looked = hours if found.start is None else max(1, (end - found.start) // HOUR)
    return TicketPage(
        shown,
        next=str(Place(*rank(shown[-1]), looked)) if more else None,
        total=None if place else left,
        unreadable=found.unreadable,
    )


def stretch(
    api: AutotaskClient, conditions: Sequence[Condition], place: Place | None, left: int, end: datetime, hours: int
) -> Stretch:
    """The first one tried that holds more than a page, or all that is left."""
    start, answers = None if left <= PAGE_SIZE else earlier(end, hours), 1
    gap = Gap(few=end.replace(microsecond=0) + SECOND)
    for _ in range(LOOKS):
        within = [*conditions, since(ACTIVITY, start)] if start else conditions
        records, is_cut = read(api, within, answers)
        readable = [one for record in records if (one := ticket(api, record))]
        tickets = unseen(readable, place)
        if not is_cut and (start is None or len(tickets) > SHOWN):
            return Stretch(tickets, len(records), len(records) - len(readable), start)
        if start and not is_cut:
            gap = gap.too_few_since(start)
            start = gap.beginning() or longer(end, start)
            answers = MOST_ANSWERS if start == gap.filled else answers  # most bursts are read sooner than searched
        elif start and gap.few - start > SECOND and len(tickets) > SHOWN:
            gap = gap.too_many_since(start, rank(tickets[SHOWN])[0].replace(microsecond=0))
            start, answers = gap.beginning(), 1
        elif answers < MOST_ANSWERS:
            answers = MOST_ANSWERS
        else:
            break
    raise FormError(
        "Autotask cannot sort, and too many of these tickets had their last activity at the same time: "
        "choose a company, a queue or a person as well, or search for a word."
    )


def read(api: AutotaskClient, conditions: Sequence[Condition], answers: int) -> tuple[list[Any], bool]:
    """The tickets with the lowest keys, in so many answers, and whether there are more; None for undeliverable ones."""
    if answers == 1:
        batch = api.batch(TICKETS, TICKET_FIELDS, conditions)
        return batch.records, batch.has_next or len(batch.records) >= PAGE_SIZE
    pages = list(islice(api.listing(TICKETS, TICKET_FIELDS, conditions, counted=False), answers + 1))
    return [one for page in pages for one in (*page.records, *[None] * len(page.rejects))], len(pages) > answers


def unseen(tickets: Sequence[Ticket], place: Place | None) -> list[Ticket]:
    """What comes after a place, newest first."""
    after = (one for one in tickets if place is None or rank(one) < (place.at, place.key))
    return sorted(after, key=rank, reverse=True)


def rank(one: Ticket) -> tuple[datetime, str]:
    return max(one.updated_at or NEVER, NEVER), one.key


def longer(end: datetime, start: datetime) -> datetime | None:
    """None after the longest."""
    hours = (end - start) // HOUR
    return earlier(end, hours * GROWTH) if hours < MOST_HOURS else None


def earlier(end: datetime, hours: int) -> datetime:
    return (end - min(max(1, hours), MOST_HOURS) * HOUR).replace(microsecond=0)


def insist_on_all(api: AutotaskClient, conditions: Sequence[Condition], came: int, counted: int) -> None:
    """A count that is not reached is counted anew: tickets may have been changed meanwhile."""
    if came < counted and came < api.count(TICKETS, conditions):
        raise Truncated(f"Autotask: {came} tickets were listed, the server counts {counted}.")


def place_of(page: str) -> Place | None:
    """It comes from a browser."""
    if not page:
        return None
    parts = PLACE.fullmatch(page)
    try:
        micros, key, hours = parts.groups() if parts else ("", "", "")
        return Place(NEVER + timedelta(microseconds=int(micros)), key, int(hours))
    except (ValueError, OverflowError):
        raise FormError("This is no page of a list of Autotask's tickets: begin at the first.") from None
