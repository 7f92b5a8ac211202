"""Accounts, their locations, and contacts as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.entities import NO_ADDRESS, Address, Company, Contact, Email, Phone, Site
from simulator.kaseya_bms.formats import key, label, stamp, text
from simulator.messages import Record
from simulator.sample_data import EMAIL_KINDS, PHONE_KINDS
from simulator.world import World

ACCOUNT_UNFILLED = dict.fromkeys(
    (
        "createdBy", "modifiedBy", "parentId", "businessTypeId", "businessType", "serviceTypeId", "serviceType",
        "accountManagerId", "accountManagerUserName", "salesTaxItemId", "salesTaxItemName", "description", "classId",
        "className", "acquiredDate",
    )
)  # fmt: skip
LOCATION_UNFILLED = dict.fromkeys(
    ("createdBy", "createdOn", "modifiedBy", "timeZoneId", "dateFormatId", "timeFormatId")
)
ADDRESS_UNFILLED = dict.fromkeys(
    (
        "createdBy", "createdOn", "modifiedBy", "modifiedOn", "countryId", "fax", "latitude", "longitude",
        "emailAddress", "addressTypeId", "addressType",
    )
)  # fmt: skip
KINDS = EMAIL_KINDS + PHONE_KINDS
POST_BOX = Address(line1="PO Box 1")


def is_active(world: World, company: Company) -> bool:
    """An account has no status beyond this; a status that is no longer there made nobody inactive."""
    status = world.statuses.get(company.status_id or 0)
    return status is None or status.is_active


def account_type(world: World, company: Company) -> tuple[int | None, str | None]:
    """The one type an account can have, as id and name: the first of those the world knows."""
    type_id = company.type_ids[0] if company.type_ids else None
    return type_id, label(world.company_types, type_id)


def account(world: World, company: Company) -> Record:
    """A row of the account list; every seventh does not say which locations it has."""
    type_id, type_name = account_type(world, company)
    sites = world.sites.by("company_id").get(company.id, ())
    return {
        **ACCOUNT_UNFILLED,
        "id": company.id,
        "createdOn": stamp(company.created_at, company.id),
        "modifiedOn": stamp(company.updated_at, company.id),
        "accountCode": f"{company.id:06}",
        "accountTypeId": type_id,
        "accountType": type_name,
        "accountName": company.name,
        "currencyId": 1,
        "currencyName": "USD",
        "creditLimit": 0.0,
        "netDays": 30.0,
        "website": text(company.website, company.id),
        "isActive": is_active(world, company),
        "isBilling": True,
        "tenantName": "simulated",
        "locations": [location(world, world.sites[id_]) for id_ in sites] if company.id % 7 else None,
    }


def location(_world: World, site: Site) -> Record:
    """A location in full."""
    return {
        **LOCATION_UNFILLED,
        "id": site.id,
        "modifiedOn": stamp(site.updated_at, site.id),
        "locationName": site.name,
        "isMain": site.is_primary,
        "isActive": site.is_active,
        "addresses": addresses(site),
    }


def addresses(site: Site) -> list[Record] | None:
    """None at all, only one that nobody marked as main, or the main one behind the one for bills."""
    if site.address == NO_ADDRESS:
        return [] if site.id % 2 else None
    own = _address(site, 1, site.address, is_main=site.id % 3 != 2)
    return [_address(site, 2, POST_BOX, is_main=False), own] if site.id % 3 == 1 else [own]


def location_name(_world: World, site: Site) -> Record:
    """A location in its account's look-up: neither address nor whether it is in use."""
    return {"id": site.id, "name": site.name, "accountId": site.company_id, "isMain": site.is_primary}


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
        **_lines(address, one.id),
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


def account_name(world: World, id_: int | None) -> str | None:
    """The name of an account that is still there."""
    company = world.companies.get(id_ or 0)
    return company.name if company and not company.is_deleted else None


def _lines(address: Address, id_: int) -> Record:
    return {
        "address1": text(address.line1, id_),
        "address2": text(address.line2, id_),
        "city": text(address.city, id_),
        "state": text(address.state, id_),
        "zipCode": text(address.postal_code, id_),
        "country": text(address.country, id_),
    }


def _address(site: Site, number: int, address: Address, *, is_main: bool) -> Record:
    own = {"id": site.id * 10 + number, "isMain": is_main, "isBilling": address is POST_BOX}
    return {**ADDRESS_UNFILLED, **_lines(address, site.id), "phone": site.phone, **own}


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
