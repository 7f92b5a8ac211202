"""Customers, as Syncro calls companies, with their addresses and phones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.entities import NO_ADDRESS, Address, Company, Site
from simulator.messages import Record
from simulator.syncro.contacts import contact
from simulator.syncro.custom_fields import company_properties
from simulator.syncro.formats import ACCOUNT_ID, gap, stamp
from simulator.world import START, World

# The ids of additional addresses are above those of customers and exceed 32 bits, as on the live platform.
ADDRESS_IDS = 3_000_000_000


def customer(world: World, company: Company) -> Record:
    """A customer as part of other records: without its contacts."""
    named = names(company)
    business, full = (named.business_name or "").strip(), (named.fullname or "").strip()
    place = company.address
    return {
        "id": company.id,
        **named._asdict(),
        "email": office_email(company),
        "phone": gap(company.phone, company.id),
        "mobile": gap(None, company.id),
        "created_at": stamp(company.created_at),
        "updated_at": stamp(company.updated_at),
        "pdf_url": None,
        "address": gap(place.line1, company.id),
        "address_2": gap(place.line2, company.id),
        "city": gap(place.city, company.id),
        "state": gap(place.state, company.id),
        "zip": gap(place.postal_code, company.id),
        "latitude": None,
        "longitude": None,
        "notes": None,
        "get_sms": False,
        "opt_out": False,
        "disabled": is_disabled(world, company),
        "no_email": False,
        "location_id": None,
        "properties": company_properties(world, company),
        # This address gives access to the customer's portal, so it must not be stored or logged.
        "online_profile_url": f"https://simulated.example/my_profile/v2/index?portal_key=key{company.id}",
        "tax_rate_id": None,
        "notification_email": "",
        "invoice_cc_emails": "",
        "invoice_term_id": None,
        "referred_by": "",
        "ref_customer_id": None,
        "business_and_full_name": " - ".join(filter(None, (business, full))),
        "business_then_name": business or full,
    }


def office_email(company: Company) -> str:
    """The customer's e-mail address; some have none."""
    return f"office{company.id}@customer.example" if company.id % 4 else ""


def listed_customer(world: World, company: Company) -> Record:
    """A customer as lists show it: with its contacts, and with the MSP's branch, which is no site of the customer."""
    contact_ids = world.contacts.by("company_id").get(company.id, ())
    contacts = [contact(world, world.contacts[id_]) for id_ in contact_ids]
    return {**customer(world, company), "location_name": None, "contacts": contacts}


def address(_world: World, site: Site) -> Record:
    """An additional address of a customer."""
    return {"id": ADDRESS_IDS + site.id, "name": site.name, **_place(site, site.address)}


def main_address(company: Company | None, site: Site) -> Record:
    """The customer's main address as an asset shows it: with the id and name of the customer."""
    name = names(company).business_name if company else None
    return {"id": site.company_id, "name": name, **_place(site, company.address if company else NO_ADDRESS)}


def phones(company: Company) -> list[Record]:
    """The customer's phone numbers as records."""
    if company.phone is None:
        return []
    return [
        {
            "id": company.id * 10,
            "label": "Phone",
            "number": company.phone,
            "customer_id": company.id,
            "created_at": stamp(company.created_at),
            "updated_at": stamp(company.updated_at),
            "extension": None,
        }
    ]


def _place(site: Site, place: Address) -> Record:
    return {
        "customer_id": site.company_id,
        "address_type_id": None,
        "address1": gap(place.line1, site.id),
        "address2": gap(place.line2, site.id),
        "city": gap(place.city, site.id),
        "state": gap(place.state, site.id),
        "zip": gap(place.postal_code, site.id),
        "latitude": None,
        "longitude": None,
        "created_at": stamp(START),
        "updated_at": stamp(site.updated_at),
        "account_id": ACCOUNT_ID,
    }


class Names(NamedTuple):
    """The names of a customer; each may be missing, empty or blank."""

    business_name: str | None
    firstname: str | None
    lastname: str | None
    fullname: str | None


def names(company: Company) -> Names:
    """The names of a customer: a business with a person, a private person, or no name at all."""
    if company.id % 37 == 4:
        return Names("", None, None, " ")
    if company.id % 11 in (3, 7):
        first, _, last = company.name.partition(" ")
        return Names(None if company.id % 11 == 3 else "  ", first, last, company.name)
    return Names(company.name, "Front", "Desk", "Front Desk")


def is_disabled(world: World, company: Company) -> bool | None:
    """Whether the customer is disabled, which is its only status; None for a company without status."""
    if company.status_id is None:
        return None
    status = world.statuses.get(company.status_id)
    return status is not None and not status.is_active


def additional_sites(world: World, company_id: int) -> list[int]:
    """The sites of a company except its primary one, whose address is part of the customer."""
    return [id_ for id_ in world.sites.by("company_id").get(company_id, ()) if not world.sites[id_].is_primary]


def existing_ids(world: World) -> Sequence[int]:
    """The companies that are not deleted. Deleted ones are not listed at all."""
    return world.companies.by("is_deleted").get(False, ())
