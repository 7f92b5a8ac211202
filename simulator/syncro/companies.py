"""Customers, their addresses, their phones and their people as the API shows them."""

from __future__ import annotations

from simulator.entities import NO_ADDRESS, Address, Company, Contact, Phone, Site
from simulator.messages import Record
from simulator.syncro.custom_fields import company_properties, custom
from simulator.syncro.formats import ACCOUNT_ID, ADDRESS_IDS, created, disabled, gap, names, stamp
from simulator.world import BIRTH, World


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


def contact(world: World, person: Contact) -> Record:
    """A person: one name, one line and one mobile number; there is no type, no site and no sign of having left."""
    place = person.address or NO_ADDRESS
    mails, line, cell = person.emails, _line(person), _number(person, "Cell")
    mail = next((one for one in mails if one.is_default), next(iter(mails), None))
    title = {"title": gap(person.title, person.id)} if person.title or person.id % 4 else {}
    return {
        "id": person.id,
        "name": gap(" ".join(filter(None, (person.first_name, person.last_name))) or None, person.id),
        "address1": gap(place.line1, person.id),
        "address2": gap(place.line2, person.id),
        "city": gap(place.city, person.id),
        "state": gap(place.state, person.id),
        "zip": gap(place.postal_code, person.id),
        "email": gap(mail and mail.address, person.id),
        "phone": gap(line and line.number, person.id),
        "mobile": gap(cell and cell.number, person.id),
        "latitude": None,
        "longitude": None,
        "customer_id": person.company_id,
        "account_id": ACCOUNT_ID,
        "notes": None,
        "created_at": stamp(created(person.id, person.updated_at)),
        "updated_at": stamp(person.updated_at),
        "vendor_id": None,
        "properties": {**title, **custom(world.fields_of("contact"), person.custom_fields, person.id)},
        "opt_out": False,
        "extension": gap(line and line.extension, person.id),
    }


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
        "created_at": stamp(BIRTH),
        "updated_at": stamp(site.updated_at),
        "account_id": ACCOUNT_ID,
    }


def _line(person: Contact) -> Phone | None:
    return _number(person, "Direct") or _number(person, "Home")


def _number(person: Contact, kind: str) -> Phone | None:
    return next((phone for phone in person.phones if phone.kind_label == kind), None)
