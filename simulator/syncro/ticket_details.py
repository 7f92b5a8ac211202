"""One ticket: less of what can be looked up elsewhere, and with all that hangs on it."""

from __future__ import annotations

from simulator.messages import Record
from simulator.syncro.assets import asset, place
from simulator.syncro.companies import contact, listed_customer
from simulator.syncro.formats import ACCOUNT_ID, stamp
from simulator.syncro.serving import Call, inside, single
from simulator.syncro.tickets import feed, typed
from simulator.ticket_entities import Ticket, TimeEntry
from simulator.world import BIRTH, World

FILE_IDS = 6_000_000_000
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


def details(call: Call, id_: int) -> Record:
    """The ticket of that id."""
    record = single(call, feed(call), id_, call.world.tickets.ids)
    kept = {name: value for name, value in record.items() if name not in NOT_IN_DETAILS}
    one, world = call.world.tickets[id_], call.world
    owner, person = world.companies.get(one.company_id), world.contacts.get(one.contact_id or 0)
    machines = [id_ for id_ in one.asset_ids if id_ in world.assets]
    times = world.time_entries.by("ticket_id").get(id_, ())
    return {
        **kept,
        **dict.fromkeys(DETAILS_ONLY),
        "asset_ids": machines,
        "assets": [asset(world, world.assets[machine]) for machine in machines],
        "attachments": [_file(one, at, name) for at, name in enumerate(one.attachments)],
        "ticket_timers": inside(call, "time_entries", times, _timer, among=world.time_entries.ids),
        "line_items": [],
        "worksheet_results": [],
        "appointments": [],
        "ticket_fields": [],
        "ticket_answers": [],
        "contact": contact(world, person) if person else None,
        "ticket_type": _type(world, one) if typed(call) else None,
        **place(world, one.site_id, one.id),
        **({"customer": listed_customer(world, owner)} if owner and not owner.is_deleted else {}),
    }


def _type(world: World, one: Ticket) -> Record:
    board = world.boards[one.board_id]
    return {
        "id": board.id,
        "name": board.name,
        "account_id": ACCOUNT_ID,
        "created_at": stamp(BIRTH),
        "updated_at": stamp(BIRTH),
        "disabled": not board.is_active,
        "intake_terms": None,
        "skip_intake": False,
        "outtake_terms": None,
        "skip_outtake": False,
        "ticket_fields": [],
    }


def _timer(_world: World, entry: TimeEntry) -> Record:
    """Time that was spent, by whom and on what; whether customers see it, it does not say."""
    seconds = int((entry.ended_at - entry.started_at).total_seconds())
    return {
        "id": entry.id,
        "ticket_id": entry.ticket_id,
        "user_id": entry.member_id,
        "start_time": stamp(entry.started_at),
        "end_time": stamp(entry.ended_at),
        "recorded": False,
        "created_at": stamp(entry.ended_at),
        "updated_at": stamp(entry.ended_at),
        "billable": True,
        "notes": entry.notes,
        "toggl_id": None,
        "product_id": None,
        "comment_id": None,
        "ticket_line_item_id": None,
        "active_duration": seconds,
        "billable_time": seconds,
        "billable_override": None,
    }


def _file(one: Ticket, at: int, name: str) -> Record:
    """A file; whoever has the address has the file."""
    id_ = FILE_IDS + one.id * 10 + at
    return {"id": id_, "file_name": name, "file": {"url": f"https://files.example/{id_}?signature=simulated"}}
