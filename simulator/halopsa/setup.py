"""The lists an MSP sets up once: teams, statuses, priorities, SLAs, types of tickets and assets, and agents."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from simulator.halopsa.assets import ASSET_FIELDS
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.sample_data import MANUFACTURERS
from simulator.ticket_entities import Member, Ticket
from simulator.world import World

SLAS: Mapping[int, str] = {1: "Standard", 2: "Premium"}
# The API's agent is not a member of this team.
HIDDEN_TEAM_ID = 11
# The agent of tickets without an agent.
UNASSIGNED = 1
TICKET_TYPES: Mapping[int, str] = {1: "Incident", 3: "Service Request", 5: "Project"}

AGENT: Record = {
    "id": 7,
    "name": "Warehouse Sync",
    "email": "sync@msp.example",
    "is_agent": True,
    "isapiagent": True,
    "isdisabled": False,
}


def team_ids(world: World, query: Query) -> list[int]:
    """The agent's own teams, or all teams if the query requests them with `showall`."""
    return [id_ for id_ in world.boards.ids if id_ != HIDDEN_TEAM_ID or "showall" in query.flags]


def team(world: World, id_: int, _query: Query) -> Record:
    """A row of /Team."""
    board = world.boards[id_]
    return {
        "id": id_,
        "name": board.name,
        "sequence": world.boards.ids.index(id_) + 1,
        "forrequests": not board.is_project,
        "foropps": False,
        "forprojects": board.is_project,
        "inactive": not board.is_active,
        "department_id": 1,
        "department_name": "Service",
        "ticket_count": 0,
        "use": "team",
    }


def status_ids(world: World, query: Query) -> list[int]:
    """The statuses of all boards, one for each name; without closed ones if the query requests that."""
    first = sorted(ids[0] for ids in world.board_statuses.by("name").values())
    without_closed = "excludeclosed" in query.flags
    return [id_ for id_ in first if not (without_closed and world.board_statuses[id_].is_closed)]


def status_key(world: World, status_id: int) -> int:
    """The id of the status with the name of a board's status."""
    return world.board_statuses.by("name")[world.board_statuses[status_id].name][0]


def status(world: World, id_: int, _query: Query) -> Record:
    """A row of /Status, which does not say whether the status is a closed one."""
    one = world.board_statuses[id_]
    return {"id": id_, "name": one.name, "shortname": one.name[:10], "type": None, "sequence": one.sort_order}


def priority_keys(world: World, _query: Query) -> list[int]:
    """The keys of all priorities. Every SLA has the same priority ids, so a key includes the SLA."""
    return [priority_key(sla, id_) for sla in SLAS for id_ in world.priorities.ids]


def priority_key(sla_id: int, id_: int) -> int:
    """The key of a priority within an SLA."""
    return sla_id * 1000 + id_


def priority(world: World, key: int, _query: Query | None = None) -> Record:
    """A row of /Priority."""
    sla_id, id_ = divmod(key, 1000)
    one = world.priorities[id_]
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"priority {sla_id} {id_}")),
        "slaid": sla_id,
        "priorityid": id_,
        "name": one.name,
        "colour": one.color,
        "ishidden": False,
    }


def sla(_world: World, id_: int, _query: Query) -> Record:
    """A row of /SLA."""
    return {"id": id_, "name": SLAS[id_], "workday_id": 1}


def sla_id(ticket: Ticket) -> int:
    """The SLA of a ticket, which is that of its client."""
    return 2 if ticket.company_id % 3 == 0 else 1


def agent_id(ticket: Ticket) -> int:
    """The agent of a ticket."""
    return UNASSIGNED if ticket.owner_id is None else ticket.owner_id


def ticket_type_id(ticket: Ticket) -> int:
    """The type of a ticket."""
    return 5 if ticket.is_project else (1, 3)[ticket.id % 2]


def ticket_type(_world: World, id_: int, _query: Query) -> Record:
    """A row of /TicketType."""
    name = TICKET_TYPES[id_]
    return {"id": id_, "name": name, "use": "ticket", "group_id": 1, "sequence": id_, "visible": True}


def agent_ids(world: World, _query: Query) -> list[int]:
    """All agents, with the one that means "Unassigned"."""
    return [UNASSIGNED, *world.members.ids]


def agent(world: World, id_: int, _query: Query) -> Record:
    """A row of /Agent."""
    if id_ == UNASSIGNED:
        return {"id": id_, "name": "Unassigned", "is_agent": True, "isdisabled": False}
    one = world.members[id_]
    return {
        "id": id_,
        "name": full_name(one),
        "firstname": one.first_name,
        "surname": one.last_name,
        "email": one.email,
        "is_agent": True,
        "isapiagent": False,
        "isdisabled": not one.is_active,
    }


def full_name(member: Member) -> str:
    """The full name of an agent."""
    return f"{member.first_name} {member.last_name}"


def asset_type(world: World, id_: int, _query: Query) -> Record:
    """A row of /AssetType."""
    return {"id": id_, "name": world.asset_types[id_].name, "assetgroup_id": 1, "keyfield_id": 117}


def asset_type_details(world: World, id_: int) -> Record:
    """The fields that only /AssetType/{id} has: the asset fields of the type."""
    return {"field_list": [asset_field(world, one, None) for one in asset_field_keys(world) if one // 1000 == id_]}


def asset_field_keys(world: World) -> list[int]:
    """The keys of all asset fields. Types share the ids of fields, so a key includes the type."""
    return [type_id * 1000 + one.id for type_id in world.asset_types.ids for one in ASSET_FIELDS if one.has(type_id)]


def asset_field(world: World, typeinfo_id: int, _query: Query | None) -> Record:
    """A row of /Field."""
    type_id, id_ = divmod(typeinfo_id, 1000)
    one = next(one for one in ASSET_FIELDS if one.id == id_)
    record: Record = {
        "kind": "T",
        "id": id_,
        "typeinfo_id": typeinfo_id,
        "name": one.name,
        "parenttype_id": type_id,
        "parenttype_name": world.asset_types[type_id].name,
        "lookup": one.lookup,
        "mandatory": False,
    }
    if one.lookup:
        names = enumerate(MANUFACTURERS, start=1)
        record["values"] = [{"lookupid": one.lookup, "id": number, "name": name} for number, name in names]
    return record
