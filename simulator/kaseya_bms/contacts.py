"""Contacts: a row of the list, and the address behind it."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.entities import NO_ADDRESS, Contact, Email, Phone
from simulator.kaseya_bms.companies import account_name, account_type
from simulator.kaseya_bms.formats import address_lines, key, label, stamp, text
from simulator.kaseya_bms.resource import Rows
from simulator.messages import Record
from simulator.sample_data import EMAIL_KINDS, PHONE_KINDS
from simulator.world import World


def contacts_of_account(world: World, ids: Sequence[int]) -> Rows:
    """The contacts of one account; 0 has those who belong to none, and a deleted account still has its own."""
    return world.contacts, world.contacts.by("company_id").get(ids[0] or None, ())


KINDS = EMAIL_KINDS + PHONE_KINDS


def contact(world: World, one: Contact) -> Record:
    """A row of the contact list; its address is elsewhere."""
    return {
        "id": one.id,
        "createdBy": None,
        "createdOn": stamp(one.updated_at, one.id),
        "modifiedBy": None,
        "modifiedOn": stamp(one.updated_at, one.id),
        "accountId": one.company_id or 0,
        "accountName": account_name(world, one.company_id),
        "locationId": key(one.site_id, one.id),
        "locationName": label(world.sites, one.site_id),
        "firstName": text(one.first_name, one.id),
        "lastName": text(one.last_name, one.id),
        "jobTitle": text(one.title, one.id),
        "isPoc": "Decision Maker" in one.type_names,
        "isActive": one.is_active,
        "effectiveDate": None,
        "isBillable": True,
        "emails": _ways(one, one.emails, kind="email", shown_as="emailAddress"),
        "phones": _ways(one, phones(one), kind="phone", shown_as="phone"),
        "canRecieveInvoices": "Billing" in one.type_names,
    }


def contact_info(world: World, one: Contact) -> Record:
    """What is behind a contact: the address, and the account's own name and page."""
    company = world.companies.get(one.company_id or 0)
    address = one.address or NO_ADDRESS
    return {
        "id": one.id,
        "contactName": full_name(one),
        "contactPhone": next((phone.number for phone in phones(one)), None),
        "contactEmailAddress": next((email.address for email in one.emails), None),
        "clientName": company.name if company else None,
        "locationName": label(world.sites, one.site_id),
        "locationId": one.site_id or 0,
        "accountType": account_type(world, company)[1] if company else None,
        "website": company.website if company else None,
        "phoneNumber": company.phone if company else None,
        "faxNumber": None,
        **address_lines(address, one.id),
        "latitude": None,
        "longitude": None,
        "tenantId": 1,
        "isActive": one.is_active,
        "accountId": one.company_id or 0,
    }


def phones(one: Contact) -> tuple[Phone, ...]:
    """The numbers one can call: a fax belongs to a location here, and an extension to nobody."""
    return tuple(phone for phone in one.phones if phone.kind_label != "Fax")


def full_name(one: Contact | None) -> str | None:
    """First and last name in one."""
    return " ".join(filter(None, (one.first_name, one.last_name))) or None if one else None


def _ways(one: Contact, ways: Sequence[Email | Phone], *, kind: str, shown_as: str) -> list[Record] | None:
    """Ways to reach somebody; on some people all from the main one on are marked as main."""
    several = one.id % 11 == 0
    rows = [
        {
            **dict.fromkeys(("createdBy", "createdOn", "modifiedBy", "modifiedOn")),
            "id": one.id * 10 + i,
            shown_as: way[0],
            f"{kind}TypeId": KINDS.index(way.kind_label) + 1,
            f"{kind}Type": way.kind_label,
            "isDefault": way.is_default or (several and any(earlier.is_default for earlier in ways[:i])),
        }
        for i, way in enumerate(ways)
    ]
    return rows or (None if one.id % 2 else [])
