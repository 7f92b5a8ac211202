"""What the ticket page asks for: tickets, actions, attachments, agents and types of ticket."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.halopsa import setup, ticket_filters, tickets
from simulator.halopsa.routes import Resource

LIVE: Mapping[str, Resource] = {
    "/Tickets": Resource(
        "tickets",
        "tickets",
        lambda world, _query: world.tickets.ids,
        tickets.ticket,
        tickets.ticket_details,
        largest_page=100,
        scope="tickets",
        search=ticket_filters.tickets,
        orders=ticket_filters.ORDERS,
    ),
    "/Actions": Resource(
        "notes",
        "actions",
        tickets.action_keys,
        tickets.action,
        single=False,
        scope="tickets",
        search=ticket_filters.actions,
    ),
    "/Attachment": Resource(
        "attachments",
        "attachments",
        tickets.file_keys,
        tickets.file,
        single=False,
        scope="tickets",
        search=lambda _world, _query, keys: keys,
    ),
    "/TicketType": Resource(
        "ticket_types",
        "tickettypes",
        lambda _world, _query: list(setup.TICKET_TYPES),
        setup.ticket_type,
        single=False,
        scope="tickets",
    ),
    "/Agent": Resource(
        "members",
        "results",
        setup.agent_ids,
        setup.agent,
        activity=("includeenabled", "includedisabled"),
        inactive=lambda world: frozenset(world.members.by("is_active").get(False, ())),
    ),
}
