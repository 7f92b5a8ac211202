"""Clients and sites: a row of the list, and the details of a single record."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.entities import Address, Company, Site
from simulator.halopsa import custom_fields
from simulator.halopsa.formats import address, moment, reference_id, with_gaps
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World


def is_inactive(world: World, company: Company) -> bool:
    """Whether the client is inactive, which is the only status it has."""
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
        "inactive": is_inactive(world, company),
        "stopped": 0,
        "customertype": 0,
        "is_vip": False,
        "ref": company.identifier,
        "website": company.website,
        "main_site_id": reference_id(main, id_),
    }
    return with_gaps(id_, row) | custom_fields.requested(world, "company", company.custom_fields, query)


def client_details(world: World, id_: int) -> Record:
    """The fields that only /Client/{id} has."""
    company = world.companies[id_]
    return {
        "main_phonenumber": company.phone,
        "datecreated": moment(company.created_at),
        "alastupdate": moment(company.updated_at),
        **custom_fields.every(world, "company", company.custom_fields),
    }


def is_named_with_client(world: World, site: Site) -> bool:
    """Whether the site has only its client's name together with its own."""
    return site.id % 17 == 11 and site.company_id in world.companies


def site(world: World, id_: int, query: Query) -> Record:
    """A row of /Site. Some ids are text, and the client's id is a decimal number or text."""
    row = world.sites[id_]
    owner = world.companies.get(row.company_id)
    name = owner.name if owner else None
    record = {
        "id": str(id_) if id_ % 13 == 0 else id_,
        "name": None if is_named_with_client(world, row) else row.name,
        "client_id": _decimal(row.company_id, id_),
        "client_name": name,
        "clientsite_name": f"{name} / {row.name}" if name else None,
        "inactive": not row.is_active,
        "phonenumber": row.phone,
        "isstocklocation": False,
        "country_code_name": row.address.country,
        "region_code_name": row.address.state,
        **(_address_lines(row.address, with_state=id_ % 4 != 1) if "includeaddress" in query.flags else {}),
    }
    return with_gaps(id_, record)


def site_details(world: World, id_: int) -> Record:
    """The fields that only /Site/{id} has."""
    row = world.sites[id_]
    return {
        "isinvoicesite": False,
        "slastupdate": moment(row.updated_at),
        "delivery_address": address(row.address),
    }


def _decimal(id_: int, row_id: int) -> float | str:
    return {0: f"{id_}.0", 1: str(id_)}.get(row_id % 7, float(id_))


def _address_lines(address: Address, *, with_state: bool) -> Record:
    """The lines of an address. By convention the third is the city and the fourth the state; none is the country."""
    lines = (address.line1, address.line2, address.city, address.state if with_state else None, address.postal_code)
    return {f"delivery_address_line{number}": line for number, line in enumerate(lines, start=1)}


def clients(world: World, _query: Query) -> Sequence[int]:
    """All clients that are not deleted. The rows of a deleted client are still listed."""
    return world.companies.by("is_deleted").get(False, ())
