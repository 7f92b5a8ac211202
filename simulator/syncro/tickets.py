"""Tickets as the list shows them: statuses and priorities by name, types by id and name, and the first comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from simulator.entities import Contact
from simulator.messages import Record
from simulator.syncro import ticket_entries
from simulator.syncro.custom_fields import custom
from simulator.syncro.faults import NoTicketTypes
from simulator.syncro.formats import ADDRESS_IDS, gap, names, stamp
from simulator.syncro.serving import Call, Feed, Query
from simulator.syncro.setup import PROBLEM_TYPES, RESOLVED, step_name, user
from simulator.ticket_entities import Member, Ticket
from simulator.world import BIRTH, World

# Tickets have a number for people beside the id that the API wants.
NUMBERS_BELOW_IDS = 60_000
NOT_CLOSED = "Not Closed"
# Whose the token is.
ME = 101


def feed(call: Call) -> Feed:
    """The list of tickets: 50 a page, newest first, and `meta` does not tell how many there are."""
    form = call.request.query.get("comment_format", "")
    return Feed(
        "tickets",
        "tickets",
        50,
        lambda world, one: ticket(world, one, has_type=typed(call), form=form),
        select,
        meta=("total_pages", "page"),
    )


def select(world: World, query: Query) -> Sequence[int]:
    """The tickets that pass the filters; a key that is no number belongs to none."""
    rows = newest_first(world)
    for name, read in KEYS.items():
        if query.get(name):
            rows = [one for one in rows if str(read(one)) == query[name]]
    if query.get("status") == NOT_CLOSED:
        rows = [one for one in rows if status(world, one) != RESOLVED]
    elif query.get("status"):
        rows = [one for one in rows if status(world, one) == query["status"]]
    if query.get("query"):
        part = query["query"].casefold()
        rows = [one for one in rows if part in f"{number(one)} {one.summary} {_business(world, one)}".casefold()]
    if query.get("mine") in ("true", "1"):
        rows = [one for one in rows if one.owner_id == ME]
    for name, when in DATES.items():
        since = ticket_entries.date(query.get(name, ""))
        rows = [one for one in rows if (when(world, one) or BIRTH.min) > since] if since else rows
    return [one.id for one in rows]


def newest_first(world: World) -> Sequence[Ticket]:
    """Every ticket; put in order once per change of any."""
    version, rows = _in_order.get(world, (-1, ()))
    if version != world.tickets.version:
        rows = sorted(world.tickets.values(), key=lambda one: (one.created_at, one.id), reverse=True)
        _in_order[world] = world.tickets.version, rows
    return rows


_in_order: WeakKeyDictionary[World, tuple[int, Sequence[Ticket]]] = WeakKeyDictionary()


KEYS: Mapping[str, Callable[[Ticket], object]] = {
    "customer_id": lambda one: one.company_id,
    "contact_id": lambda one: one.contact_id,
    "user_id": lambda one: one.owner_id,
    "number": lambda one: number(one),
}
DATES: Mapping[str, Callable[[World, Ticket], datetime | None]] = {
    "created_after": lambda _, one: one.created_at,
    "resolved_after": lambda world, one: resolved_at(world, one),
    "since_updated_at": lambda _, one: one.updated_at,
}


def number(one: Ticket) -> int:
    """What people call the ticket."""
    return one.id - NUMBERS_BELOW_IDS


def status(world: World, one: Ticket) -> str:
    """The name of the step it is at, which alone tells whether it is closed."""
    return step_name(world.board_statuses[one.status_id])


def priority(world: World, one: Ticket) -> str | None:
    """Its name; some tickets never got one, which is empty text or null."""
    return {5: None, 6: ""}.get(one.id % 11, world.priorities[one.priority_id].name)


def resolved_at(world: World, one: Ticket) -> datetime | None:
    """When it was resolved, if it is."""
    return (one.closed_at or one.updated_at) if status(world, one) == RESOLVED else None


def ticket(world: World, one: Ticket, *, has_type: bool, form: str) -> Record:
    """A row of the list, with the first comment of all."""
    board = world.boards[one.board_id]
    site = world.sites.get(one.site_id) if one.site_id is not None else None
    ended = resolved_at(world, one)
    minutes = int((ended - one.created_at).total_seconds() // 60) if ended else None
    return {
        "id": one.id,
        "number": number(one),
        "subject": one.summary,
        "created_at": stamp(one.created_at),
        "customer_id": one.company_id,
        "customer_business_then_name": _business(world, one),
        "due_date": stamp(one.created_at + timedelta(days=3)),
        "resolved_at": stamp(ended) if ended else None,
        "start_at": None,
        "end_at": None,
        "location_id": None,
        "location_name": None,
        "problem_type": PROBLEM_TYPES[one.id % len(PROBLEM_TYPES)],
        "status": status(world, one),
        "ticket_type_id": board.id if has_type else None,
        "ticket_type_name": board.name if has_type else None,
        "properties": custom(world.fields_of("ticket"), one.custom_fields, one.id),
        "user_id": one.owner_id,
        "updated_at": stamp(one.updated_at),
        "pdf_url": None,
        "priority": priority(world, one),
        "billing_status": None,
        "tag_list": [],
        "sla_name": None,
        "creator_name_or_email": one.contact_name,
        "contact_fullname": _full_name(world.contacts.get(one.contact_id or 0), one.id),
        "contract_name": None,
        "address_id": ADDRESS_IDS + site.id if site and not site.is_primary else None,
        "parent": False,
        "child": False,
        "recurring": False,
        "customer_reply": False,
        "total_formatted_billable_time": _spent(world, one),
        "contact_id": one.contact_id,
        "sla_breached": False,
        "sla_breaching_soon": False,
        "contract_id": None,
        "sla_id": None,
        "customer_tag_list": [],
        "resolution_time": minutes,
        "response_time": minutes,
        "comments": [ticket_entries.comment(world, ticket_entries.first(one), form=form)],
        "user": _user(world.members.get(one.owner_id or 0)),
    }


def typed(call: Call) -> bool:
    """Whether the account made ticket types."""
    return not any(isinstance(fault, NoTicketTypes) for fault in call.faults)


def _business(world: World, one: Ticket) -> str | None:
    company = world.companies.get(one.company_id)
    if company is None or company.is_deleted:
        return None
    named = names(company)
    return (named.business_name or "").strip() or (named.fullname or "").strip()


def _full_name(person: Contact | None, row_id: int) -> str | None:
    return gap(" ".join(filter(None, (person.first_name, person.last_name))) or None, row_id) if person else None


def _spent(world: World, one: Ticket) -> str | None:
    entries = [world.time_entries[id_] for id_ in world.time_entries.by("ticket_id").get(one.id, ())]
    seconds = int(sum((entry.ended_at - entry.started_at).total_seconds() for entry in entries))
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" if entries else None


def _user(member: Member | None) -> Record | None:
    """The technician, with a question mark in one key."""
    if member is None:
        return None
    record = user(member)
    return {"admin?" if name == "admin" else name: value for name, value in record.items()}
