"""A page of the newest tickets. Only Autotask's server sorts by key alone, and gives at most 500 tickets in an answer.

The tickets are counted first. When they do not all fit into one answer, a start time is searched for, so that the
tickets since then fit into an answer and fill a page: it moves back while too few come, and forward, between the times
known for too many and for too few, once too many have come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import islice
from math import sqrt
from typing import Any

from include.connectors.autotask.client import MOST_AT_ONCE, PAGE_SIZE, AutotaskClient
from include.connectors.autotask.conditions import Condition, since, until
from include.connectors.autotask.ticket_columns import TICKET_COLUMNS, TICKET_FIELDS
from include.connectors.common.ticket_mapping import TicketPlace, map_tickets, places_of_tickets
from include.http.in_flight import Flights
from include.model.errors import FormError, Truncated
from include.model.page import Record
from include.model.tickets import TicketPage

TICKETS = "Tickets"
ACTIVITY = "lastActivityDate"
SHOWN = 50
NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""Stands for no activity, so that such tickets come last."""
NO_TIME, HOUR = timedelta(), timedelta(hours=1)
SECOND = timedelta(seconds=1)  # the API cannot be asked for finer times
FIRST_HOURS = 48
GROWTH = 8
SHRINKAGE = 4  # of more than 500 evenly spread tickets, a quarter still fills a page
MAX_HOURS = 20 * 365 * 24
"""Older than any ticket of Autotask: beyond that, tickets are asked for without a start time."""
MAX_ATTEMPTS = 16
MAX_ANSWERS = 5
"""Answers of 500 tickets that are read for tickets that were all changed within a short time."""
CURSOR = re.compile(r"([0-9]{1,16})\.([0-9]{1,18})\.([0-9]{1,6})")


@dataclass(frozen=True)
class Cursor:
    """Where a page ended."""

    at: datetime
    """The last activity of its last ticket."""
    key: str
    """The key of its last ticket."""
    hours: int = FIRST_HOURS
    """Over how many hours its tickets were spread: the start for the next page."""

    def __str__(self) -> str:
        return f"{(self.at - NEVER) // timedelta(microseconds=1)}.{self.key}.{self.hours}"


@dataclass(frozen=True)
class Found:
    """The tickets since a start time."""

    tickets: Sequence[TicketPlace]
    """Those that are not shown yet, the newest first."""
    listed: int
    """How many records the server listed."""
    unreadable: int
    """How many of them have no usable key."""
    start: datetime | None
    """The start time; None when these are all tickets."""


def newest(client: AutotaskClient, filters: Sequence[Condition], page: str) -> TicketPage:
    """A page; `page` is what the page before gave as `next`."""
    cursor = cursor_of(page)
    conditions = [*filters, until(ACTIVITY, cursor.at.replace(microsecond=0) + SECOND)] if cursor else list(filters)
    left, found = counted(client, conditions, cursor)
    end, hours = (cursor.at, cursor.hours) if cursor else (client.http.now(), FIRST_HOURS)
    found = found or search_tickets(client, conditions, cursor, left, end, hours)
    if found.start is None:
        require_all(client, conditions, found.listed, left)
    shown = found.tickets[:SHOWN]
    more = found.start is not None or len(found.tickets) > SHOWN
    looked = hours if found.start is None else max(1, (end - found.start) // HOUR)
    return TicketPage(
        [ticket for ticket in map_tickets(TICKET_COLUMNS, [one.record for one in shown], client) if ticket],
        next=str(Cursor(*rank(shown[-1]), looked)) if more else None,
        total=None if cursor else left,
        unreadable=found.unreadable,
    )


def counted(client: AutotaskClient, conditions: Sequence[Condition], cursor: Cursor | None) -> tuple[int, Found | None]:
    """How many tickets there are; and these tickets, where the last question's fitted into one answer.

    Both are asked for side by side. Fewer tickets than were counted prove nothing then: they are read again.
    """
    if not client.tickets_fit:
        left, found = client.count(TICKETS, conditions), None
    else:
        ask: Callable[[Callable[[], Any]], Any] = lambda question: question()  # noqa: E731
        with Flights(ask, MOST_AT_ONCE) as flights:
            counting = flights.ask(lambda: client.count(TICKETS, conditions))
            records, is_cut = flights.ask(lambda: read(client, conditions, 1)).result()
            left = counting.result()
        found = None if is_cut or len(records) < left else found_in(client, records, cursor, None)
    client.tickets_fit = left <= PAGE_SIZE
    return left, found


def search_tickets(
    client: AutotaskClient, conditions: Sequence[Condition], cursor: Cursor | None, left: int, end: datetime, hours: int
) -> Found:
    """Interpolation search: the first start time that holds more than one page, or everything that remains."""
    attempt: Attempt | None = Attempt(
        start=None if left <= PAGE_SIZE else earlier(end, hours),
        known=StartSearch(too_few=end.replace(microsecond=0) + SECOND),
    )
    for _ in range(MAX_ATTEMPTS):
        if attempt is None:
            break
        within = [*conditions, since(ACTIVITY, attempt.start)] if attempt.start else conditions
        records, is_cut = read(client, within, attempt.answers)
        found = found_in(client, records, cursor, attempt.start)
        if not is_cut and (attempt.start is None or len(found.tickets) > SHOWN):
            return found
        attempt = attempt.after_too_many(found.tickets) if is_cut else attempt.after_too_few(end)
    raise FormError(
        "Autotask cannot sort, and too many of these tickets had their last activity at the same time: "
        "choose a company, a queue or a person as well, or search for a word."
    )


def found_in(client: AutotaskClient, records: Sequence[Record], cursor: Cursor | None, start: datetime | None) -> Found:
    """What an answer has found."""
    readable = places_of_tickets(TICKET_COLUMNS, records, client)
    return Found(unseen(readable, cursor), len(records), len(records) - len(readable), start)


@dataclass(frozen=True)
class StartSearch:
    """What earlier answers have shown about start times, and the next one to try."""

    too_few: datetime
    """Since then there are fewer tickets than a page."""
    too_many: datetime | None = None
    """Since then there are more tickets than one answer holds."""
    enough: datetime | None = None
    """Since then there is at least a page of tickets."""
    dense: timedelta | None = None
    """Set when the tickets are not evenly spread: most are expected within this time after `enough`."""

    def with_too_few(self, start: datetime) -> StartSearch:
        """There are too few tickets since `start`; also where there were enough before, because tickets change."""
        if self.enough is None or self.enough >= start:
            return StartSearch(start)
        return StartSearch(start, self.too_many, self.enough, self.dense or NO_TIME)

    def with_too_many(self, start: datetime, enough: datetime) -> StartSearch:
        """There are too many tickets since `start`; those that were read fill a page since `enough`."""
        dense = None if self.dense is None or self.enough is None else max(start - self.enough, SECOND)
        return StartSearch(self.too_few, start, max(start, enough), dense)

    def next_start(self) -> datetime | None:
        """The next start time to try; None when nothing is known yet.

        Evenly spread tickets are divided by time. In a burst the interval is divided by its order of magnitude instead
        of by halves: the burst may have lasted seconds within years.
        """
        if self.too_many is None or self.enough is None:
            return None
        if self.dense is None:
            quarter = (self.too_few - (self.too_few - self.too_many) / SHRINKAGE).replace(microsecond=0)
            return max(self.enough, quarter)
        length = max(self.too_few - self.enough, SECOND)
        return (self.enough + min(sqrt(self.dense / length), 0.5) * length).replace(microsecond=0)


@dataclass(frozen=True)
class Attempt:
    """A start time to try, and in how many answers its tickets are read."""

    start: datetime | None
    """None for tickets of any time."""
    known: StartSearch
    answers: int = 1

    def after_too_few(self, end: datetime) -> Attempt:
        """The next attempt, when the tickets did not fill a page."""
        start = self.start or end
        known = self.known.with_too_few(start)
        following = known.next_start() or further_back(end, start)
        is_burst = following == known.enough  # to read a burst takes fewer requests than to search within it
        return Attempt(following, known, MAX_ANSWERS if is_burst else self.answers)

    def after_too_many(self, tickets: Sequence[TicketPlace]) -> Attempt | None:
        """The next attempt, when not all tickets were read; None when a shorter time does not help."""
        if self.start and self.known.too_few - self.start > SECOND and len(tickets) > SHOWN:
            filled = rank(tickets[SHOWN])[0].replace(microsecond=0)
            known = self.known.with_too_many(self.start, filled)
            return Attempt(known.next_start(), known)
        return Attempt(self.start, self.known, MAX_ANSWERS) if self.answers < MAX_ANSWERS else None


def read(client: AutotaskClient, conditions: Sequence[Condition], answers: int) -> tuple[list[Record], bool]:
    """The tickets with the lowest keys, and whether there are more; None for each undeliverable ticket."""
    if answers == 1:
        page = client.one_page(TICKETS, TICKET_FIELDS, conditions)
        return page.records, page.has_next or len(page.records) >= PAGE_SIZE
    pages = list(islice(client.part(TICKETS, TICKET_FIELDS, conditions, counted=False).pages(None), answers + 1))
    return [one for page in pages for one in (*page.records, *[None] * len(page.rejects))], len(pages) > answers


def unseen(tickets: Sequence[TicketPlace], cursor: Cursor | None) -> list[TicketPlace]:
    """The tickets after a cursor, the newest first."""
    after = (one for one in tickets if cursor is None or rank(one) < (cursor.at, cursor.key))
    return sorted(after, key=rank, reverse=True)


def rank(one: TicketPlace) -> tuple[datetime, str]:
    return max(one.updated_at or NEVER, NEVER), one.key


def further_back(end: datetime, start: datetime) -> datetime | None:
    """A start time further back; None beyond the limit."""
    hours = (end - start) // HOUR
    return earlier(end, hours * GROWTH) if hours < MAX_HOURS else None


def earlier(end: datetime, hours: int) -> datetime:
    return (end - min(max(1, hours), MAX_HOURS) * HOUR).replace(microsecond=0)


def require_all(client: AutotaskClient, conditions: Sequence[Condition], listed: int, counted: int) -> None:
    """Raise Truncated when fewer tickets were listed than the server counts, now as well: some may have changed."""
    if listed < counted and listed < client.count(TICKETS, conditions):
        raise Truncated(f"Autotask: {listed} tickets were listed, the server counts {counted}.")


def cursor_of(page: str) -> Cursor | None:
    """What a browser sends back as the cursor; raises FormError for anything else."""
    if not page:
        return None
    parts = CURSOR.fullmatch(page)
    try:
        micros, key, hours = parts.groups() if parts else ("", "", "")
        return Cursor(NEVER + timedelta(microseconds=int(micros)), key, int(hours))
    except (ValueError, OverflowError):
        raise FormError("This is not the address of a page of tickets: begin at the first page.") from None
