"""Clients, sites and users as lists show them, and what their details add."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.entities import Address, Company
from simulator.halopsa import custom_fields
from simulator.halopsa.formats import address, key, moment, shown
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World


def out_of_use(world: World, company: Company) -> bool:
    """The one status a client has."""
    status = world.statuses.get(company.status_id) if company.status_id is not None else None
    return status is not None and not status.is_active


def client(world: World, id_: int, query: Query) -> Record:
    """A row of /Client."""
    company = world.companies[id_]
    sites = (world.sites[site_id] for site_id in world.sites.by("company_id").get(id_, ()))
    main = next((site.id for site in sites if site.is_primary), None)
    row = {
        "id": id_,
        "name": company.name,
        "toplevel_id": 1,
        "toplevel_name": "Customers",
        "inactive": out_of_use(world, company),
        "stopped": 0,
        "customertype": 0,
        "is_vip": False,
        "ref": company.identifier,
        "website": company.website,
        "main_site_id": key(main, id_),
    }
    return shown(id_, row) | custom_fields.asked(world, "company", company.custom_fields, query)


def client_details(world: World, id_: int) -> Record:
    """What /Client/{id} adds."""
    company = world.companies[id_]
    return {
        "main_phonenumber": company.phone,
        "datecreated": moment(company.created_at),
        "alastupdate": moment(company.updated_at),
        **custom_fields.every(world, "company", company.custom_fields),
    }


def site(world: World, id_: int, query: Query) -> Record:
    """A row of /Site: the id is text in some rows, the client's id a decimal or text."""
    row = world.sites[id_]
    owner = world.companies.get(row.company_id)
    name = owner.name if owner else None
    record = {
        "id": str(id_) if id_ % 13 == 0 else id_,
        "name": row.name,
        "client_id": _decimal(row.company_id, id_),
        "client_name": name,
        "clientsite_name": f"{name} / {row.name}" if name else None,
        "inactive": not row.is_active,
        "phonenumber": row.phone,
        "isstocklocation": False,
        **(_address_lines(row.address) if "includeaddress" in query.flags else {}),
    }
    return shown(id_, record)


def site_details(world: World, id_: int) -> Record:
    """What /Site/{id} adds."""
    row = world.sites[id_]
    return {
        "isinvoicesite": False,
        "slastupdate": moment(row.updated_at),
        "delivery_address": address(row.address),
    }


def _decimal(id_: int, row_id: int) -> float | str:
    return {0: f"{id_}.0", 1: str(id_)}.get(row_id % 7, float(id_))


def _address_lines(address: Address) -> Record:
    """Lines by custom, not by name: the third is the city, the fourth the state; a country has no line."""
    lines = (address.line1, address.line2, address.city, address.state, address.postal_code)
    return {f"delivery_address_line{number}": line for number, line in enumerate(lines, start=1)}


def clients(world: World, _query: Query) -> Sequence[int]:
    """A deleted client is gone without a trace; what belonged to it stays."""
    return world.companies.by("is_deleted").get(False, ())
