"""Users, as HaloPSA calls contacts: a row of the list, and the details of a single record."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.entities import Contact, Site
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


def user(world: World, id_: int, query: Query) -> Record:
    """A row of /Users. Some that have a site have no client id."""
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
        **_reachability(contact),
        "date_of_birth": day(contact.birthday, id_),
    }
    custom = custom_fields.requested(world, "contact", _custom_values(contact), query)
    return with_gaps(id_, record) | _company_and_site(world, contact) | custom


def user_details(world: World, id_: int) -> Record:
    """The fields that only /Users/{id} has."""
    if id_ >= GENERAL_USER:
        return {"isuserdetails": True}
    contact = world.contacts[id_]
    others = [email.address for email in contact.emails if email.address != _main_address(contact)]
    return {
        "email2": next(iter(others), None),
        "ulastupdate": moment(contact.updated_at),
        "addresses": [address(contact.address)] if contact.address else [],
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
