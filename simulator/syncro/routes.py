"""Which path serves what: lists with pages, single records, and other responses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from simulator.messages import ApiError, Record
from simulator.syncro import assets, companies, contacts, filters, setup, ticket_entries, ticket_filters, tickets
from simulator.syncro.query import number
from simulator.syncro.resource import Resource
from simulator.syncro.serving import Call, nested_records, page, single

CUSTOMERS = Resource("customers", "companies", 100, companies.listed_customer, filters.customers)
CONTACTS = Resource("contacts", "contacts", 50, contacts.contact, filters.contacts)
ASSETS = Resource("assets", "assets", 50, assets.asset, filters.assets)
SINGLE_RECORD = re.compile(r"(?P<list>/[a-z_]+)/(?P<id>\d+)(?P<below>/[a-z_]+)?")


def ticket_list(call: Call) -> Resource:
    """The list of tickets: 50 a page, newest first; its `meta` does not say how many there are."""
    form = call.request.query.get("comment_format", "")
    return Resource(
        "tickets",
        "tickets",
        50,
        lambda world, one: tickets.ticket(world, one, has_type=tickets.has_types(call), form=form),
        ticket_filters.tickets,
        meta=("total_pages", "page"),
    )


def comment_list(call: Call, ticket_id: int) -> Resource:
    """The comments of a ticket, newest first: the only list whose page size the caller chooses."""
    query = call.request.query
    form = query.get("comment_format", "")
    return Resource(
        "comments",
        "notes",
        number(query, "per_page") or ticket_entries.DEFAULT_SIZE,
        lambda world, note: {**ticket_entries.comment(world, note, form=form), "user": {}},
        lambda world, query: ticket_filters.comments(world, ticket_id, query),
        meta=("total_pages", "page", "per_page"),
        row=ticket_entries.note_by_id,
    )


def body(call: Call) -> Record:
    """The body of a successful response."""
    endpoint = call.request.endpoint
    if endpoint in BY_PATH:
        return BY_PATH[endpoint](call)
    found = SINGLE_RECORD.fullmatch(endpoint)
    serve = BY_ID.get(f"{found['list']}/#{found['below'] or ''}") if found else None
    if found is None or serve is None:
        raise ApiError(404, "Not found")
    return serve(call, int(found["id"]))


def _customer(call: Call, id_: int) -> Record:
    """A single customer, disabled or not. Only this response has its additional addresses."""
    record = single(call, CUSTOMERS, id_, companies.existing_ids(call.world))
    every = call.world.sites.by("is_primary").get(False, ())
    site_ids = companies.additional_sites(call.world, id_)
    addresses = nested_records(call, "sites", site_ids, companies.address, among=every)
    return {"customer": {**record, "addresses": addresses}}


def _phones(call: Call, id_: int) -> Record:
    if id_ not in companies.existing_ids(call.world):
        raise ApiError(404, "Not found")
    return {"phones": companies.phones(call.world.companies[id_])}


def _ticket(call: Call, id_: int) -> Record:
    record = single(call, ticket_list(call), id_, call.world.tickets.ids)
    return {"ticket": tickets.details(call, record, call.world.tickets[id_])}


def _comments(call: Call, id_: int) -> Record:
    if id_ not in call.world.tickets:
        raise ApiError(404, "Not found")
    return page(call, comment_list(call, id_))


def _user(call: Call, id_: int) -> Record:
    if id_ not in call.world.members:
        raise ApiError(404, "Not found")
    return {"user": setup.user(call.world.members[id_])}


BY_PATH: Mapping[str, Callable[[Call], Record]] = {
    "/customers": lambda call: page(call, CUSTOMERS),
    "/contacts": lambda call: page(call, CONTACTS),
    "/customer_assets": lambda call: page(call, ASSETS),
    "/tickets": lambda call: page(call, ticket_list(call)),
    "/me": setup.me,
    "/settings": setup.settings,
    "/tickets/settings": setup.ticket_settings,
    "/users": lambda call: {"users": setup.users(call.world)},
}
# Single records by the path of their list: in an envelope, except for contacts.
BY_ID: Mapping[str, Callable[[Call, int], Record]] = {
    "/customers/#": _customer,
    "/customers/#/phones": _phones,
    "/contacts/#": lambda call, id_: single(call, CONTACTS, id_, call.world.contacts.ids),
    "/customer_assets/#": lambda call, id_: {"asset": single(call, ASSETS, id_, call.world.assets.ids)},
    "/tickets/#": _ticket,
    "/tickets/#/comments": _comments,
    "/users/#": _user,
}
