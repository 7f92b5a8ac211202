"""Customers, their addresses, their phones and their people as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.entities import NO_ADDRESS, Address, Company, Site
from simulator.messages import Record
from simulator.syncro.contacts import contact
from simulator.syncro.custom_fields import company_properties
from simulator.syncro.formats import ACCOUNT_ID, gap, stamp
from simulator.world import START, World


def customer(world: World, company: Company) -> Record:
    """A company as other records carry it: without its people."""
    named = names(company)
    business, full = (named.business_name or "").strip(), (named.fullname or "").strip()
    place = company.address
    return {
        "id": company.id,
        **named._asdict(),
        "email": office(company),
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
        "disabled": disabled(world, company),
        "no_email": False,
        "location_id": None,
        "properties": company_properties(world, company),
        # The address of a log-in: whoever stores or logs it gives the customer's portal away.
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


def office(company: Company) -> str:
    """The customer's own e-mail address; some have none."""
    return f"office{company.id}@customer.example" if company.id % 4 else ""


def listed_customer(world: World, company: Company) -> Record:
    """A company as listings show it: with its people, and the MSP's branch, which is no site of the customer."""
    people = world.contacts.by("company_id").get(company.id, ())
    contacts = [contact(world, world.contacts[id_]) for id_ in people]
    return {**customer(world, company), "location_name": None, "contacts": contacts}


def address(_world: World, site: Site) -> Record:
    """A further address of a customer."""
    return {"id": ADDRESS_IDS + site.id, "name": site.name, **_place(site, site.address)}


def main_address(company: Company | None, site: Site) -> Record:
    """The customer's main address as a machine shows it: under the key of the customer, with its name."""
    name = names(company).business_name if company else None
    return {"id": site.company_id, "name": name, **_place(site, company.address if company else NO_ADDRESS)}


def phones(company: Company) -> list[Record]:
    """The customer's numbers as records of their own."""
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


# Further addresses are numbered far from companies, and beyond 32 bits, as on the live platform.
ADDRESS_IDS = 3_000_000_000


class Names(NamedTuple):
    """The names a company goes by; each may be missing, empty or blank."""

    business_name: str | None
    firstname: str | None
    lastname: str | None
    fullname: str | None


def names(company: Company) -> Names:
    """Most are businesses with somebody to ask for; some are private persons; a few were saved without any name."""
    if company.id % 37 == 4:
        return Names("", None, None, " ")
    if company.id % 11 in (3, 7):
        first, _, last = company.name.partition(" ")
        return Names(None if company.id % 11 == 3 else "  ", first, last, company.name)
    return Names(company.name, "Front", "Desk", "Front Desk")


def disabled(world: World, company: Company) -> bool | None:
    """The one status a company has here; of those that never had one in the world it is not even known."""
    if company.status_id is None:
        return None
    status = world.statuses.get(company.status_id)
    return status is not None and not status.is_active


def further_sites(world: World, company_id: int) -> list[int]:
    """The places of a company beside its main address, which is no record of its own."""
    return [id_ for id_ in world.sites.by("company_id").get(company_id, ()) if not world.sites[id_].is_primary]


def living(world: World) -> Sequence[int]:
    """The companies that were not deleted: a deleted one is gone for good here."""
    return world.companies.by("is_deleted").get(False, ())
