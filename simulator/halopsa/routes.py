"""Which path serves which resource."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.halopsa import assets, companies, contacts, custom_fields, setup, ticket_entries, ticket_filters, tickets
from simulator.halopsa.companies import clients
from simulator.halopsa.contacts import users
from simulator.halopsa.filters import by_attribute, inactive_clients, inactive_rows, users_of_client, users_of_site
from simulator.halopsa.resource import Resource, all_rows

BY_PATH: Mapping[str, Resource] = {
    "/Client": Resource(
        "companies",
        "clients",
        clients,
        companies.client,
        companies.client_details,
        largest_page=100,
        scope="customers",
        inactive=inactive_clients,
        changed_at=lambda world, id_: world.companies[id_].updated_at,
    ),
    "/Site": Resource(
        "sites",
        "sites",
        all_rows("sites"),
        companies.site,
        companies.site_details,
        largest_page=100,
        scope="customers",
        filters={"client_id": by_attribute("sites", "company_id"), "site_id": lambda _world, site_id: [site_id]},
        inactive=inactive_rows("sites"),
        changed_at=lambda world, id_: world.sites[id_].updated_at,
    ),
    "/Users": Resource(
        "contacts",
        "users",
        users,
        contacts.user,
        contacts.user_details,
        largest_page=100,
        scope="customers",
        filters={"client_id": users_of_client, "site_id": users_of_site},
        inactive=inactive_rows("contacts"),
        changed_at=contacts.changed_at,
    ),
    "/Asset": Resource(
        "assets",
        "assets",
        all_rows("assets"),
        assets.asset,
        assets.asset_details,
        largest_page=50,
        scope="assets",
        filters={
            "client_id": by_attribute("assets", "company_id"),
            "client_ids": by_attribute("assets", "company_id"),
            "site_id": by_attribute("assets", "site_id"),
            "assettype_id": by_attribute("assets", "type_id"),
        },
        inactive=inactive_rows("assets"),
        changed_at=lambda world, id_: world.assets[id_].updated_at,
    ),
    "/AssetType": Resource(
        "asset_types",
        "assettypes",
        all_rows("asset_types"),
        setup.asset_type,
        setup.asset_type_details,
        scope="assets",
    ),
    "/Field": Resource(
        "asset_fields",
        "fields",
        lambda world, _query: setup.asset_field_keys(world),
        setup.asset_field,
        single=False,
        filters={
            "type_id": lambda world, type_id: [one for one in setup.asset_field_keys(world) if one // 1000 == type_id]
        },
    ),
    "/FieldInfo": Resource(
        "custom_fields",
        "fieldinfos",
        lambda world, _query: sorted(custom_fields.definitions_by_id(world)),
        custom_fields.field_info,
    ),
    "/Team": Resource(
        "boards",
        "teams",
        setup.team_ids,
        setup.team,
        scope="tickets",
        activity=("includeenabled", "includedisabled"),
        inactive=inactive_rows("boards"),
    ),
    "/Status": Resource("board_statuses", "statuses", setup.status_ids, setup.status, scope="tickets"),
    "/Priority": Resource(
        "priorities",
        "priorities",
        setup.priority_keys,
        setup.priority,
        single=False,
        scope="tickets",
        filters={"slaid": lambda world, sla_id: [setup.priority_key(sla_id, id_) for id_ in world.priorities.ids]},
    ),
    "/SLA": Resource("slas", "slas", lambda _world, _query: list(setup.SLAS), setup.sla, single=False, scope="tickets"),
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
        ticket_entries.action_keys,
        ticket_entries.action,
        single=False,
        scope="tickets",
        search=ticket_filters.actions,
    ),
    "/Attachment": Resource(
        "attachments",
        "attachments",
        ticket_entries.file_keys,
        ticket_entries.file,
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
