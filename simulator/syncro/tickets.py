"""Tickets: a row of the list, with the first comment, and the single record. Statuses and priorities are names."""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.entities import Contact
from simulator.messages import Record
from simulator.syncro import assets, ticket_entries
from simulator.syncro.companies import ADDRESS_IDS, listed_customer, names
from simulator.syncro.contacts import contact
from simulator.syncro.custom_fields import custom
from simulator.syncro.faults import NoTicketTypes
from simulator.syncro.formats import ACCOUNT_ID, gap, stamp
from simulator.syncro.serving import Call, nested_records
from simulator.syncro.setup import PROBLEM_TYPES, RESOLVED, status_name, user
from simulator.syncro.ticket_entries import file, timer
from simulator.ticket_entities import Member, Ticket
from simulator.world import START, World

# The number of a ticket, which users see, is this much below its id.
NUMBER_OFFSET = 60_000
DETAILS_ONLY = (
    "intake_form_html", "signature_name", "signature_date", "outtake_form_name", "outtake_form_date",
    "outtake_form_html",
)  # fmt: skip
NOT_IN_DETAILS = (
    "customer_business_then_name", "location_name", "ticket_type_id", "ticket_type_name", "billing_status",
    "sla_name", "creator_name_or_email", "contact_fullname", "contract_name", "parent", "child", "recurring",
    "customer_reply", "total_formatted_billable_time", "sla_breached", "sla_breaching_soon", "customer_tag_list",
    "resolution_time", "response_time",
)  # fmt: skip


def number(one: Ticket) -> int:
    """The number of the ticket that users see."""
    return one.id - NUMBER_OFFSET


def status(world: World, one: Ticket) -> str:
    """The name of the ticket's status, which is the only sign that it is closed."""
    return status_name(world.board_statuses[one.status_id])


def priority(world: World, one: Ticket) -> str | None:
    """The name of the ticket's priority. Without one it is "" or null."""
    return {5: None, 6: ""}.get(one.id % 11, world.priorities[one.priority_id].name)


def resolved_at(world: World, one: Ticket) -> datetime | None:
    """When the ticket was resolved; None for an open one."""
    return (one.closed_at or one.updated_at) if status(world, one) == RESOLVED else None


def ticket(world: World, one: Ticket, *, has_type: bool, form: str) -> Record:
    """A row of the list, with the first comment."""
    site = world.sites.get(one.site_id) if one.site_id is not None else None
    ended = resolved_at(world, one)
    minutes = int((ended - one.created_at).total_seconds() // 60) if ended else None
    return {
        **_heading(world, one, ended),
        **_classification(world, one, has_type=has_type),
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
        "comments": [ticket_entries.comment(world, ticket_entries.first_comment(one), form=form)],
        "user": _user(world.members.get(one.owner_id or 0)),
    }


def _heading(world: World, one: Ticket, ended: datetime | None) -> Record:
    return {
        "id": one.id,
        "number": number(one),
        "subject": one.summary,
        "created_at": stamp(one.created_at),
        "customer_id": one.company_id,
        "customer_business_then_name": business(world, one),
        "due_date": stamp(one.created_at + timedelta(days=3)),
        "resolved_at": stamp(ended) if ended else None,
        "start_at": None,
        "end_at": None,
        "location_id": None,
        "location_name": None,
    }


def _classification(world: World, one: Ticket, *, has_type: bool) -> Record:
    board = world.boards[one.board_id]
    return {
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
    }


def has_types(call: Call) -> bool:
    """Whether the account has ticket types."""
    return not any(isinstance(fault, NoTicketTypes) for fault in call.faults)


def business(world: World, one: Ticket) -> str | None:
    """The name of the ticket's customer, unless it was deleted."""
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
    """The technician, one key of which has a question mark."""
    if member is None:
        return None
    record = user(member)
    return {"admin?" if name == "admin" else name: value for name, value in record.items()}


def details(call: Call, record: Record, one: Ticket) -> Record:
    """A single ticket: its record as listed, without what can be looked up elsewhere, and with what belongs to it."""
    world = call.world
    kept = {name: value for name, value in record.items() if name not in NOT_IN_DETAILS}
    owner, person = world.companies.get(one.company_id), world.contacts.get(one.contact_id or 0)
    asset_ids = [id_ for id_ in one.asset_ids if id_ in world.assets]
    times = world.time_entries.by("ticket_id").get(one.id, ())
    return {
        **kept,
        **dict.fromkeys(DETAILS_ONLY),
        "asset_ids": asset_ids,
        "assets": [assets.asset(world, world.assets[id_]) for id_ in asset_ids],
        "attachments": [file(one, at, name) for at, name in enumerate(one.attachments)],
        "ticket_timers": nested_records(call, "time_entries", times, timer, among=world.time_entries.ids),
        "line_items": [],
        "worksheet_results": [],
        "appointments": [],
        "ticket_fields": [],
        "ticket_answers": [],
        "contact": contact(world, person) if person else None,
        "ticket_type": _type(world, one) if has_types(call) else None,
        **assets.location(world, one.site_id, one.id),
        **({"customer": listed_customer(world, owner)} if owner and not owner.is_deleted else {}),
    }


def _type(world: World, one: Ticket) -> Record:
    board = world.boards[one.board_id]
    return {
        "id": board.id,
        "name": board.name,
        "account_id": ACCOUNT_ID,
        "created_at": stamp(START),
        "updated_at": stamp(START),
        "disabled": not board.is_active,
        "intake_terms": None,
        "skip_intake": False,
        "outtake_terms": None,
        "skip_outtake": False,
        "ticket_fields": [],
    }
