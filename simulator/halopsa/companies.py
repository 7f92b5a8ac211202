"""Clients, sites and users as lists show them, and what their details add."""

from __future__ import annotations

from simulator.entities import Address, Company, Contact, Site
from simulator.halopsa import custom_fields
from simulator.halopsa.formats import day, key, moment, shown
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World

# Every site has a user who is no person: e-mail that fits nobody else is booked to it.
GENERAL_USER = 1_000_000
SALUTATIONS = ("Mr", "Ms", "Dr", None)


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
        "delivery_address": _address(row.address),
    }


def user(world: World, id_: int, query: Query) -> Record:
    """A row of /Users; the client goes unsaid in some that have a site."""
    if id_ >= GENERAL_USER:
        return _general_user(world.sites[id_ - GENERAL_USER], id_)
    contact = world.contacts[id_]
    record = {
        "id": id_,
        "key": id_,
        "name": " ".join(filter(None, (contact.first_name, contact.last_name))) or None,
        "firstname": contact.first_name,
        "surname": contact.last_name,
        "title": SALUTATIONS[id_ % len(SALUTATIONS)],
        "inactive": not contact.is_active,
        "isserviceaccount": False,
        "isimportantcontact": "VIP ★" in contact.type_names,
        "linked_agent_id": 0,
        "relationship_id": 0,
        **_reached(contact),
        "date_of_birth": day(contact.birthday, id_),
    }
    custom = custom_fields.asked(world, "contact", _custom_values(contact), query)
    return shown(id_, record) | _whereabouts(world, contact) | custom


def user_details(world: World, id_: int) -> Record:
    """What /Users/{id} adds."""
    if id_ >= GENERAL_USER:
        return {"isuserdetails": True}
    contact = world.contacts[id_]
    others = [email.address for email in contact.emails if email.address != _main_address(contact)]
    return {
        "email2": next(iter(others), None),
        "ulastupdate": moment(contact.updated_at),
        "addresses": [_address(contact.address)] if contact.address else [],
        **custom_fields.every(world, "contact", _custom_values(contact)),
    }


def _general_user(at: Site, id_: int) -> Record:
    return {
        "id": id_,
        "key": id_,
        "name": "General User",
        "client_id": at.company_id,
        "site_id": float(at.id),
        "site_id_int": at.id,
        "site_name": at.name,
        "inactive": False,
        "isserviceaccount": False,
    }


def _whereabouts(world: World, contact: Contact) -> Record:
    at = world.sites.get(contact.site_id) if contact.site_id is not None else None
    owner = world.companies.get(contact.company_id) if contact.company_id is not None else None
    record: Record = {"site_id": float(key(contact.site_id, contact.id))}
    if contact.id % 4:
        record["site_id_int"] = key(contact.site_id, contact.id)
    if at is None or contact.id % 6:
        record["client_id"] = key(contact.company_id, contact.id)
    return {**record, "site_name": at.name if at else None, "client_name": owner.name if owner else None}


def _reached(contact: Contact) -> Record:
    numbers = {phone.kind_label: phone.number for phone in contact.phones}
    preferred = (phone.number for phone in contact.phones if phone.is_default and phone.kind_label != "Fax")
    return {
        "emailaddress": _main_address(contact),
        "phonenumber_preferred": next(preferred, None),
        "phonenumber": numbers.get("Direct"),
        "mobilenumber": numbers.get("Cell"),
        "homenumber": numbers.get("Home"),
        "fax": numbers.get("Fax"),
    }


def _main_address(contact: Contact) -> str | None:
    main = sorted(contact.emails, key=lambda email: not email.is_default)
    return main[0].address if main else None


def _custom_values(contact: Contact) -> dict[int, object]:
    derived = {custom_fields.JOB_TITLE: contact.title, custom_fields.CONTACT_TYPES: contact.type_names or None}
    return contact.custom_fields | derived


def _decimal(id_: int, row_id: int) -> float | str:
    return {0: f"{id_}.0", 1: str(id_)}.get(row_id % 7, float(id_))


def _address_lines(address: Address) -> Record:
    """Lines by custom, not by name: the third is the city, the fourth the state; a country has no line."""
    lines = (address.line1, address.line2, address.city, address.state, address.postal_code)
    return {f"delivery_address_line{number}": line for number, line in enumerate(lines, start=1)}


def _address(address: Address) -> Record:
    return {
        "id": 0,
        "line1": address.line1,
        "line2": address.line2,
        "line3": address.city,
        "line4": address.state,
        "postcode": address.postal_code,
    }
