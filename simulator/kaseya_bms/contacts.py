"""Contacts: a row of the list, and the summary info that has their address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from simulator.entities import NO_ADDRESS, Contact, Email, Phone
from simulator.kaseya_bms.companies import account_name, account_type
from simulator.kaseya_bms.formats import address_lines, name_in_table, optional_id, stamp, text
from simulator.messages import Record
from simulator.sample_data import EMAIL_KINDS, PHONE_KINDS
from simulator.table import Rows
from simulator.world import World

E = TypeVar("E", Email, Phone)
KINDS = EMAIL_KINDS + PHONE_KINDS


def contacts_of_account(world: World, ids: Sequence[int]) -> Rows:
    """The contacts of one account; 0 means those without account. Deleted accounts still have contacts."""
    return world.contacts, world.contacts.by("company_id").get(ids[0] or None, ())


def is_named_by_summary(one: Contact) -> bool:
    """Whether only the summary info has the contact's name, main e-mail address and telephone number."""
    return one.id % 19 == 6 and one.company_id is not None


def contact(world: World, one: Contact) -> Record:
    """A row of the contact list, which has no address."""
    return {
        "id": one.id,
        "createdBy": None,
        "createdOn": stamp(one.updated_at, one.id),
        "modifiedBy": None,
        "modifiedOn": stamp(one.updated_at, one.id),
        "accountId": one.company_id or 0,
        "accountName": account_name(world, one.company_id),
        "locationId": optional_id(one.site_id, one.id),
        "locationName": name_in_table(world.sites, one.site_id),
        "firstName": text(None if is_named_by_summary(one) else one.first_name, one.id),
        "lastName": text(None if is_named_by_summary(one) else one.last_name, one.id),
        "jobTitle": text(one.title, one.id),
        "isPoc": "Decision Maker" in one.type_names,
        "isActive": one.is_active,
        "effectiveDate": None,
        "isBillable": True,
        "emails": _emails_or_phones(one, one.emails, kind="email", field="emailAddress"),
        "phones": _emails_or_phones(one, phones(one), kind="phone", field="phone"),
        "canRecieveInvoices": "Billing" in one.type_names,
    }


def contact_info(world: World, one: Contact) -> Record:
    """The summary info of a contact: its address, and some fields of its account."""
    company = world.companies.get(one.company_id or 0)
    address = one.address or NO_ADDRESS
    return {
        "id": one.id,
        "contactName": full_name(one),
        "contactPhone": next((phone.number for phone in defaults_first(phones(one))), None),
        "contactEmailAddress": next((email.address for email in defaults_first(one.emails)), None),
        "clientName": company.name if company else None,
        "locationName": name_in_table(world.sites, one.site_id),
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
    """The phone numbers of a contact. BMS has fax numbers for locations only.

    It has no field for an extension: some people type it behind the number.
    """
    numbers = (phone for phone in one.phones if phone.kind_label != "Fax")
    return tuple(phone._replace(number=number_as_typed(phone, one.id)) for phone in numbers)


def defaults_first(entries: Sequence[E]) -> list[E]:
    """The e-mail addresses or phone numbers, the default one first."""
    return sorted(entries, key=lambda entry: not entry.is_default)


def number_as_typed(phone: Phone, id_: int) -> str:
    """The number, for some contacts with its extension."""
    if not phone.extension or id_ % 3 != 2:
        return phone.number
    return f"{phone.number}{' x' if id_ % 2 else ', ext. '}{phone.extension}"


def full_name(one: Contact | None) -> str | None:
    """First and last name."""
    return " ".join(filter(None, (one.first_name, one.last_name))) or None if one else None


def _emails_or_phones(one: Contact, entries: Sequence[Email | Phone], *, kind: str, field: str) -> list[Record] | None:
    """The e-mail addresses or phone numbers. Some contacts have several that are marked as default."""
    has_several = one.id % 11 == 0
    if is_named_by_summary(one):
        return None
    rows = [
        {
            **dict.fromkeys(("createdBy", "createdOn", "modifiedBy", "modifiedOn")),
            "id": one.id * 10 + i,
            field: entry[0],
            f"{kind}TypeId": KINDS.index(entry.kind_label) + 1,
            f"{kind}Type": entry.kind_label,
            "isDefault": entry.is_default or (has_several and any(earlier.is_default for earlier in entries[:i])),
        }
        for i, entry in enumerate(entries)
    ]
    return (rows[::-1] if one.id % 4 == 1 else rows) or (None if one.id % 2 else [])
