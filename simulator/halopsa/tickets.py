"""Tickets: a row of the list, and the details of a single record."""

from __future__ import annotations

from datetime import timedelta

from simulator.halopsa import setup
from simulator.halopsa.assets import PURCHASED_TYPES
from simulator.halopsa.formats import EMPTY_DATES, as_html, moment, reference_id, with_gaps
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World


def ticket(world: World, id_: int, query: Query) -> Record:
    """A row of /Tickets. Status, type, priority and agent have ids only; the team has a name only."""
    one = world.tickets[id_]
    ids = {"id": id_, "sla_id": setup.sla_id(one), "status_id": setup.status_key(world, one.status_id)}
    client = world.companies.get(one.company_id)
    named = {"client_id": one.company_id, "client_name": client.name if client else None}
    if "ticketidonly" in query.flags:
        return {**ids, **named}
    site = world.sites.get(one.site_id) if one.site_id is not None else None
    ended = moment(one.closed_at) if one.closed_at else None
    closed = {"dateclosed": ended, "date_fully_closed": ended} if ended else {}
    record = {
        "summary": one.summary,
        "client_name": named["client_name"],
        "site_name": site.name if site else None,
        "user_name": one.contact_name,
        "team": world.boards[one.board_id].name,
    }
    return {
        **with_gaps(id_, record),
        **ids,
        "client_id": one.company_id,
        "site_id": reference_id(one.site_id, id_),
        "user_id": reference_id(one.contact_id, id_),
        "agent_id": setup.agent_id(one),
        "priority_id": one.priority_id,
        "tickettype_id": setup.ticket_type_id(one),
        "dateoccurred": moment(one.created_at),
        "datecreated": None,
        "fixbydate": moment(one.created_at + timedelta(days=3)),
        **closed,
        "lastactiondate": moment(one.updated_at),
        "last_update": moment(one.updated_at),
        "targetdate": EMPTY_DATES[id_ % 2],
        # Null for open tickets, never false.
        "hasbeenclosed": one.is_closed or None,
        "attachment_count": len(one.attachments),
        "inactive": False,
    }


def ticket_details(world: World, id_: int) -> Record:
    """The fields that only /Tickets/{id} has: the description, the objects behind some ids, and the assets."""
    one = world.tickets[id_]
    sla_id = setup.sla_id(one)
    urgency = setup.priority(world, setup.priority_key(sla_id, one.priority_id))
    return {
        "details": one.description,
        "details_html": as_html(one.description),
        "datecreated": moment(one.created_at),
        "team_id": one.board_id,
        "sla_name": setup.SLAS[sla_id],
        "priority": urgency,
        "assets": [_asset(world, asset_id) for asset_id in one.asset_ids if asset_id in world.assets],
    }


def _asset(world: World, id_: int) -> Record:
    one = world.assets[id_]
    is_purchased = one.type_id in PURCHASED_TYPES
    return {
        "id": id_,
        "inventory_number": "" if is_purchased else one.name,
        "key_field": one.name if is_purchased else one.serial_number,
        "client_id": one.company_id,
        "assettype_id": one.type_id,
        "assettype_name": world.asset_types[one.type_id].name,
        "inactive": not one.is_active,
    }
