"""Contacts and their communication items: each field of a record and where its value comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.connectwise.custom_fields import custom_fields
from simulator.connectwise.formats import day, info
from simulator.connectwise.resource import Fields
from simulator.connectwise.setup import COMMUNICATION_TYPE_IDS
from simulator.entities import NO_ADDRESS, Contact, Email, Phone
from simulator.table import Rows, Table
from simulator.world import World


@dataclass(frozen=True)
class CommunicationItem:
    """An e-mail address or phone number as a row of its own."""

    id: int
    shown: Mapping[str, object]


def items_of_contact(world: World, parent: int) -> Rows:
    """The rows of a contact's communication items."""
    contact: Contact = world.contacts[parent]
    items = in_order(contact)
    table = Table(CommunicationItem(contact.id * 10 + i, {**item, "contactId": parent}) for i, item in enumerate(items))
    return table, table.ids


def _shown(name: str) -> Callable[[Any, CommunicationItem], object]:
    return lambda _, item: item.shown.get(name)


COMMUNICATION = {
    name: _shown(name)
    for name in (
        "id",
        "contactId",
        "type",
        "value",
        "extension",
        "defaultFlag",
        "domain",
        "communicationType",
    )
}

CONTACT: Fields[Contact] = {
    "id": lambda _, c: c.id,
    "firstName": lambda _, c: c.first_name,
    "lastName": lambda _, c: c.last_name,
    "company": lambda t, c: t.company(c.company_id),
    "site": lambda t, c: t.site(c.site_id, c.company_id),
    "addressLine1": lambda _, c: (c.address or NO_ADDRESS).line1,
    "addressLine2": lambda _, c: (c.address or NO_ADDRESS).line2,
    "city": lambda _, c: (c.address or NO_ADDRESS).city,
    "state": lambda _, c: (c.address or NO_ADDRESS).state,
    "zip": lambda _, c: (c.address or NO_ADDRESS).postal_code,
    "country": lambda t, c: t.country((c.address or NO_ADDRESS).country),
    "inactiveFlag": lambda _, c: not c.is_active,
    "title": lambda _, c: c.title,
    "marriedFlag": lambda *_: False,
    "childrenFlag": lambda *_: False,
    "portalPassword": lambda _, c: c.portal_password,
    "portalSecurityLevel": lambda _, c: 6 if c.portal_password else None,
    "disablePortalLoginFlag": lambda _, c: c.portal_password is None,
    "unsubscribeFlag": lambda *_: False,
    "birthDay": lambda _, c: day(c.birthday),
    "defaultPhoneType": lambda _, c: c.phones[0].kind_label if c.phones else None,
    "defaultPhoneNbr": lambda _, c: c.phones[0].number if c.phones else None,
    "defaultPhoneExtension": lambda _, c: c.phones[0].extension if c.phones else None,
    "defaultBillingFlag": lambda *_: False,
    "defaultFlag": lambda t, c: next(iter(t.world.contacts.by("company_id").get(c.company_id, ())), None) == c.id,
    "communicationItems": lambda _, c: communication_items(c),
    "types": lambda t, c: [
        t.named_reference(
            "type", "company/contacts/types", t.world.contact_types.by("name")[name][0], t.world.contact_types
        )
        for name in c.type_names
    ],
    "customFields": lambda t, c: custom_fields(t.world.fields_of("contact"), c.id, c.custom_fields),
    "_info": lambda _, c: info(c.updated_at),
}


def communication_items(contact: Contact) -> list[dict[str, object]]:
    """The communication items as a contact's record has them, which is not always their order."""
    return in_order(contact) if contact.id % 3 else in_order(contact)[::-1]


def in_order(contact: Contact) -> list[dict[str, object]]:
    """The e-mail addresses and phone numbers of a contact, each with an id."""
    items = [_email(one) for one in contact.emails] + [_phone(one) for one in contact.phones]
    return [{"id": contact.id * 10 + i, **item} for i, item in enumerate(items)]


def _email(email: Email) -> dict[str, object]:
    return {
        "type": {"id": COMMUNICATION_TYPE_IDS[email.kind_label], "name": email.kind_label},
        "value": email.address,
        "defaultFlag": email.is_default,
        "domain": "@" + email.address.partition("@")[2],
        "communicationType": "Email",
    }


def _phone(phone: Phone) -> dict[str, object]:
    extension = {"extension": phone.extension} if phone.extension else {}
    return {
        "type": {"id": COMMUNICATION_TYPE_IDS[phone.kind_label], "name": phone.kind_label},
        "value": phone.number,
        **extension,
        "defaultFlag": phone.is_default,
        "communicationType": "Fax" if phone.kind_label == "Fax" else "Phone",
    }
