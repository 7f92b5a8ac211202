"""The lists an MSP sets up once, in two responses, and the technicians."""

from __future__ import annotations

from typing import Any

from simulator.entities import CustomField
from simulator.messages import Record
from simulator.syncro.custom_fields import ASSET_FIELDS, COMPANY_FIELDS
from simulator.syncro.faults import NoTicketTypes, UnreadableInMe
from simulator.syncro.formats import TIME_ZONE, stamp
from simulator.syncro.serving import Call, nested_records
from simulator.ticket_entities import Board, BoardStatus, Member, Priority
from simulator.world import START, World

# Names by which an account without ticket types can sort its tickets.
PROBLEM_TYPES = ("Hardware", "Software", "E-Mail & Kalender", "Other")
# Syncro's own name of the last status, which marks a ticket as closed.
LAST_STATUS, RESOLVED = "Closed", "Resolved"
OWN_FIELD_IDS = 900
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def ticket_settings(call: Call) -> Record:
    """The names of the statuses, and the ticket types, which Syncro has instead of boards."""
    return {
        "ticket_status_list": _names(call, "board_statuses", _status_ids(call.world), _status),
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
    """The definitions of custom fields, and the names of the priorities, of which the first is empty."""
    world = call.world
    priorities = sorted(world.priorities, key=lambda id_: (world.priorities[id_].sort_order or 99, id_))
    return {
        "customers": _customer_settings(world),
        "assets": _asset_settings(world),
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


def _customer_settings(world: World) -> Record:
    fields = [*world.fields_of("company"), *_own_fields("company", COMPANY_FIELDS)]
    return {
        "required_fields": None,
        "customer_fields": [_definition(field) for field in fields],
        "customer_field_answers": _answers(fields, "customer_field_id"),
    }


def _asset_settings(world: World) -> Record:
    """Every asset type has all custom fields of assets, with ids of its own."""
    fields = [*world.fields_of("asset"), *_own_fields("asset", ASSET_FIELDS)]
    return {
        "asset_types": [{"id": one.id, "name": one.name} for one in world.asset_types.values()],
        "asset_type_fields": [
            {**_definition(field, asset_type_id=type_id), "id": type_id * 1000 + field.id}
            for type_id in world.asset_types.ids
            for field in fields
        ],
        "asset_type_field_answers": [
            {**answer, "asset_field_id": type_id * 1000 + answer["asset_field_id"]}
            for type_id in world.asset_types.ids
            for answer in _answers(fields, "asset_field_id")
        ],
    }


def me(call: Call) -> Record:
    """The API user and its permissions. The response contains the API key."""
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
    """Ids and names of the active technicians."""
    return [(one.id, _full_name(one)) for one in world.members.values() if one.is_active]


def user(member: Member) -> Record:
    """A single technician, active or not."""
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


def status_name(status: BoardStatus) -> str:
    """The name that Syncro has for a status."""
    return RESOLVED if status.name == LAST_STATUS else status.name


def _names(call: Call, kind: str, ids: list[int], record: Any) -> list[Any]:
    """A list that has names only."""
    return [one.get("name") for one in nested_records(call, kind, ids, record)]


def _status_ids(world: World) -> list[int]:
    """The statuses of all boards in order, one for each name: Syncro has no statuses per ticket type."""
    first: dict[str, int] = {}
    for one in sorted(world.board_statuses.values(), key=lambda one: (one.sort_order, one.id)):
        first.setdefault(one.name, one.id)
    return list(first.values())


def _status(_world: World, status: BoardStatus) -> Record:
    return {"name": status_name(status)}


def _priority(_world: World, priority: Priority) -> Record:
    return {"name": priority.name}


def _ticket_types(call: Call) -> list[Record]:
    if any(isinstance(fault, NoTicketTypes) for fault in call.faults):
        return []
    return nested_records(call, "boards", call.world.boards.ids, _ticket_type)


def _ticket_type(_world: World, board: Board) -> Record:
    """A ticket type. Some active ones have no `disabled`."""
    activity = {"disabled": not board.is_active} if not board.is_active or board.id % 2 else {}
    return {"id": board.id, "name": board.name, **activity}


def _own_fields(entity: str, names: Any) -> list[CustomField]:
    return [CustomField(id_, entity, name, "Text") for id_, name in enumerate(names, start=OWN_FIELD_IDS)]


def _definition(field: CustomField, **more: int | None) -> Record:
    """The definition of a field. Its keys are those of ticket fields, the only ones that are documented."""
    type_ = "dropdown" if field.options else field.type.lower()
    return {"id": field.id, "name": field.caption, "field_type": type_, "position": field.id, "required": False, **more}


def _answers(fields: list[CustomField], key: str) -> list[Record]:
    return [
        {"id": field.id * 100 + place, key: field.id, "value": option}
        for field in fields
        for place, option in enumerate(field.options)
    ]
