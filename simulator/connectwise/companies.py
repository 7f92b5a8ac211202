"""Companies, sites and contacts as the API shows them: each field of the answer, and where it comes from."""

from __future__ import annotations

from simulator.connectwise.references import custom_fields, day, info, stamp
from simulator.connectwise.resource import Fields
from simulator.connectwise.setup import COMMUNICATION_TYPE_IDS
from simulator.entities import Address, Company, Contact, Email, Phone, Site

COMPANY: Fields[Company] = {
    "id": lambda _, c: c.id,
    "identifier": lambda _, c: c.identifier,
    "name": lambda _, c: c.name,
    "status": lambda t, c: t.named("status", "company/companies/statuses", c.status_id, t.world.statuses),
    "addressLine1": lambda _, c: c.address.line1,
    "addressLine2": lambda _, c: c.address.line2,
    "city": lambda _, c: c.address.city,
    "state": lambda _, c: c.address.state,
    "zip": lambda _, c: c.address.postal_code,
    "country": lambda t, c: t.country(c.address.country),
    "phoneNumber": lambda _, c: c.phone,
    "faxNumber": lambda *_: None,
    "website": lambda _, c: c.website,
    "leadFlag": lambda *_: False,
    "unsubscribeFlag": lambda *_: False,
    "deletedFlag": lambda _, c: c.is_deleted,
    "dateDeleted": lambda _, c: stamp(c.deleted_at),
    "deletedBy": lambda _, c: "jdoe" if c.is_deleted else None,
    "types": lambda t, c: [
        t.named("type", "company/companies/types", id_, t.world.company_types) for id_ in c.type_ids
    ],
    "site": lambda t, c: t.site(next(iter(t.world.sites.by("company_id").get(c.id, ())), None), c.id),
    "customFields": lambda t, c: custom_fields(t.world.fields_of("company"), c.id, c.custom_fields),
    "_info": lambda _, c: info(c.updated_at, dateEntered=stamp(c.created_at), enteredBy="jdoe"),
}

# Older rows do not say which company they belong to; the address they were listed under does.
SITE: Fields[Site] = {
    "id": lambda _, s: s.id,
    "name": lambda _, s: s.name,
    "addressLine1": lambda _, s: s.address.line1,
    "addressLine2": lambda _, s: s.address.line2,
    "city": lambda _, s: s.address.city,
    "stateReference": lambda t, s: t.state(s.address.state),
    "zip": lambda _, s: s.address.postal_code,
    "country": lambda t, s: t.country(s.address.country),
    "phoneNumber": lambda _, s: s.phone,
    "faxNumber": lambda *_: None,
    "primaryAddressFlag": lambda _, s: s.is_primary,
    "defaultShippingFlag": lambda *_: False,
    "defaultBillingFlag": lambda _, s: s.is_primary,
    "defaultMailingFlag": lambda *_: False,
    "inactiveFlag": lambda _, s: not s.is_active,
    "company": lambda t, s: t.company(s.company_id) if s.id % 5 else None,
    "customFields": lambda t, s: custom_fields(t.world.fields_of("site"), s.id, {}),
    "_info": lambda _, s: info(s.updated_at),
}

NOWHERE = Address()

CONTACT: Fields[Contact] = {
    "id": lambda _, c: c.id,
    "firstName": lambda _, c: c.first_name,
    "lastName": lambda _, c: c.last_name,
    "company": lambda t, c: t.company(c.company_id),
    "site": lambda t, c: t.site(c.site_id, c.company_id),
    "addressLine1": lambda _, c: (c.address or NOWHERE).line1,
    "addressLine2": lambda _, c: (c.address or NOWHERE).line2,
    "city": lambda _, c: (c.address or NOWHERE).city,
    "state": lambda _, c: (c.address or NOWHERE).state,
    "zip": lambda _, c: (c.address or NOWHERE).postal_code,
    "country": lambda t, c: t.country((c.address or NOWHERE).country),
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
        t.named("type", "company/contacts/types", t.world.contact_types.by("name")[name][0], t.world.contact_types)
        for name in c.type_names
    ],
    "customFields": lambda t, c: custom_fields(t.world.fields_of("contact"), c.id, c.custom_fields),
    "_info": lambda _, c: info(c.updated_at),
}


def communication_items(contact: Contact) -> list[dict[str, object]]:
    """The e-mails and numbers of a person, each with an id of its own."""
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
