"""Users, as HaloPSA calls contacts: a row of the list, and the details of a single record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from simulator.entities import NO_ADDRESS, Address, Contact, Phone, Site
from simulator.halopsa import custom_fields
from simulator.halopsa.formats import address, day, moment, reference_id, with_gaps
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World

# Every site has a general user who is not a person. E-mail that matches no user is assigned to it.
GENERAL_USER = 1_000_000
SALUTATIONS = ("Mr", "Ms", "Dr", None)


def users(world: World, query: Query) -> Sequence[int]:
    """The ids of all users, without general users if the query excludes them."""
    if "exclude_generaluser" in query.flags:
        return world.contacts.ids
    return [*world.contacts.ids, *general_users(world.sites.ids)]


def general_users(site_ids: Sequence[int]) -> list[int]:
    """The ids of the general users of these sites."""
    return [GENERAL_USER + site_id for site_id in site_ids]


def is_unnamed(contact: Contact) -> bool:
    """Whether the user has a first and a last name only."""
    return contact.id % 9 == 2


def has_details_email(contact: Contact) -> bool:
    """Whether the user's only e-mail address is a further one, which only single records have."""
    return contact.id % 13 == 6


def full_name(contact: Contact) -> str | None:
    """First and last name."""
    return " ".join(filter(None, (contact.first_name, contact.last_name))) or None


def user(world: World, id_: int, query: Query) -> Record:
    """A row of /Users. Some that have a site have no client id."""
    if id_ >= GENERAL_USER:
        return _general_user(world.sites[id_ - GENERAL_USER], id_)
    contact = world.contacts[id_]
    record = {
        "id": id_,
        "key": id_,
        "name": None if is_unnamed(contact) else full_name(contact),
        "firstname": contact.first_name,
        "surname": contact.last_name,
        "title": SALUTATIONS[id_ % len(SALUTATIONS)],
        "inactive": not contact.is_active,
        "isserviceaccount": False,
        "isimportantcontact": "VIP ★" in contact.type_names,
        "linked_agent_id": 0,
        "relationship_id": 0,
        **_reachability(contact),
        "date_of_birth": day(contact.birthday, id_),
    }
    custom = custom_fields.requested(world, "contact", _custom_values(contact), query)
    return with_gaps(id_, record) | _company_and_site(world, contact) | custom


def changed_at(world: World, id_: int) -> datetime:
    """When the user last changed; a general user changes with its site."""
    return world.sites[id_ - GENERAL_USER].updated_at if id_ >= GENERAL_USER else world.contacts[id_].updated_at


def user_details(world: World, id_: int) -> Record:
    """The fields that only /Users/{id} has."""
    if id_ >= GENERAL_USER:
        return {"isuserdetails": True}
    contact = world.contacts[id_]
    others = [email.address for email in contact.emails if email.address != _main_address(contact)]
    further = [_main_address(contact), *others] if has_details_email(contact) else others
    return {
        "email2": next(iter(further), None) if id_ % 2 else None,
        "email3": None if id_ % 2 else next(iter(further), None),
        "ulastupdate": moment(contact.updated_at),
        **_addresses(contact),
        **custom_fields.every(world, "contact", _custom_values(contact)),
    }


def _addresses(contact: Contact) -> Record:
    """The contact's address: as the main one, or among others as the primary one or the one that is still in use."""
    if contact.address in (None, NO_ADDRESS):
        return {"addresses": []}
    own = {**address(contact.address), "id": contact.id}
    former = {**address(Address(line1="Former Ave 1", city="Elsewhere")), "id": 1, "inactive": True}
    if contact.id % 3 == 0:
        return {"primary_address": own, "addresses": [former, own]}
    second = {**address(Address(line1="Summer House")), "id": 2, "primary": False}
    is_primary = contact.id % 3 == 1
    return {"addresses": [former, second, {**own, "primary": True}] if is_primary else [{**own, "id": 7}, former]}


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


def _company_and_site(world: World, contact: Contact) -> Record:
    at = world.sites.get(contact.site_id) if contact.site_id is not None else None
    owner = world.companies.get(contact.company_id) if contact.company_id is not None else None
    record: Record = {"site_id": float(reference_id(contact.site_id, contact.id))}
    if contact.id % 4:
        record["site_id_int"] = reference_id(contact.site_id, contact.id)
    if at is None or contact.id % 6:
        record["client_id"] = reference_id(contact.company_id, contact.id)
    return {**record, "site_name": at.name if at else None, "client_name": owner.name if owner else None}


def _reachability(contact: Contact) -> Record:
    numbers = {phone.kind_label: as_typed(phone, contact.id) for phone in contact.phones}
    defaults = (phone for phone in contact.phones if phone.is_default and phone.kind_label != "Fax")
    preferred = (as_typed(phone, contact.id) for phone in defaults)
    return {
        "emailaddress": None if has_details_email(contact) else _main_address(contact),
        "phonenumber_preferred": next(preferred, None),
        "phonenumber": numbers.get("Direct"),
        "mobilenumber": numbers.get("Cell") if contact.id % 2 else None,
        "mobilenumber2": None if contact.id % 2 else numbers.get("Cell"),
        "homenumber": numbers.get("Home"),
        "fax": numbers.get("Fax"),
    }


def as_typed(phone: Phone, id_: int) -> str:
    """The number, for some users with its extension, which has no field of its own."""
    return f"{phone.number} Ext. {phone.extension}" if phone.extension and id_ % 7 == 2 else phone.number


def _main_address(contact: Contact) -> str | None:
    main = sorted(contact.emails, key=lambda email: not email.is_default)
    return main[0].address if main else None


def _custom_values(contact: Contact) -> dict[int, object]:
    derived = {custom_fields.JOB_TITLE: contact.title, custom_fields.CONTACT_TYPES: contact.type_names or None}
    return contact.custom_fields | derived
