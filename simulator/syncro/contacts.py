"""Contacts of customers."""

from __future__ import annotations

from simulator.entities import NO_ADDRESS, Contact, Phone
from simulator.messages import Record
from simulator.syncro.custom_fields import custom
from simulator.syncro.formats import ACCOUNT_ID, created, gap, stamp
from simulator.world import World


def contact(world: World, person: Contact) -> Record:
    """A contact. It has one phone and one mobile number, and no type, site or activity."""
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


def _line(person: Contact) -> Phone | None:
    return _number(person, "Direct") or _number(person, "Home")


def _number(person: Contact, kind: str) -> Phone | None:
    return next((phone for phone in person.phones if phone.kind_label == kind), None)
