"""What the account set up, as two answers without pages, and who works there."""

from __future__ import annotations

from typing import Any

from simulator.entities import CustomField
from simulator.messages import Record
from simulator.syncro.custom_fields import ASSET_FIELDS, COMPANY_FIELDS
from simulator.syncro.faults import NoTicketTypes, UnreadableInMe
from simulator.syncro.formats import TIME_ZONE, stamp
from simulator.syncro.serving import Call, inside
from simulator.ticket_entities import Board, BoardStatus, Member, Priority
from simulator.world import START, World

# Free names that tickets can be sorted by where nobody made ticket types.
PROBLEM_TYPES = ("Hardware", "Software", "E-Mail & Kalender", "Other")
# The help desk's last step has a name of the vendor's own, which marks the ticket as done.
LAST_STEP, RESOLVED = "Closed", "Resolved"
OWN_FIELD_IDS = 900
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def ticket_settings(call: Call) -> Record:
    """Statuses by name alone, and ticket types, which stand in for boards."""
    return {
        "ticket_status_list": _names(call, "board_statuses", _steps(call.world), _step),
        "default_labor_product_id": None,
        "ticket_timer_charge_by_default": None,
        "saved_searches": [],
        "ticket_types": _ticket_types(call),
        "ticket_type_fields": [_definition(field, ticket_type_id=None) for field in call.world.fields_of("ticket")],
        "ticket_type_field_answers": [],
        "appointment_types": [],
        "users": [{"id": id_, "name": name} for id_, name in users(call.world)],
        "dashboard_settings": None,
        "worksheet_templates": [],
        "require_ticket_type": None,
        "require_intake_form_with_ticket": None,
        "require_outtake_form_with_ticket": None,
        "ticket_workflow_default_id": None,
    }


def settings(call: Call) -> Record:
    """Definitions of custom fields, and priorities by name alone, of which the first is empty."""
    world = call.world
    priorities = sorted(world.priorities, key=lambda id_: (world.priorities[id_].sort_order or 99, id_))
    customer_fields = [*world.fields_of("company"), *_own("company", COMPANY_FIELDS)]
    asset_fields = [*world.fields_of("asset"), *_own("asset", ASSET_FIELDS)]
    return {
        "customers": {
            "required_fields": None,
            "customer_fields": [_definition(field) for field in customer_fields],
            "customer_field_answers": _answers(customer_fields, "customer_field_id"),
        },
        "assets": {
            "asset_types": [{"id": one.id, "name": one.name} for one in world.asset_types.values()],
            "asset_type_fields": [
                {**_definition(field, asset_type_id=type_id), "id": type_id * 1000 + field.id}
                for type_id in world.asset_types.ids
                for field in asset_fields
            ],
            "asset_type_field_answers": [
                {**answer, "asset_field_id": type_id * 1000 + answer["asset_field_id"]}
                for type_id in world.asset_types.ids
                for answer in _answers(asset_fields, "asset_field_id")
            ],
        },
        "locale": {
            "iso_code": "en",
            "currency_symbol": "$",
            "date_format": "mm-dd-yy",
            "time_format": "hh:mm tt",
            "time_zone": TIME_ZONE,
            "time_offset": "-05:00",
        },
        "ticket": {
            "ticket_types": _ticket_types(call),
            "ticket_type_fields": [_definition(field, ticket_type_id=None) for field in world.fields_of("ticket")],
            "ticket_type_field_answers": [],
            "problem_types": list(PROBLEM_TYPES),
            "priorities": ["", *_names(call, "priorities", priorities, _priority)],
        },
        "business_hours_enabled": False,
        "business_hours": [{"day": day, "start": "09:00", "end": "17:00", "closed": False} for day in DAYS],
        "default_holiday_calendar": None,
        "msp_addon": None,
    }


def me(call: Call) -> Record:
    """Who asks and what they may; the token comes back as it was sent."""
    hidden = {fault.right for fault in call.faults if isinstance(fault, UnreadableInMe)}
    rights = {
        right: {"read": right not in hidden, "write": False, "delete": False}
        for right in ("customer", "asset", "ticket", "invoice", "payment")
    }
    return {
        "user_token": call.request.headers["authorization"].removeprefix("Bearer "),
        "user_email": "sync@msp.example",
        "user_name": "Nightly sync",
        "user_id": 101,
        "admin": False,
        "can_use_app": True,
        "two_factor_required": False,
        "subdomain": "simulated",
        "default_location": None,
        "enable_multi_locations": False,
        "locations_allowed": [],
        "permissions": {
            **rights,
            "worksheet": {"add": False, "manage": False, "delete": False},
            "script": {"execute": False},
        },
    }


def users(world: World) -> list[tuple[int, str]]:
    """Technicians as pairs; those who left are not listed."""
    return [(one.id, _full_name(one)) for one in world.members.values() if one.is_active]


def user(member: Member) -> Record:
    """One technician, found by id even after leaving."""
    began = stamp(START)
    return {
        "id": member.id,
        "email": member.email,
        "full_name": _full_name(member),
        "created_at": began,
        "updated_at": began,
        "group": "Technicians",
        "admin": False,
        "color": None,
    }


def _full_name(member: Member) -> str:
    return f"{member.first_name} {member.last_name}"


def step_name(step: BoardStatus) -> str:
    """What a step is called here."""
    return RESOLVED if step.name == LAST_STEP else step.name


def _names(call: Call, kind: str, ids: list[int], record: Any) -> list[Any]:
    """A list that shows nothing but names."""
    return [one.get("name") for one in inside(call, kind, ids, record)]


def _steps(world: World) -> list[int]:
    """The boards' steps in order, each name once: boards cannot have steps of their own here."""
    first: dict[str, int] = {}
    for one in sorted(world.board_statuses.values(), key=lambda one: (one.sort_order, one.id)):
        first.setdefault(one.name, one.id)
    return list(first.values())


def _step(_world: World, step: BoardStatus) -> Record:
    return {"name": step_name(step)}


def _priority(_world: World, priority: Priority) -> Record:
    return {"name": priority.name}


def _ticket_types(call: Call) -> list[Record]:
    if any(isinstance(fault, NoTicketTypes) for fault in call.faults):
        return []
    return inside(call, "boards", call.world.boards.ids, _ticket_type)


def _ticket_type(_world: World, board: Board) -> Record:
    """Types in use do not all say so."""
    said = {"disabled": not board.is_active} if not board.is_active or board.id % 2 else {}
    return {"id": board.id, "name": board.name, **said}


def _own(entity: str, names: Any) -> list[CustomField]:
    return [CustomField(id_, entity, name, "Text") for id_, name in enumerate(names, start=OWN_FIELD_IDS)]


def _definition(field: CustomField, **more: int | None) -> Record:
    """What a field is called and of which sort; the inner keys are those of ticket fields, the only ones ever seen."""
    sort = "dropdown" if field.options else field.type.lower()
    return {"id": field.id, "name": field.caption, "field_type": sort, "position": field.id, "required": False, **more}


def _answers(fields: list[CustomField], key: str) -> list[Record]:
    return [
        {"id": field.id * 100 + place, key: field.id, "value": option}
        for field in fields
        for place, option in enumerate(field.options)
    ]
